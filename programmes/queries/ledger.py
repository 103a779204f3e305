"""Reading proposals and the ledger of a cycle's design."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from programmes.models import (
    Cycle,
    Decision,
    DecisionStatus,
    DesignPartner,
    Membership,
    Proposal,
    ProposalComment,
    ProposalState,
    Role,
    Side,
    Value,
)

MOST_NAMED = 60
STUDENT, STAFF = "student", "staff"


# --- proposals --------------------------------------------------------------------------------------------------------
def proposals_of(cycle: Cycle, *, show: str = "") -> QuerySet[Proposal]:
    """Open ones, or all (`show` "all"), the newest first, each with `said`: how many comments."""
    rows = Proposal.objects.filter(cycle=cycle)
    if show != "all":
        rows = rows.filter(state=ProposalState.OPEN)
    return rows.select_related("by").annotate(said=Count("comments")).order_by("-made_at", "-pk")


def proposal_or_404(cycle: Cycle, uuid: Any) -> Proposal:
    return get_object_or_404(Proposal.objects.filter(cycle=cycle).select_related("by"), uuid=uuid)


def comments_on(proposal: Proposal) -> QuerySet[ProposalComment]:
    """The oldest first, as a conversation is read."""
    return ProposalComment.objects.filter(proposal=proposal).select_related("by").order_by("at", "pk")


# --- the ledger -------------------------------------------------------------------------------------------------------
def entries_of(cycle: Cycle) -> QuerySet[Decision]:
    """Every entry with its options, owner and what it supersedes or is superseded by; the newest first. Two queries."""
    rows = Decision.objects.filter(cycle=cycle).select_related("owner", "supersedes", "superseded_by", "chosen")
    return rows.prefetch_related("options__by").order_by("-number")


def entry_or_404(cycle: Cycle, number: int) -> Decision:
    rows = Decision.objects.filter(cycle=cycle)
    related = ("owner", "supersedes", "superseded_by", "chosen", "proposal", "raised_by")
    return get_object_or_404(rows.select_related(*related).prefetch_related("options__by", "steps__by"), number=number)


def is_superseded(entry: Decision) -> bool:
    """True once what was put in its place is decided; until then the earlier entry holds."""
    following = getattr(entry, "superseded_by", None)
    return following is not None and following.status != DecisionStatus.PROPOSED


@dataclass(frozen=True)
class Entry:
    """An entry as pages show it."""

    row: Decision
    options: list[Any]
    values: list[str]
    is_superseded: bool
    following: Decision | None  # what was put in its place, decided or not
    has_student: bool  # one of the options was a student's

    @property
    def is_open(self) -> bool:
        return self.row.status == DecisionStatus.PROPOSED


def shown(entry: Decision) -> Entry:
    options = sorted(entry.options.all(), key=lambda one: one.position)
    return Entry(
        row=entry,
        options=options,
        values=value_words(entry.values),
        is_superseded=is_superseded(entry),
        following=getattr(entry, "superseded_by", None),
        has_student=any(one.side == Side.STUDENT for one in options),
    )


def value_words(values: Iterable[str]) -> list[str]:
    """The framework's values in its order and words."""
    chosen = set(values)
    return [str(one.label) for one in Value if one in chosen]


# --- whom one may name ------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Named:
    """Somebody in the partnership."""

    user: Any
    side: str

    @property
    def label(self) -> str:
        return _("%(name)s (%(side)s)") % {"name": self.user.display_name, "side": str(Side(self.side).label).lower()}


def people_of_design(cycle: Cycle) -> dict[str, Named]:
    """Partners and coordinators by the uuid of their account: who can be named as an option's author, or as owner."""
    partners = DesignPartner.objects.active().filter(cycle=cycle).select_related("user")
    found = {str(one.user.uuid): Named(one.user, one.side) for one in partners.order_by("side", "pk")[:MOST_NAMED]}
    team = Membership.objects.active().filter(cycle=cycle, role=Role.COORDINATOR).select_related("user")
    for one in team.order_by("pk"):
        side = Side.STUDENT if one.user.kind == "student" else Side.STAFF
        found.setdefault(str(one.user.uuid), Named(one.user, side))
    return found


# --- the file ---------------------------------------------------------------------------------------------------------
def ledger_header() -> list[str]:
    return [
        _("Number"), _("Status"), _("Put on"), _("Question"), _("Options and whose idea"), _("A student proposed"),
        _("Decided on"), _("Decision"), _("Reason"), _("How student input changed it"), _("Dissent"), _("Owner"),
        _("Look at it again on"), _("Values"), _("Supersedes"), _("Superseded by"),
    ]  # fmt: skip


def ledger_rows(cycle: Cycle) -> Iterator[list[Any]]:
    """The whole ledger in the order it was written."""
    for entry in map(shown, entries_of(cycle).order_by("number")):
        row = entry.row
        yield [
            row.number,
            row.get_status_display(),
            row.raised_at.date().isoformat(),
            row.question,
            "; ".join(f"{one.text} ({_author(one)})" for one in entry.options),
            _("yes") if entry.has_student else _("no"),
            row.decided_on.isoformat() if row.decided_on else "",
            row.decision,
            row.reason,
            row.student_input,
            row.dissent,
            row.owner.display_name if row.owner else "",
            row.review_on.isoformat() if row.review_on else "",
            ", ".join(entry.values),
            row.supersedes.number if row.supersedes else "",
            entry.following.number if entry.following else "",
        ]


def _author(option: Any) -> str:
    side = str(Side(option.side).label).lower()
    return f"{option.by.display_name}, {side}" if option.by else side
