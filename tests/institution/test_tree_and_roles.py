"""The organisation tree keeps its paths; roles on it are given, ended, and never by oneself to oneself."""

import threading

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from peerhub.common.models import AuditEvent
from peerhub.institution import services
from peerhub.institution.models import OrgExternalId, OrgUnit, RoleGrant
from peerhub.institution.permissions import holds
from peerhub.institution.queries.units import unit_tree
from peerhub.institution.services import RoleRefused, UnitRefused
from tests.factories import NOW, OrgUnitFactory, RoleGrantFactory, UserFactory, in_days

pytestmark = pytest.mark.django_db


def create(name, parent=None, kind="department"):
    return services.create_unit(actor=None, name=name, kind=kind, parent=parent, now=NOW)


@pytest.fixture
def tree():
    """Aberwen > Science > (Biosciences > Zoology), and Aberwen > Arts."""
    top = create("Aberwen", kind="institution")
    science, arts = create("Science", top, "faculty"), create("Arts", top, "faculty")
    biosciences = create("Biosciences", science)
    return {
        "top": top,
        "science": science,
        "arts": arts,
        "bio": biosciences,
        "zoo": create("Zoology", biosciences, "course"),
    }


def assert_paths_true():
    for unit in OrgUnit.objects.select_related("parent"):
        assert unit.path == f"{unit.parent.path if unit.parent else ''}{unit.pk}/"


def test_create_unit_writes_the_path(tree):
    assert_paths_true()
    assert AuditEvent.objects.filter(action="institution.unit_created").count() == 5


def test_create_unit_refuses_a_second_institution_and_orphans(tree):
    with pytest.raises(UnitRefused, match="one_institution"):
        create("Other", kind="institution")
    with pytest.raises(UnitRefused, match="needs_parent"):
        create("Lost")


def test_move_unit_takes_everything_below_along(tree):
    rhian = RoleGrantFactory(unit=tree["arts"], role="lead").user
    services.move_unit(actor=None, unit_id=tree["bio"].pk, parent=tree["arts"], now=NOW)
    assert_paths_true()
    assert holds(rhian, "lead", OrgUnit.objects.get(pk=tree["zoo"].pk))


@pytest.mark.parametrize(("what", "where"), [("science", "zoo"), ("science", "science"), ("bio", "zoo")])
def test_move_unit_refuses_cycles(tree, what, where):
    with pytest.raises(UnitRefused, match="cycle"):
        services.move_unit(actor=None, unit_id=tree[what].pk, parent=tree[where], now=NOW)
    assert_paths_true()


def test_move_unit_keeps_the_institution_on_top_and_out_of_disused_units(tree):
    with pytest.raises(UnitRefused, match="needs_parent"):
        services.move_unit(actor=None, unit_id=tree["top"].pk, parent=tree["arts"], now=NOW)
    services.deactivate_unit(actor=None, unit_id=tree["arts"].pk, now=NOW)
    with pytest.raises(UnitRefused, match="inactive_parent"):
        services.move_unit(actor=None, unit_id=tree["bio"].pk, parent=tree["arts"], now=NOW)


def test_move_unit_refuses_a_tree_too_deep(tree):
    OrgUnit.objects.filter(pk=tree["arts"].pk).update(path="9" * 238 + "/")
    with pytest.raises(UnitRefused, match="too_deep"):
        services.move_unit(actor=None, unit_id=tree["bio"].pk, parent=tree["arts"], now=NOW)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(moves=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=6))
def test_paths_stay_true_whatever_is_moved_where(tree, moves):
    names = list(tree)
    with transaction.atomic():
        for what, where in moves:
            try:
                with transaction.atomic():
                    services.move_unit.__wrapped__(
                        actor=None, unit_id=tree[names[what]].pk, parent=tree[names[where]], now=NOW
                    )
            except UnitRefused:
                continue
        assert_paths_true()
        assert len(unit_tree()) == 5
        transaction.set_rollback(True)


def test_deactivate_unit_waits_for_what_stands_on_it(tree):
    with pytest.raises(UnitRefused, match="has_children"):
        services.deactivate_unit(actor=None, unit_id=tree["bio"].pk, now=NOW)
    grant = RoleGrantFactory(unit=tree["zoo"])
    with pytest.raises(UnitRefused, match="has_roles"):
        services.deactivate_unit(actor=None, unit_id=tree["zoo"].pk, now=NOW)
    services.end_role(actor=None, grant_id=grant.pk, now=in_days(1))
    services.deactivate_unit(actor=None, unit_id=tree["zoo"].pk, now=NOW)
    with pytest.raises(UnitRefused, match="needs_parent"):
        services.deactivate_unit(actor=None, unit_id=tree["top"].pk, now=NOW)


def test_reactivate_unit_needs_what_is_above_it(tree):
    for name in ("zoo", "bio"):
        services.deactivate_unit(actor=None, unit_id=tree[name].pk, now=NOW)
    with pytest.raises(UnitRefused, match="inactive_parent"):
        services.reactivate_unit(actor=None, unit_id=tree["zoo"].pk, now=NOW)
    for name in ("bio", "zoo"):
        assert services.reactivate_unit(actor=None, unit_id=tree[name].pk, now=NOW).is_active


def test_change_unit_cannot_make_or_unmake_the_institution(tree):
    with pytest.raises(UnitRefused, match="one_institution"):
        services.change_unit(actor=None, unit_id=tree["arts"].pk, details={"kind": "institution"}, now=NOW)
    with pytest.raises(UnitRefused, match="one_institution"):
        services.change_unit(actor=None, unit_id=tree["top"].pk, details={"kind": "faculty"}, now=NOW)
    changed = services.change_unit(actor=None, unit_id=tree["arts"].pk, details={"name": "Humanities"}, now=NOW)
    assert changed.name == "Humanities"


def test_unit_tree_reads_depth_first_with_one_query(tree, django_assert_num_queries):
    with django_assert_num_queries(1):
        rows = unit_tree()
    assert [(row.unit.name, row.depth) for row in rows] == [
        ("Aberwen", 0), ("Arts", 1), ("Science", 1), ("Biosciences", 2), ("Zoology", 3),
    ]  # fmt: skip


def test_unit_constraints(tree):
    def forbids(name, rows, **values):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            rows.update(**values)

    forbids("org_unit_kind_known", OrgUnit.objects.all(), kind="club")
    forbids("one_institution|orgunit.kind", OrgUnit.objects.filter(pk=tree["arts"].pk), kind="institution")
    forbids("org_unit_not_own_parent", OrgUnit.objects.filter(pk=tree["arts"].pk), parent=tree["arts"])
    OrgExternalId.objects.create(unit=tree["arts"], source="sits", value="A1")
    with pytest.raises(IntegrityError), transaction.atomic():
        OrgExternalId.objects.create(unit=tree["bio"], source="sits", value="A1")


# --- roles ---
def grant(actor, user, unit, role="payroll"):
    return services.grant_role(actor=actor, user=user, role=role, unit=unit, now=NOW)


def test_grant_role_once_and_records_it(tree):
    carys, helen = UserFactory(), UserFactory()
    first, again = grant(carys, helen, tree["top"]), grant(carys, helen, tree["top"])
    assert first == again
    assert AuditEvent.objects.filter(action="institution.role_granted").count() == 1
    assert holds(helen, "payroll", tree["zoo"])


def test_grant_role_refuses_oneself_and_closed_accounts(tree):
    carys = UserFactory()
    with pytest.raises(RoleRefused, match="oneself"):
        grant(carys, carys, tree["top"])
    with pytest.raises(RoleRefused, match="inactive"):
        grant(carys, UserFactory(is_active=False), tree["top"])
    root = UserFactory(is_superuser=True)
    assert grant(root, root, tree["top"], "lead").role == "lead"


def test_end_role_keeps_the_row_and_takes_effect_at_once(tree, client_of):
    carys, other = (grant(None, UserFactory(), tree["top"], "lead") for _ in range(2))
    client = client_of(carys.user)
    assert client.get("/institution/units/").status_code == 200
    services.end_role(actor=other.user, grant_id=carys.pk, now=in_days(1))
    assert client.get("/institution/units/").status_code == 403
    carys.refresh_from_db()
    assert carys.ended_at == in_days(1)
    with pytest.raises(RoleRefused, match="ended"):
        services.end_role(actor=None, grant_id=carys.pk, now=in_days(2))


def test_end_role_keeps_the_last_institution_lead(tree):
    carys = grant(None, UserFactory(), tree["top"], "lead")
    grant(None, UserFactory(), tree["science"], "lead")
    with pytest.raises(RoleRefused, match="last_lead"):
        services.end_role(actor=None, grant_id=carys.pk, now=NOW)
    grant(None, UserFactory(), tree["top"], "lead")
    services.end_role(actor=None, grant_id=carys.pk, now=NOW)


def test_role_constraints(tree):
    row = grant(None, UserFactory(), tree["top"])

    def forbids(name, **values):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            RoleGrant.objects.filter(pk=row.pk).update(**values)

    forbids("role_grant_role_known", role="boss")
    forbids("role_grant_ends_after_start", ended_at=in_days(-1))
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleGrant.objects.create(user=row.user, role=row.role, unit=row.unit, granted_at=NOW)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_leads_who_step_down_at_once_leave_one():
    top = OrgUnitFactory(kind="institution", parent=None)
    grants = [RoleGrantFactory(unit=top, role="lead") for _ in range(2)]
    start, refused = threading.Barrier(2), []

    def step_down(pk):
        start.wait()
        try:
            services.end_role(actor=None, grant_id=pk, now=in_days(1))
        except RoleRefused as refusal:
            refused.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=step_down, args=[each.pk]) for each in grants]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert refused == ["last_lead"]
    assert RoleGrant.objects.active().count() == 1
