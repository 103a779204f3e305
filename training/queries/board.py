"""The coordinator's board: people down, modules across, a page of people. The same queries for any number of both."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, Max, Q, QuerySet, Value
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peerhub.accounts.models import shown_name
from peerhub.common.statements import compiled
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


def _completions_of_leaders(cycle_id: int) -> CompletionQuerySet:
    leaders = Membership.objects.active().filter(cycle=cycle_id, role=Role.LEADER)
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
    about: dict[str, Any] = {"cycle_id": cycle.pk, "modules": list(module_ids), "n": len(module_ids), "today": today}
    found = _complete_and_single(**about, few=list(few)) if few else _complete(**about)
    return {user for user, of in found if not of}, {(user, of) for user, of in found if of}


@compiled
def _complete(*, cycle_id: int, modules: list[int], n: int, today: date) -> QuerySet[Completion, tuple[Any, ...]]:
    return _with_all(cycle_id, modules, n, today)


@compiled
def _complete_and_single(
    *, cycle_id: int, modules: list[int], n: int, today: date, few: list[int]
) -> QuerySet[Completion, tuple[Any, ...]]:
    single = _that_count(cycle_id, modules, today).filter(user__in=few).annotate(of=F("module"))
    return _with_all(cycle_id, modules, n, today).union(single.values_list("user", "of"), all=True)


def _with_all(cycle_id: int, modules: list[int], n: int, today: date) -> QuerySet[Completion, tuple[Any, ...]]:
    counted = _that_count(cycle_id, modules, today).values("user").annotate(n=Count("module", distinct=True))
    return counted.filter(n=n).annotate(of=Value(0)).values_list("user", "of")


def _that_count(cycle_id: int, modules: list[int], today: date) -> CompletionQuerySet:
    in_time = Q(expires_on=None) | Q(expires_on__gt=today)
    return _completions_of_leaders(cycle_id).filter(in_time, module__in=modules)


def _with_some_expiring(cycle: Cycle, modules: Sequence[Asked], today: date) -> set[int]:
    """Users with a module that counts today, and no longer than 30 days. One query."""
    wanted = [one.module_id for one in modules]
    return {user for (user,) in _expiring(cycle_id=cycle.pk, modules=wanted, today=today, soon=today + SOON)}


@compiled
def _expiring(*, cycle_id: int, modules: list[int], today: date, soon: date) -> QuerySet[Completion, tuple[Any, ...]]:
    by_module = (
        _completions_of_leaders(cycle_id)
        .filter(module__in=modules)
        .values("user", "module")
        .annotate(last=Max("expires_on"), lasting=Count("pk", filter=Q(expires_on=None)))
    )
    return by_module.filter(lasting=0, last__gt=today, last__lte=soon).values_list("user")


def _until(exempt: Exempt, person: Person, module: Asked) -> date | None:
    """The last day of an exemption. Nobody is exempt from safeguarding, whatever was written."""
    return None if module.is_safeguarding else exempt.get((person[0], module.code))


def _people(cycle: Cycle, group: str) -> list[Person]:
    return _leaders_in(cycle_id=cycle.pk, group=UUID(group)) if group else _leaders(cycle_id=cycle.pk)


@compiled
def _leaders(*, cycle_id: int) -> QuerySet[Membership, Person]:
    return _named(Membership.objects.active().filter(cycle=cycle_id, role=Role.LEADER))


@compiled
def _leaders_in(*, cycle_id: int, group: UUID) -> QuerySet[Membership, Person]:
    inside = GroupMember.objects.filter(group__uuid=group, group__cycle=cycle_id, ended_at=None)
    leaders = Membership.objects.active().filter(cycle=cycle_id, role=Role.LEADER)
    return _named(leaders.filter(pk__in=inside.values("membership")))


def _named(leaders: QuerySet[Membership]) -> QuerySet[Membership, Person]:
    names = ("user__preferred_name", "user__given_name", "user__family_name")
    order = leaders.order_by("user__family_name", "user__given_name", "pk")
    return order.values_list("pk", "uuid", "user_id", *names)


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
