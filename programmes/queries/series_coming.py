"""What is still to come of a series, and what a change would make of it."""

import copy
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Max, QuerySet

from programmes.models import Mode, SeriesStop, Session, SessionSeries, SessionStatus
from programmes.queries.clashes import Slot, clashes_of
from programmes.queries.occurrences import Pattern, Timing
from programmes.queries.series import own_in_words


def coming_of(series: SessionSeries, *, from_on: date, now: datetime) -> QuerySet[Session]:
    """Its planned sessions that stand for this day or a later one and have not begun."""
    return Session.objects.filter(
        series=series, status=SessionStatus.PLANNED, slot_on__gte=from_on, starts_at__gt=now
    ).order_by("starts_at", "pk")


def as_changed(sessions: Iterable[Session], pattern: Pattern, zone: str) -> list[tuple[Session, Session]]:
    """Each session with what it would be: what was changed for it alone stays. Leaders are not rows of it."""
    timing = Timing(pattern.start, pattern.minutes, zone)
    return [(one, _changed(one, pattern, timing)) for one in sessions]


def _changed(session: Session, pattern: Pattern, timing: Timing) -> Session:
    one = copy.copy(session)
    if not session.has_own_time and session.slot_on:
        one.starts_at, one.ends_at, _is_shifted = timing.on(session.slot_on)
    if not session.has_own_place:
        one.mode, one.place, one.link = pattern.mode, pattern.place, pattern.link
    if not session.has_own_words:
        one.title, one.capacity = pattern.title, pattern.capacity
    return one


@dataclass(frozen=True)
class ChangePreview:
    """What a change would do: `kept` are dates with what stays their own; `clashes` dates with sentences."""

    n: int
    first_at: datetime | None
    kept: list[tuple[datetime, str]]
    clashes: list[tuple[datetime, list[str]]]
    mark: str


def change_preview(series: SessionSeries, pattern: Pattern, *, from_on: date, now: datetime) -> ChangePreview:
    """Five queries at most. Load the cycle."""
    sessions = list(coming_of(series, from_on=from_on, now=now))
    after = [one for _before, one in as_changed(sessions, pattern, series.cycle.time_zone)]
    timed = [one for one in after if one.mode != Mode.ASYNC]
    met = clashes_of([_slot(one, pattern) for one in timed], besides_series=series.pk)
    clashes = [(timed[at].starts_at, sentences) for at, sentences in sorted(met.items())]
    kept = [(one.starts_at, own_in_words(one)) for one in sessions if own_in_words(one)]
    said = repr([(one.pk, one.starts_at, one.ends_at, one.mode, one.place, one.link) for one in after])
    who = [one.pk for one in pattern.leaders]
    mark = hashlib.sha256(f"{said}{clashes}{who}{pattern.title}{pattern.capacity}".encode()).hexdigest()[:20]
    return ChangePreview(len(after), after[0].starts_at if after else None, kept, clashes, mark)


def _slot(session: Session, pattern: Pattern) -> Slot:
    leaders = () if session.has_own_leaders else pattern.leaders
    place = session.place if session.mode == Mode.IN_PERSON else ""
    who = frozenset(one.user_id for one in leaders)
    return Slot(session.starts_at, session.ends_at, session.title, session.group_id, place, who)


def stop_of(series: SessionSeries, *, now: datetime) -> SeriesStop | None:
    """The last calling-off of the rest that could still be taken back. One query."""
    open_ones = SeriesStop.objects.filter(
        series=series,
        lifted_at=None,
        is_by_calendar=False,
        sessions__status=SessionStatus.CANCELLED,
        sessions__starts_at__gt=now,
    )
    return open_ones.annotate(last=Max("sessions__starts_at")).order_by("-at", "-pk").first()
