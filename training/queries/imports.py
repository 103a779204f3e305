"""What the pages of completions by import show."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peerhub.common import dates
from peerhub.common.stages import Text
from training.models import CompletionImport, CompletionImportState

PER_PAGE = 25
STATES: Mapping[str, tuple[str, str]] = {
    CompletionImportState.UPLOADED: ("turn", "upload"),
    CompletionImportState.CHECKED: ("turn", "card-checklist"),
    CompletionImportState.APPLIED: ("done", "check-circle-fill"),
    CompletionImportState.UNDONE: ("todo", "arrow-counterclockwise"),
}
# What becomes of a row: a heading for its count, the kind of its tag, the tag's words, an icon.
OUTCOMES: Mapping[str, tuple[Text, str, Text, str]] = {
    "record": (gettext_lazy("Will be recorded"), "done", gettext_lazy("New"), "check-lg"),
    "there": (gettext_lazy("There already"), "todo", gettext_lazy("There already"), "check-lg"),
    "below": (gettext_lazy("Not enough"), "todo", gettext_lazy("Not enough"), "dash-circle"),
    "unknown": (gettext_lazy("Unknown people"), "late", gettext_lazy("Unknown"), "x-lg"),
    "ambiguous": (gettext_lazy("Not clear"), "late", gettext_lazy("Not clear"), "x-lg"),
    "impossible": (gettext_lazy("Impossible scores"), "late", gettext_lazy("Impossible"), "x-lg"),
    "future": (gettext_lazy("Days to come"), "late", gettext_lazy("Day to come"), "x-lg"),
    "unreadable": (gettext_lazy("Not readable"), "late", gettext_lazy("Not readable"), "x-lg"),
    "own": (gettext_lazy("Your own"), "late", gettext_lazy("Your own"), "x-lg"),
}
REPORT_HEADER = ("row", "person in the file", "name", "module", "score in percent", "completed on", "result", "why")


def imports_of(owner: Any, number: Any) -> Page:
    """A page of the files handed in for a programme's modules, or for shared ones, newest first."""
    rows = CompletionImport.objects.filter(owner=owner).select_related("created_by").defer("lines", "columns")
    return Paginator(rows.order_by("-created_at", "-pk"), PER_PAGE).get_page(number)


def state_look(row: CompletionImport) -> tuple[str, str]:
    """Kind and icon of its tag."""
    return STATES[row.state]


def counted(row: CompletionImport) -> list[tuple[str, Text, int]]:
    """(Outcome, words, number) of those that occur; the first one always."""
    found = [(key, look[0], row.counts.get(key, 0)) for key, look in OUTCOMES.items()]
    if "recorded" in row.counts:
        found[0] = ("record", _("Recorded"), row.counts["recorded"])
    return [one for one in found if one[2] or one[0] == "record"]


def looks_of(line: Any) -> tuple[str, Text, str, str]:
    """Kind, words and icon of a row's tag, and its day in words."""
    _heading, kind, words, icon = OUTCOMES[line.outcome]
    return kind, words, icon, dates.long_day(date.fromisoformat(line.on)) if line.on else ""


def as_row(line: Any) -> Sequence[Any]:
    """One line of the report that is downloaded."""
    words = str(OUTCOMES[line.outcome][2])
    score = "" if line.score is None else line.score
    return (line.row, line.who, line.name, line.title, score, line.on, words, line.why)
