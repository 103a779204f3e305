"""Many at once at one ledger, one document and one cap: no gaps, one signature, one correction."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from peerhub.common.errors import DomainError
from programmes.models import Decision, DesignSignature, DocumentVersion, PartnerHours, Side
from programmes.services.decisions import OptionDraft, Question, put_question
from programmes.services.documents import Draft, issue_version, sign_version, write_draft
from programmes.services.partners import log_hours
from tests import factories as make
from tests.factories import NOW, TODAY
from tests.world import build_world

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 8


def all_at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    """Run in threads that start together; what each returned, or its refusal's code."""
    barrier, outcomes = threading.Barrier(len(calls)), [None] * len(calls)

    def run(place: int) -> None:
        try:
            barrier.wait()
            outcomes[place] = calls[place]()
        except DomainError as refusal:
            outcomes[place] = refusal.code
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return outcomes


@pytest.fixture
def world(vocabulary: None) -> Any:
    if connection.vendor == "sqlite" and connection.is_in_memory_db():
        pytest.skip("threads need a database that they can share: a file")
    return build_world()


def put(world: Any, **more: Any) -> Decision:
    question = Question("When?", [OptionDraft("Now", Side.STUDENT)], **more)
    return put_question(actor=world.rhian, cycle_id=world.cycle.pk, question=question, now=NOW)


def test_questions_put_at_once_are_numbered_without_gaps(world):
    all_at_once([lambda: put(world)] * MANY)
    assert sorted(Decision.objects.values_list("number", flat=True)) == list(range(1, MANY + 1))


def test_an_entry_is_superseded_once(world):
    earlier = make.DecisionFactory(cycle=world.cycle, number=1, decided=True)
    outcomes = all_at_once([lambda: put(world, supersedes_id=earlier.pk)] * MANY)
    assert outcomes.count("superseded") == MANY - 1
    assert list(Decision.objects.order_by("number").values_list("number", flat=True)) == [1, 2]


def test_a_version_is_signed_once_and_never_one_that_no_longer_holds(world):
    partner = make.DesignPartnerFactory(cycle=world.cycle)
    about = {"actor": world.rhian, "cycle_id": world.cycle.pk, "kind": "role"}
    first = issue_version(actor=world.rhian, version_id=write_draft(draft=Draft("One"), now=NOW, **about).pk, now=NOW)
    all_at_once([lambda: sign_version(actor=partner.user, version_id=first.pk, now=NOW)] * MANY)
    assert DesignSignature.objects.count() == 1

    second = write_draft(draft=Draft("Two"), now=NOW, **about)
    others = [make.DesignPartnerFactory(cycle=world.cycle) for _ in range(4)]
    signing = [lambda one=one: sign_version(actor=one.user, version_id=first.pk, now=NOW) for one in others]
    issuing = [lambda: issue_version(actor=world.rhian, version_id=second.pk, now=NOW)] * 4
    outcomes = all_at_once([*signing, *issuing])
    refused = outcomes.count("not_current")
    assert DesignSignature.objects.count() == 5 - refused
    assert DocumentVersion.objects.get(is_current=True) == second


def test_a_first_draft_is_begun_once(world):
    about = {"actor": world.rhian, "cycle_id": world.cycle.pk, "kind": "role", "now": NOW}
    texts = [f"Draft {number}" for number in range(MANY)]
    outcomes = all_at_once([lambda text=text: write_draft(draft=Draft(text), **about) for text in texts])
    assert outcomes.count("conflict") == MANY - 1
    assert DocumentVersion.objects.count() == 1


def test_hours_at_once_stop_at_the_cap(world):
    partner = make.DesignPartnerFactory(cycle=world.cycle, hours_cap=3)
    about = {"actor": partner.user, "partner_id": partner.pk, "on": TODAY, "minutes": 60, "what": "", "now": NOW}
    outcomes = all_at_once([lambda: log_hours(**about)] * MANY)
    assert outcomes.count("over_cap") == MANY - 3
    assert PartnerHours.objects.count() == 3
