"""What the class list pages show of an import: its counts in words, its problems a page at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, ngettext_lazy

from programmes.models import Cycle, ImportState, RosterImport

PER_PAGE = 25
Text = str | Promise

KINDS: Mapping[str, Text] = {
    "people": _("People"),
    "memberships": _("In the programme"),
    "groups": _("Groups"),
    "places": _("Places in groups"),
    "units": _("Organisation units"),
    "terms": _("Years and terms"),
}
ACTIONS: Mapping[str, Text] = {
    "created": _("New"),
    "updated": _("Changed"),
    "unchanged": _("The same"),
    "deactivated": _("Ended"),
    "rejected": _("Rejected"),
}
UNDONE: Mapping[str, Text] = {
    "removed": _("Removed"),
    "restored": _("Put back"),
    "ended": _("Ended, because used since"),
    "kept": _("Kept, because used or changed since"),
}
MODELS: Mapping[str, Text] = {
    "accounts.User": _("People"),
    "programmes.Membership": _("In the programme"),
    "programmes.Group": _("Groups"),
    "programmes.GroupMember": _("Places in groups"),
    "institution.OrgUnit": _("Organisation units"),
    "institution.AcademicYear": _("Academic years"),
    "institution.Term": _("Terms"),
}
LOOKS: Mapping[str, tuple[str, str]] = {
    ImportState.UPLOADED: ("turn", "upload"),
    ImportState.CHECKING: ("progress", "hourglass-split"),
    ImportState.CHECKED: ("turn", "card-checklist"),
    ImportState.APPLYING: ("progress", "hourglass-split"),
    ImportState.APPLIED: ("done", "check-circle-fill"),
    ImportState.UNDOING: ("progress", "hourglass-split"),
    ImportState.UNDONE: ("todo", "arrow-counterclockwise"),
    ImportState.FAILED: ("late", "exclamation-triangle"),
}
SKIPPED: Mapping[str, Any] = {
    "teachers": ngettext_lazy("%(n)d teacher was left out.", "%(n)d teachers were left out.", "n"),
    "guardians": ngettext_lazy("%(n)d guardian was left out.", "%(n)d guardians were left out.", "n"),
    "other_roles": ngettext_lazy("%(n)d other role was left out.", "%(n)d other roles were left out.", "n"),
    "left_before_known": ngettext_lazy("%(n)d person had left already.", "%(n)d people had left already.", "n"),
    "over_before_known": ngettext_lazy("%(n)d class or unit was over.", "%(n)d classes or units were over.", "n"),
}
FIELDS: Mapping[str, Text] = {
    "identifier": _("Student or staff number"),
    "email": _("E-mail"),
    "given_name": _("Given name"),
    "family_name": _("Family name"),
    "full_name": _("Full name"),
    "preferred_name": _("Preferred name"),
    "pronouns": _("Pronouns"),
    "kind": _("Student or staff"),
    "status": _("Status"),
    "role": _("Role"),
    "group": _("Group"),
}


@dataclass(frozen=True)
class CountRow:
    """One kind of row with (word, number) for each action."""

    label: Text
    numbers: list[tuple[Text, int]]


def imports_of(cycle: Cycle, number: Any) -> Page:
    """One page of the cycle's imports, newest first, with who started them."""
    rows: QuerySet[RosterImport] = (
        RosterImport.objects.filter(cycle=cycle)
        .select_related("created_by")
        .defer("problems", "columns")
        .order_by("-created_at", "-pk")
    )
    return Paginator(rows, PER_PAGE).get_page(number)


def count_rows(counts: Mapping[str, Any]) -> list[CountRow]:
    """The table of an import's counts; kinds that do not occur are left out."""
    return [
        CountRow(label, [(word, counts[kind].get(action, 0)) for action, word in ACTIONS.items()])
        for kind, label in KINDS.items()
        if kind in counts
    ]


def undone_rows(counts: Mapping[str, Any]) -> list[CountRow]:
    """The table of what an undo did."""
    return [
        CountRow(MODELS[model], [(word, numbers.get(action, 0)) for action, word in UNDONE.items()])
        for model, numbers in counts.get("undone", {}).items()
        if model in MODELS
    ]


def remarks(counts: Mapping[str, Any]) -> list[str]:
    """What the numbers do not say by themselves, a sentence each."""
    said = []
    if waiting := counts.get("waiting", 0):
        said.append(
            ngettext(
                "%d person finds no place: the cycle is full, so they wait.",
                "%d people find no place: the cycle is full, so they wait.",
                waiting,
            )
            % waiting
        )
    skipped = counts.get("skipped", {})
    for what, forms in SKIPPED.items():
        if number := skipped.get(what, 0):
            said.append(str(forms % {"n": number}))
    return said


def summary(roster_import: RosterImport) -> str:
    """One line about an import, for the list."""
    counts = roster_import.counts
    people = counts.get("people", {})
    created, updated, rejected = people.get("created", 0), people.get("updated", 0), counts.get("rejected", 0)
    parts = [
        ngettext("%d new", "%d new", created) % created if created else "",
        ngettext("%d changed", "%d changed", updated) % updated if updated else "",
        ngettext("%d rejected", "%d rejected", rejected) % rejected if rejected else "",
    ]
    return ", ".join(filter(None, parts)) or (str(_("Nothing new")) if counts else "")
