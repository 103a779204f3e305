"""The coordinator's board: people down, modules across, a page of people. The same queries for any number of both."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Count, Max, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peerhub.accounts.models import shown_name
from programmes.models import Cycle, GroupMember, Membership, Role
from training.models import Completion
from training.models.modules import CompletionQuerySet
from training.queries.completions import Asked, asked_in, begun_by, done_by, waived_until
from training.queries.standing import CURRENT, LOOKS, SOON, Done, State, state_on

PAGE = 50
Person = tuple[Any, ...]  # pk of the membership, its uuid, pk of the user, the parts of their name
Exempt = dict[tuple[int, str], date]  # (pk of a membership, blocker code) to the last day
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
    """Seven queries at most. `show`: a key of SHOWS; `group`: a uuid, or "". Cells are made for one page alone."""
    today = cycle.today(now=now)
    modules = asked_in([cycle.pk]).get(cycle.pk, [])
    people, exempt = _shown(cycle, modules, show=show, group=group, today=today) if modules else ([], {})
    found: Page[Any] = Paginator(people, PAGE).get_page(page)
    found.object_list = _rows(list(found.object_list), modules, today, exempt)
    return Board(modules, found)


def everybody(cycle: Cycle, *, show: str, group: str, now: datetime) -> tuple[Sequence[Asked], list[Row]]:
    """All rows of the board, for a spreadsheet or a letter. The same queries."""
    today = cycle.today(now=now)
    modules = asked_in([cycle.pk]).get(cycle.pk, [])
    people, exempt = _shown(cycle, modules, show=show, group=group, today=today) if modules else ([], {})
    return modules, _rows(people, modules, today, exempt)


# --- whom a filter shows: counted in the database, so that nobody's cells are made to be thrown away ------------------
def _shown(
    cycle: Cycle, modules: Sequence[Asked], *, show: str, group: str, today: date
) -> tuple[list[Person], Exempt | None]:
    """The people of a filter, in order; and their exemptions, where they had to be read."""
    people = _people(cycle, group)
    if show == "missing":
        people = people if any(one.is_mandatory for one in modules) else []
        complete = _with_all_current(cycle, modules, today)
        return _not_let_off([one for one in people if one[2] not in complete], modules, today)
    if show == "expiring":
        soon = _with_some_expiring(cycle, modules, today)
        people = [one for one in people if one[2] in soon]
    return people, None


def _completions_of_leaders(cycle: Cycle) -> CompletionQuerySet:
    leaders = Membership.objects.active().filter(cycle=cycle, role=Role.LEADER)
    return Completion.objects.counting().filter(user__in=leaders.values("user")).order_by()


def _with_all_current(cycle: Cycle, modules: Sequence[Asked], today: date) -> set[int]:
    """Users with a completion that counts today of every mandatory module. One query."""
    needed = [one.module_id for one in modules if one.is_mandatory]
    current = Q(expires_on=None) | Q(expires_on__gt=today)
    rows = _completions_of_leaders(cycle).filter(current, module__in=needed).values("user")
    return set(rows.annotate(n=Count("module", distinct=True)).filter(n=len(needed)).values_list("user", flat=True))


def _with_some_expiring(cycle: Cycle, modules: Sequence[Asked], today: date) -> set[int]:
    """Users with a module that counts today, and no longer than 30 days. One query."""
    rows = _completions_of_leaders(cycle).filter(module__in=[one.module_id for one in modules])
    by_module = rows.values("user", "module").annotate(
        last=Max("expires_on"), lasting=Count("pk", filter=Q(expires_on=None))
    )
    soon = by_module.filter(lasting=0, last__gt=today, last__lte=today + SOON)
    return set(soon.values_list("user", flat=True))


def _not_let_off(people: Sequence[Person], modules: Sequence[Asked], today: date) -> tuple[list[Person], Exempt]:
    """Without those who lack nothing but what they are exempt from. Few have exemptions: only they are looked at."""
    exempt = waived_until(one[0] for one in people)
    standing = {pk for (pk, _code), until in exempt.items() if until >= today}
    few = [one for one in people if one[0] in standing]
    needed = [one for one in modules if one.is_mandatory]
    done = done_by((one[2] for one in few), (one.module_id for one in needed)) if few else {}

    def is_current(person: Person, module: Asked) -> bool:
        state = state_on(today, done.get((person[2], module.module_id)), exempt_until=_until(exempt, person, module))
        return state in CURRENT

    let_off = {one[0] for one in few if all(is_current(one, module) for module in needed)}
    return [one for one in people if one[0] not in let_off], exempt


def _until(exempt: Exempt, person: Person, module: Asked) -> date | None:
    """The last day of an exemption. Nobody is exempt from safeguarding, whatever was written."""
    return None if module.is_safeguarding else exempt.get((person[0], module.code))


def _people(cycle: Cycle, group: str) -> list[Person]:
    leaders = Membership.objects.active().filter(cycle=cycle, role=Role.LEADER)
    if group:
        inside = GroupMember.objects.filter(group__uuid=group, group__cycle=cycle, ended_at=None)
        leaders = leaders.filter(pk__in=inside.values("membership"))
    names = ("user__preferred_name", "user__given_name", "user__family_name")
    order = leaders.order_by("user__family_name", "user__given_name", "pk")
    return list(order.values_list("pk", "uuid", "user_id", *names))


def _rows(people: Sequence[Person], modules: Sequence[Asked], today: date, exempt: Exempt | None = None) -> list[Row]:
    if not people:
        return []
    users, wanted = [one[2] for one in people], [one.module_id for one in modules]
    done, begun = done_by(users, wanted), begun_by(users, wanted)
    exempt = waived_until(one[0] for one in people) if exempt is None else exempt
    rows = []
    for person in people:
        pk, uuid, user_id, *names = person
        cells = []
        for module in modules:
            key = (user_id, module.module_id)
            until = _until(exempt, person, module)
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
