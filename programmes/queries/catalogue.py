"""The catalogue: what was asked for, what is found, and how many there would be behind every other filter.

The number of queries is constant: faculties, one grouped count for all facets (two for a search), one page of
programmes with their cycles.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    OuterRef,
    QuerySet,
    Value,
    When,
)
from django.utils.text import slugify
from django.utils.translation import gettext as _

from peerhub.common.statements import compiled
from peerhub.institution.models import OrgUnit, UnitKind
from programmes.models import Context, Cycle, Level, Programme
from programmes.queries.catalogue_words import found, meant, narrowed, searched_for
from programmes.queries.current import current_cycle, current_with_places, open_now, unpack_cycles
from programmes.queries.wanted import EVERY, Wanted

PAGE_SIZE = 12
ON_CARDS = (
    "slug", "name", "context", "level", "summary", "when_text", "activity_type__description", "owner_unit__name",
)  # fmt: skip
# Plain words first; the framework's term is the hint (design language, "Voice").
PLAIN_CONTEXT = {
    Context.EMBEDDED: lambda: _("In your course"),
    Context.CO_CURRICULAR: lambda: _("Alongside your course"),
    Context.EXTRA_CURRICULAR: lambda: _("Beyond your course"),
}
CONTEXT_NUMBER: dict[str, int] = {Context.EMBEDDED: 1, Context.CO_CURRICULAR: 2, Context.EXTRA_CURRICULAR: 3}


def plain_context(context: str) -> str:
    """Where it happens, in a student's words."""
    return PLAIN_CONTEXT[Context(context)]()


@dataclass(frozen=True)
class Group:
    """Programmes alike in all that is filtered, counted."""

    context: str
    family: str
    type: str
    type_name: str
    faculty: str
    open: bool
    count: int


@dataclass(frozen=True)
class Option:
    """One tick box: `count` is how many it would show together with the other filters."""

    name: str
    value: str
    label: str
    count: int
    chosen: bool
    hint: str = ""
    ring: tuple[int, ...] = ()


@dataclass(frozen=True)
class Chip:
    """A filter in use, where removing it leads, and how many there would be then."""

    label: str
    url: str
    without: int = 0


@dataclass
class Catalogue:
    """Everything the page shows."""

    wanted: Wanted
    page: Page
    count: int
    listed: int  # how many there are at all
    contexts: list[Option]
    families: list[Option]
    faculties: list[Option]
    types: list[Option]
    opens: Option
    chips: list[Chip] = field(default_factory=list)
    costliest: Chip | None = None
    meant: Chip | None = None  # the same search, spelt as the catalogue spells it
    is_in_vain: bool = False  # no programme at all has these words, nor words like them

    @property
    def chosen(self) -> int:
        return len(self.chips)

    @property
    def options(self) -> list[Option]:
        """Everything with a tick box and a count."""
        return [*self.contexts, *self.families, *self.faculties]


Keep = Callable[[Group], bool]


def _tests(wanted: Wanted) -> dict[str, Keep]:
    """One test per facet that is in use."""
    tests: dict[str, Keep] = {}
    if wanted.contexts:
        tests["context"] = lambda group: group.context in wanted.contexts
    if wanted.families:
        tests["kind"] = lambda group: slugify(group.family) in wanted.families
    if wanted.type:
        tests["type"] = lambda group: group.type == wanted.type
    if wanted.faculties:
        tests["faculty"] = lambda group: group.faculty in wanted.faculties
    if wanted.open:
        tests["open"] = lambda group: group.open
    return tests


def _matching(groups: Iterable[Group], tests: Mapping[str, Keep], but: str = "") -> list[Group]:
    used = [test for name, test in tests.items() if name != but]
    return [group for group in groups if all(test(group) for test in used)]


def _total(groups: Iterable[Group]) -> int:
    return sum(group.count for group in groups)


def _tally(groups: Iterable[Group], key: Callable[[Group], str]) -> Counter[str]:
    tally: Counter[str] = Counter()
    for group in groups:
        tally[key(group)] += group.count
    return tally


def faculties_in_order() -> list[OrgUnit]:
    """The faculties, by name. A handful."""
    return _faculties()


@compiled
def _faculties() -> QuerySet[OrgUnit, OrgUnit]:
    faculties = OrgUnit.objects.active().filter(kind=UnitKind.FACULTY)
    return faculties.only("uuid", "name", "path").order_by("name", "pk")


Places = tuple[tuple[str, str], ...]  # (uuid, path) of every faculty: a handful, part of the statement


def faculty_of(faculties: Places) -> Case:
    """A programme's faculty as its uuid, or EVERY: at institution level, or owned outside all faculties."""
    whens = [When(owner_unit__path__startswith=path, then=Value(uuid)) for uuid, path in faculties]
    return Case(
        When(level=Level.INSTITUTION, then=Value(EVERY)), *whens, default=Value(EVERY), output_field=CharField()
    )


def _with_facets(programmes: QuerySet[Programme], faculties: Places, today: date) -> QuerySet[Any]:
    open_cycle = Exists(Cycle.objects.filter(open_now(today), programme=OuterRef("pk")))
    return programmes.annotate(faculty=faculty_of(faculties), is_open=open_cycle)


@compiled
def _groups(
    faculties: Places, further: bool, *, user: Any, today: date, **searched: str
) -> QuerySet[Any, tuple[Any, ...]]:
    return (
        _with_facets(narrowed(user, searched, further=further), faculties, today)
        .order_by()
        .values_list(
            "context", "activity_type__family", "activity_type__code", "activity_type__name", "faculty", "is_open"
        )
        .annotate(Count("pk"))
    )


def _grouped(
    faculties: Places, user: Any, today: date, searched: Mapping[str, str], *, further: bool = False
) -> list[Group]:
    return [Group(*row) for row in _groups(faculties, further, user=user, today=today, **searched)]


@compiled
def _shown(
    faculties: Places, further: bool, wanted: Wanted, start: int, *, user: Any, today: date, **searched: str
) -> QuerySet[Programme, Programme]:
    """A page of programmes with what their cards say. The families in `wanted` are names here."""
    rows = _narrowed(_with_facets(narrowed(user, searched, further=further), faculties, today), wanted)
    rows = rows.annotate(current=current_with_places(today)).select_related("activity_type", "owner_unit")
    return _sorted(rows.only(*ON_CARDS), wanted.sort, today)[start : start + PAGE_SIZE]


def _narrowed(programmes: QuerySet[Any], wanted: Wanted) -> QuerySet[Any]:
    if wanted.contexts:
        programmes = programmes.filter(context__in=wanted.contexts)
    if wanted.families:
        programmes = programmes.filter(activity_type__family__in=wanted.families)
    if wanted.type:
        programmes = programmes.filter(activity_type__code=wanted.type)
    if wanted.faculties:
        programmes = programmes.filter(faculty__in=wanted.faculties)
    return programmes.filter(is_open=True) if wanted.open else programmes


def _sorted(programmes: QuerySet[Any], sort: str, today: date) -> QuerySet[Any]:
    if sort == "az":
        return programmes.order_by("name", "pk")
    if sort == "soonest":
        ahead = Case(When(starts_on__gte=today, then=F("starts_on")), default=None)
        return programmes.annotate(starts_on=current_cycle(today, "starts_on")).order_by(
            ahead.asc(nulls_last=True), F("starts_on").desc(nulls_last=True), "name", "pk"
        )
    return programmes.order_by("-is_open", "name", "pk")


def catalogue(user: Any, wanted: Wanted, *, page: Any, today: date) -> Catalogue:
    """One page of the catalogue with its filters."""
    faculties = faculties_in_order()
    places: Places = tuple((str(one.uuid), one.path) for one in faculties)
    unit = OrgUnit.objects.filter(uuid=wanted.unit).first() if wanted.unit else None
    searched = searched_for(wanted.q, unit)
    further, groups = False, _grouped(places, user, today, searched)
    if wanted.q and not groups:
        further, groups = True, _grouped(places, user, today, searched, further=True)
    everything = _grouped(places, user, today, {}) if searched else groups
    tests = _tests(wanted)
    count = _total(_matching(groups, tests))
    shown: Page[Any] = Paginator(range(count), PAGE_SIZE).get_page(page)
    shown.object_list = []
    if count:
        families = {slugify(group.family): group.family for group in groups}
        shape = replace(wanted, q="", unit="", families=tuple(families.get(slug, "?") for slug in wanted.families))
        shown.object_list = _shown(places, further, shape, shown.start_index() - 1, user=user, today=today, **searched)
        unpack_cycles(shown.object_list)
    result = Catalogue(
        wanted=wanted,
        page=shown,
        count=count,
        listed=_total(everything),
        contexts=_context_options(groups, tests, wanted),
        families=_family_options(groups, tests, wanted),
        faculties=_faculty_options(groups, tests, wanted, faculties),
        types=_type_options(groups, tests, wanted),
        opens=_open_option(groups, tests, wanted),
    )
    result.chips = _chips(result, groups, tests, unit)
    if not count and result.chips:
        result.costliest = _costliest(result.chips, wanted, everything)
        result.meant = _meant(user, wanted) if wanted.q and not groups else None
        result.is_in_vain = bool(wanted.q) and not groups and not wanted.unit and result.meant is None
    return result


def _meant(user: Any, wanted: Wanted) -> Chip | None:
    """When no programme has these words: the words they are most like, if those are found."""
    better = meant(user, wanted.q)
    count = found(user, better).count() if better else 0
    return Chip(better, wanted.address(q=better), count) if count else None


def _context_options(groups: list[Group], tests: Mapping[str, Keep], wanted: Wanted) -> list[Option]:
    tally = _tally(_matching(groups, tests, "context"), lambda group: group.context)
    return [
        Option(
            "context",
            one.value,
            plain_context(one),
            tally[one.value],
            one.value in wanted.contexts,
            str(one.label),
            (CONTEXT_NUMBER[one],),
        )
        for one in Context
    ]


def _family_options(groups: list[Group], tests: Mapping[str, Keep], wanted: Wanted) -> list[Option]:
    tally = _tally(_matching(groups, tests, "kind"), lambda group: group.family)
    families = sorted({group.family for group in groups if group.family})
    return [
        Option(
            "kind",
            slugify(family),
            family,
            tally[family],
            slugify(family) in wanted.families,
            _abbreviations(groups, family),
        )
        for family in families
    ]


def _abbreviations(groups: list[Group], family: str) -> str:
    """ "PASS, PAL": the short names people know, of the types in a family."""
    names = sorted({group.type_name for group in groups if group.family == family and group.type_name.endswith(")")})
    return ", ".join(name[name.rindex("(") + 1 : -1] for name in names if "(" in name)


def _type_options(groups: list[Group], tests: Mapping[str, Keep], wanted: Wanted) -> list[Option]:
    tally = _tally(_matching(groups, tests, "type"), lambda group: group.type)
    names = sorted({(group.type_name, group.type) for group in groups})
    return [Option("type", code, name, tally[code], code == wanted.type) for name, code in names]


def _faculty_options(
    groups: list[Group], tests: Mapping[str, Keep], wanted: Wanted, faculties: list[OrgUnit]
) -> list[Option]:
    tally = _tally(_matching(groups, tests, "faculty"), lambda group: group.faculty)
    named = [(str(unit.uuid), unit.name) for unit in faculties] + [(EVERY, _("Open to every faculty"))]
    return [Option("faculty", value, name, tally[value], value in wanted.faculties) for value, name in named]


def _open_option(groups: list[Group], tests: Mapping[str, Keep], wanted: Wanted) -> Option:
    count = _total(group for group in _matching(groups, tests, "open") if group.open)
    return Option("open", "1", _("Open to join now"), count, wanted.open, _("Waiting lists too"))


def _without(values: tuple[str, ...], value: str) -> tuple[str, ...]:
    return tuple(one for one in values if one != value)


def _chips(result: Catalogue, groups: list[Group], tests: Mapping[str, Keep], unit: OrgUnit | None) -> list[Chip]:
    wanted = result.wanted
    chips = [Chip(_("“%(words)s”") % {"words": wanted.q}, wanted.address(q=""))] if wanted.q else []
    for facet, attribute, options in (
        ("context", "contexts", result.contexts),
        ("kind", "families", result.families),
        ("faculty", "faculties", result.faculties),
    ):
        left = _total(_matching(groups, tests, facet))
        for option in options:
            if option.chosen:
                url = wanted.address(**{attribute: _without(getattr(wanted, attribute), option.value)})
                chips.append(Chip(option.label, url, left))
    if wanted.type:
        named = next((option.label for option in result.types if option.chosen), wanted.type)
        chips.append(Chip(named, wanted.address(type=""), _total(_matching(groups, tests, "type"))))
    if unit:
        chips.append(Chip(unit.name, wanted.address(unit="")))
    if wanted.open:
        chips.append(Chip(result.opens.label, wanted.address(open=False), _total(_matching(groups, tests, "open"))))
    return chips


def _costliest(chips: list[Chip], wanted: Wanted, everything: list[Group]) -> Chip | None:
    """When nothing is found: the filter without which most would be."""
    best = max(chips, key=lambda chip: chip.without)
    if best.without or not (wanted.q or wanted.unit):
        return best if best.without else None
    freed = _total(_matching(everything, _tests(wanted)))
    return replace(chips[0], url=wanted.address(q="", unit=""), without=freed) if freed else None
