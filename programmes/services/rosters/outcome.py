"""What a load is asked to do, and what came of it."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, TypeVar

from programmes.models import Cycle
from programmes.rosters.errors import WARNING, Problem, Problems

Item = TypeVar("Item")

PEOPLE: Final = "people"
UNITS: Final = "units"
TERMS: Final = "terms"
GROUPS: Final = "groups"
MEMBERSHIPS: Final = "memberships"
PLACES: Final = "places"
KINDS: Final = (PEOPLE, MEMBERSHIPS, GROUPS, PLACES, UNITS, TERMS)

CREATED: Final = "created"
UPDATED: Final = "updated"
UNCHANGED: Final = "unchanged"
DEACTIVATED: Final = "deactivated"
REJECTED: Final = "rejected"
ACTIONS: Final = (CREATED, UPDATED, UNCHANGED, DEACTIVATED, REJECTED)

# More people missing from a complete file than this share needs somebody to say that it is meant.
MISSING_SHARE: Final = 0.2
TICK_EVERY: Final = 5000


@dataclass(frozen=True, slots=True)
class Options:
    """How to take a roster. Without a cycle only people, units and terms are loaded.

    `is_authority`: run by an administrator, so it may change names of people who sign in, close accounts, and change
    the organisation and its calendar. A coordinator's class list may not.
    """

    now: datetime
    today: date
    cycle: Cycle | None = None
    role: str = ""
    is_authority: bool = False
    deactivate_missing: bool = False


@dataclass
class Outcome:
    """Counts and problems. `counts[kind][action]`; `skipped` are rows in order but not ours to import."""

    problems: Problems
    source: str = ""
    is_package: bool = False
    counts: dict[str, Counter[str]] = field(default_factory=lambda: {kind: Counter() for kind in KINDS})
    skipped: Counter[str] = field(default_factory=Counter)
    missing: int = 0
    missing_of: int = 0
    missing_kept: bool = False
    waiting: int = 0
    new_memberships: list[int] = field(default_factory=list)

    def count(self, kind: str, action: str, number: int = 1) -> None:
        self.counts[kind][action] += number

    def reject(self, kind: str, problem: Problem) -> None:
        """One row left out for what the database knows about it."""
        self.problems.add(problem)
        self.counts[kind][REJECTED] += 1

    def warn(self, problem: Problem) -> None:
        self.problems.add(problem._replace(severity=WARNING))  # noqa: SLF001 - a named tuple's public method

    @property
    def rejected(self) -> int:
        return sum(counter[REJECTED] for counter in self.counts.values())

    @property
    def usable(self) -> int:
        """Rows of any kind that could be used."""
        return sum(counter[action] for counter in self.counts.values() for action in ACTIONS if action != REJECTED)

    @property
    def writes(self) -> int:
        return sum(counter[action] for counter in self.counts.values() for action in (CREATED, UPDATED, DEACTIVATED))


@dataclass
class Progress:
    """Counts rows read and now and then says how far it is: `report` gets rows so far and rows expected."""

    report: Callable[[int, int], None] = lambda _done, _total: None
    total: int = 0
    done: int = 0

    def watch(self, items: Iterable[Item]) -> Iterator[Item]:
        for item in items:
            self.done += 1
            if self.done % TICK_EVERY == 0:
                self.report(self.done, self.total)
            yield item
