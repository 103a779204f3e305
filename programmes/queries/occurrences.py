"""The days of a series: what its rule and the institution's calendar make of them. Pure, once the calendar is read."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import F, QuerySet, Value
from django.utils.translation import gettext as _

from peerhub.common import clock
from peerhub.common.statements import compiled
from peerhub.institution.models import Closure, Term, TermKind
from peerhub.institution.queries.calendar import WEEK, Calendar, monday_of
from programmes.models import Group, Membership, Mode, SeriesPattern, SessionSeries

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Rule:
    """On which days: `weekdays` 0 is Monday; `days` are chosen one by one. Both ends are inside."""

    weekdays: tuple[int, ...]
    days: tuple[date, ...]
    every: int
    teaching_only: bool
    starts_on: date
    ends_on: date


@dataclass(frozen=True)
class Pattern:
    """How each of them is. `start` is a time on the wall; `leaders` are rows of the same cycle."""

    start: time
    minutes: int
    leaders: tuple[Membership, ...]
    mode: str = Mode.IN_PERSON
    place: str = ""
    link: str = ""
    title: str = ""
    capacity: int | None = None

    def values(self) -> dict[str, Any]:
        """What a row of `SeriesPattern` holds beside its series and its day."""
        names = ("start", "minutes", "mode", "place", "link", "title", "capacity")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True)
class SeriesPlan:
    """One series that somebody wants: for a group, or for everyone in the cycle."""

    group: Group | None
    rule: Rule
    pattern: Pattern


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One day of a series. `skipped` says why nothing happens on it, or ""; instants are UTC."""

    on: date
    starts_at: datetime
    ends_at: datetime
    skipped: str = ""
    is_past: bool = False
    is_shifted: bool = False  # the clocks go forward over its start

    @property
    def happens(self) -> bool:
        return not self.skipped and not self.is_past


def rule_of(series: SessionSeries) -> Rule:
    return Rule(
        weekdays=tuple(series.weekdays),
        days=series.chosen_days(),
        every=series.every,
        teaching_only=series.teaching_only,
        starts_on=series.starts_on,
        ends_on=series.ends_on,
    )


@dataclass(frozen=True)
class Timing:
    """When the sessions start and how long they last; from some days on, otherwise."""

    start: time
    minutes: int
    zone: str
    later: Mapping[date, tuple[time, int]] = field(default_factory=dict)

    def on(self, day: date) -> tuple[datetime, datetime, bool]:
        """(starts, ends, whether the start was skipped by the clocks)."""
        known = [since for since in self.later if since <= day]
        start, minutes = self.later[max(known)] if known else (self.start, self.minutes)
        starts_at, is_shifted = clock.instant_near(day, start, self.zone)
        return starts_at, starts_at + timedelta(minutes=minutes), is_shifted


def timing_of(patterns: Iterable[SeriesPattern], zone: str) -> Timing:
    """The timing of a series that has these patterns, in any order."""
    first, *rest = sorted(patterns, key=lambda one: one.from_on)
    return Timing(first.start, first.minutes, zone, {one.from_on: (one.start, one.minutes) for one in rest})


def occurrences(rule: Rule, timing: Timing, calendar: Calendar, *, now: datetime) -> list[Occurrence]:
    """Every day the rule names, in order, with the reason where nothing happens. `calendar` spans the rule's days and
    the day after (`calendar_for`).
    """
    weekly = list(_weekly_days(rule))
    if rule.teaching_only and calendar.terms:
        found = dict(_in_teaching_weeks(weekly, rule, calendar))
    else:
        found = {day: "" for day in weekly if (monday_of(day) - monday_of(weekly[0])) // WEEK % rule.every == 0}
    found |= {day: "" for day in rule.days if rule.starts_on <= day <= rule.ends_on}
    return [_occurrence(day, why, timing, calendar, now) for day, why in sorted(found.items())]


def calendar_for(first: date, last: date) -> Calendar:
    """What the institution's calendar says about these days and what runs on into the days after. One query."""
    rows = _spans(first=first - WEEK, last=last + WEEK)
    terms = [
        Term(name=name, starts_on=since, ends_on=until, first_week=week - 1)
        for name, since, until, week in rows
        if week
    ]
    closures = [Closure(name=name, starts_on=since, ends_on=until) for name, since, until, week in rows if not week]
    return Calendar(terms, closures)


@compiled
def _spans(*, first: date, last: date) -> QuerySet[Any, tuple[str, date, date, int]]:
    """Teaching terms with the number of their first week, from 1; closures with 0."""
    terms = Term.objects.filter(kind=TermKind.TEACHING, starts_on__lte=last, ends_on__gte=first)
    closures = Closure.objects.filter(starts_on__lte=last, ends_on__gte=first)
    return terms.values_list("name", "starts_on", "ends_on", F("first_week") + 1).union(
        closures.values_list("name", "starts_on", "ends_on", Value(0)), all=True
    )


def _weekly_days(rule: Rule) -> Iterator[date]:
    day = rule.starts_on
    while day <= rule.ends_on:
        if day.weekday() in rule.weekdays:
            yield day
        day += ONE_DAY


def _in_teaching_weeks(days: Sequence[date], rule: Rule, calendar: Calendar) -> Iterator[tuple[date, str]]:
    """Days of teaching weeks, every so many of these; the others with the reason. A break changes nobody's turn."""
    taught = [day for day in days if calendar.term_on(day) is not None]
    first = monday_of(taught[0]) if taught else monday_of(rule.starts_on)
    mondays = sorted({week.starts_on for week in calendar.teaching_weeks() if week.starts_on >= first})
    number = {monday: n for n, monday in enumerate(mondays)}
    for day in days:
        if calendar.term_on(day) is None:
            yield day, _("Not in a teaching week")
        elif number[monday_of(day)] % rule.every == 0:
            yield day, ""


def _occurrence(day: date, why: str, timing: Timing, calendar: Calendar, now: datetime) -> Occurrence:
    starts_at, ends_at, is_shifted = timing.on(day)
    closed = why or _closed_between(starts_at, ends_at, timing, calendar)
    return Occurrence(day, starts_at, ends_at, closed, starts_at <= now, is_shifted)


def _closed_between(starts_at: datetime, ends_at: datetime, timing: Timing, calendar: Calendar) -> str:
    """The closure that something would run into, be it after midnight; "" when there is none. What lasts for days (in
    their own time) only begins on an open one.
    """
    on = clock.local(starts_at, timing.zone).date()
    last = clock.local(ends_at - timedelta(microseconds=1), timing.zone).date()
    for day in (on, last) if ends_at - starts_at <= ONE_DAY else (on,):
        if name := calendar.closure_on(day):
            return _("Closed: %(name)s") % {"name": name}
    return ""
