"""Planning a series: the days, by the wall clock and the calendar; who may; once; with few statements."""

import itertools
import uuid
from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from peerhub.common import clock
from peerhub.common.models import AuditEvent
from peerhub.common.once import Repeated
from peerhub.institution.models import AcademicYear, Closure, Term
from peerhub.institution.queries.calendar import Calendar
from programmes.models import SeriesLeader, Session, SessionLeader, SessionSeries
from programmes.queries.occurrences import Pattern, Rule, SeriesPlan, Timing, occurrences
from programmes.services.group_places import place_people, take_out
from programmes.services.memberships import remove_member
from programmes.services.series import SeriesRefused, plan_series
from programmes.services.sessions import Plan, change_session
from tests import factories as make
from tests.factories import NOW

ZONE = "Europe/London"
MON, TUE, WED, THU, FRI, SAT, SUN = range(7)


def term(first, last, week=1):
    return Term(name="Term", kind="teaching", starts_on=first, ends_on=last, first_week=week)


def closed(first, last=None, name="Open day"):
    return Closure(name=name, starts_on=first, ends_on=last or first)


def days(
    *weekdays, first, last, at=time(14), minutes=60, every=1, chosen=(), taught=True, terms=(), closures=(), now=NOW
):
    rule = Rule(tuple(weekdays), tuple(chosen), every, taught, first, last)
    return occurrences(rule, Timing(at, minutes, ZONE), Calendar(terms, closures), now=now)


def happening(found):
    return [day.on for day in found if day.happens]


# --- days ---------------------------------------------------------------------------------------
def test_weekly_on_the_wall_when_the_clocks_go_back_and_forward():
    found = days(SUN, first=date(2027, 3, 21), last=date(2027, 4, 4), at=time(9))
    assert [day.starts_at.hour for day in found] == [9, 8, 8]
    autumn = days(SUN, first=date(2026, 10, 18), last=date(2026, 10, 25), at=time(9), now=NOW - timedelta(days=30))
    assert [day.starts_at.hour for day in autumn] == [8, 9]


def test_a_start_the_clocks_skip_is_an_hour_later_that_night():
    before, night, after = days(SUN, first=date(2027, 3, 21), last=date(2027, 4, 4), at=time(1, 30))
    assert (before.is_shifted, night.is_shifted, after.is_shifted) == (False, True, False)
    assert clock.local(night.starts_at, ZONE).time() == time(2, 30)
    assert night.ends_at - night.starts_at == timedelta(hours=1)


def test_a_start_that_exists_twice_is_the_first():
    (night,) = days(SUN, first=date(2027, 10, 31), last=date(2027, 10, 31), at=time(1, 30))
    assert night.starts_at == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


def test_over_midnight_and_over_the_change_of_clocks_it_lasts_as_long_as_always():
    found = days(SAT, first=date(2027, 3, 20), last=date(2027, 3, 27), at=time(23), minutes=240)
    assert {day.ends_at - day.starts_at for day in found} == {timedelta(hours=4)}
    assert [clock.local(day.ends_at, ZONE).time() for day in found] == [time(3), time(4)]


def test_leap_day():
    assert date(2028, 2, 29) in happening(days(TUE, first=date(2028, 2, 1), last=date(2028, 3, 31)))


def test_closed_days_are_left_out_with_the_reason():
    found = days(WED, first=date(2026, 11, 11), last=date(2026, 11, 25), closures=[closed(date(2026, 11, 18))])
    assert [(day.on.day, day.skipped) for day in found] == [(11, ""), (18, "Closed: Open day"), (25, "")]


def test_what_would_run_into_a_closed_day_after_midnight_is_left_out():
    closures = [closed(date(2026, 11, 19))]
    late = days(WED, first=date(2026, 11, 18), last=date(2026, 11, 18), at=time(23), closures=closures, minutes=120)
    until = days(WED, first=date(2026, 11, 18), last=date(2026, 11, 18), at=time(23), closures=closures, minutes=60)
    assert (happening(late), happening(until)) == ([], [date(2026, 11, 18)])


TERMS = [term(date(2026, 9, 28), date(2026, 12, 4)), term(date(2027, 1, 11), date(2027, 3, 19), 11)]


def test_weeks_that_are_not_taught_are_left_out_where_the_calendar_says_so():
    found = days(MON, first=date(2026, 11, 9), last=date(2027, 1, 18), terms=TERMS)
    assert [day.isoformat()[5:] for day in happening(found)] == ["11-09", "11-16", "11-23", "11-30", "01-11", "01-18"]
    assert {day.skipped for day in found if not day.happens} == {"Not in a teaching week"}
    assert len(happening(days(MON, first=date(2026, 11, 9), last=date(2027, 1, 18)))) == 11  # no term known: all weeks
    assert len(happening(days(MON, first=date(2026, 11, 9), last=date(2027, 1, 18), terms=TERMS, taught=False))) == 11


def test_chosen_days_may_be_outside_teaching_weeks_but_not_closed():
    chosen = (date(2026, 12, 16), date(2026, 12, 25))
    found = days(
        first=date(2026, 11, 9), last=date(2027, 1, 18), chosen=chosen, terms=TERMS, closures=[closed(chosen[1])]
    )
    assert happening(found) == [chosen[0]]


def test_every_two_weeks_keeps_its_turn_over_a_break():
    """Ten weeks, five weeks' break: weeks are counted as they are taught, not as they pass."""
    found = happening(
        days(MON, first=date(2026, 9, 28), last=date(2027, 2, 1), every=2, terms=TERMS, now=NOW - timedelta(days=60))
    )
    assert [day.isoformat()[5:] for day in found] == [
        "09-28", "10-12", "10-26", "11-09", "11-23", "01-11", "01-25",
    ]  # fmt: skip
    plain = happening(days(MON, first=date(2026, 11, 9), last=date(2027, 1, 18), every=2, taught=False))
    assert {(after - before).days for before, after in itertools.pairwise(plain)} == {14}


def test_every_two_weeks_begins_with_the_first_day_there_is():
    found = happening(days(MON, first=date(2026, 11, 12), last=date(2026, 12, 14), every=2))
    assert found == [date(2026, 11, 16), date(2026, 11, 30), date(2026, 12, 14)]


def test_a_term_moved_by_a_week_moves_the_turns():
    moved = [term(date(2026, 9, 28), date(2026, 12, 4)), term(date(2027, 1, 18), date(2027, 3, 26), 11)]
    before = happening(days(MON, first=date(2026, 12, 7), last=date(2027, 6, 1), every=2, terms=TERMS))
    after = happening(days(MON, first=date(2026, 12, 7), last=date(2027, 6, 1), every=2, terms=moved))
    assert [day + timedelta(days=7) for day in before] == after


# --- plan_series ----------------------------------------------------------------------------------
pytestmark = pytest.mark.django_db


@pytest.fixture
def calendar(db):
    year = AcademicYear.objects.create(code="2026-27", starts_on="2026-09-21", ends_on="2027-06-18")
    for one in TERMS:
        Term.objects.create(
            year=year, name=one.name, starts_on=one.starts_on, ends_on=one.ends_on, first_week=one.first_week
        )
    return SimpleNamespace(
        open_day=Closure.objects.create(name="Open day", starts_on="2026-11-18", ends_on="2026-11-18")
    )


def wanted(world, *, group=..., leaders=None, weekdays=(WED,), **changes):
    values = {"first": date(2026, 9, 21), "last": date(2027, 6, 11), "every": 1, "chosen": (), **changes}
    rule = Rule(tuple(weekdays), values["chosen"], values["every"], True, values["first"], values["last"])
    leaders = (world.memberships["amara"],) if leaders is None else leaders
    pattern = Pattern(values.get("at", time(14)), values.get("minutes", 60), leaders, place="B2.14")
    return SeriesPlan(world.group if group is ... else group, rule, pattern)


def planned(world, *plans, actor=None, key=None, **changes):
    plans = plans or (wanted(world, **changes),)
    return plan_series(actor=actor or world.rhian, cycle_id=world.cycle.pk, plans=plans, key=key, now=NOW)


def test_plan_series_makes_every_session_to_the_end(world, calendar):
    (series,) = planned(world)
    sessions = Session.objects.filter(series=series).order_by("starts_at")
    assert sessions.count() == 14  # 4 November today at 14:00, 4 more weeks, one closed; 10 weeks of spring
    assert sessions[0].starts_at == datetime(2026, 11, 4, 14, tzinfo=UTC)
    assert (sessions[0].group, sessions[0].place, sessions[0].slot_on) == (world.group, "B2.14", date(2026, 11, 4))
    assert SessionLeader.objects.filter(session__in=sessions, membership=world.memberships["amara"]).count() == 14
    assert AuditEvent.objects.get(action="programmes.series_planned").detail["sessions"] == 14


def test_plan_series_twice_with_one_key_makes_one(world):
    key = uuid.uuid4()
    planned(world, key=key)
    with pytest.raises(Repeated):
        planned(world, key=key)
    assert SessionSeries.objects.count() == 1


def test_a_slot_of_a_series_is_there_once(world):
    (series,) = planned(world)
    one = series.sessions.order_by("pk").first()
    with pytest.raises(IntegrityError), transaction.atomic():
        make.SessionFactory(group=world.group, series=series, slot_on=one.slot_on)
    with pytest.raises(IntegrityError), transaction.atomic():
        make.SessionFactory(group=world.group, series=series, slot_on=None)


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("no_days", {"weekdays": ()}),
        ("ends_before_start", {"first": date(2026, 12, 1), "last": date(2026, 11, 1)}),
        ("outside_cycle", {"last": date(2027, 7, 1)}),
        ("too_long", {"minutes": 1441}),
        ("no_leader", {"leaders": ()}),
        ("nothing_left", {"last": date(2026, 10, 1)}),
    ],
)
def test_plan_series_refuses(world, code, changes):
    with pytest.raises(SeriesRefused) as refusal:
        planned(world, **changes)
    assert refusal.value.code == code
    assert not SessionSeries.objects.exists()


def test_plan_series_refuses_people_and_groups_that_are_not_there(world):
    def code(**changes):
        with pytest.raises(SeriesRefused) as refusal:
            planned(world, **changes)
        return refusal.value.code

    assert code(leaders=(world.memberships["ben"],)) == "no_leader"
    assert code(group=world.other_group) == "wrong_group"
    elsewhere = make.GroupFactory(cycle=world.cycle)
    assert code(group=elsewhere, actor=world.amara) == "not_your_group"
    assert planned(world, actor=world.amara)
    remove_member(actor=world.rhian, membership_id=world.memberships["amara"].pk, reason="Moved away", now=NOW)
    assert code() == "no_leader"
    type(world.cycle).objects.update(state="closed")
    assert code() == "closed"


def test_two_thousand_sessions_take_twenty_statements(world):
    groups = make.GroupFactory.create_batch(27, cycle=world.cycle)
    plans = [wanted(world, group=one, weekdays=(TUE, THU, FRI), last=date(2027, 5, 28)) for one in groups]
    with CaptureQueriesContext(connection) as captured:
        made = planned(world, *plans, key=uuid.uuid4())
    assert Session.objects.filter(series__in=made).count() >= 2000
    assert len(captured) <= 20, "\n".join(query["sql"][:120] for query in captured)


def test_a_leader_removed_mid_series_leads_nothing_of_it_any_more(world):
    (series,) = planned(world)
    begun = series.sessions.order_by("starts_at").first()
    Session.objects.filter(pk=begun.pk).update(starts_at=NOW - timedelta(minutes=5))
    remove_member(actor=world.rhian, membership_id=world.memberships["amara"].pk, reason="Moved away", now=NOW)
    assert [row.session for row in SessionLeader.objects.filter(session__series=series)] == [begun]
    assert not SeriesLeader.objects.filter(pattern__series=series).exists()


def test_who_comes_to_lead_the_group_leads_its_series_but_not_what_somebody_covers(world):
    (series,) = planned(world)
    tomos, lowri = (make.MembershipFactory(cycle=world.cycle, role="leader") for _ in range(2))
    covered = series.sessions.order_by("starts_at").last()
    change_session(actor=world.rhian, session_id=covered.pk, plan=as_it_is(covered, leaders=[lowri]), now=NOW)
    take_out(actor=world.rhian, group_id=world.group.pk, membership_ids=[world.memberships["amara"].pk], now=NOW)
    place_people(actor=world.rhian, group_id=world.group.pk, membership_ids=[tomos.pk], now=NOW)
    leads = {pk: {tomos.pk} for pk in series.sessions.values_list("pk", flat=True)} | {covered.pk: {lowri.pk}}
    rows = SessionLeader.objects.filter(session__series=series).values_list("session_id", "membership_id")
    assert {pk: {who for one, who in rows if one == pk} for pk in leads} == leads
    assert [row.membership for row in SeriesLeader.objects.filter(pattern__series=series)] == [tomos]


def as_it_is(session, **changes):
    values = {
        name: getattr(session, name) for name in ("starts_at", "ends_at", "group", "mode", "place", "link", "title")
    }
    leaders = [row.membership for row in session.leaders.select_related("membership")]
    return Plan(**{**values, "leaders": leaders, **changes})


def test_what_is_changed_for_one_alone_is_noted(world):
    (series,) = planned(world)
    one, other = series.sessions.order_by("starts_at")[:2]
    change_session(actor=world.rhian, session_id=one.pk, plan=as_it_is(one, place="Library 3"), now=NOW)
    change_session(actor=world.rhian, session_id=other.pk, plan=as_it_is(other, title="Mock exam"), now=NOW)
    one.refresh_from_db()
    other.refresh_from_db()
    own = ("has_own_time", "has_own_place", "has_own_leaders", "has_own_words")
    assert [name for name in own if getattr(one, name)] == ["has_own_place"]
    assert [name for name in own if getattr(other, name)] == ["has_own_words"]
