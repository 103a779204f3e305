"""Reminders of contacts: once a week, to who leads now, dropped when there was a contact; then the coordinator's."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from peerhub.common.mail.planner import plan
from peerhub.common.mail.writing import write_letters
from peerhub.common.models.outbox import Message, WorkerBeat
from peerhub.institution.models import Closure
from programmes.models import Cycle, GroupMember, Membership, Role
from programmes.queries.cadence_reminders import cadence_reminders
from programmes.queries.cadence_todos import cadence_todos
from programmes.queries.quiet import quiet_in
from tests import factories as make
from tests.factories import NOW, TODAY, in_days
from tests.programmes.cadence.conftest import contact, pair_in

pytestmark = pytest.mark.django_db
LONDON = ZoneInfo("Europe/London")


def at(day, hour, minute=0):
    """That many days after Wednesday 4 November, by London's clocks."""
    return datetime.combine(TODAY + timedelta(days=day), datetime.min.time(), LONDON).replace(hour=hour, minute=minute)


def plan_at(now, *, last=None):
    """A round of the planner, the one before it at `last` (a minute ago)."""
    WorkerBeat.objects.update_or_create(name="planner", defaults={"at": last or now - timedelta(minutes=1)})
    plan(cadence_reminders(now), now)


def reminded():
    rows = Message.objects.filter(kind="programmes.contact_due", channel="email").order_by("created_at", "pk")
    return [(row.recipient.given_name, row.about["on"]) for row in rows]


def written(now):
    [(_row, said)] = write_letters(list(Message.objects.filter(channel="email", kind="programmes.contact_due")), now)
    return said


def test_the_leader_is_reminded_the_morning_after_it_was_due_and_once(world, pair):
    contact(pair, 14)
    plan_at(at(0, 9, 1))
    assert reminded() == []  # due today
    plan_at(at(1, 8, 59))
    assert reminded() == []
    for minute in (0, 1, 5):
        plan_at(at(1, 9, minute))
    plan_at(at(2, 9, 0))
    assert reminded() == [("Amara", "2026-11-05")]


def test_the_leader_is_reminded_weekly_until_it_is_the_coordinators(world, pair):
    contact(pair, 14)
    for day in range(1, 40):
        plan_at(at(day, 9))
    assert [on for _name, on in reminded()] == ["2026-11-05", "2026-11-12"]


def test_an_iso_week_never_has_two_reminders_of_a_pair(world, pair):
    contact(pair, 14)
    plan_at(at(1, 9))
    contact(pair, 11, status="attempted", now=at(1, 12))  # moves the day it is due, within the same week
    GroupMember.objects.filter(group=pair).update(started_at=in_days(-60))
    for day in range(2, 5):
        plan_at(at(day, 9))
    assert len(reminded()) == 1


def test_whoever_leads_now_is_reminded(world, pair):
    contact(pair, 14)
    substitute = make.MembershipFactory(cycle=world.cycle, role=Role.LEADER, user__given_name="Sia")
    make.GroupMemberFactory(group=pair, membership=substitute, started_at=in_days(-1))
    plan_at(at(1, 9))
    Membership.objects.filter(pk=substitute.pk).update(paused_until=TODAY + timedelta(days=30))
    plan_at(at(8, 9))
    assert reminded() == [("Sia", "2026-11-05"), ("Amara", "2026-11-12")]


@pytest.mark.parametrize("status", ["held", "attempted"])
def test_a_contact_or_a_try_meanwhile_drops_the_reminder(world, pair, status):
    contact(pair, 15)
    plan_at(at(0, 9))
    said = written(at(0, 9))
    assert said.subject == "Time to get in touch with Kai"[:29] + " Davies"
    assert "You were last in touch with Kai Davies on Tuesday 20 October" in said.text
    assert "List-Unsubscribe" in said.headers
    contact(pair, 0, status=status, now=at(0, 9))
    assert "in touch" in str(written(at(0, 10)).reason)


def test_a_leader_who_was_replaced_hears_nothing(world, pair):
    contact(pair, 15)
    plan_at(at(0, 9))
    GroupMember.objects.filter(group=pair, membership=world.memberships["amara"]).update(ended_at=NOW)
    make.GroupMemberFactory(group=pair, membership=make.MembershipFactory(cycle=world.cycle, role=Role.LEADER))
    assert "does not lead" in str(written(at(0, 10)).reason)


def test_nobody_is_reminded_of_a_partner_who_does_not_answer(world, pair):
    contact(pair, 20)
    contact(pair, 2, status="attempted")
    for day in range(5):
        plan_at(at(day, 9))
    assert reminded() == []


def test_a_planner_that_was_down_reminds_late(world, pair):
    contact(pair, 14)
    plan_at(at(3, 20), last=at(1, 8))
    assert reminded() == [("Amara", "2026-11-05")]
    assert Message.objects.get(channel="email", kind="programmes.contact_due").state == "queued"


def test_mornings_follow_the_cycles_clocks(world, pair, django_assert_num_queries):
    """Nine in Auckland is 20:00 the evening before in UTC."""
    Cycle.objects.filter(pk=world.cycle.pk).update(time_zone="Pacific/Auckland")
    contact(pair, 14)  # Wednesday 23:00 there
    plan_at(at(0, 20, 1))
    assert reminded() == [("Amara", "2026-11-05")]
    WorkerBeat.objects.filter(name="planner").update(at=at(1, 12))
    with django_assert_num_queries(2):  # the beat, and the time zones
        assert list(cadence_reminders(at(1, 12, 5))) == []


def test_planning_takes_the_same_queries_however_many_pairs(world, django_assert_max_num_queries):
    for number in range(12):
        contact(pair_in(world.cycle, world.memberships["amara"], f"P{number}"), 15)
    WorkerBeat.objects.update_or_create(name="planner", defaults={"at": at(0, 8)})
    with django_assert_max_num_queries(7):
        assert len(list(cadence_reminders(at(0, 9)))) == 12


# --- todos ----------------------------------------------------------------------------------------
def test_the_second_silent_period_is_the_coordinators_todo(world, pair, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert cadence_todos(world.imran, NOW) == []
    contact(pair, 28)
    assert cadence_todos(world.rhian, NOW) == []
    (todo,) = cadence_todos(world.rhian, NOW + timedelta(days=1))
    assert (str(todo.title), todo.role, todo.code) == ("1 pair stays silent", "coordinator", "pairs_silent")
    assert todo.url.endswith("/quiet/?show=silent")
    contact(pair, 0)
    assert cadence_todos(world.rhian, NOW + timedelta(days=1)) == []


def test_a_pair_that_never_met_is_the_coordinators_too(world):
    pair_in(world.cycle, world.memberships["amara"], days=25)
    (todo,) = cadence_todos(world.rhian, NOW)
    assert todo.url.endswith("?show=first")


@pytest.mark.parametrize("last", [None, 20, 28, 29, 34, 40])
@pytest.mark.parametrize("away", [None, "partner", "leader"])
def test_the_todo_and_the_list_mean_the_same(world, last, away):
    pair = pair_in(world.cycle, world.memberships["amara"], days=41)
    Closure.objects.create(name="Closed", starts_on=TODAY - timedelta(days=12), ends_on=TODAY - timedelta(days=9))
    if last:
        contact(pair, last)
    if away:
        member = pair.partner if away == "partner" else world.memberships["amara"]
        Membership.objects.filter(pk=member.pk).update(paused_until=TODAY - timedelta(days=20))
    for days in range(0, 24, 3):
        now = NOW + timedelta(days=days)
        listed = any(one.is_second for one in quiet_in([world.cycle.pk], now=now)[1])
        assert bool(cadence_todos(world.rhian, now)) is listed, days
