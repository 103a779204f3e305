"""What co-design holds on a person, for "My privacy": their place in it, hours, and what they wrote."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Case, CharField, Exists, OuterRef, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Cast, Coalesce
from django.utils.translation import gettext_lazy as _

from peerhub.common.stages import Holding
from programmes.models import (
    Decision,
    DecisionOption,
    DecisionStep,
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
TERMS, PUT, OWNS, STEP, ACCESS = "terms", "put", "owns", "step", "access"
SAYS = {
    PLACE: _("designed it with others"),
    HOURS: _("gave time"),
    PROPOSED: _("proposed"),
    SAID: _("said of a proposal"),
    OPTION: _("had an idea that was considered"),
    SIGNED: _("signed a version of a document"),
    WROTE: _("wrote a version of a document"),
    CAME: _("came to a workshop"),
    TERMS: _("on these terms: paid, and hours at most"),
    PUT: _("put a question into the ledger"),
    OWNS: _("see to a decision"),
    STEP: _("wrote down how a decision went on"),
    ACCESS: _("were at a workshop for which needs of access were noted"),
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
    found: tuple[tuple[str, Any, str, str, Any, Any, Any], ...] = (
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
        (
            TERMS, DesignPartner.objects.filter(user=user).filter(Q(is_paid=True) | Q(hours_cap__isnull=False)),
            "cycle", "asked_at", nothing, Case(When(is_paid=True, then=Value("paid")), default=nothing),
            Coalesce("hours_cap", Value(0)),
        ),
        (PUT, Decision.objects.filter(raised_by=user), "cycle", "raised_at", nothing, "question", "number"),
        (OWNS, Decision.objects.filter(owner=user), "cycle", "raised_at", nothing, "question", "number"),
        (STEP, DecisionStep.objects.filter(by=user), "decision__cycle", "at", nothing, "note", "decision__number"),
        (ACCESS, came.exclude(adjustments=""), "cycle", "written_at", nothing, _needs(user), "pk"),
    )  # fmt: skip
    return [
        rows.order_by().values_list(Value(what), *_of(cycle), at, side, text, Cast(number, CharField()))
        for what, rows, cycle, at, side, text, number in found
    ]


def _needs(user: Any) -> Case:
    """The note where nobody else was there; where others were, it is about them, too, and is theirs."""
    there = DesignWorkshop.came.through.objects.filter(designworkshop=OuterRef("pk"))
    others = Exists(there.exclude(designpartner__user=user))
    alone = Q(other_students=0, other_staff=0) & ~Q(others)
    return Case(When(alone, then="adjustments"), default=Value(""), output_field=TextField())


def _of(cycle: str) -> tuple[str, str]:
    return f"{cycle}__programme__name", f"{cycle}__code"


def _line(row: tuple[Any, ...]) -> dict[str, Any]:
    what, programme, code, at, side, text, number = row
    found = {"programme": programme, "cycle": code, "at": at.isoformat(timespec="seconds"), "you": str(SAYS[what])}
    if side:
        found["side"] = str(Side(side).label)
    if what == HOURS:
        found["minutes"] = int(number)
    if what == TERMS:
        return {**found, "paid": bool(text), "hours_at_most": int(number) or ""}
    if what in {OPTION, PUT, OWNS, STEP}:
        found["decision"] = int(number)
    if what == ACCESS and not text:
        text = str(_("Noted for several people together. Ask whoever coordinates what is about you."))
    if what in {SIGNED, WROTE}:
        return {**found, "document": str(DocumentKind(text).label), "version": int(number)}
    return {**found, "text": text}
