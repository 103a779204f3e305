"""The coordinator's board: people down, modules across, a page of people. The same queries for any number of both."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peerhub.accounts.models import shown_name
from programmes.models import Cycle, GroupMember, Membership, Role
from training.queries.completions import Asked, asked_in, begun_by, done_by, waived_until
from training.queries.standing import CURRENT, LOOKS, Done, State, state_on

PAGE = 50
SHOWS = {
    "all": gettext_lazy("Everyone"),
    "missing": gettext_lazy("Something is missing"),
    "expiring": gettext_lazy("Runs out soon"),
}


@dataclass(frozen=True, slots=True)
class Cell:
    state: State
    done: Done | None


@dataclass(frozen=True, slots=True)
class Row:
    """A person, a cell for each module, and how many of the mandatory ones are current."""

    uuid: UUID
    membership_id: int
    user_id: int
    name: str
    cells: Sequence[Cell]
    current: int
    needed: int


@dataclass(frozen=True)
class Board:
    modules: Sequence[Asked]
    page: "Page[Any]"


def board_of(cycle: Cycle, *, show: str, group: str, page: Any, now: datetime) -> Board:
    """Five queries. `show`: a key of SHOWS; `group`: a uuid, or ""."""
    modules = asked_in([cycle.pk]).get(cycle.pk, [])
    people: list[Any] = _people(cycle, group) if modules else []
    today = cycle.today(now=now)
    if show != "all":
        people = [one for one in _rows(people, modules, today) if FITS[show](one)]
    found: Page[Any] = Paginator(people, PAGE).get_page(page)
    if show == "all":
        found.object_list = _rows(list(found.object_list), modules, today)
    return Board(modules, found)


def everybody(cycle: Cycle, *, show: str, group: str, now: datetime) -> tuple[Sequence[Asked], list[Row]]:
    """All rows of the board, for a spreadsheet or a letter. The same five queries."""
    modules = asked_in([cycle.pk]).get(cycle.pk, [])
    rows = _rows(_people(cycle, group), modules, cycle.today(now=now)) if modules else []
    return modules, [one for one in rows if show == "all" or FITS[show](one)]


FITS: dict[str, Callable[[Row], bool]] = {
    "missing": lambda row: row.current < row.needed,
    "expiring": lambda row: any(cell.state == State.EXPIRING for cell in row.cells),
}


def _people(cycle: Cycle, group: str) -> list[tuple[Any, ...]]:
    leaders = Membership.objects.active().filter(cycle=cycle, role=Role.LEADER)
    if group:
        inside = GroupMember.objects.filter(group__uuid=group, group__cycle=cycle, ended_at=None)
        leaders = leaders.filter(pk__in=inside.values("membership"))
    names = ("user__preferred_name", "user__given_name", "user__family_name")
    order = leaders.order_by("user__family_name", "user__given_name", "pk")
    return list(order.values_list("pk", "uuid", "user_id", *names))


def _rows(people: Sequence[tuple[Any, ...]], modules: Sequence[Asked], today: date) -> list[Row]:
    users, wanted = [one[2] for one in people], [one.module_id for one in modules]
    done, begun = done_by(users, wanted), begun_by(users, wanted)
    exempt = waived_until(one[0] for one in people)
    rows = []
    for pk, uuid, user_id, *names in people:
        cells = []
        for module in modules:
            key = (user_id, module.module_id)
            until = None if module.is_safeguarding else exempt.get((pk, module.code))
            state = state_on(today, done.get(key), exempt_until=until, has_begun=key in begun)
            cells.append(Cell(state, done.get(key)))
        needed = [cell for cell, module in zip(cells, modules, strict=True) if module.is_mandatory]
        current = sum(cell.state in CURRENT for cell in needed)
        rows.append(Row(uuid, pk, user_id, shown_name(*names), cells, current, len(needed)))
    return rows


def export_header(modules: Sequence[Asked]) -> list[str]:
    return [_("Person"), *(one.title for one in modules), _("Current"), _("Of")]


def export_rows(rows: Sequence[Row]) -> Iterator[list[Any]]:
    for one in rows:
        yield [one.name, *(_said(cell) for cell in one.cells), one.current, one.needed]


def _said(cell: Cell) -> str:
    word = str(LOOKS[cell.state][1])
    day = cell.done.expires_on if cell.done else None
    return f"{word}, {day.isoformat()}" if day else word
