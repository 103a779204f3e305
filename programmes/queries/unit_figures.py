"""How the figures of units are counted: different people, and sessions, from memberships, registers and logs.

`live_*` count for any set of units, at a cost that grows with the registers; `kept_*` read what the planner counted.
The planner's own numbers are made from `reach_of`, `people_of_week` and `sessions_of_weeks`.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import TruncWeek
from django.utils import timezone

from peerhub.common import clock
from peerhub.common.statements import compiled
from programmes.models import (
    Attendance,
    AttendanceStatus,
    CycleState,
    Membership,
    MembershipStatus,
    Role,
    Session,
    SessionKind,
    SessionStatus,
    UnitReach,
    UnitWeek,
)

WEEK = timedelta(days=7)
PROMPT = timedelta(hours=24)
HERE = (AttendanceStatus.PRESENT, AttendanceStatus.LATE)
WANTS_LOG = (SessionStatus.PLANNED, SessionStatus.HELD, SessionStatus.NOBODY_CAME)
OWNER = "cycle__programme__owner_unit"


@dataclass
class Week:
    """What a week holds; see `UnitWeek`."""

    students: int = 0
    held: int = 0
    due: int = 0
    prompt: int = 0


@dataclass
class Reach:
    """Different people by context ("" for all), of a subtree; see `UnitReach`."""

    students: dict[str, int] = field(default_factory=dict)
    leaders: dict[str, int] = field(default_factory=dict)


def _zone() -> str:
    return timezone.get_default_timezone_name()


def span_of(mondays: Collection[date]) -> tuple[datetime, datetime]:
    """From the first of these weeks to the end of the last, in the institution's time zone."""
    return clock.day_bounds(min(mondays), _zone())[0], clock.day_bounds(max(mondays), _zone(), days=7)[1]


# --- counting -------------------------------------------------------------------------------------
def part_in_running() -> QuerySet[Membership]:
    """Leaders and participants of running cycles."""
    return Membership.objects.filter(
        cycle__state=CycleState.RUNNING,
        status=MembershipStatus.ACTIVE,
        role__in=[Role.LEADER, Role.PARTICIPANT],
    )


def reach_of() -> Iterator[tuple[int, str, str, int]]:
    """Owner unit, context, role and person of everyone with a part in a running cycle, each once."""
    rows = part_in_running().values_list(f"{OWNER}_id", "cycle__programme__context", "role", "user_id").distinct()
    return rows.iterator(chunk_size=10_000)


def _here(first: datetime, last: datetime) -> QuerySet[Attendance]:
    return Attendance.objects.filter(
        session__status=SessionStatus.HELD,
        session__starts_at__gte=first,
        session__starts_at__lt=last,
        status__in=HERE,
    )


def people_of_week(monday: date) -> Iterator[tuple[int, int]]:
    """Owner unit and person of everyone recorded as here in one week, each once."""
    rows = _here(*span_of([monday])).values_list(f"session__{OWNER}_id", "membership__user_id").distinct()
    return rows.iterator(chunk_size=10_000)


def _week_of(path: str) -> TruncWeek:
    return TruncWeek(path, tzinfo=timezone.get_default_timezone())


def _session_counts(now: datetime) -> dict[str, Count]:
    wants = Q(status__in=WANTS_LOG, ends_at__lte=now - PROMPT)
    in_time = wants & Q(log__logged_at__lte=F("ends_at") + PROMPT)
    return {
        "held": Count("pk", filter=Q(status=SessionStatus.HELD)),
        "due": Count("pk", filter=wants),
        "prompt": Count("pk", filter=in_time),
    }


def _sessions(mondays: Collection[date]) -> QuerySet[Session]:
    first, last = span_of(mondays)
    return Session.objects.filter(
        kind=SessionKind.SESSION, status__in=WANTS_LOG, starts_at__gte=first, starts_at__lt=last
    )


def sessions_of_weeks(mondays: Collection[date], *, now: datetime) -> list[dict[str, Any]]:
    """held, due and prompt by `unit` (owner) and `week` (its Monday), in one query."""
    rows = _sessions(mondays).annotate(week=_week_of("starts_at")).values("week", unit=F(f"{OWNER}_id"))
    return [{**row, "week": row["week"].date()} for row in rows.annotate(**_session_counts(now))]


# --- for a page -----------------------------------------------------------------------------------
def kept_weeks(unit_id: int, mondays: Collection[date]) -> tuple[dict[date, Week], datetime | None]:
    """What was counted ahead for one unit, and when at the earliest; None when it was not counted yet."""
    values = _weeks(unit_id=unit_id, mondays=list(mondays))
    found = {on: (Week(*counts), counted_at) for on, *counts, counted_at in values}
    return {on: week for on, (week, _) in found.items()}, max((at for _, at in found.values()), default=None)


@compiled
def _weeks(*, unit_id: int, mondays: list[date]) -> QuerySet[UnitWeek, tuple[Any, ...]]:
    rows = UnitWeek.objects.filter(unit=unit_id, starts_on__in=mondays)
    return rows.values_list("starts_on", "students", "held", "due", "prompt", "counted_at")


def live_weeks(unit_ids: Sequence[int], mondays: Collection[date], *, now: datetime) -> dict[date, Week]:
    """The same counted now, for these units without those below them. Two queries."""
    weeks = {monday: Week() for monday in mondays}
    people = _here(*span_of(mondays)).filter(session__cycle__programme__owner_unit__in=unit_ids)
    by_week = people.annotate(week=_week_of("session__starts_at")).values_list("week")
    for starts_at, students in by_week.annotate(Count("membership__user", distinct=True)):
        if week := weeks.get(starts_at.date()):
            week.students = students
    sessions = _sessions(mondays).filter(cycle__programme__owner_unit__in=unit_ids)
    counts = sessions.annotate(week=_week_of("starts_at")).values_list("week").annotate(**_session_counts(now))
    for starts_at, held, due, prompt in counts:
        if week := weeks.get(starts_at.date()):
            week.held, week.due, week.prompt = held, due, prompt
    return weeks


def kept_reach(unit_ids: Collection[int]) -> dict[tuple[int, bool], Reach]:
    """What was counted ahead, by unit and whether of the unit alone."""
    reach: dict[tuple[int, bool], Reach] = {}
    for unit_id, is_own, context, students, leaders in _reach(unit_ids=list(unit_ids)):
        one = reach.setdefault((unit_id, is_own), Reach())
        one.students[context], one.leaders[context] = students, leaders
    return reach


@compiled
def _reach(*, unit_ids: list[int]) -> QuerySet[UnitReach, tuple[Any, ...]]:
    rows = UnitReach.objects.filter(unit__in=unit_ids)
    return rows.values_list("unit_id", "is_own", "context", "students", "leaders")


def live_reach(unit_ids: Sequence[int]) -> Reach:
    """Different people of these units together, counted now, all contexts as one. One query."""
    rows = part_in_running().filter(cycle__programme__owner_unit__in=unit_ids)
    found = dict(rows.values_list("role").annotate(Count("user", distinct=True)))
    return Reach({"": found.get(Role.PARTICIPANT, 0)}, {"": found.get(Role.LEADER, 0)})
