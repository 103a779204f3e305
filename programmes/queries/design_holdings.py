"""What co-design holds on a person, for "My privacy": their place in it, hours, and what they wrote. One query."""

from typing import Any

from django.db.models import CharField, Value
from django.utils.translation import gettext_lazy as _

from peerhub.common.stages import Holding
from programmes.models import (
    DecisionOption,
    DesignPartner,
    DesignSignature,
    DocumentKind,
    DocumentVersion,
    PartnerHours,
    Proposal,
    ProposalComment,
    Side,
)

PLACE, HOURS, PROPOSED, SAID, OPTION, SIGNED, WROTE = "place", "hours", "proposed", "said", "option", "signed", "wrote"
SAYS = {
    PLACE: _("designed it with others"),
    HOURS: _("gave time"),
    PROPOSED: _("proposed"),
    SAID: _("said of a proposal"),
    OPTION: _("had an idea that was considered"),
    SIGNED: _("signed a version of a document"),
    WROTE: _("wrote a version of a document"),
}


def design_holdings(user: Any) -> list[Holding]:
    """Of those who ever had a part in a design."""
    rows = sorted(_rows(user), key=lambda row: (str(row[4]), row[1]))
    if not rows:
        return []
    return [
        Holding(
            _("Designing programmes"),
            _("So that a programme can show who designed it, and that students did from the outset."),
            _("As long as the programme’s records are kept; without your name once your account is erased."),
            [_line(row) for row in rows],
            about=[("programmes.designpartner", str(row[1])) for row in rows if row[0] == PLACE],
        )
    ]


def _rows(user: Any) -> Any:
    """(what, key, programme, cycle, when, side or nothing, text, number)."""
    nothing, none = Value("", output_field=CharField()), Value(0)
    partners = DesignPartner.objects.filter(user=user).order_by()
    hours = PartnerHours.objects.filter(partner__user=user).order_by()
    proposals = Proposal.objects.filter(by=user).order_by()
    comments = ProposalComment.objects.filter(by=user).order_by()
    options = DecisionOption.objects.filter(by=user).order_by()
    signed = DesignSignature.objects.filter(partner__user=user).order_by()
    wrote = DocumentVersion.objects.filter(authors=user).order_by()
    return partners.values_list(Value(PLACE), "pk", *_of("cycle"), "asked_at", "side", "reward", none).union(
        hours.values_list(Value(HOURS), "pk", *_of("partner__cycle"), "logged_at", nothing, "what", "minutes"),
        proposals.values_list(Value(PROPOSED), "pk", *_of("cycle"), "made_at", "side", "text", none),
        comments.values_list(Value(SAID), "pk", *_of("proposal__cycle"), "at", "side", "text", none),
        options.values_list(
            Value(OPTION), "pk", *_of("decision__cycle"), "decision__raised_at", "side", "text", "decision__number"
        ),
        signed.values_list(
            Value(SIGNED), "pk", *_of("version__document__cycle"), "signed_at", "partner__side",
            "version__document__kind", "version__number",
        ),
        wrote.values_list(
            Value(WROTE), "pk", *_of("document__cycle"), "changed_at", nothing, "document__kind", "number"
        ),
        all=True,
    )  # fmt: skip


def _of(cycle: str) -> tuple[str, str]:
    return f"{cycle}__programme__name", f"{cycle}__code"


def _line(row: tuple[Any, ...]) -> dict[str, Any]:
    what, _key, programme, code, at, side, text, number = row
    found = {"programme": programme, "cycle": code, "at": at.isoformat(timespec="seconds"), "you": str(SAYS[what])}
    if side:
        found["side"] = str(Side(side).label)
    if what == HOURS:
        found["minutes"] = number
    if what == OPTION:
        found["decision"] = number
    if what in {SIGNED, WROTE}:
        return {**found, "document": str(DocumentKind(text).label), "version": number}
    return {**found, "text": text}
