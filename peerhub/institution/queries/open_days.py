"""Days that count when somebody is asked "how long has it been quiet?": not closures, and not the time between terms.

A day lies between terms when the calendar says vacation, or when it has terms on both sides and none on the day itself:
many institutions write down their terms only.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from typing import Any

from django.db.models import QuerySet, Value

from peerhub.common.statements import compiled
from peerhub.institution.models import Closure, Term, TermKind

DAY = timedelta(days=1)
MARGIN = timedelta(days=130)  # so that the terms on both sides of a vacation are seen
LONGEST_VACATION = 120  # days; a longer gap is a calendar nobody filled in
CLOSED = "closed"


class OpenDays:
    """A span of days of which some do not count. Days outside the span count. Pure."""

    def __init__(self, first: date, last: date, away: Iterable[date] = ()) -> None:
        gone = {(day - first).days for day in away}
        length = (last - first).days + 1
        self.first = first
        # How many days count from `first` up to (not with) the n-th day.
        self._before = [0, *accumulate(n not in gone for n in range(length))]

    def _count(self, n: int) -> int:
        if n <= 0:
            return n
        length = len(self._before) - 1
        return self._before[n] if n <= length else self._before[length] + n - length

    def since(self, start: date, until: date) -> int:
        """How many days count after `start`, up to and with `until`."""
        return max(0, self._count((until - self.first).days + 1) - self._count((start - self.first).days + 1))

    def after(self, start: date, days: int) -> date:
        """The day on which `days` days have counted since `start`."""
        wanted = self._count((start - self.first).days + 1) + days
        if wanted <= 0:
            return start + timedelta(days=days)
        length = len(self._before) - 1
        place = bisect_left(self._before, wanted)
        n = place if place <= length else length + wanted - self._before[length]
        return self.first + timedelta(days=n - 1)


@dataclass(frozen=True)
class Calendars:
    """The same span read in two ways: with the days between terms left out, and with only closures left out."""

    terms_only: OpenDays
    all_year: OpenDays

    def of(self, *, vacations_count: bool) -> OpenDays:
        return self.all_year if vacations_count else self.terms_only


def open_days(first: date, last: date) -> Calendars:
    """What the institution's calendar says from `first` to `last`. One query."""
    return from_spans(list(_spans(first=first - MARGIN, last=last + MARGIN)), first, last)


def from_spans(spans: Sequence[tuple[str, date, date]], first: date, last: date) -> Calendars:
    """The same from rows of `spans_between` that somebody has read already."""
    closed = {day for kind, start, end in spans if kind == CLOSED for day in _days(start, end)}
    between = _between([row for row in spans if row[0] != CLOSED])
    return Calendars(OpenDays(first, last, closed | between), OpenDays(first, last, closed))


def _between(terms: list[tuple[str, date, date]]) -> set[date]:
    """Days of vacations, and of gaps between terms."""
    busy = sorted((start, end) for kind, start, end in terms if kind != TermKind.VACATION)
    found = {day for kind, start, end in terms if kind == TermKind.VACATION for day in _days(start, end)}
    reached = busy[0][1] if busy else None
    for start, end in busy:
        if reached and DAY < start - reached <= timedelta(days=LONGEST_VACATION):
            found |= set(_days(reached + DAY, start - DAY))
        reached = max(reached or end, end)
    return found - {day for start, end in busy for day in _days(start, end)}


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


@compiled
def _spans(*, first: date, last: date) -> QuerySet[Any, tuple[str, date, date]]:
    closures, terms = spans_between(first, last)
    return closures.values_list(Value(CLOSED), "starts_on", "ends_on").union(
        terms.values_list("kind", "starts_on", "ends_on"), all=True
    )


def spans_between(first: Any, last: Any) -> tuple[QuerySet[Closure], QuerySet[Term]]:
    """Closures and terms of these days, for statements that read them along with something else."""
    closures = Closure.objects.filter(starts_on__lte=last, ends_on__gte=first)
    return closures, Term.objects.filter(starts_on__lte=last, ends_on__gte=first)
