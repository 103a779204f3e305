"""The calendar as answers: teaching weeks and their numbers, closures, teaching days.

`Calendar` holds a span of it in memory, so that a series of a thousand dates asks the database twice, not a thousand
times. Weeks start on Monday. The module-level functions answer for one date.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from peerhub.institution.models import AcademicYear, Closure, Term, TermKind

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class TeachingWeek:
    """One numbered week. `starts_on` is its Monday; `first_day` and `last_day` are the days of it inside the term."""

    number: int
    term: str
    starts_on: date
    first_day: date
    last_day: date
    closures: tuple[str, ...] = ()

    @property
    def is_wholly_closed(self) -> bool:
        return bool(self.closures) and self.open_days == 0

    open_days: int = 5


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


class Calendar:
    """Terms and closures of a span, read once. Pure from then on."""

    def __init__(self, terms: Sequence[Term], closures: Sequence[Closure]) -> None:
        self.terms = sorted((t for t in terms if t.kind == TermKind.TEACHING), key=lambda t: t.starts_on)
        self.closures = sorted(closures, key=lambda closure: closure.starts_on)
        self._term_starts = [term.starts_on for term in self.terms]
        self._closed = {
            closure.starts_on + timedelta(days=n): closure.name
            for closure in self.closures
            for n in range((closure.ends_on - closure.starts_on).days + 1)
        }

    @classmethod
    def between(cls, first: date, last: date) -> "Calendar":
        """What the institution's calendar says from `first` to `last` (both inside). Two queries."""
        terms = Term.objects.filter(starts_on__lte=last, ends_on__gte=first)
        closures = Closure.objects.filter(starts_on__lte=last, ends_on__gte=first)
        return cls(list(terms), list(closures))

    @classmethod
    def of_year(cls, year: AcademicYear) -> "Calendar":
        return cls.between(year.starts_on, year.ends_on)

    def term_on(self, day: date) -> Term | None:
        """The teaching term this day lies in; None in vacations and exam weeks."""
        at = bisect_right(self._term_starts, day) - 1
        return self.terms[at] if at >= 0 and day <= self.terms[at].ends_on else None

    def week_number(self, day: date) -> int | None:
        """The number of the teaching week this day lies in, or None."""
        term = self.term_on(day)
        if term is None:
            return None
        return term.first_week + (monday_of(day) - monday_of(term.starts_on)) // WEEK

    def closure_on(self, day: date) -> str:
        """The name of the closure on this day, or ""."""
        return self._closed.get(day, "")

    def is_closed(self, day: date) -> bool:
        return day in self._closed

    def is_teaching_day(self, day: date) -> bool:
        """A weekday inside a teaching term on which the institution is open."""
        return day.weekday() < 5 and not self.is_closed(day) and self.term_on(day) is not None

    def teaching_weeks(self) -> list[TeachingWeek]:
        """Every week of every teaching term, in order, with what is closed in it."""
        return [week for term in self.terms for week in self._weeks_of(term)]

    def _weeks_of(self, term: Term) -> list[TeachingWeek]:
        first = monday_of(term.starts_on)
        count = (monday_of(term.ends_on) - first) // WEEK + 1
        return [self._week(term, n, first + n * WEEK) for n in range(count)]

    def _week(self, term: Term, n: int, monday: date) -> TeachingWeek:
        weekdays = [
            day for day in (monday + timedelta(days=i) for i in range(5)) if term.starts_on <= day <= term.ends_on
        ]
        names = tuple(dict.fromkeys(self._closed[day] for day in weekdays if day in self._closed))
        first_day, last_day = max(monday, term.starts_on), min(monday + timedelta(days=6), term.ends_on)
        still_open = sum(day not in self._closed for day in weekdays)
        return TeachingWeek(term.first_week + n, term.name, monday, first_day, last_day, names, still_open)


def teaching_weeks(year: AcademicYear) -> list[TeachingWeek]:
    """The year's teaching weeks, in order. Two queries."""
    return Calendar.of_year(year).teaching_weeks()


def week_number(on: date) -> int | None:
    return Calendar.between(on, on).week_number(on)


def is_closed(on: date) -> bool:
    return Closure.objects.filter(starts_on__lte=on, ends_on__gte=on).exists()


def is_teaching_day(on: date) -> bool:
    return Calendar.between(on, on).is_teaching_day(on)


def year_of(on: date) -> AcademicYear | None:
    """The academic year this day lies in, else the next to come, else the last there was."""
    years = AcademicYear.objects.all()
    return (
        years.filter(starts_on__lte=on, ends_on__gte=on).first()
        or years.filter(starts_on__gt=on).order_by("starts_on").first()
        or years.order_by("-ends_on").first()
    )
