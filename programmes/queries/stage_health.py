"""How far each programme is in the five stages: one page of a list, filtered."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peerhub.common import ring, stages
from peerhub.common.stages import Progress
from peerhub.common.statements import compiled
from programmes.models import Context, Cycle, CycleState
from programmes.queries.institution import Line, Scope, Tally

PER_PAGE = 25
CURRENT = tuple(state for state in CycleState.values if state != CycleState.CLOSED)
LOOKS = {
    CycleState.DESIGN: ("progress", gettext_lazy("Designing"), "pencil"),
    CycleState.PREPARING: ("progress", gettext_lazy("Preparing"), "list-check"),
    CycleState.RUNNING: ("progress", gettext_lazy("Running"), "play-circle-fill"),
    CycleState.EVALUATING: ("progress", gettext_lazy("Evaluating"), "clipboard-data"),
    CycleState.CLOSED: ("todo", gettext_lazy("Closed"), "archive"),
}
# The stage whose work a state is about; running is about none alone.
STAGE_OF = {CycleState.DESIGN: 1, CycleState.PREPARING: 2, CycleState.EVALUATING: 5}


@dataclass(frozen=True)
class Wanted:
    """The filters in use. What the address says and is not known is left out."""

    q: str = ""
    line: Line | None = None
    context: str = ""
    state: str = ""

    @classmethod
    def from_query(cls, query: Mapping[str, str], scope: Scope) -> "Wanted":
        context, state = query.get("context", ""), query.get("state", "")
        return cls(
            q=" ".join(query.get("q", "").replace("\0", "").split())[:80],
            line=scope.line(query.get("unit", "")),
            context=context if context in Context.values else "",
            state=state if state in CycleState.values else "",
        )

    def without(self, name: str) -> str:
        """The address of the page without one filter."""
        return (replace(self, line=None) if name == "line" else replace(self, **{name: ""})).address  # type: ignore[arg-type]

    @property
    def address(self) -> str:
        values = {"q": self.q, "unit": self.line.key if self.line else "", "context": self.context, "state": self.state}
        return "?" + urlencode({name: value for name, value in values.items() if value})

    @property
    def chips(self) -> list[tuple[str, str]]:
        labels = {
            "q": f"“{self.q}”" if self.q else "",
            "line": self.line.label if self.line else "",
            "context": str(Context(self.context).label) if self.context else "",
            "state": str(CycleState(self.state).label) if self.state else "",
        }
        return [(label, self.without(name)) for name, label in labels.items() if label]


@dataclass(frozen=True)
class StageFigure:
    """One stage in one cycle: `percent` of what it asks, None when it asks nothing yet."""

    title: str
    done: int
    total: int

    @property
    def percent(self) -> int | None:
        return ring.fill(self.done, self.total).percent if self.total else None


@dataclass(frozen=True)
class Health:
    """A row: one cycle, its stages, and how it stands as kind, words and icon of a tag."""

    name: str
    code: str
    unit: str
    context: Context
    state: CycleState
    url: str
    figures: list[StageFigure]
    fills: tuple[ring.Fill, ...]
    stages_in_words: str
    standing: tuple[str, str, str]


def short_titles() -> list[str]:
    """The stages in a word each, for the heads of columns."""
    return [_("Design"), _("Train"), _("Reward"), _("Safe"), _("Evaluate")]


def cycles(scope: Scope, wanted: Wanted) -> QuerySet[Cycle]:
    """The cycles of the list: those not closed, or those in the state asked for."""
    unit_ids = wanted.line.unit_ids if wanted.line else scope.unit_ids
    found = _cycles(unit_ids, wanted.state, wanted.context)
    if wanted.q:
        found = found.filter(Q(programme__name__icontains=wanted.q) | Q(code__iexact=wanted.q))
    return _in_order(found)


def _cycles(unit_ids: Sequence[int], state: str, context: str) -> QuerySet[Cycle]:
    found = Cycle.objects.filter(
        programme__owner_unit__in=unit_ids, programme__archived_at=None, state__in=[state] if state else CURRENT
    )
    return found.filter(programme__context=context) if context else found


def _in_order(found: QuerySet[Cycle]) -> QuerySet[Cycle]:
    return found.order_by("programme__name", "starts_on", "pk")


def _count(scope: Scope, wanted: Wanted, tallied: Tally) -> int | None:
    """How many there are, when the tally knows; a search must be counted by the database."""
    if wanted.q:
        return None
    unit_ids = set(wanted.line.unit_ids if wanted.line else scope.unit_ids)
    states = {wanted.state} if wanted.state else set(CURRENT)
    return sum(
        number
        for (unit_id, context, state), number in tallied.cycles.items()
        if unit_id in unit_ids and state in states and wanted.context in {"", context}
    )


def health_page(scope: Scope, wanted: Wanted, tallied: Tally, *, page: str | None, today: date) -> Page:
    """One page of `Health`. One query, one more for a search, and what each stage takes for its progress."""
    known = _count(scope, wanted, tallied)
    if known is None:
        shown = Paginator(_values(cycles(scope, wanted)), PER_PAGE).get_page(page)
        rows = list(shown.object_list)
    else:
        shown = Paginator(range(known), PER_PAGE).get_page(page)
        unit_ids = list(wanted.line.unit_ids if wanted.line else scope.unit_ids)
        rows = _shown(wanted.state, wanted.context, max(0, shown.start_index() - 1), unit_ids=unit_ids)
    shown.object_list = health(rows, today=today)
    return shown


@compiled
def _shown(state: str, context: str, start: int, *, unit_ids: list[int]) -> QuerySet[Any, Any]:
    return _values(_in_order(_cycles(unit_ids, state, context)))[start : start + PER_PAGE]


def _values(found: QuerySet[Cycle]) -> QuerySet[Any, Any]:
    programme = ("programme__name", "programme__slug", "programme__context", "programme__owner_unit__name")
    return found.values("pk", "code", "state", "starts_on", *programme)


def all_health(scope: Scope, wanted: Wanted, *, today: date) -> list[Health]:
    """Every row, for a file."""
    return health(list(_values(cycles(scope, wanted))), today=today)


def health(rows: Sequence[Mapping[str, Any]], *, today: date) -> list[Health]:
    progress = stages.progress([row["pk"] for row in rows])
    # Translated once, not for every row.
    titles, asked, silent = short_titles(), _("%(stage)s %(percent)s%%"), _("%(stage)s not asked yet")

    def words(figures: Sequence[StageFigure]) -> str:
        said = [(asked if one.total else silent) % {"stage": one.title, "percent": one.percent} for one in figures]
        return ", ".join(said)

    return [_health(row, progress[row["pk"]], titles, words, today) for row in rows]


def _health(
    row: Mapping[str, Any],
    progress: Sequence[Progress],
    titles: Sequence[str],
    words: Callable[[Sequence[StageFigure]], str],
    today: date,
) -> Health:
    figures = [StageFigure(title, one.done, one.total) for title, one in zip(titles, progress, strict=True)]
    return Health(
        name=row["programme__name"],
        code=row["code"],
        unit=row["programme__owner_unit__name"],
        context=Context(row["programme__context"]),
        state=CycleState(row["state"]),
        url=_workspace(row["programme__slug"], row["code"]),
        figures=figures,
        stages_in_words=words(figures),
        fills=ring.fills([(one.done, one.total) for one in progress], now=STAGE_OF.get(row["state"], 0)),
        standing=_standing(row, progress, today),
    )


def _workspace(slug: str, code: str) -> str:
    try:
        return reverse("programmes:cycle_workspace", args=[slug, code])
    except NoReverseMatch:
        return ""


def _standing(row: Mapping[str, Any], progress: Sequence[Progress], today: date) -> tuple[str, str, str]:
    """A gate is overdue when a cycle should have begun and something still blocks it.

    A cycle of which nothing is asked is neither on track nor off it: its state is said.
    """
    state = row["state"]
    blocked, asked = any(one.blocked for one in progress), any(one.total for one in progress)
    if state in {CycleState.DESIGN, CycleState.PREPARING} and row["starts_on"] <= today:
        return "late", _("Gate overdue") if blocked else _("Start overdue"), "clock-history"
    if state == CycleState.RUNNING and blocked:
        return "turn", _("Action due"), "exclamation-circle"
    if state == CycleState.RUNNING and asked:
        return "done", _("On track"), "check-circle-fill"
    kind, words, icon = LOOKS[CycleState(state)]
    return kind, str(words), icon
