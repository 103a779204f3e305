from django.db import transaction

from tests.world import build_world


def test_world_gives_every_persona_a_place(db):
    world = build_world()

    assert world.memberships["amara"].role == "leader"
    assert world.ben.emailaddress_set.get().verified


def test_durable_use_cases_run_inside_a_test(db):
    """The `db` fixture's own transaction does not count as an outer one for `atomic(durable=True)`."""
    with transaction.atomic(durable=True):
        pass
