"""Who has gone quiet: pairs, absent people, missing logs, groups that tail off."""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from peerhub.institution.models import AcademicYear, Closure, Term
from programmes.models import Cycle, CycleState, GroupMember, Membership, MembershipStatus, Role, Session
from programmes.queries import quiet
from programmes.queries.quiet import quiet_in
from programmes.services.pauses import PauseRefused, pause_member
from tests import factories as make
from tests.factories import NOW, TODAY, in_days
from tests.programmes.cadence.conftest import contact, held, pair_in

pytestmark = pytest.mark.django_db


def of(kind, cycle, *, now=NOW, leader=None):
    return [one for one in quiet_in([cycle.pk], now=now, leader=leader)[1] if one.kind == kind]


def settings(cycle, **values):
    Cycle.objects.filter(pk=cycle.pk).update(**values)


# --- pairs --------------------------------------------------------------------------------------
def test_a_pair_without_first_contact_is_quiet_the_day_after_it_was_due(world):
    late, due = (pair_in(world.cycle, world.memberships["amara"], name, days=n) for name, n in (("Li", 11), ("Mo", 10)))
    (found,) = of("first", world.cycle)
    assert (found.name, found.side, found.last_on, found.on) == ("Li Davies", "leader", None, date(2026, 11, 3))
    assert found.group_id == late.pk != due.pk


def test_a_pair_is_quiet_once_its_cadence_has_passed(world, pair):
    contact(pair, 14)
    assert of("silent", world.cycle) == []
    (found,) = of("silent", world.cycle, now=NOW + timedelta(days=1))
    assert (found.days, found.last_on, found.side, found.is_second) == (15, date(2026, 10, 21), "leader", False)


def test_an_attempt_is_shown_but_is_no_contact(world, pair):
    contact(pair, 20)
    contact(pair, 3, status="attempted")
    (found,) = of("silent", world.cycle)
    assert (found.side, found.tried_on) == ("partner", date(2026, 11, 1))
    line = quiet.line(found, world.cycle)
    assert line.said == "Last contact Thu 15 Oct, last tried Sun 1 Nov"
    assert line.side.endswith("does not answer")


def test_an_attempt_older_than_the_cadence_puts_it_back_on_the_leaders_side(world, pair):
    contact(pair, 29)
    contact(pair, 15, status="attempted")
    assert [one.side for one in of("silent", world.cycle)] == ["leader"]
    (found,) = of("silent", world.cycle)
    assert found.is_second
    assert quiet.line(found, world.cycle).side.endswith("has not tried")
    assert quiet.line(found, world.cycle, leads=True).side == "You have not tried"


def test_a_contact_called_off_and_an_ended_pair_do_not_count(world, pair):
    contact(pair, 2, status="cancelled")
    assert len(of("first", world.cycle)) == 1
    pair.ended_at = NOW
    pair.save()
    assert of("first", world.cycle) == []


def test_a_pair_without_a_leader_says_so(world):
    pair_in(world.cycle, None)
    assert [one.side for one in of("first", world.cycle)] == ["nobody"]


@pytest.mark.parametrize("who", ["partner", "leader"])
def test_who_is_away_is_not_quiet_and_starts_anew_when_back(world, pair, who):
    member = pair.partner if who == "partner" else world.memberships["amara"]
    Membership.objects.filter(pk=member.pk).update(paused_until=TODAY + timedelta(days=1))
    assert of("first", world.cycle) == []
    assert of("first", world.cycle, now=NOW + timedelta(days=11)) == []
    assert len(of("first", world.cycle, now=NOW + timedelta(days=12))) == 1


def test_a_pair_with_a_substitute_is_not_away(world, pair):
    Membership.objects.filter(pk=world.memberships["amara"].pk).update(paused_until=TODAY + timedelta(days=9))
    substitute = make.MembershipFactory(cycle=world.cycle, role=Role.LEADER)
    make.GroupMemberFactory(group=pair, membership=substitute, started_at=in_days(-2))
    (found,) = of("first", world.cycle)
    assert found.leader_ids == (substitute.user_id,)


def test_nobody_is_quiet_in_a_cycle_that_does_not_run_or_is_about_to_end(world, pair):
    settings(world.cycle, state=CycleState.EVALUATING)
    assert quiet_in([world.cycle.pk], now=NOW)[1] == []
    settings(world.cycle, state=CycleState.RUNNING, ends_on=TODAY + timedelta(days=3))
    assert of("first", world.cycle) == []


def test_closed_days_and_vacations_are_no_silence(world, pair):
    contact(pair, 19)
    Closure.objects.create(name="Closed", starts_on=TODAY - timedelta(days=10), ends_on=TODAY - timedelta(days=6))
    assert of("silent", world.cycle) == []
    assert len(of("silent", world.cycle, now=NOW + timedelta(days=1))) == 1
    year = AcademicYear.objects.create(code="2026-27", starts_on=date(2026, 9, 1), ends_on=date(2027, 6, 1))
    Term.objects.create(
        year=year, name="Reading week", kind="vacation", starts_on=date(2026, 10, 19), ends_on=date(2026, 10, 21)
    )
    assert of("silent", world.cycle, now=NOW + timedelta(days=1)) == []
    settings(world.cycle, vacations_count=True)
    assert len(of("silent", world.cycle, now=NOW + timedelta(days=1))) == 1


@pytest.mark.parametrize(("at", "quiet_now"), [("2026-11-08T23:30:00Z", False), ("2026-11-09T00:30:00Z", True)])
def test_days_are_those_of_the_cycles_clocks_over_the_change_of_the_clocks(world, pair, at, quiet_now):
    """In touch on Sunday 25 October just after the clocks went back; fourteen days end with Sunday 8 November."""
    made = contact(pair, 0)
    made.starts_at = made.starts_at.replace(month=10, day=25, hour=1, minute=30)
    made.ends_at = made.starts_at + timedelta(minutes=5)
    made.save()
    with time_machine.travel(at, tick=False):
        from django.utils import timezone  # noqa: PLC0415

        assert bool(of("silent", world.cycle, now=timezone.now())) is quiet_now


# --- people -------------------------------------------------------------------------------------
def test_absent_from_the_last_two_is_listed_excused_or_present_is_not(world):
    ben = world.memberships["ben"]
    held(world.group, 6, missed=[ben])
    assert of("absent", world.cycle) == []
    held(world.group, 4, excused=[ben])
    held(world.group, 2, missed=[ben], status="nobody_came")
    (found,) = of("absent", world.cycle)
    assert (found.name, found.group, found.count, found.on) == ("Ben Hughes", "Group A", 2, date(2026, 11, 2))
    held(world.group, 1, came=[ben])
    assert of("absent", world.cycle) == []


def test_how_many_absences_is_the_cycles_setting(world):
    ben = world.memberships["ben"]
    for days in (6, 4):
        held(world.group, days, missed=[ben])
    settings(world.cycle, absences_in_row=3)
    assert of("absent", world.cycle) == []
    settings(world.cycle, absences_in_row=1)
    assert [one.count for one in of("absent", world.cycle)] == [1]


def test_who_left_or_was_away_meanwhile_is_not_listed_as_absent(world):
    ben = world.memberships["ben"]
    for days in (6, 4):
        held(world.group, days, missed=[ben])
    Membership.objects.filter(pk=ben.pk).update(paused_until=TODAY - timedelta(days=1))
    assert of("absent", world.cycle) == []
    Membership.objects.filter(pk=ben.pk).update(paused_until=None, status=MembershipStatus.LEFT)
    assert of("absent", world.cycle) == []


def test_missing_logs_are_counted_for_each_leader(world):
    later = NOW + timedelta(hours=48)
    assert of("unlogged", world.cycle) == []
    (found,) = of("unlogged", world.cycle, now=later)
    assert (found.name, found.count, found.on) == ("Amara Okafor", 1, TODAY)


# --- groups -------------------------------------------------------------------------------------
def fill(group, number):
    members = [make.MembershipFactory(cycle=group.cycle) for _ in range(number)]
    for member in members:
        make.GroupMemberFactory(group=group, membership=member)
    return members


@pytest.fixture
def long_running(world):
    """The cycle began on Monday 7 September: weeks 3 to 6 are 21 September to 18 October."""
    settings(world.cycle, starts_on=date(2026, 9, 7))
    world.past.attendances.all().delete()
    Session.objects.filter(pk=world.past.pk).update(status="cancelled")
    return fill(world.group, 10)


def test_a_group_tails_off_below_the_share_of_its_usual(world, long_running):
    for days in (40, 33, 26):
        held(world.group, days, came=long_running)
    held(world.group, 3, came=long_running[:6], missed=long_running[6:])
    assert of("tailing", world.cycle) == []  # 6 of 10 is what 60% allows
    held(world.group, 2, came=[], missed=long_running, status="nobody_came")
    (found,) = of("tailing", world.cycle)
    assert (found.usual, found.lately, found.leaders) == (10, 3, "Amara Okafor")
    assert quiet.line(found, world.cycle).said == "On average 3 came this fortnight, usually 10"
    settings(world.cycle, tail_off_percent=30)
    assert of("tailing", world.cycle) == []


def test_a_group_nobody_comes_to_is_listed_after_the_second_time(world):
    ben = world.memberships["ben"]
    held(world.group, 20, missed=[ben], status="nobody_came")
    held(world.group, 15, came=[ben])
    first = held(world.group, 6, missed=[ben], status="nobody_came")  # Ben was there a week ago
    held(world.group, 4, status="not_held")
    assert of("empty", world.cycle) == []
    held(world.group, 2, missed=[ben])  # a register without anybody says the same
    (found,) = of("empty", world.cycle)
    assert (found.name, found.count, found.group_id, found.leaders) == ("Group A", 2, world.group.pk, "Amara Okafor")
    assert found.on == first.starts_at.date()
    assert quiet.line(found, world.cycle).said == "Nobody came to the last 2 study sessions, since Thu 29 Oct"
    assert [one.name for one in of("empty", world.cycle, leader=world.amara)] == ["Group A"]
    settings(world.cycle, absences_in_row=3)
    assert of("empty", world.cycle) == []
    settings(world.cycle, absences_in_row=2)
    held(world.group, 1, came=[ben])
    assert of("empty", world.cycle) == []


def test_a_new_cycle_and_small_numbers_say_nothing(world, long_running):
    for days in (40, 33):
        held(world.group, days, came=long_running[:2])
    held(world.group, 2, missed=long_running)
    assert of("tailing", world.cycle) == []
    settings(world.cycle, starts_on=date(2026, 9, 28))
    assert of("tailing", world.cycle) == []


# --- for whom, and how much it costs -----------------------------------------------------------------
def test_a_leader_sees_their_own_only(world, pair):
    other = make.MembershipFactory(cycle=world.cycle, role=Role.LEADER)
    pair_in(world.cycle, other, "Nia", "Evans")
    held(world.group, 6, missed=[world.memberships["ben"]])
    held(world.group, 5, missed=[world.memberships["ben"]])
    found = quiet_in([world.cycle.pk], now=NOW, leader=world.amara)[1]
    assert [(one.kind, one.name) for one in found] == [
        ("first", "Kai Davies"),
        ("absent", "Ben Hughes"),
        ("empty", "Group A"),
    ]
    GroupMember.objects.filter(membership=world.memberships["amara"]).update(ended_at=NOW)
    assert quiet_in([world.cycle.pk], now=NOW, leader=world.amara)[1] == []


def queries_with(world, pairs):
    for number in range(pairs):
        group = pair_in(world.cycle, world.memberships["amara"], f"P{number}", "Q")
        contact(group, 20)
        held(world.group, 6, missed=[group.partner])
        held(world.group, 5, missed=[group.partner])
    with CaptureQueriesContext(
        connection,
    ) as caught:
        found = quiet_in([world.cycle.pk], now=NOW + timedelta(days=3))[1]
    return len(found), len(caught)


def test_the_lists_take_the_same_queries_however_many_there_are(world, long_running):
    few, first = queries_with(world, 2)
    many, second = queries_with(world, 15)
    assert many > few
    assert first == second <= 12


# --- away -----------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_pause_member_keeps_the_day_they_came_back(vocabulary):
    from tests.world import build_world  # noqa: PLC0415

    world = build_world()
    ben = world.memberships["ben"]
    paused = pause_member(actor=world.rhian, membership_id=ben.pk, until=TODAY + timedelta(days=9), now=NOW)
    assert paused.paused_until == TODAY + timedelta(days=9)
    back = pause_member(actor=world.rhian, membership_id=ben.pk, until=None, now=NOW + timedelta(days=2))
    assert back.paused_until == TODAY + timedelta(days=2)
    Membership.objects.filter(pk=ben.pk).update(status=MembershipStatus.LEFT, ended_at=NOW)
    with pytest.raises(PauseRefused) as refused:
        pause_member(actor=world.rhian, membership_id=ben.pk, until=TODAY + timedelta(days=9), now=NOW)
    assert refused.value.code == "not_in"
