"""This term beside last year's: students each week, and how soon sessions are logged."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from peerhub.common.disclosure import Profile
from peerhub.common.statements import compiled
from peerhub.institution.models import Term, TermKind
from programmes.queries.institution import Scope
from programmes.queries.unit_figures import WEEK, Week, kept_weeks, live_weeks

FEWEST = 5  # sessions of which a share is said
MARGIN = 2  # percent, or points: less than this is "about the same"


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


@dataclass(frozen=True)
class TermWeeks:
    """The teaching weeks of a term: `first` is the number of the first, `mondays` their Mondays, `year` its code."""

    name: str
    year: str
    first: int
    mondays: tuple[date, ...]


@dataclass(frozen=True)
class Terms:
    """This term (or the last there was), the one a year before it, and the number of the present week, if any."""

    now: TermWeeks | None
    before: TermWeeks | None
    week: int | None


def _weeks(term: Term) -> TermWeeks:
    start = monday_of(term.starts_on)
    count = (monday_of(term.ends_on) - start) // WEEK + 1
    return TermWeeks(term.name, term.year.code, term.first_week, tuple(start + WEEK * n for n in range(count)))


def terms(today: date) -> Terms:
    """One query."""
    latest = _begun(today=today)
    if not latest:
        return Terms(None, None, None)
    now, a_year_ago = latest[0], latest[0].starts_on - timedelta(weeks=52)
    near = [term for term in latest[1:] if abs(term.starts_on - a_year_ago) <= timedelta(weeks=6)]
    before = min(near, key=lambda term: abs(term.starts_on - a_year_ago), default=None)
    weeks = _weeks(now)
    inside = today <= now.ends_on
    number = weeks.first + (monday_of(today) - weeks.mondays[0]) // WEEK if inside else None
    return Terms(weeks, _weeks(before) if before else None, number)


@compiled
def _begun(*, today: date) -> QuerySet[Term, Term]:
    begun = Term.objects.filter(kind=TermKind.TEACHING, starts_on__lte=today).select_related("year")
    return begun.order_by("-starts_on", "pk")[:8]


@dataclass(frozen=True)
class Figures:
    """The weeks of both terms and the present one, by Monday; `counted_at` None when counted just now."""

    weeks: dict[date, Week]
    counted_at: datetime | None

    def of(self, monday: date) -> Week:
        return self.weeks.get(monday, Week())


def figures(scope: Scope, calendar: Terms, *, today: date, now: datetime) -> Figures:
    """One query where the planner has counted, else three."""
    mondays = {monday_of(today)}
    for term in (calendar.now, calendar.before):
        mondays |= set(term.mondays if term else ())
    if len(scope.roots) == 1:
        weeks, counted_at = kept_weeks(scope.roots[0].pk, mondays)
        if counted_at:
            return Figures(weeks, counted_at)
    return Figures(live_weeks(scope.unit_ids, mondays, now=now), None)


# --- a chart --------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Series:
    """One line of a chart: a value (None: none to show) and its words for each week of the term."""

    label: str
    values: list[int | None]
    words: list[str]

    @property
    def says_anything(self) -> bool:
        """False where nothing was recorded in any week."""
        return any(value or (value is None and words) for value, words in zip(self.values, self.words, strict=True))

    def segments(self, width: int, top: int) -> list[str]:
        """The points of each unbroken stretch, in a box of 100 by 100."""
        found: list[list[str]] = [[]]
        for place, value in enumerate(self.values):
            if value is None:
                found.append([])
            else:
                x = 100 * place / max(width - 1, 1)
                found[-1].append(f"{x:.2f},{100 - 100 * value / top:.2f}")
        return [" ".join(points) for points in found if points]


@dataclass(frozen=True)
class Chart:
    """A line chart of this term and last year's, with everything in words too."""

    key: str
    title: str
    about: str
    now: Series
    before: Series | None
    first: int
    width: int
    top: int
    unit: str
    latest: int | None  # the place of the last week shown

    @property
    def axis(self) -> list[str]:
        return [f"{value:,}{self.unit}" for value in (self.top, self.top // 2, 0)]

    @cached_property
    def mark(self) -> str:
        """Where the last point is: "x,y"."""
        return self.now.segments(self.width, self.top)[-1].split(" ")[-1] if self.latest is not None else ""

    @property
    def mark_x(self) -> str:
        return self.mark.partition(",")[0]

    @property
    def mark_y(self) -> str:
        return self.mark.partition(",")[2]

    @cached_property
    def lines(self) -> list[tuple[str, list[str]]]:
        lines = [("s4 is-dash", self.before.segments(self.width, self.top))] if self.before else []
        return [*lines, ("s1", self.now.segments(self.width, self.top))]

    @property
    def last_week(self) -> int:
        return self.first + self.width - 1

    @property
    def week_shown(self) -> int | None:
        return None if self.latest is None else self.first + self.latest

    @property
    def now_words(self) -> str:
        return "" if self.latest is None else self.now.words[self.latest]

    @property
    def before_words(self) -> str:
        """Last year's in the same week."""
        if self.latest is None or self.before is None or self.latest >= len(self.before.words):
            return ""
        return self.before.words[self.latest]

    @property
    def table(self) -> list[tuple[int, str, str]]:
        """Week, this year, last year."""
        before = self.before.words if self.before else []
        return [
            (
                self.first + place,
                self.now.words[place] if place < len(self.now.words) else "",
                before[place] if place < len(before) else "",
            )
            for place in range(self.width)
        ]


Reading = Callable[[Week], tuple[int | None, str]]


def _students(profile: Profile) -> Reading:
    def read(week: Week) -> tuple[int | None, str]:
        told = profile.count(week.students)
        return None if told.number is None else int(told.number), str(told)

    return read


def _promptness(week: Week) -> tuple[int | None, str]:
    """In percent. Of a handful of sessions a share says more about single leaders than about the unit."""
    if week.due < FEWEST:
        return None, _("too few sessions") if week.due else ""
    percent = round(100 * week.prompt / week.due)
    return percent, f"{percent}%"


def _series(term: TermWeeks, kept: Figures, read: Reading, *, today: date) -> Series:
    """Up to the last whole week: a week that is still going on would look like a fall."""
    over = [monday for monday in term.mondays if monday + WEEK <= today]
    read_weeks = [read(kept.of(monday)) for monday in over]
    return Series(term.year, [value for value, _words in read_weeks], [words for _value, words in read_weeks])


def _nice(most: int) -> int:
    """A round number at or above `most` whose half is whole."""
    power = 1
    while True:
        for step in (2, 4, 6, 8, 10):
            if step * power >= most:
                return step * power
        power *= 10


@dataclass(frozen=True)
class Kind:
    """What a chart is about. `titles`: when it rose, fell, stayed, and when there is nothing to compare."""

    key: str
    about: str
    titles: tuple[str, str, str, str]
    read: Reading
    is_percent: bool = False


def _chart(kind: Kind, term: TermWeeks, earlier: TermWeeks | None, kept: Figures, *, today: date) -> Chart:
    now = _series(term, kept, kind.read, today=today)
    before = _series(earlier, kept, kind.read, today=today) if earlier else None
    if before and not before.says_anything:
        before = None
    values = [value for one in (now, before) if one for value in one.values if value is not None]
    latest = max((place for place, value in enumerate(now.values) if value is not None), default=None)
    return Chart(
        key=kind.key,
        title=kind.titles[_change(now, before, latest, points=kind.is_percent)],
        about=kind.about,
        now=now,
        before=before,
        first=term.first,
        width=max(len(term.mondays), len(before.values) if before else 0),
        top=100 if kind.is_percent else _nice(max(values, default=0)),
        unit="%" if kind.is_percent else "",
        latest=latest,
    )


def _change(now: Series, before: Series | None, latest: int | None, *, points: bool) -> int:
    """0 more, 1 fewer, 2 about the same, 3 nothing to compare."""
    if latest is None or before is None or latest >= len(before.values):
        return 3
    ours, theirs = now.values[latest], before.values[latest]
    if ours is None or theirs is None:
        return 3
    margin = MARGIN if points else theirs * MARGIN / 100
    if abs(ours - theirs) <= margin:
        return 2
    return 0 if ours > theirs else 1


def charts(calendar: Terms, kept: Figures, profile: Profile, *, today: date) -> list[Chart]:
    """The two trends; none before the first term has begun."""
    if calendar.now is None:
        return []
    students = (
        _("More students are taking part"),
        _("Fewer students are taking part"),
        _("About as many students as last year"),
        _("Students taking part"),
    )
    prompt = (
        _("Sessions are being logged sooner"),
        _("Sessions are being logged later"),
        _("Sessions are logged as promptly as last year"),
        _("How soon sessions are logged"),
    )
    kinds = (
        Kind(
            "students",
            _("Different students at a logged session or contact, each week of term"),
            students,
            _students(profile),
        ),
        Kind("promptness", _("Share of sessions logged within 24 hours"), prompt, _promptness, is_percent=True),
    )
    return [_chart(kind, calendar.now, calendar.before, kept, today=today) for kind in kinds]
