"""Groups of people on a way of several stages: how many of each got how far, without giving anybody away.

A funnel is more than a table: who stopped at a stage follows from two numbers of a row, and what one group hides
follows from the others and the totals, which whoever ran the selection knows exactly. So nothing is argued here, it is
tried: a number that must not be known is safe only by a *witness*, another funnel in which it is different and of which
exactly the same would be said, percentages and verdicts included. Where there is none, more is hidden.

A witness moves one person from one group to another and one back: every total stays what it was.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import combinations, product

from peerhub.common.disclosure.profiles import Profile
from peerhub.common.disclosure.rounding import half_up

# One group: for each stage but the last how many stopped there, and how many left by themselves; then who got through.
Ways = tuple[int, ...]
FEW = "few"
RATES = 100  # what is hidden of a row: stages by their number, rates by theirs and this
Said = int | str | None  # a number, FEW, or nothing
Cell = tuple[int, int]  # row, and what of it
Move = tuple[int | None, int | None]  # somebody of the group from one place in its ways to another; None: not in it
Kept = tuple[int, str, int]  # row, "way" or "reached", which


@dataclass(frozen=True, slots=True)
class Share:
    """`part` of `whole` people went on. Said only where `is_told`; `at_most`: what a part that is FEW can be."""

    part: int
    whole: int
    is_told: bool
    at_most: int | None = None


Verdicts = Callable[[Sequence[Sequence[Share]]], Sequence[Sequence[object]]]


@dataclass(frozen=True)
class FunnelRow:
    """What is said of a group: people at each stage; percent who went on from each but the last, and end to end; and
    the verdict on each of these.
    """

    reached: tuple[Said, ...]
    rates: tuple[int | None, ...]
    verdicts: tuple[object, ...]


@dataclass(frozen=True)
class _Line:
    """One group as it really is."""

    ways: Ways

    @cached_property
    def stages(self) -> int:
        return (len(self.ways) + 1) // 2

    @cached_property
    def reached(self) -> tuple[int, ...]:
        return tuple(sum(self.ways[2 * stage :]) for stage in range(self.stages))

    @cached_property
    def shares(self) -> list[tuple[int, int]]:
        """(went on, considered) of each stage but the last, and end to end. Who left is not considered."""
        left = self.ways[1::2]
        steps = [(self.reached[n + 1], self.reached[n] - left[n]) for n in range(self.stages - 1)]
        return [*steps, (self.reached[-1], self.reached[0] - sum(left))]

    def moved(self, move: Move) -> "_Line":
        ways = list(self.ways)
        away, to = move
        if away is not None:
            ways[away] -= 1
        if to is not None:
            ways[to] += 1
        return _Line(tuple(ways))


class _Teller:
    """Says rows by a profile. Of a group of fewer than `fewest` only that is said. It remembers what it said: thousands
    of funnels that differ by two people are looked at.
    """

    def __init__(self, profile: Profile, fewest: int, verdicts: Verdicts) -> None:
        self.profile, self.fewest, self.verdicts = profile, fewest, verdicts
        self.row, self.shares = lru_cache(maxsize=None)(self._row), lru_cache(maxsize=None)(self._shares)
        self._percent = lru_cache(maxsize=None)(self._percentage)

    def cells(self, line: _Line, hidden: frozenset[int]) -> tuple[Said, ...]:
        if line.reached[0] < self.fewest:
            return (None if 0 in hidden else FEW, *[None] * (line.stages - 1))
        return tuple(None if n in hidden else self._said(count) for n, count in enumerate(line.reached))

    def _said(self, count: int) -> Said:
        return FEW if count < self.profile.least else int(half_up(count, self.profile.base))

    def _row(self, line: _Line, hidden: frozenset[int]) -> tuple[tuple[Said, ...], tuple[int | None, ...]]:
        cells = self.cells(line, hidden)
        return cells, tuple(self._rate(cells, line, n, hidden) for n in range(line.stages))

    def _ends(self, cells: tuple[Said, ...], n: int) -> tuple[Said, Said]:
        return (cells[0], cells[-1]) if n == len(cells) - 1 else (cells[n], cells[n + 1])

    def _rate(self, cells: tuple[Said, ...], line: _Line, n: int, hidden: frozenset[int]) -> int | None:
        if RATES + n in hidden or not all(isinstance(said, int) for said in self._ends(cells, n)):
            return None
        return self._percent(*line.shares[n])

    def _percentage(self, part: int, whole: int) -> int | None:
        found = self.profile.percentage(part, whole).number
        return None if found is None else int(found)

    def _shares(self, line: _Line, hidden: frozenset[int]) -> list[Share]:
        cells, rates = self.row(line, hidden)
        found = []
        for n, (part, whole) in enumerate(line.shares):
            start, end = self._ends(cells, n)
            at_most = self.profile.least - 1 if isinstance(start, int) and end == FEW else None
            found.append(Share(part, whole, rates[n] is not None, at_most))
        return found

    def judged(self, lines: Sequence[_Line], hidden: Sequence[frozenset[int]]) -> list[list[object]]:
        shares = [self.shares(line, hides) for line, hides in zip(lines, hidden, strict=True)]
        return [list(row) for row in self.verdicts(shares)]


def tell_funnel(table: Sequence[Ways], profile: Profile, *, fewest: int, verdicts: Verdicts) -> list[FunnelRow] | None:
    """What may be said of groups on their way, one row for each; None where nothing can be.

    `verdicts` judges shares: for every row and share something to compare, made of nothing but what it is given.
    """
    teller, lines = _Teller(profile, fewest, verdicts), [_Line(tuple(ways)) for ways in table]
    hidden: list[frozenset[int]] = [frozenset() for _line in lines]
    while (certain := _certain(teller, lines, hidden)) is not None:
        more = _next_to_hide(teller, lines, hidden, certain)
        if more is None:
            return None
        hidden[more[0]] |= {more[1]}
    judged = teller.judged(lines, hidden)
    return [
        FunnelRow(*teller.row(line, hidden[n]), tuple(verdict))
        for n, (line, verdict) in enumerate(zip(lines, judged, strict=True))
    ]


def _next_to_hide(
    teller: _Teller, lines: Sequence[_Line], hidden: Sequence[frozenset[int]], certain: Kept
) -> Cell | None:
    """Of this row, then of the smallest of the others: the share nearest to what is certain, then the last number."""
    row, what, which = certain
    stage = which // 2 if what == "way" else which
    for n in sorted(range(len(lines)), key=lambda n: (n != row, lines[n].reached[0], n)):
        cells, rates = teller.row(lines[n], hidden[n])
        shares = [number for number, rate in enumerate(rates) if rate is not None]
        if shares:
            return n, RATES + min(shares, key=lambda number: (abs(number - stage), number))
        told = [number for number, said in enumerate(cells) if said is not None]
        if told:
            return n, told[-1]
    return None


# --- what a reader could be sure of -----------------------------------------------------------------
def _to_keep(teller: _Teller, lines: Sequence[_Line], hidden: Sequence[frozenset[int]]) -> set[Kept]:
    """Whatever must not follow: few people anywhere, what is hidden, and that all of a stage are of one group."""
    totals = [sum(counts) for counts in zip(*(line.reached for line in lines), strict=True)]
    found: set[Kept] = set()
    for n, line in enumerate(lines):
        found |= {(n, "way", place) for place, count in enumerate(line.ways) if 0 < count < teller.profile.least}
        for stage, said in enumerate(teller.cells(line, hidden[n])):
            is_all = line.reached[stage] == totals[stage] and len(lines) > 1
            if totals[stage] and (is_all or not isinstance(said, int)):
                found.add((n, "reached", stage))
    return found


def _certain(teller: _Teller, lines: Sequence[_Line], hidden: Sequence[frozenset[int]]) -> Kept | None:
    """Something to keep for which there is no witness."""
    kept = _to_keep(teller, lines, hidden)
    if not kept:
        return None
    judged = teller.judged(lines, hidden)
    quiet = [dict(_quiet_moves(teller, line, hidden[n])) for n, line in enumerate(lines)]
    for one, other in combinations(range(len(lines)), 2):
        for move, moved in quiet[one].items():
            back = quiet[other].get((move[1], move[0]))
            if back is None:
                continue
            saved = _changed(one, lines[one], moved, kept) | _changed(other, lines[other], back, kept)
            if saved:
                world = [*lines]
                world[one], world[other] = moved, back
                if teller.judged(world, hidden) == judged:
                    kept -= saved
            if not kept:
                return None
    return min(kept)


def _quiet_moves(teller: _Teller, line: _Line, hidden: frozenset[int]) -> Iterator[tuple[Move, _Line]]:
    """Moves after which the same is said of this group, with what it is then."""
    said = teller.row(line, hidden)
    places: list[int | None] = [None, *range(len(line.ways))]
    for away, to in product(places, places):
        if away == to or (away is not None and not line.ways[away]):
            continue
        moved = line.moved((away, to))
        if teller.row(moved, hidden) == said:
            yield (away, to), moved


def _changed(row: int, line: _Line, moved: _Line, kept: set[Kept]) -> set[Kept]:
    return {
        (row, what, which)
        for what, before, after in (("way", line.ways, moved.ways), ("reached", line.reached, moved.reached))
        for which, (one, other) in enumerate(zip(before, after, strict=True))
        if one != other and (row, what, which) in kept
    }
