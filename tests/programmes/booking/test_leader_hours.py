"""The most that somebody leads in a week: planning, changing, series and cover."""

from datetime import date, time, timedelta

import pytest

from programmes.models import BookingRules, CoverRequest, Session
from programmes.queries.attendance_grid import SESSIONS
from programmes.queries.occurrences import Pattern, Rule, SeriesPlan
from programmes.services.cover import ask_cover, take_cover
from programmes.services.leader_hours import TooManyHours
from programmes.services.series import plan_series
from programmes.services.series_changes import change_series
from programmes.services.sessions import Plan, change_session, plan_session, start_session_now
from tests import factories as make
from tests.factories import NOW

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
MONDAY = NOW + timedelta(days=5)  # 9 November, 10:00


@pytest.fixture
def limit(world):
    """Two hours a week for those who lead in Bio PASS."""
    return BookingRules.objects.create(cycle=world.cycle, leader_hours=2)


def plan_of(world, starts_at, hours=1.0, **changes):
    values = {"group": world.group, "leaders": [world.memberships["amara"]]}
    return Plan(starts_at=starts_at, ends_at=starts_at + hours * HOUR, **values | changes)


def plan(world, starts_at, hours=1.0, **changes):
    about = {"actor": world.rhian, "cycle": world.cycle, "key": None, "now": NOW}
    return plan_session(plan=plan_of(world, starts_at, hours, **changes), **about)


def test_the_third_hour_of_a_week_is_refused_and_the_next_week_is_not(world, limit):
    plan(world, MONDAY, 1.5)
    with pytest.raises(TooManyHours, match="too_many_hours") as refusal:
        plan(world, MONDAY + timedelta(days=6), 1)
    assert str(refusal.value.message) == (
        "Amara Okafor would lead 2.5 hours in the week of Monday 9 November; 2 is the most here."
    )
    plan(world, MONDAY + timedelta(days=7), 2)
    plan(world, MONDAY + timedelta(days=6), 0.5)


def test_what_is_led_in_other_programmes_counts(world, limit):
    elsewhere = make.MembershipFactory(user=world.amara, role="leader")
    session = make.SessionFactory(cycle=elsewhere.cycle, starts_at=MONDAY)
    make.SessionLeaderFactory(session=session, membership=elsewhere)
    plan(world, MONDAY + 3 * HOUR)
    with pytest.raises(TooManyHours):
        plan(world, MONDAY + 6 * HOUR)
    Session.objects.filter(pk=session.pk).update(status="cancelled")
    plan(world, MONDAY + 6 * HOUR)


def test_own_time_counts_for_nobody_and_without_a_limit_nothing_does(world, limit):
    plan(world, MONDAY, 100, mode="async")
    plan(world, MONDAY, 2)
    BookingRules.objects.update(leader_hours=None)
    plan(world, MONDAY + 5 * HOUR, 8)


def test_a_change_is_held_to_it_only_where_it_makes_it_longer(world, limit):
    session = plan(world, MONDAY, 2)
    BookingRules.objects.update(leader_hours=1)
    about = {"actor": world.rhian, "session_id": session.pk, "now": NOW}
    change_session(plan=plan_of(world, MONDAY, 2, place="Lab"), **about)
    change_session(plan=plan_of(world, MONDAY + 5 * HOUR, 1.5), **about)
    with pytest.raises(TooManyHours):
        change_session(plan=plan_of(world, MONDAY, 3), **about)
    other = make.MembershipFactory(cycle=world.cycle, role="leader")
    with pytest.raises(TooManyHours):
        change_session(plan=plan_of(world, MONDAY, 1.5, leaders=[other]), **about)


def test_a_leader_who_is_with_people_is_never_refused(world, limit):
    BookingRules.objects.update(leader_hours=1)  # of which two are led this week already
    assert start_session_now(actor=world.amara, cycle=world.cycle, group=world.group, key=None, now=NOW)


def test_cover_is_not_for_who_has_their_hours(world, limit):
    session = plan(world, MONDAY, 2)
    tomos = make.MembershipFactory(cycle=world.cycle, role="leader")
    plan(world, MONDAY + 5 * HOUR, 1, leaders=[tomos])
    ask_cover(actor=world.amara, session_id=session.pk, reason="", key=None, now=NOW)
    with pytest.raises(TooManyHours):
        take_cover(actor=tomos.user, request_id=CoverRequest.objects.get().pk, now=NOW)


def series_plan(world, minutes, weekdays=(0,)):
    rule = Rule(weekdays, (), 1, teaching_only=False, starts_on=date(2026, 11, 9), ends_on=date(2026, 12, 4))
    pattern = Pattern(time(14), minutes, (world.memberships["amara"],))
    return SeriesPlan(world.group, rule, pattern)


def test_a_series_is_refused_by_its_fullest_week_and_so_is_its_change(world, limit):
    about = {"actor": world.rhian, "key": None, "now": NOW}
    with pytest.raises(TooManyHours):
        plan_series(cycle_id=world.cycle.pk, plans=[series_plan(world, 61, (0, 2))], **about)
    [series] = plan_series(cycle_id=world.cycle.pk, plans=[series_plan(world, 60, (0, 2))], **about)
    longer = {"series_id": series.pk, "from_on": date(2026, 11, 11), **about}  # from a Wednesday: that Monday counts
    with pytest.raises(TooManyHours):
        change_series(pattern=series_plan(world, 90).pattern, **longer)
    change_series(pattern=series_plan(world, 45).pattern, **longer)


def test_a_term_for_many_is_asked_about_in_the_same_queries(world, limit, django_assert_max_num_queries):
    BookingRules.objects.update(leader_hours=40)
    groups = [make.GroupFactory(cycle=world.cycle) for _ in range(20)]
    one = series_plan(world, 60)
    plans = [SeriesPlan(group, one.rule, one.pattern) for group in groups]
    with django_assert_max_num_queries(20):
        made = plan_series(actor=world.rhian, cycle_id=world.cycle.pk, plans=plans, key=None, now=NOW)
    assert len(made) == 20 < SESSIONS
