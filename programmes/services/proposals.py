"""Proposals for a cycle's design, and what people say of them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from peerhub.common import audit, once
from peerhub.common.errors import DomainError
from programmes.models import CycleState, Proposal, ProposalComment, ProposalState
from programmes.queries.design import side_of
from programmes.services.changes import locked_cycle, put


class ProposalRefused(DomainError):
    """Codes: closed, not_yours, settled."""


@transaction.atomic(durable=True)
def make_proposal(
    *, actor: Any, cycle_id: int, title: str, text: str, form_key: UUID | None = None, now: datetime
) -> Proposal:
    """Anybody in the partnership proposes something."""
    once.spend(user=actor, key=form_key, now=now)
    cycle = locked_cycle(cycle_id)
    proposal = Proposal.objects.create(
        cycle=cycle, title=title.strip(), text=text.strip(), by=actor, side=side_of(actor, cycle), made_at=now
    )
    _record(actor, "proposal_made", proposal, now)
    return proposal


@transaction.atomic(durable=True)
def comment_on_proposal(
    *, actor: Any, proposal_id: int, text: str, form_key: UUID | None = None, now: datetime
) -> ProposalComment:
    """Say something about a proposal. One that was taken back is no longer discussed."""
    once.spend(user=actor, key=form_key, now=now)
    proposal = _locked(proposal_id)
    if proposal.state == ProposalState.WITHDRAWN:
        raise ProposalRefused("settled", _("This proposal was taken back."))
    comment = ProposalComment.objects.create(
        proposal=proposal, text=text.strip(), by=actor, side=side_of(actor, proposal.cycle), at=now
    )
    _record(actor, "proposal_discussed", proposal, now)
    return comment


@transaction.atomic(durable=True)
def withdraw_proposal(*, actor: Any, proposal_id: int, now: datetime) -> Proposal:
    """Take one's own proposal back while it is open. Twice has one effect."""
    proposal = _locked(proposal_id)
    if proposal.by_id != actor.pk:
        raise ProposalRefused("not_yours", _("Only who made a proposal takes it back."))
    if proposal.state == ProposalState.TAKEN_UP:
        raise ProposalRefused("settled", _("It stands in the ledger already."))
    if put(proposal, state=ProposalState.WITHDRAWN):
        _record(actor, "proposal_withdrawn", proposal, now)
    return proposal


# --- steps ------------------------------------------------------------------------------------------------------------
def _locked(proposal_id: int) -> Proposal:
    related = ("cycle__programme__owner_unit",)
    proposal = Proposal.objects.select_for_update(of=("self",)).select_related(*related).get(pk=proposal_id)
    if proposal.cycle.state == CycleState.CLOSED:
        raise ProposalRefused("closed", _("This cycle is closed. Its record stays as it is."))
    return proposal


def _record(actor: Any, action: str, proposal: Proposal, now: datetime) -> None:
    audit.record(actor=actor, action=f"programmes.{action}", target=proposal, cycle_id=proposal.cycle_id, now=now)
