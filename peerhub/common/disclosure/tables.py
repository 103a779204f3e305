"""Tables of people beside their totals, in which a small number could be worked out from the others."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from peerhub.common.disclosure.profiles import Profile
from peerhub.common.disclosure.told import Told

Cell = tuple[int, int]  # row and column, from nought
Counts = Sequence[Sequence[int]]


@dataclass(frozen=True)
class Concealed:
    """What of a table is said by `Profile.vague` instead of `Profile.count`: these cells, and (unless `says_totals`)
    every total of it.
    """

    cells: frozenset[Cell]
    says_totals: bool


@dataclass(frozen=True)
class Named:
    """Which totals stand beside a table."""

    row_totals: bool
    column_totals: bool
    total: bool


def conceal(
    table: Counts, profile: Profile, *, row_totals: bool = False, column_totals: bool = False, total: bool = False
) -> Concealed:
    """Hide so many cells of a table of people that nothing hidden, and nothing small, follows from what is shown: the
    other cells, those of its totals that are named, and what `vague` says of hidden ones. Noughts are never hidden.

    Small totals are said like any small number. Where hiding cells cannot help, no total may be said.
    """
    named = Named(row_totals, column_totals, total)
    hidden = {cell for cell, count in _cells(table) if profile.hides_few and profile.is_few(count)}
    while (known := _first_known(table, profile, hidden, named)) is not None:
        more = _next_to_hide(table, hidden, known)
        if more is None:
            return Concealed(frozenset(hidden), says_totals=False)
        hidden.add(more)
    return Concealed(frozenset(hidden), says_totals=True)


@dataclass(frozen=True)
class Table:
    """A table as it may be shown; totals nobody asked for are empty or None."""

    cells: list[list[Told]]
    row_totals: list[Told]
    column_totals: list[Told]
    total: Told | None


def tell_table(
    table: Counts, profile: Profile, *, row_totals: bool = False, column_totals: bool = False, total: bool = False
) -> Table:
    """`table` as the profile says it: totals are told from the unrounded numbers, so rounded cells may not add up."""
    found = conceal(table, profile, row_totals=row_totals, column_totals=column_totals, total=total)
    said = profile.count if found.says_totals else profile.vague
    return Table(
        cells=[
            [
                profile.vague(count) if (row, column) in found.cells else profile.count(count)
                for column, count in enumerate(counts)
            ]
            for row, counts in enumerate(table)
        ],
        row_totals=[said(sum(counts)) for counts in table] if row_totals else [],
        column_totals=[said(sum(counts)) for counts in zip(*table, strict=True)] if column_totals else [],
        total=said(sum(map(sum, table))) if total else None,
    )


def _cells(table: Counts) -> Iterator[tuple[Cell, int]]:
    return (((row, column), count) for row, counts in enumerate(table) for column, count in enumerate(counts))


def _next_to_hide(table: Counts, hidden: set[Cell], known: Cell) -> Cell | None:
    """The shown cell that costs least: in a row and column with something hidden, then beside `known`, then small."""
    seen = hidden | {known}
    rows, columns = {row for row, _column in seen}, {column for _row, column in seen}

    def cost(found: tuple[Cell, int]) -> tuple[int, int, int, Cell]:
        (row, column), count = found
        apart = (row != known[0]) + (column != known[1])
        return (row not in rows) + (column not in columns), apart, count, (row, column)

    shown = [(cell, count) for cell, count in _cells(table) if count and cell not in hidden]
    return min(shown, key=cost)[0] if shown else None


# --- what a reader can work out -------------------------------------------------------------------
# The table is a network: its rows and columns are knots, its numbers are edges between them. The last row and column
# stand for the margins, their corner for the total. What is said of a number leaves it some room, or none. A number is
# certain when no ring of edges runs through it along which one person could be moved.
class _Room(NamedTuple):
    """Whether a number could be one more, or one less, for all that is said of it."""

    up: bool
    down: bool


def _room(profile: Profile, count: int, *, is_hidden: bool = False) -> _Room:
    fewest, most = profile.span(count, is_hidden=is_hidden)
    return _Room(up=most is None or count < most, down=count > fewest)


def _margins(table: Counts, profile: Profile, named: Named) -> Iterator[tuple[Cell, _Room]]:
    """The edges of totals. A margin goes down as its cells go up, the corner up."""
    rows, columns = [sum(counts) for counts in table], [sum(counts) for counts in zip(*table, strict=True)]
    places = [
        *(((row, len(columns)), count, named.row_totals) for row, count in enumerate(rows)),
        *(((len(rows), column), count, named.column_totals) for column, count in enumerate(columns)),
        ((len(rows), len(columns)), sum(rows), named.total),
    ]
    for place, count, is_named in places:
        up, down = _room(profile, count) if is_named else (True, True)
        is_corner = place == (len(rows), len(columns))
        yield place, _Room(up, down) if is_corner else _Room(down, up)


def _first_known(table: Counts, profile: Profile, hidden: set[Cell], named: Named) -> Cell | None:
    """The first number that is hidden or small and yet certain."""
    edges = {cell: _room(profile, count, is_hidden=cell in hidden) for cell, count in _cells(table)}
    edges |= dict(_margins(table, profile, named))
    kept = sorted(hidden | {cell for cell, count in _cells(table) if profile.is_few(count)})
    return next((cell for cell in kept if not _could_differ(cell, edges)), None)


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
