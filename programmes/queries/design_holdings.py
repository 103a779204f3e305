"""What co-design holds on a person, for "My privacy": their place in it, hours, and what they wrote."""

from collections.abc import Sequence
from typing import Any

from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from peerhub.common.stages import Holding
from programmes.models import (
    DecisionOption,
    DesignPartner,
    DesignSignature,
    DesignWorkshop,
    DocumentKind,
    DocumentVersion,
    PartnerHours,
    Proposal,
    ProposalComment,
    Side,
)

PLACE, HOURS, PROPOSED, SAID, OPTION = "place", "hours", "proposed", "said", "option"
SIGNED, WROTE, CAME = "signed", "wrote", "came"
SAYS = {
    PLACE: _("designed it with others"),
    HOURS: _("gave time"),
    PROPOSED: _("proposed"),
    SAID: _("said of a proposal"),
    OPTION: _("had an idea that was considered"),
    SIGNED: _("signed a version of a document"),
    WROTE: _("wrote a version of a document"),
    CAME: _("came to a workshop"),
}


def design_holdings(rows: Sequence[tuple[Any, ...]]) -> list[Holding]:
    """Of those who ever had a part in a design, from rows of `design_rows`."""
    if not rows:
        return []
    return [
        Holding(
            _("Designing programmes"),
            _("So that a programme can show who designed it, and that students did from the outset."),
            _("As long as the programme’s records are kept; without your name once your account is erased."),
            [_line(row) for row in rows],
            about=[("programmes.designpartner", row[6]) for row in rows if row[0] == PLACE],
        )
    ]


def design_rows(user: Any) -> list[QuerySet[Any, tuple[Any, ...]]]:
    """(what, programme, cycle, when, side or nothing, text, number or key as text): to be read along with others."""
    nothing = Value("", output_field=CharField())
    came = DesignWorkshop.objects.filter(came__user=user)
    found: tuple[tuple[str, Any, str, str, Any, str, str], ...] = (
        (PLACE, DesignPartner.objects.filter(user=user), "cycle", "asked_at", "side", "reward", "pk"),
        (
            HOURS, PartnerHours.objects.filter(partner__user=user), "partner__cycle", "logged_at", nothing, "what",
            "minutes",
        ),
        (PROPOSED, Proposal.objects.filter(by=user), "cycle", "made_at", "side", "text", "pk"),
        (SAID, ProposalComment.objects.filter(by=user), "proposal__cycle", "at", "side", "text", "pk"),
        (
            OPTION, DecisionOption.objects.filter(by=user), "decision__cycle", "decision__raised_at", "side", "text",
            "decision__number",
        ),
        (
            SIGNED, DesignSignature.objects.filter(partner__user=user), "version__document__cycle", "signed_at",
            "partner__side", "version__document__kind", "version__number",
        ),
        (
            WROTE, DocumentVersion.objects.filter(authors=user), "document__cycle", "changed_at", nothing,
            "document__kind", "number",
        ),
        (CAME, came, "cycle", "written_at", nothing, "title", "pk"),
    )  # fmt: skip
    return [
        rows.order_by().values_list(Value(what), *_of(cycle), at, side, text, Cast(number, CharField()))
        for what, rows, cycle, at, side, text, number in found
    ]


def _of(cycle: str) -> tuple[str, str]:
    return f"{cycle}__programme__name", f"{cycle}__code"


def _line(row: tuple[Any, ...]) -> dict[str, Any]:
    what, programme, code, at, side, text, number = row
    found = {"programme": programme, "cycle": code, "at": at.isoformat(timespec="seconds"), "you": str(SAYS[what])}
    if side:
        found["side"] = str(Side(side).label)
    if what == HOURS:
        found["minutes"] = int(number)
    if what == OPTION:
        found["decision"] = int(number)
    if what in {SIGNED, WROTE}:
        return {**found, "document": str(DocumentKind(text).label), "version": int(number)}
    return {**found, "text": text}
