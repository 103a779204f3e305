"""Groups nobody comes to, and groups whose attendance tails off: this fortnight beside the usual of weeks 3 to 6.

A few queries a thousand groups. Some falling off is normal, so a cycle says below which share of the usual a group is
listed (`tail_off_percent`).
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from statistics import mean, median
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet

from peerhub.common import clock
from programmes.models import Attendance, AttendanceStatus, Group, Session, SessionKind, Shape
from programmes.queries.quiet_ground import EMPTY, TAILING, Ground, Quiet, pages
from programmes.queries.quiet_pairs import leaders_of
from programmes.queries.quiet_people import REGISTERED

HERE = (AttendanceStatus.PRESENT, AttendanceStatus.LATE)
WEEK = 7
USUAL_FROM, USUAL_TO = 3, 6  # weeks of the cycle, both inside
LATELY = 14  # days that count
FEWEST_SESSIONS = 2  # to speak of a usual
FEWEST_PEOPLE = 3  # below this, one person more or less is half a group


@dataclass(frozen=True)
class Weeks:
    """The spans of one cycle that are compared: usual half-open, lately from its day on."""

    usual_from: date
    usual_to: date
    lately_from: date


@dataclass
class Counts:
    """How many came, of each session in the two spans."""

    usual: list[int] = field(default_factory=list)
    lately: list[int] = field(default_factory=list)


def empty_groups(here: Ground) -> Iterator[Quiet]:
    """Groups to whose last sessions nobody came, as many as the cycle's absences in a row. Sessions that did not happen
    or have no register are left out, not counted.
    """
    rows = [row for row in _empty_since_last_seen(here) if row[-2] >= here.cycles[row[1]].absences_in_row]
    leaders = leaders_of([row[0] for row in rows]) if rows else {}
    for key, cycle_id, uuid, name, count, first in rows:
        yield Quiet(
            EMPTY, cycle_id, key, name, here.local(first, cycle_id), name, group_uuid=uuid, group_id=key,
            leaders=", ".join(one.name for one in leaders.get(key, [])), count=count,
        )  # fmt: skip


def _empty_since_last_seen(here: Ground) -> QuerySet[Session, tuple[Any, ...]]:
    """Groups with how many sessions have a register with nobody in it since somebody was last seen, and the first."""
    registered = Session.objects.filter(kind=SessionKind.SESSION, status__in=REGISTERED)
    seen = Exists(Attendance.objects.filter(session=OuterRef("pk"), status__in=HERE))
    later = registered.filter(seen, group=OuterRef("group"), starts_at__gt=OuterRef("starts_at"))
    going = registered.filter(here.led("group"), group__ended_at=None, group__shape=Shape.GROUP)
    empty = going.filter(~seen, ~Exists(later), cycle__in=list(here.cycles)).order_by()
    rows = empty.values_list("group_id", "cycle_id", "group__uuid", "group__name")
    return rows.annotate(count=Count("pk"), first=Min("starts_at"))


def tailing_groups(here: Ground) -> Iterator[Quiet]:
    """Groups whose last fortnight of days that count is below their cycle's share of the usual."""
    weeks = {pk: found for pk in here.cycles if (found := weeks_of(here, pk))}
    for page in pages(_groups(here, weeks)):
        counts = _counts(here, {row[0]: row[1] for row in page}, weeks)
        leaders = leaders_of([row[0] for row in page])
        for key, cycle_id, uuid, name in page:
            usual, lately = _compared(counts.get(key, Counts()), here.cycles[cycle_id].tail_off_percent)
            if usual:
                yield Quiet(
                    TAILING, cycle_id, key, name, weeks[cycle_id].lately_from, name, group_uuid=uuid, group_id=key,
                    leaders=", ".join(one.name for one in leaders.get(key, [])), usual=usual, lately=lately,
                )  # fmt: skip


def weeks_of(here: Ground, cycle_id: int) -> Weeks | None:
    """The spans, in weeks of seven days that count from the cycle's first Monday; None before week 7."""
    cycle, days, today = here.cycles[cycle_id], here.days(cycle_id), here.today(cycle_id)
    eve = cycle.starts_on - timedelta(days=cycle.starts_on.weekday() + 1)
    usual_from = days.after(eve, (USUAL_FROM - 1) * WEEK) + timedelta(days=1)
    usual_to = days.after(eve, USUAL_TO * WEEK) + timedelta(days=1)
    if today < usual_to or days.since(eve, today) < LATELY:
        return None
    lately_from = today
    while days.since(lately_from - timedelta(days=1), today) < LATELY:
        lately_from -= timedelta(days=1)
    return Weeks(usual_from, usual_to, max(lately_from, usual_to))


def _groups(here: Ground, weeks: Collection[int]) -> QuerySet[Group, tuple[Any, ...]]:
    going = Group.objects.active().filter(here.led("pk"), cycle__in=list(weeks), shape=Shape.GROUP)
    return going.values_list("pk", "cycle_id", "uuid", "name")


def _counts(here: Ground, cycle_of: dict[int, int], weeks: dict[int, Weeks]) -> dict[int, Counts]:
    """Heads of each session that has a register, "nobody came" among them. One query."""
    spans = {(weeks[pk], here.cycles[pk].time_zone) for pk in set(cycle_of.values())}
    wanted = Q()
    for first, last in _merged(spans):
        wanted |= Q(starts_at__gte=first, starts_at__lt=last)
    sessions = (
        Session.objects.filter(wanted, group_id__in=list(cycle_of), kind=SessionKind.SESSION, status__in=REGISTERED)
        .order_by()
        .values_list("pk", "group_id", "starts_at")
        .annotate(heads=Count("attendances", filter=Q(attendances__status__in=HERE)))
    )
    found: dict[int, Counts] = {}
    for _pk, group_id, starts_at, heads in sessions:
        span, on = weeks[cycle_of[group_id]], here.local(starts_at, cycle_of[group_id])
        counts = found.setdefault(group_id, Counts())
        if span.usual_from <= on < span.usual_to:
            counts.usual.append(heads)
        elif on >= span.lately_from:
            counts.lately.append(heads)
    return found


def _merged(spans: Collection[tuple[Weeks, str]]) -> list[tuple[datetime, datetime]]:
    """Two spans (UTC) that hold those of all cycles of a page: the statement stays short."""
    usual = [(clock.day_bounds(w.usual_from, z)[0], clock.day_bounds(w.usual_to, z)[0]) for w, z in spans]
    lately = [clock.day_bounds(weeks.lately_from, zone)[0] for weeks, zone in spans]
    if not usual:
        return []
    far = max(lately) + timedelta(days=400)
    return [(min(first for first, _last in usual), max(last for _first, last in usual)), (min(lately), far)]


def _compared(counts: Counts, percent: int) -> tuple[float, float]:
    """(usual, lately) where lately is too low; else (0, 0)."""
    if len(counts.usual) < FEWEST_SESSIONS or not counts.lately:
        return 0, 0
    usual, lately = median(counts.usual), mean(counts.lately)
    return (usual, lately) if usual >= FEWEST_PEOPLE and lately * 100 < usual * percent else (0, 0)
