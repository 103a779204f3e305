"""The ledger of a cycle's design: put a question, record what was decided, say how it went on.

No function changes the words of what was decided, and the database refuses it (migration 0029): a correction is an
entry of its own that supersedes the earlier one, and both stay to be read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from peerhub.common import audit, once
from peerhub.common.errors import DomainError
from programmes.models import (
    Cycle,
    CycleState,
    Decision,
    DecisionOption,
    DecisionStatus,
    DecisionStep,
    Proposal,
    ProposalState,
    Value,
)
from programmes.services.changes import locked_cycle, put


class DecisionRefused(DomainError):
    """Codes: no_options, no_question, superseded, not_decided, decided, no_such_option, incomplete, not_yet,
    before_question, not_next, no_reason, closed, over.
    """


@dataclass(frozen=True)
class OptionDraft:
    """Something to consider, and whose idea it was: a side, and the person where they are named."""

    text: str
    side: str
    by: Any = None


@dataclass(frozen=True)
class Question:
    """A question with what is to be considered; the proposal it takes up, or the entry it is to supersede."""

    text: str
    options: Sequence[OptionDraft]
    proposal_id: int | None = None
    supersedes_id: int | None = None


@dataclass(frozen=True)
class Outcome:
    """What was decided. `chosen` is the position of an option, None where it is none of them."""

    decision: str
    reason: str
    student_input: str
    decided_on: date
    chosen: int | None = None
    dissent: str = ""
    values: Sequence[str] = ()
    owner: Any = None
    review_on: date | None = None


# From which status an entry goes on to which.
NEXT: dict[str, tuple[str, ...]] = {
    DecisionStatus.PROPOSED: (),
    DecisionStatus.DECIDED: (DecisionStatus.IMPLEMENTED, DecisionStatus.REVERSED),
    DecisionStatus.IMPLEMENTED: (DecisionStatus.REVIEWED, DecisionStatus.REVERSED),
    DecisionStatus.REVIEWED: (DecisionStatus.REVIEWED, DecisionStatus.REVERSED),
    DecisionStatus.REVERSED: (),
}


@transaction.atomic(durable=True)
def put_question(
    *, actor: Any, cycle_id: int, question: Question, form_key: UUID | None = None, now: datetime
) -> Decision:
    """Open the next entry of the ledger. Numbers run without gaps: the cycle is held while one is given."""
    once.spend(user=actor, key=form_key, now=now)
    cycle = locked_cycle(cycle_id)
    options = [one for one in question.options if one.text.strip()]
    if not question.text.strip():
        raise DecisionRefused("no_question", _("Write the question."))
    if not options:
        raise DecisionRefused("no_options", _("Write at least one option, with whose idea it was."))
    earlier = _to_supersede(cycle, question.supersedes_id)
    entry = Decision.objects.create(
        cycle=cycle,
        number=_next_number(cycle),
        question=question.text.strip(),
        proposal=_take_up(cycle, question.proposal_id),
        supersedes=earlier,
        raised_by=actor,
        raised_at=now,
    )
    DecisionOption.objects.bulk_create(
        DecisionOption(decision=entry, position=place, text=one.text.strip(), side=one.side, by=one.by)
        for place, one in enumerate(options, start=1)
    )
    _record(actor, "question_put", entry, now, **({"supersedes": earlier.number} if earlier else {}))
    return entry


@transaction.atomic(durable=True)
def record_decision(*, actor: Any, decision_id: int, outcome: Outcome, now: datetime) -> Decision:
    """Write down what was decided, once. What it supersedes is superseded from now on. Refuses `decided` after that."""
    entry = _locked(decision_id)
    if entry.status != DecisionStatus.PROPOSED:
        raise DecisionRefused("decided", _("This is decided. To correct it, put a new entry in its place."))
    words = {name: getattr(outcome, name).strip() for name in ("decision", "reason", "student_input", "dissent")}
    if not (words["decision"] and words["reason"] and words["student_input"]):
        raise DecisionRefused(
            "incomplete", _("Say what was decided, why, and how student input changed it, even if it did not.")
        )
    _refuse_days(entry, outcome, now)
    put(
        entry,
        **words,
        status=DecisionStatus.DECIDED,
        chosen=_chosen(entry, outcome.chosen),
        values=[value for value in Value.values if value in outcome.values],
        decided_on=outcome.decided_on,
        owner=outcome.owner,
        review_on=outcome.review_on,
    )
    _step(entry, actor, DecisionStatus.DECIDED, "", now)
    _record(actor, "decision_recorded", entry, now)
    return entry


@transaction.atomic(durable=True)
def move_decision(
    *,
    actor: Any,
    decision_id: int,
    to: str,
    note: str = "",
    review_on: date | None = None,
    form_key: UUID | None = None,
    now: datetime,
) -> Decision:
    """Put into practice, reviewed (with the next date, if there is one), or reversed (with a reason).

    It holds, and goes on, until what was put in its place is decided; `superseded` from then on.
    """
    once.spend(user=actor, key=form_key, now=now)
    entry = _locked(decision_id)
    note = note.strip()[:400]
    if to not in NEXT[entry.status]:
        raise DecisionRefused("not_next", _("That is not the next step of this entry."))
    if Decision.objects.filter(supersedes=entry).exclude(status=DecisionStatus.PROPOSED).exists():
        raise DecisionRefused("superseded", _("Another decision stands in its place. Go on there."))
    if to == DecisionStatus.REVERSED and not note:
        raise DecisionRefused("no_reason", _("Say why it is reversed. The entry stays to be read."))
    ends_review = to in {DecisionStatus.REVIEWED, DecisionStatus.REVERSED}
    put(entry, status=to, review_on=review_on if ends_review else entry.review_on)
    _step(entry, actor, to, note, now)
    _record(actor, "decision_moved", entry, now, to=str(to))
    return entry


# --- steps ------------------------------------------------------------------------------------------------------------
def _next_number(cycle: Cycle) -> int:
    return (Decision.objects.filter(cycle=cycle).aggregate(last=Max("number"))["last"] or 0) + 1


def _to_supersede(cycle: Cycle, decision_id: int | None) -> Decision | None:
    if decision_id is None:
        return None
    earlier = Decision.objects.select_for_update(of=("self",)).get(pk=decision_id, cycle=cycle)
    if earlier.status == DecisionStatus.PROPOSED:
        raise DecisionRefused("not_decided", _("This is not decided yet: there is nothing to correct."))
    if Decision.objects.filter(supersedes=earlier).exists():
        raise DecisionRefused("superseded", _("Somebody has put an entry in its place already."))
    return earlier


def _take_up(cycle: Cycle, proposal_id: int | None) -> Proposal | None:
    if proposal_id is None:
        return None
    proposal = Proposal.objects.select_for_update(of=("self",)).get(pk=proposal_id, cycle=cycle)
    if proposal.state == ProposalState.WITHDRAWN:
        raise DecisionRefused("over", _("This proposal was taken back."))
    put(proposal, state=ProposalState.TAKEN_UP)
    return proposal


def _locked(decision_id: int) -> Decision:
    entry = Decision.objects.select_for_update(of=("self",)).select_related("cycle").get(pk=decision_id)
    if entry.cycle.state == CycleState.CLOSED:
        raise DecisionRefused("closed", _("This cycle is closed. Its record stays as it is."))
    return entry


def _refuse_days(entry: Decision, outcome: Outcome, now: datetime) -> None:
    today = entry.cycle.today(now=now)
    if outcome.decided_on > today:
        raise DecisionRefused("not_yet", _("A decision is written down once it is made: that day is still to come."))
    if outcome.review_on and outcome.review_on <= outcome.decided_on:
        raise DecisionRefused("before_question", _("Look at it again after it was decided, not before."))


def _chosen(entry: Decision, position: int | None) -> DecisionOption | None:
    if position is None:
        return None
    option = DecisionOption.objects.filter(decision=entry, position=position).first()
    if option is None:
        raise DecisionRefused("no_such_option", _("Choose one of the options of this entry."))
    return option


def _step(entry: Decision, actor: Any, status: str, note: str, now: datetime) -> None:
    DecisionStep.objects.create(decision=entry, status=status, note=note, by=actor, at=now)


def _record(actor: Any, action: str, entry: Decision, now: datetime, **detail: Any) -> None:
    audit.record(
        actor=actor,
        action=f"programmes.{action}",
        target=entry,
        cycle_id=entry.cycle_id,
        detail={"number": entry.number, **detail},
        now=now,
    )
