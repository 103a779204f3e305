"""The coordinator's board: people down, modules across, a page of people. The same queries for any number of both."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, Max, Q, Value
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peerhub.accounts.models import shown_name
from programmes.models import Cycle, GroupMember, Membership, Role
from training.models import Completion
from training.models.modules import CompletionQuerySet
from training.queries.completions import Asked, asked_in, begun_by, done_by, waived_until
from training.queries.standing import CURRENT, LOOKS, SOON, Done, State, state_on

PAGE = 25
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
        return _lacking(cycle, people, [one for one in modules if one.is_mandatory], today)
    if show == "expiring":
        soon = _with_some_expiring(cycle, modules, today)
        people = [one for one in people if one[2] in soon]
    return people, None


def _completions_of_leaders(cycle: Cycle) -> CompletionQuerySet:
    leaders = Membership.objects.active().filter(cycle=cycle, role=Role.LEADER)
    return Completion.objects.counting().filter(user__in=leaders.values("user")).order_by()


def _lacking(
    cycle: Cycle, people: Sequence[Person], needed: Sequence[Asked], today: date
) -> tuple[list[Person], Exempt]:
    """Those without something that is needed and that they are not exempt from. Few have exemptions: of them it is read
    what they have, of all others how much. Two queries.
    """
    exempt = waived_until(one[0] for one in people)
    standing = {pk for (pk, _code), until in exempt.items() if until >= today}
    few = [one[2] for one in people if one[0] in standing]
    complete, have = _current(cycle, [one.module_id for one in needed], few, today)

    def lacks(person: Person, module: Asked) -> bool:
        until = _until(exempt, person, module)
        return (person[2], module.module_id) not in have and (until is None or until < today)

    def is_listed(person: Person) -> bool:
        if person[0] in standing:
            return any(lacks(person, module) for module in needed)
        return bool(needed) and person[2] not in complete

    return [one for one in people if is_listed(one)], exempt


def _current(
    cycle: Cycle, module_ids: Sequence[int], few: Sequence[int], today: date
) -> tuple[set[int], set[tuple[int, int]]]:
    """Users for whom all these modules count today; and of a few users (user pk, module pk) of each that does."""
    rows = _completions_of_leaders(cycle).filter(Q(expires_on=None) | Q(expires_on__gt=today), module__in=module_ids)
    counted = rows.values("user").annotate(n=Count("module", distinct=True)).filter(n=len(module_ids))
    everything = counted.annotate(of=Value(0)).values_list("user", "of")
    single = rows.filter(user__in=few).annotate(of=F("module")).values_list("user", "of")
    found = set(everything.union(single, all=True)) if few else set(everything)
    return {user for user, of in found if not of}, {(user, of) for user, of in found if of}


def _with_some_expiring(cycle: Cycle, modules: Sequence[Asked], today: date) -> set[int]:
    """Users with a module that counts today, and no longer than 30 days. One query."""
    rows = _completions_of_leaders(cycle).filter(module__in=[one.module_id for one in modules])
    by_module = rows.values("user", "module").annotate(
        last=Max("expires_on"), lasting=Count("pk", filter=Q(expires_on=None))
    )
    soon = by_module.filter(lasting=0, last__gt=today, last__lte=today + SOON)
    return set(soon.values_list("user", flat=True))


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
