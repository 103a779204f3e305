"""The states of a cycle, what guards them, what may be set aside, and rolling over."""

from datetime import date

import pytest
from django.db import IntegrityError
from django.urls import reverse

from peerhub.common.models import AuditEvent
from programmes.models import BoundaryReferral, Cycle, Membership, Programme, Topic, Waiver
from programmes.queries.checks import FRESH_LOOK, checklist
from programmes.queries.gates import stage_lists
from programmes.queries.rollover import next_code, suggestion
from programmes.services.cycles import MoveRefused, WaiverRefused, mark_read, move_cycle, unwaive_check, waive_check
from programmes.services.rollover import NextCycle, RollOverRefused, roll_over
from tests import factories as make
from tests.factories import NOW

pytestmark = pytest.mark.django_db
NEXT = NextCycle("2027-28", date(2027, 9, 20), date(2028, 6, 9))


@pytest.fixture
def ready(world):
    """Everything that is needed before running is there; the cycle is still being prepared."""
    BoundaryReferral.objects.create(cycle=world.cycle, task="Worries", service=world.service)
    make.sign_design(world.cycle)
    Cycle.objects.filter(pk=world.cycle.pk).update(state="preparing")
    return world


def move(world, to, reason=""):
    return move_cycle(actor=world.rhian, cycle_id=world.cycle.pk, to=to, reason=reason, now=NOW)


def waive(world, code, reason="Agreed with the dean."):
    return waive_check(actor=world.rhian, cycle_id=world.cycle.pk, code=code, reason=reason, now=NOW)


def test_move_cycle_goes_on_when_nothing_is_missing(ready):
    cycle = move(ready, "running")

    assert (cycle.state, cycle.state_changed_at) == ("running", NOW)
    event = AuditEvent.objects.get(action="programmes.cycle_moved")
    assert event.detail == {"from": "preparing", "to": "running"}


def test_move_cycle_twice_has_one_effect(ready):
    move(ready, "running")
    move(ready, "running")
    assert AuditEvent.objects.filter(action="programmes.cycle_moved").count() == 1


def test_move_cycle_says_what_is_missing(ready):
    ready.cycle.referrals.all().delete()
    Programme.objects.filter(pk=ready.programme.pk).update(mission="")
    with pytest.raises(MoveRefused) as refused:
        move(ready, "running")

    assert refused.value.code == "blocked"
    assert "3 things are missing: Write the mission and the vision; Set the boundaries" in refused.value.message
    assert Cycle.objects.get(pk=ready.cycle.pk).state == "preparing"


def test_a_running_cycle_that_lost_something_can_still_end(world):
    Membership.objects.filter(cycle=world.cycle, is_point_person=True).update(is_point_person=False)
    assert move(world, "evaluating").state == "evaluating"
    assert move(world, "closed").state == "closed"


@pytest.mark.parametrize(
    ("to", "code"), [("closed", "not_next"), ("design", "not_next"), ("preparing", "no_reason"), ("gone", "unknown")]
)
def test_move_cycle_refuses(world, to, code):
    with pytest.raises(MoveRefused) as refused:
        move(world, to)
    assert refused.value.code == code


def test_move_cycle_back_keeps_the_reason(world):
    assert move(world, "preparing", reason="Started a week too early.").state == "preparing"
    assert AuditEvent.objects.get(action="programmes.cycle_moved").detail["reason"] == "Started a week too early."


def test_moving_on_offers_the_places_that_are_free(ready):
    move(ready, "running")
    ready.memberships["ines"].refresh_from_db()
    assert ready.memberships["ines"].status == "offered"


# --- setting a check aside ------------------------------------------------------------
def test_a_waived_check_opens_the_gate_and_stays_visible(ready, client_of):
    ready.cycle.referrals.all().delete()
    waive(ready, "boundaries")
    waive(ready, "services")

    assert move(ready, "running").state == "running"
    page = client_of(ready.rhian).get(reverse("programmes:cycle_checklist", args=["bio-pass", "2026-27"])).content
    assert b"Agreed with the dean." in page
    assert b"Set aside by Rhian Pugh" in page


def test_waive_check_twice_keeps_the_first_reason(world):
    waive(world, "boundaries")
    assert waive(world, "boundaries", "Another").reason == "Agreed with the dean."
    assert AuditEvent.objects.filter(action="programmes.check_waived").count() == 1


@pytest.mark.parametrize(
    ("check", "reason", "code"),
    [
        ("boundaries", " ", "no_reason"),
        ("nothing", "x", "unknown"),
        ("leaders", "x", "not_blocking"),
        ("mission", "x", "done"),
    ],
)
def test_waive_check_refuses(world, check, reason, code):
    with pytest.raises(WaiverRefused) as refused:
        waive(world, check, reason)
    assert refused.value.code == code


def test_a_reason_stays_on_the_timeline_when_the_check_is_asked_again(world, client_of):
    waive(world, "boundaries")
    unwaive_check(actor=world.rhian, cycle_id=world.cycle.pk, code="boundaries", now=NOW)
    page = client_of(world.rhian).get(reverse("programmes:cycle_timeline", args=["bio-pass", "2026-27"])).content
    assert b"Agreed with the dean." in page


def test_unwaive_check_asks_again(world):
    waive(world, "boundaries")
    for _ in range(2):
        unwaive_check(actor=world.rhian, cycle_id=world.cycle.pk, code="boundaries", now=NOW)

    assert not Waiver.objects.exists()
    assert AuditEvent.objects.filter(action="programmes.check_unwaived").count() == 1


def test_a_waiver_needs_a_reason_in_the_database_too(world):
    waive(world, "boundaries")
    with pytest.raises(IntegrityError):
        Waiver.objects.update(reason="")


# --- rolling over ------------------------------------------------------------
def rolled(world, new=NEXT):
    return roll_over(actor=world.rhian, cycle_id=world.cycle.pk, new=new, now=NOW)


def test_roll_over_copies_the_set_up_and_leaves_the_people(ready):

    made = rolled(ready)

    assert (made.state, made.code, made.previous) == ("design", "2027-28", ready.cycle)
    assert (made.expectations, made.join_policy, made.capacity) == ("Come each week.", "approval", 30)
    assert not made.joining_open
    assert list(made.referrals.values_list("task", flat=True)) == ["Worries"]
    assert set(made.memberships.values_list("user", "role", "is_point_person")) == {
        (ready.rhian.pk, "coordinator", True),
        (ready.imran.pk, "supervisor", False),
    }
    assert not made.groups.exists()
    assert not made.sessions.exists()
    assert Topic.objects.filter(programme=ready.programme, is_active=True).exists()


def test_roll_over_twice_makes_one(world):
    assert rolled(world).pk == rolled(world, NextCycle("other", date(2027, 9, 27), date(2028, 6, 9))).pk
    assert Cycle.objects.filter(programme=world.programme).count() == 2
    assert AuditEvent.objects.filter(action="programmes.cycle_rolled_over").count() == 1


@pytest.mark.parametrize(
    ("new", "code"),
    [
        (NextCycle("2026-27", date(2027, 9, 20), date(2028, 6, 9)), "code_taken"),
        (NextCycle("join", date(2027, 9, 20), date(2028, 6, 9)), "code_reserved"),
        (NextCycle("x", date(2027, 9, 20), date(2027, 9, 20)), "dates"),
        (NextCycle("x", date(2026, 9, 1), date(2028, 6, 9)), "overlaps"),
    ],
)
def test_roll_over_refuses(world, new, code):
    with pytest.raises(RollOverRefused) as refused:
        rolled(world, new)
    assert refused.value.code == code


def test_copied_parts_ask_for_a_fresh_look_until_marked(world):
    made = rolled(world)
    fresh = [check.code for check in checklist(made) if check.code.startswith("fresh-")]
    assert fresh == [f"fresh-{part}" for part in FRESH_LOOK]

    for _ in range(2):
        mark_read(actor=world.rhian, cycle_id=made.pk, part="boundaries", now=NOW)
    made.refresh_from_db()
    assert "fresh-boundaries" not in {check.code for check in checklist(made)}
    assert AuditEvent.objects.filter(action="programmes.part_read").count() == 1
    assert sum(len(part.checks) for part in stage_lists(made)) == 14 + len(FRESH_LOOK) - 1


def test_roll_over_page_shows_the_three_columns_then_the_next_cycle(world, client_of):
    browser, url = client_of(world.rhian), reverse("programmes:cycle_rollover", args=["bio-pass", "2026-27"])
    page = browser.get(url).content
    assert all(words in page for words in (b"Copied", b"Starts anew", b"Wants a fresh look", b"2027-28", b"2027-09-20"))

    answer = browser.post(url, {"code": "2027-28", "starts_on": "2027-09-20", "ends_on": "2028-06-09"})
    assert answer.url == reverse("programmes:cycle_checklist", args=["bio-pass", "2027-28"])
    assert b"This was done already: the next cycle is 2027-28." in browser.get(url).content


@pytest.mark.parametrize(
    ("code", "following"),
    [
        ("2026-27", "2027-28"),
        ("1999-00", "2000-01"),
        ("2026", "2027"),
        ("autumn-2026", "autumn-2027"),
        ("pilot", "pilot-2"),
        ("2026-99", "2027-99"),
    ],
)
def test_the_next_code_is_guessed(code, following):
    assert next_code(code) == following


def test_the_next_dates_keep_the_weekday(world):
    found = suggestion(world.cycle)
    assert found["starts_on"].weekday() == world.cycle.starts_on.weekday()
    assert found["starts_on"] == date(2027, 9, 20)
