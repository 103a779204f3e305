"""Whether series still fit the institution's calendar, and what it would take: moved, left out, on again, new."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet, Value

from peerhub.common.statements import compiled
from peerhub.institution.models import Closure, Term, TermKind
from peerhub.institution.queries.calendar import WEEK, Calendar
from programmes.models import Cycle, CycleState, SeriesPattern, Session, SessionSeries, SessionStatus
from programmes.queries.occurrences import Occurrence, calendar_for, occurrences, rule_of, timing_of
from programmes.queries.series import pattern_on, series_name, when_in_words

NEAR = timedelta(days=7)
AROUND = timedelta(days=800)  # of today: every cycle that is not over lies inside
TERM, CLOSURE = "term", "closure"


@dataclass
class Fit:
    """What one series would need. Sessions are rows; occurrences are days as the calendar has them now."""

    series: SessionSeries
    name: str
    when: str
    patterns: list[SeriesPattern]
    moves: list[tuple[Session, Occurrence]] = field(default_factory=list)
    off: list[tuple[Session, str]] = field(default_factory=list)
    back: list[Session] = field(default_factory=list)
    new: list[Occurrence] = field(default_factory=list)

    @property
    def n(self) -> int:
        return len(self.moves) + len(self.off) + len(self.back) + len(self.new)


Span = tuple[str, date, date]  # what, first day, last day


def mark_of(spans: Iterable[Span], first: date, last: date) -> str:
    """The same as long as the calendar says the same about these days and the week around them."""
    near = sorted(one for one in spans if one[1] <= last + WEEK and one[2] >= first - WEEK)
    said = [(what, since.isoformat(), until.isoformat()) for what, since, until in near]
    return hashlib.sha256(repr((said, first.isoformat(), last.isoformat())).encode()).hexdigest()[:32]


def spans_of(calendar: Calendar) -> list[Span]:
    """Its teaching terms and closures."""
    terms: list[Span] = [(TERM, one.starts_on, one.ends_on) for one in calendar.terms]
    return [*terms, *((CLOSURE, one.starts_on, one.ends_on) for one in calendar.closures)]


class Touched(NamedTuple):
    """A cycle with series made from another calendar than today's."""

    code: str
    slug: str
    programme: str
    mark: str  # of the calendar as it is now
    n: int


def unfit_cycles(cycle_ids: Iterable[int], *, today: date) -> dict[int, Touched]:
    """Cycles under whose series the calendar changed: whether a date would move takes a closer look. One query."""
    wanted = sorted(cycle_ids)
    if not wanted:
        return {}
    rows = list(_marks(cycle_ids=wanted, today=today, since=today - AROUND, until=today + AROUND))
    spans = [(what, first, last) for pk, what, first, last, *_names in rows if not pk]
    found: dict[int, Touched] = {}
    for pk, mark, first, last, *names in rows:
        if pk and mark != (now := mark_of(spans, first, last)):
            found[pk] = Touched(*names, mark=now, n=found[pk].n + 1 if pk in found else 1)
    return found


@compiled
def _marks(*, cycle_ids: list[int], today: date, since: date, until: date) -> QuerySet[Any, tuple[Any, ...]]:
    """Of series: cycle, mark, the cycle's first and last day, its names. With them the calendar, as
    (0, what, first day, last day) and no names.
    """
    rows = SessionSeries.objects.filter(cycle__in=cycle_ids, ends_on__gte=today).order_by()
    terms = Term.objects.filter(kind=TermKind.TEACHING, starts_on__lte=until, ends_on__gte=since)
    closures = Closure.objects.filter(starts_on__lte=until, ends_on__gte=since)
    names, nothing = ("cycle__code", "cycle__programme__slug", "cycle__programme__name"), [Value("")] * 3
    return rows.values_list("cycle_id", "calendar_mark", "cycle__starts_on", "cycle__ends_on", *names).union(
        terms.values_list(Value(0), Value(TERM), "starts_on", "ends_on", *nothing),
        closures.values_list(Value(0), Value(CLOSURE), "starts_on", "ends_on", *nothing),
        all=True,
    )


def fits_of(cycle_ids: Iterable[int], *, now: datetime) -> list[Fit]:
    """Series of these cycles that need something, by name. Three queries for any number."""
    patterns = _patterns_of(cycle_ids)
    series = [rows[0].series for rows in patterns.values()]
    if not series:
        return []
    calendar = calendar_for(min(one.cycle.starts_on for one in series), max(one.cycle.ends_on for one in series))
    sessions = _sessions_of(series)
    stopped = {one.series_id for rows in sessions.values() for one in rows if _is_stopped(one)}
    fits = [
        _fit(one, patterns[one.pk], sessions.get(one.pk, []), calendar, grows=one.pk not in stopped, now=now)
        for one in series
    ]
    return sorted((one for one in fits if one.n), key=lambda one: (one.name, one.series.pk))


def _patterns_of(cycle_ids: Iterable[int]) -> dict[int, list[SeriesPattern]]:
    """Series pk to its patterns, each with the series, of groups and cycles that are not over."""
    running = Q(series__group=None) | Q(series__group__ended_at=None)
    rows = SeriesPattern.objects.filter(running, series__cycle__in=list(cycle_ids))
    rows = rows.exclude(series__cycle__state=CycleState.CLOSED)
    found: dict[int, list[SeriesPattern]] = {}
    related = ("series__group", "series__cycle__programme__activity_type")
    for one in rows.select_related(*related).order_by("series", "from_on"):
        found.setdefault(one.series_id, []).append(one)
    return found


def _sessions_of(series: Sequence[SessionSeries]) -> Mapping[int, list[Session]]:
    found: dict[int, list[Session]] = {}
    for one in Session.objects.filter(series__in=series).select_related("stop").order_by("starts_at", "pk"):
        found.setdefault(one.series_id or 0, []).append(one)
    return found


def _fit(
    series: SessionSeries,
    patterns: list[SeriesPattern],
    sessions: list[Session],
    calendar: Calendar,
    *,
    grows: bool,
    now: datetime,
) -> Fit:
    """One-off changes win: what was moved by hand stays where it was put."""
    timing = timing_of(patterns, series.cycle.time_zone)
    days = {day.on: day for day in occurrences(rule_of(series), timing, calendar, now=now)}
    there = {one.slot_on for one in sessions}
    pattern = pattern_on(patterns, series.cycle.today(now=now))
    fit = Fit(series, series_name(series, pattern), when_in_words(series, pattern), patterns)
    coming = [one for one in sessions if one.starts_at > now and one.slot_on]
    planned = [one for one in coming if one.status == SessionStatus.PLANNED and not one.has_own_time]
    gone = [one for one in planned if not _stands(days.get(_slot(one)))]
    fresh = [day for on, day in days.items() if day.happens and on not in there] if grows else []
    for one in gone:
        day = _nearest(fresh, _slot(one))
        if day:
            fresh.remove(day)
            fit.moves.append((one, day))
        else:
            fit.off.append((one, _why(days.get(_slot(one)))))
    fit.back = [one for one in coming if _is_off_by_calendar(one) and _stands(days.get(_slot(one)))]
    fit.new = fresh
    return fit


def _nearest(days: Sequence[Occurrence], slot: date) -> Occurrence | None:
    """The nearest free day, a week away at most; of two as near, the later."""
    near = [day for day in days if abs(day.on - slot) <= NEAR]
    return max(near, key=lambda day: (-abs(day.on - slot), day.on), default=None)


def _slot(session: Session) -> date:
    return session.slot_on or date.min


def _stands(day: Occurrence | None) -> bool:
    return day is not None and not day.skipped


def _why(day: Occurrence | None) -> str:
    return day.skipped if day else ""


def _is_stopped(session: Session) -> bool:
    """Called off with the rest of its series, which nobody has taken back."""
    if session.status != SessionStatus.CANCELLED or session.stop is None:
        return False
    return not session.stop.is_by_calendar and session.stop.lifted_at is None


def _is_off_by_calendar(session: Session) -> bool:
    return session.status == SessionStatus.CANCELLED and session.stop is not None and session.stop.is_by_calendar


def seen_mark(fits: Sequence[Fit]) -> str:
    """The same as long as the same would be done."""
    said = [
        (
            one.series.pk,
            [(session.pk, session.starts_at, day.starts_at) for session, day in one.moves],
            [(session.pk, why) for session, why in one.off],
            [session.pk for session in one.back],
            [day.starts_at for day in one.new],
        )
        for one in fits
    ]
    return hashlib.sha256(repr(said).encode()).hexdigest()[:20]


def mark_of_cycle(cycle: Cycle) -> str:
    """What the calendar says about a cycle now. One query."""
    return mark_of(spans_of(calendar_for(cycle.starts_on, cycle.ends_on)), cycle.starts_on, cycle.ends_on)
