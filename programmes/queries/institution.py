"""What peer learning there is in the units somebody leads: headline, coverage, gaps. Aggregates only, never people."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from peerhub.common.disclosure import Exact, Profile, Told, conceal
from peerhub.common.statements import compiled
from peerhub.institution.models import GrantRole, OrgUnit, UnitKind
from peerhub.institution.permissions import grants_of
from programmes.models import Context, Cycle, CycleState
from programmes.queries.unit_figures import Reach, kept_reach, live_reach

A_YEAR = timedelta(days=364)  # the same weekday
SHADES = (0, 10, 20, 35, 50)  # percent of the students taking part, from which each shade of the heat grid begins
COMING = (CycleState.DESIGN, CycleState.PREPARING)
SHOWN_NAMES = 8
TEACHES = (UnitKind.FACULTY, UnitKind.DEPARTMENT, UnitKind.COURSE)


# --- whose units ----------------------------------------------------------------------------------
@dataclass(frozen=True)
class Line:
    """A line of the coverage grid: a unit with all below it, or (`is_own`) what it runs itself for all below it."""

    unit: OrgUnit
    is_own: bool
    unit_ids: tuple[int, ...]

    @property
    def key(self) -> str:
        return f"{self.unit.uuid}{'-own' if self.is_own else ''}"

    @property
    def label(self) -> str:
        if not self.is_own:
            return self.unit.name
        if self.unit.kind == UnitKind.INSTITUTION:
            return _("Across the institution")
        return _("%(unit)s as a whole") % {"unit": self.unit.name}


@dataclass(frozen=True)
class Scope:
    """The units somebody leads: `roots` (none inside another), and all `units` of those subtrees by path."""

    roots: tuple[OrgUnit, ...]
    units: tuple[OrgUnit, ...]
    lines: tuple[Line, ...]

    @property
    def unit_ids(self) -> list[int]:
        return [unit.pk for unit in self.units]

    @property
    def name(self) -> str:
        return ", ".join(root.name for root in self.roots)

    def line(self, key: str) -> Line | None:
        return next((line for line in self.lines if line.key == key), None)


def roots_led_by(user: Any) -> list[OrgUnit]:
    """The units `user` leads, without those inside another of them."""
    led = {grant.unit.path: grant.unit for grant in grants_of(user) if grant.role == GrantRole.LEAD}
    return [
        unit
        for path, unit in sorted(led.items(), key=lambda item: item[1].name)
        if not any(path.startswith(other) for other in led if other != path)
    ]


def scope_of(user: Any) -> Scope:
    """What `user` leads, in one query; without a lead's grant an empty scope."""
    roots = roots_led_by(user)
    if not roots:
        return Scope((), (), ())
    units = tuple(_subtrees(**{f"below{number}": root.path for number, root in enumerate(roots)}))
    return Scope(tuple(roots), units, tuple(_lines(roots, units)))


@compiled
def _subtrees(**below: str) -> QuerySet[OrgUnit, OrgUnit]:
    subtrees = Q()
    for path in below.values():
        subtrees |= Q(path__startswith=path)
    return OrgUnit.objects.filter(subtrees).order_by("name", "pk")


def _lines(roots: Sequence[OrgUnit], units: Sequence[OrgUnit]) -> Iterable[Line]:
    """Each root's own provision, then its children with all below them: those that teach, then the others."""
    for root in roots:
        children = sorted(
            (unit for unit in units if unit.parent_id == root.pk), key=lambda unit: unit.kind not in TEACHES
        )
        yield Line(root, is_own=bool(children), unit_ids=(root.pk,))
        for child in children:
            below = tuple(unit.pk for unit in units if unit.path.startswith(child.path))
            yield Line(child, is_own=False, unit_ids=below)


# --- how many programmes --------------------------------------------------------------------------
@dataclass
class Tally:
    """How many: running programmes by (owner, context), coming ones, cycles by (owner, context, state), last year."""

    running: Counter[tuple[int, str]] = field(default_factory=Counter)
    coming: Counter[tuple[int, str]] = field(default_factory=Counter)
    cycles: Counter[tuple[int, str, str]] = field(default_factory=Counter)
    last_year: int = 0

    def sum(self, counts: Counter[tuple[int, str]], unit_ids: Iterable[int], context: str) -> int:
        return sum(counts[unit_id, context] for unit_id in unit_ids)

    def runs_in(self, unit_ids: Iterable[int]) -> int:
        return sum(self.sum(self.running, unit_ids, context) for context in Context.values)

    @property
    def total(self) -> int:
        return self.running.total()


def tally(scope: Scope, *, today: date) -> Tally:
    """All programmes of the scope counted, in one query. A programme belongs to one unit and one context: sums hold."""
    found = Tally()
    rows = _counts(unit_ids=list(scope.unit_ids), then=today - A_YEAR)
    for unit_id, context, state, cycles, programmes, before in rows:
        found.cycles[unit_id, context, state] += cycles
        found.last_year += before
        if state == CycleState.RUNNING:
            found.running[unit_id, context] += programmes
        elif state in COMING:
            found.coming[unit_id, context] += programmes
    return found


@compiled
def _counts(*, unit_ids: list[int], then: date) -> QuerySet[Cycle, tuple[Any, ...]]:
    """Owner, context, state; cycles and programmes that are not archived, and programmes that were on `then`."""
    was_on = Q(starts_on__lte=then, ends_on__gte=then) & ~Q(state__in=COMING)
    kept = Q(programme__archived_at=None)
    return (
        Cycle.objects.filter(programme__owner_unit__in=unit_ids)
        .values_list("programme__owner_unit_id", "programme__context", "state")
        .annotate(
            live_cycles=Count("pk", filter=kept),
            live_programmes=Count("programme", filter=kept, distinct=True),
            programmes_before=Count("programme", filter=was_on, distinct=True),
        )
    )


# --- how many people ------------------------------------------------------------------------------
@dataclass(frozen=True)
class People:
    """Different people taking part: `students` and `leaders` of the whole scope, `by_line` by line and context."""

    students: int
    leaders: int
    by_line: dict[tuple[str, str], int]


def people(scope: Scope) -> People:
    """Read from what was counted ahead: one query, two for someone who leads several parts or before any count."""
    wanted = {line.unit.pk for line in scope.lines} | {root.pk for root in scope.roots}
    kept = kept_reach(wanted)
    by_line = {
        (line.key, context): students
        for line in scope.lines
        for context, students in kept.get((line.unit.pk, line.is_own), Reach()).students.items()
    }
    whole = kept.get((scope.roots[0].pk, False)) if len(scope.roots) == 1 else None
    if whole is None:  # people of two units do not add up to those of both
        whole = live_reach(scope.unit_ids)
    return People(whole.students.get("", 0), whole.leaders.get("", 0), by_line)


# --- coverage -------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Cell:
    """One unit and context: running programmes, those coming, students (None: not counted yet), shade 0 to 5.

    Words and shade say no more than what is `told` of the students.
    """

    context: str
    programmes: int
    coming: int
    students: int | None
    told: Told | None = None
    shade: int = 0

    @property
    def count(self) -> str:
        """The students in words; "" when they were not counted."""
        return "" if self.told is None else str(self.told)

    @property
    def words(self) -> str:
        if self.programmes:
            if self.told is None:
                return ""
            return ngettext("%(count)s student", "%(count)s students", self.told.plural) % {"count": self.count}
        if self.coming:
            return _("None yet, %(count)s coming") % {"count": self.coming}
        return _("None yet")


@dataclass(frozen=True)
class Coverage:
    """The heat grid: (line, cells) in order; `students` is everyone, in words that give no cell away."""

    rows: list[tuple[Line, list[Cell]]]
    students: Told


def _shade(programmes: int, students: Exact, everyone: Exact) -> int:
    """0 where nothing runs; else by the share of everyone taking part, from 1 to 5."""
    share = 100 * Fraction(students) / everyone if everyone else 0
    return sum(share >= least for least in SHADES) if programmes else 0


def coverage(scope: Scope, tallied: Tally, reached: People, profile: Profile) -> Coverage:
    """Programmes by unit and context. Pure. Lines of own provision are left out where there is none.

    Everyone together is named beside the grid, so the grid is a table with a total: what takes part in two cells makes
    the sum larger than the total, but a reader may guess that nobody does.
    """
    rows = []
    for line in scope.lines:
        cells = [_cell(line, context, tallied, reached) for context in Context.values]
        if not line.is_own or any(cell.programmes or cell.coming for cell in cells):
            rows.append((line, cells))
    numbers = [cell.students or 0 for _line, cells in rows for cell in cells]
    found = conceal([numbers], profile, total=True)
    hidden = {place for _row, place in found.cells}
    everyone = (profile.count if found.says_totals else profile.vague)(reached.students)
    width = len(Context.values)
    kept = [
        (
            line,
            [
                _tell(cell, profile, everyone, is_hidden=width * row + place in hidden)
                for place, cell in enumerate(cells)
            ],
        )
        for row, (line, cells) in enumerate(rows)
    ]
    return Coverage(kept, everyone)


def _tell(cell: Cell, profile: Profile, everyone: Told, *, is_hidden: bool) -> Cell:
    """With its students told, and shaded as the most, or the least, that these words allow."""
    count = cell.students
    if count is None:
        return replace(cell, shade=_shade(cell.programmes, 0, 0))
    told = profile.vague(count) if is_hidden else profile.count(count)
    as_if = told.number
    if as_if is None:
        as_if = Fraction(profile.least - 1 if count < profile.least else profile.least)
    whole = everyone.number if everyone.number is not None else as_if
    return replace(cell, told=told, shade=_shade(cell.programmes, as_if, whole))


def _cell(line: Line, context: str, tallied: Tally, reached: People) -> Cell:
    programmes = tallied.sum(tallied.running, line.unit_ids, context)
    coming = tallied.sum(tallied.coming, line.unit_ids, context)
    students = reached.by_line.get((line.key, context))
    return Cell(context, programmes, coming, students)


def shade_key() -> list[tuple[int, str]]:
    """What the shades mean."""
    ends = [*(following - 1 for following in SHADES[1:]), None]
    return [
        (shade, f"{max(first, 1)}–{last}%" if last else _("%(percent)s%% or more") % {"percent": first})
        for shade, (first, last) in enumerate(zip(SHADES, ends, strict=True), start=1)
    ]


# --- who has no offer -----------------------------------------------------------------------------
@dataclass(frozen=True)
class NoOffer:
    """A teaching unit in which, and below which, nothing runs. `above`: the nearest unit above with a programme."""

    unit: OrgUnit
    parent: str
    coming: int
    above: str


@dataclass(frozen=True)
class NoOfferGroup:
    """Units of one parent whose students can join the same."""

    parent: str
    above: str
    units: list[OrgUnit]
    coming: int

    @property
    def names(self) -> str:
        shown = ", ".join(unit.name for unit in self.units[:SHOWN_NAMES])
        more = len(self.units) - SHOWN_NAMES
        return shown if more <= 0 else _("%(names)s and %(count)s more") % {"names": shown, "count": more}

    @property
    def kinds(self) -> str:
        kinds = dict.fromkeys(unit.kind for unit in self.units)
        return ", ".join(str(UnitKind(kind).label) for kind in kinds)


def no_offer(scope: Scope, tallied: Tally) -> list[NoOffer]:
    """Faculties, departments and courses without a running programme, highest first.

    A unit inside such a one is not named again.
    """
    by_path = {unit.path: unit for unit in scope.units}
    found: dict[str, NoOffer] = {}
    for unit in sorted(scope.units, key=lambda one: (one.path.count("/"), one.name)):
        above = _above(unit, by_path)
        if unit.kind not in TEACHES or not unit.is_active or any(one.path in found for one in above):
            continue
        inside = [other.pk for other in scope.units if other.path.startswith(unit.path)]
        if tallied.runs_in(inside):
            continue
        offered = next((one.name for one in above if tallied.runs_in([one.pk])), "")
        coming = sum(tallied.sum(tallied.coming, inside, context) for context in Context.values)
        found[unit.path] = NoOffer(unit, above[0].name if above else "", coming, offered)
    return list(found.values())


def grouped(gaps: Sequence[NoOffer]) -> list[NoOfferGroup]:
    """One row for the units of one parent, those with nothing to join first."""
    groups: dict[tuple[str, str], NoOfferGroup] = {}
    for gap in gaps:
        group = groups.get((gap.parent, gap.above), NoOfferGroup(gap.parent, gap.above, [], 0))
        groups[gap.parent, gap.above] = NoOfferGroup(
            gap.parent, gap.above, [*group.units, gap.unit], group.coming + gap.coming
        )
    return sorted(groups.values(), key=lambda group: bool(group.above))


def _above(unit: OrgUnit, by_path: dict[str, OrgUnit]) -> list[OrgUnit]:
    """The units above, nearest first, as far as the scope goes."""
    parts = unit.path.strip("/").split("/")[:-1]
    paths = ["/".join(parts[:length]) + "/" for length in range(len(parts), 0, -1)]
    return [by_path[path] for path in paths if path in by_path]


# --- the finding ----------------------------------------------------------------------------------
def finding(tallied: Tally, grid: Coverage) -> str:
    """The page's title: how far peer learning reaches, and its widest gap."""
    if not tallied.total:
        return _("No peer programme is running yet.")
    reach = ngettext(
        "Peer learning reaches %(count)s student.", "Peer learning reaches %(count)s students.", grid.students.plural
    ) % {"count": grid.students}
    return f"{reach} {_widest_gap(grid)}".strip()


def _widest_gap(grid: Coverage) -> str:
    units = [(line, cells) for line, cells in grid.rows if not line.is_own and line.unit.kind in TEACHES]
    empty = [line.label for line, cells in units if not any(cell.programmes for cell in cells)]
    if len(empty) == 1:
        return _("%(unit)s has no programme yet.") % {"unit": empty[0]}
    if empty:
        return _("%(count)s of %(all)s units have no programme yet.") % {"count": len(empty), "all": len(units)}
    gaps = Counter(cell.context for _line, cells in units for cell in cells if not cell.programmes)
    if not gaps:
        return _("Every unit has a programme in every context.") if len(units) > 1 else ""
    context, count = gaps.most_common(1)[0]
    words = {"count": count, "all": len(units), "context": Context(context).label.lower()}
    return (
        ngettext(
            "%(count)s of %(all)s units has nothing %(context)s.",
            "%(count)s of %(all)s units have nothing %(context)s.",
            count,
        )
        % words
    )
