"""What numbers about people may be said out loud.

The rule is the one Ofqual and other statistical bodies publish with: nought is said, one to four is "fewer than 5",
five and more is said. Where numbers stand in a table beside their totals, a small one could be worked out from the
others; `conceal` then hides further numbers, which are said as "5 or more". Every number of people that leaves a
programme goes through here, in pages and files alike, so that the rule can grow (rounding) in one place.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.translation import gettext as _

FEWEST = 5

Cell = tuple[int, int]  # row and column, from nought


def is_small(count: int) -> bool:
    """True when `count` people are too few to be told exactly: one to four."""
    return 0 < count < FEWEST


def small_count(count: int) -> str:
    """`count` people in words a page or file may show: "0", "fewer than 5", "5", "1,905"."""
    if is_small(count):
        return _("fewer than %(limit)s") % {"limit": FEWEST}
    return f"{count:,}"


def vague_count(count: int) -> str:
    """`count` people where the exact number would give another away: "0", "fewer than 5", "5 or more"."""
    return small_count(count) if count < FEWEST else _("%(limit)s or more") % {"limit": FEWEST}


@dataclass(frozen=True)
class Concealed:
    """What of a table is said by `vague_count` instead of `small_count`: these cells, and (unless `says_totals`) every
    total of it.
    """

    cells: frozenset[Cell]
    says_totals: bool


def conceal(
    table: Sequence[Sequence[int]], *, row_totals: bool = False, column_totals: bool = False, total: bool = False
) -> Concealed:
    """Hide so many cells of a table of people that none of them follows from what is shown: the other cells, those of
    its totals that are named, and what `vague_count` says of hidden ones. Noughts are never hidden.

    Small totals are said by `small_count`. Where hiding cells cannot help, no total may be said exactly.
    """
    margins = dict(_margins(table, row_totals=row_totals, column_totals=column_totals, total=total))
    hidden = {cell for cell, count in _cells(table) if is_small(count)}
    while (known := _first_known(table, hidden, margins)) is not None:
        more = _next_to_hide(table, hidden, known)
        if more is None:
            return Concealed(frozenset(hidden), says_totals=False)
        hidden.add(more)
    return Concealed(frozenset(hidden), says_totals=True)


def _cells(table: Sequence[Sequence[int]]) -> Iterator[tuple[Cell, int]]:
    return (((row, column), count) for row, counts in enumerate(table) for column, count in enumerate(counts))


def _next_to_hide(table: Sequence[Sequence[int]], hidden: set[Cell], known: Cell) -> Cell | None:
    """The shown cell that costs least: in a row and column with something hidden, then beside `known`, then small."""
    rows, columns = {row for row, _column in hidden}, {column for _row, column in hidden}

    def cost(found: tuple[Cell, int]) -> tuple[int, int, int, Cell]:
        (row, column), count = found
        apart = (row != known[0]) + (column != known[1])
        return (row not in rows) + (column not in columns), apart, count, (row, column)

    shown = [(cell, count) for cell, count in _cells(table) if count and cell not in hidden]
    return min(shown, key=cost)[0] if shown else None


# --- what a reader can work out -------------------------------------------------------------------
# The table is a network: its rows and columns are knots, numbers that are not said exactly are edges between them. The
# last row and column stand for the margins, their corner for the total. A number is certain when no ring of edges
# runs through it along which one person could be moved.
class _Room(NamedTuple):
    """Whether a number could be one more, or one less, for all that is said of it."""

    up: bool
    down: bool


def _room(count: int) -> _Room:
    return _Room(up=count != FEWEST - 1, down=count not in {1, FEWEST})


def _margins(
    table: Sequence[Sequence[int]], *, row_totals: bool, column_totals: bool, total: bool
) -> Iterator[tuple[Cell, _Room]]:
    """The edges of totals that are not said, or are small. A margin goes down as its cells go up, the corner up."""
    rows, columns = [sum(counts) for counts in table], [sum(counts) for counts in zip(*table, strict=True)]
    places = [
        *(((row, len(columns)), count, row_totals) for row, count in enumerate(rows)),
        *(((len(rows), column), count, column_totals) for column, count in enumerate(columns)),
        ((len(rows), len(columns)), sum(rows), total),
    ]
    for place, count, is_named in places:
        if is_named and not is_small(count):
            continue
        up, down = _room(count) if is_named else (True, True)
        is_corner = place == (len(rows), len(columns))
        yield place, _Room(up, down) if is_corner else _Room(down, up)


def _first_known(table: Sequence[Sequence[int]], hidden: set[Cell], margins: Mapping[Cell, _Room]) -> Cell | None:
    edges = {(row, column): _room(table[row][column]) for row, column in hidden} | dict(margins)
    return next((cell for cell in sorted(hidden) if not _could_differ(cell, edges)), None)


def _could_differ(cell: Cell, edges: Mapping[Cell, _Room]) -> bool:
    ups = {one for one, room in edges.items() if room.up}
    downs = {one for one, room in edges.items() if room.down}
    return (cell in ups and _closes(cell, downs, ups)) or (cell in downs and _closes(cell, ups, downs))


def _closes(cell: Cell, against: set[Cell], along: set[Cell]) -> bool:
    """True when a change of `cell` can be made up for: changes `against` and `along` it, in turn, lead back to it."""
    rows, columns = set[int](), {cell[1]}
    while True:
        reached = {row for row, column in against - {cell} if column in columns} - rows
        if cell[0] in reached:
            return True
        if not reached:
            return False
        rows |= reached
        columns |= {column for row, column in along - {cell} if row in rows}
