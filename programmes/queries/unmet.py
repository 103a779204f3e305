"""Unmet demand: who queued and was not helped, and what was looked for and not found. For planning, not for blaming."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Sum
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peerhub.common import clock
from peerhub.common.statements import compiled
from programmes.models import UNSERVED, BookingState, Cycle, QueueEntry, QueueState, Session, SessionStatus
from programmes.models.searches import EmptySearch
from programmes.queries.bookings import unserved_waits

SPANS = {4: gettext_lazy("4 weeks"), 12: gettext_lazy("12 weeks"), 52: gettext_lazy("A year")}
USUAL = 12
FEWEST = 5  # people in a week, below which words are not shown: words may be rare enough to know somebody by
WORDS_SHOWN = 50
SHADES = 5


@dataclass(frozen=True, slots=True)
class Ticket:
    """One ticket by the clocks of its cycle."""

    joined: datetime
    state: str
    waited: float  # minutes until helped, or gone

    @property
    def week_on(self) -> date:
        return self.joined.date() - timedelta(days=self.joined.weekday())

    @property
    def is_lost(self) -> bool:
        return self.state in UNSERVED


def tickets_of(cycle: Cycle, *, since: datetime) -> list[Ticket]:
    """Everybody who queued since then and is not waiting any more. One query."""
    return [
        Ticket(
            clock.local(joined_at, cycle.time_zone),
            state,
            max(0.0, ((started_at or ended_at) - joined_at).total_seconds() / 60),
        )
        for joined_at, started_at, ended_at, state in _tickets(cycle_id=cycle.pk, since=since)
    ]


@compiled
def _tickets(*, cycle_id: int, since: datetime) -> QuerySet[QueueEntry, tuple[Any, ...]]:
    """The last ticket of each person at each drop-in: who left the line and joined it again is one person."""
    again = QueueEntry.objects.filter(
        session=OuterRef("session"), membership=OuterRef("membership"), pk__gt=OuterRef("pk")
    )
    over = QueueEntry.objects.filter(
        ~Exists(again), session__cycle=cycle_id, joined_at__gte=since, ended_at__isnull=False
    )
    return over.order_by("joined_at", "pk").values_list("joined_at", "started_at", "ended_at", "state")


@dataclass(slots=True)
class Week:
    """What became of those who queued in one week. Waits are medians, in minutes."""

    week_on: date
    queued: int = 0
    helped: int = 0
    left: int = 0
    no_answer: int = 0
    not_served: int = 0
    waits: list[float] = field(default_factory=list)  # of those who were helped
    lost_waits: list[float] = field(default_factory=list)

    @property
    def lost(self) -> int:
        return self.left + self.no_answer + self.not_served

    @property
    def wait(self) -> int | None:
        return round(median(self.waits)) if self.waits else None

    @property
    def lost_wait(self) -> int | None:
        return round(median(self.lost_waits)) if self.lost_waits else None

    def add(self, ticket: Ticket) -> None:
        self.queued += 1
        setattr(self, ticket.state, getattr(self, ticket.state) + 1)
        (self.lost_waits if ticket.is_lost else self.waits).append(ticket.waited)


def by_week(tickets: Iterable[Ticket]) -> list[Week]:
    """Weeks in which anybody queued, the latest first."""
    weeks: dict[date, Week] = {}
    for one in tickets:
        weeks.setdefault(one.week_on, Week(one.week_on)).add(one)
    return sorted(weeks.values(), key=lambda week: week.week_on, reverse=True)


@dataclass(frozen=True, slots=True)
class Cell:
    """A weekday and hour: how many went without help of how many who came. `shade` 0 to 5."""

    lost: int
    queued: int
    shade: int

    @property
    def words(self) -> str:
        return _("of %(queued)s") % {"queued": self.queued} if self.queued else ""


@dataclass(frozen=True)
class Hours:
    """Weekdays by hours of joining: only those at which anybody came."""

    hours: list[int]
    rows: list[tuple[str, list[Cell]]]


def by_hour(tickets: Sequence[Ticket]) -> Hours:
    """When people came and went without help."""
    queued = Counter((one.joined.weekday(), one.joined.hour) for one in tickets)
    lost = Counter((one.joined.weekday(), one.joined.hour) for one in tickets if one.is_lost)
    most = max(lost.values(), default=0)
    hours = sorted({hour for _day, hour in queued})
    rows = [
        (str(WEEKDAYS[day]), [_cell(lost[day, hour], queued[day, hour], most) for hour in hours])
        for day in sorted({day for day, _hour in queued})
    ]
    return Hours(hours, rows)


def _cell(lost: int, queued: int, most: int) -> Cell:
    return Cell(lost, queued, -(-SHADES * lost // most) if most else 0)


# --- seats ------------------------------------------------------------------------------------------
@dataclass(slots=True)
class Seats:
    """Who waited for a seat and had none, at one weekday and hour. `waited` is a median, in days."""

    day: str
    hour: str
    weeks: dict[date, int] = field(default_factory=dict)
    waits: list[float] = field(default_factory=list)

    @property
    def people(self) -> int:
        return sum(self.weeks.values())

    @property
    def waited(self) -> int:
        return round(median(self.waits))

    @property
    def in_weeks(self) -> list[tuple[date, int]]:
        return sorted(self.weeks.items(), reverse=True)


def seats_missed(cycle: Cycle, *, since: datetime, until: datetime) -> list[Seats]:
    """When sessions were too full, the worst first. One query."""
    rows = unserved_waits(cycle, since=since, until=until).values_list("session__starts_at", "wanted_at")
    found: dict[tuple[int, str], Seats] = {}
    for starts_at, wanted_at in rows:
        local = clock.local(starts_at, cycle.time_zone)
        hour = f"{local:%H:%M}"
        seats = found.setdefault((local.weekday(), hour), Seats(str(WEEKDAYS[local.weekday()]), hour))
        week_on = local.date() - timedelta(days=local.weekday())
        seats.weeks[week_on] = seats.weeks.get(week_on, 0) + 1
        seats.waits.append(max(0.0, (starts_at - wanted_at).total_seconds() / 86400) if wanted_at else 0.0)
    return [seats for _when, seats in sorted(found.items(), key=lambda item: (-item[1].people, item[0]))]


def fullness(cycle: Cycle, *, since: datetime, until: datetime) -> list[tuple[datetime, int, int]]:
    """(begin, seats had, seats there were) of what was held with limited seats that anybody booked. One query."""
    had = Count("bookings", filter=Q(bookings__state__in=[BookingState.BOOKED, BookingState.LATE]))
    rows = Session.objects.filter(
        cycle=cycle, group=None, capacity__isnull=False, starts_at__gte=since, starts_at__lt=until
    ).exclude(status=SessionStatus.CANCELLED)
    held = rows.annotate(had=had).filter(had__gt=0).order_by("starts_at", "pk")
    return [(starts_at, had, seats or 0) for starts_at, had, seats in held.values_list("starts_at", "had", "capacity")]


def is_full(row: tuple[datetime, int, int]) -> bool:
    _starts_at, had, seats = row
    return had >= seats


def full_rows(cycle: Cycle, found: Iterable[tuple[datetime, int, int]]) -> Iterator[list[Any]]:
    """Lines of the same file: who sat where no seat was left, so that one sees what was full although nobody waited."""
    counted: Counter[tuple[date, int, str]] = Counter()
    for starts_at, had, _seats in filter(is_full, found):
        local = clock.local(starts_at, cycle.time_zone)
        counted[local.date() - timedelta(days=local.weekday()), local.weekday(), f"{local:%H:%M}"] += had
    for (week_on, day, hour), people in sorted(counted.items()):
        yield [week_on.isoformat(), str(WEEKDAYS[day]), hour, _("Had a seat, and the last one went"), people, ""]


def seat_rows(found: Iterable[Seats]) -> Iterator[list[Any]]:
    """Lines of the same file, without a wait: on a list one waits for days."""
    for seats in found:
        for week_on, people in sorted(seats.weeks.items()):
            yield [week_on.isoformat(), seats.day, seats.hour, _("Waited for a seat and had none"), people, ""]


def unmet_header() -> list[str]:
    return [_("Week from"), _("Day"), _("Hour"), _("What became of them"), _("People"), _("Median wait in minutes")]


def unmet_rows(tickets: Iterable[Ticket]) -> Iterator[list[Any]]:
    """A line for each week, weekday, hour and outcome: counts and waits, no person."""
    found: dict[tuple[date, int, int, str], list[float]] = defaultdict(list)
    for one in tickets:
        found[one.week_on, one.joined.weekday(), one.joined.hour, one.state].append(one.waited)
    for (week_on, day, hour, state), waits in sorted(found.items()):
        outcome = str(QueueState(state).label)
        yield [week_on.isoformat(), str(WEEKDAYS[day]), f"{hour:02d}:00", outcome, len(waits), round(median(waits))]


# --- what was looked for ------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Wanted:
    """Words that found nothing. `searchers` are added up over the weeks in which at least three people looked."""

    words: str
    searchers: int
    last_week_on: date


def wanted_words(*, since: date) -> list[Wanted]:
    """What was looked for most. One query. Weeks in which fewer than five people looked for words stay unsaid: nothing
    tells the same people of several weeks from others, so that weeks cannot make up for people.
    """
    return [Wanted(*row) for row in _words(since=since)]


@compiled
def _words(*, since: date) -> QuerySet[EmptySearch, tuple[Any, ...]]:
    rows = EmptySearch.objects.filter(week_on__gte=since, searchers__gte=FEWEST).order_by().values("words")
    counted = rows.annotate(total=Sum("searchers"), last=Max("week_on"))
    return counted.order_by("-total", "words").values_list("words", "total", "last")[:WORDS_SHOWN]


def words_by_week(*, since: date) -> Iterator[list[Any]]:
    """The same as lines of a file: words, week, people."""
    rows = EmptySearch.objects.filter(week_on__gte=since, searchers__gte=FEWEST)
    for words, week_on, searchers in rows.order_by("-week_on", "-searchers", "words").values_list(
        "words", "week_on", "searchers"
    ):
        yield [words, week_on.isoformat(), searchers]
