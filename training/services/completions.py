"""Completing modules: by reading, by sign-off, by observed practice; and taking a mistake back."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from peerhub.common import audit
from peerhub.common.errors import DomainError
from peerhub.common.once import spend
from programmes.models import Membership, MembershipStatus
from training.models import (
    HIGHEST_MARK,
    LOWEST_MARK,
    AssessmentKind,
    Completion,
    CompletionSource,
    Mode,
    Module,
    Observation,
)
from training.queries.deliveries import only_by_register


class CompletionRefused(DomainError):
    """Codes: closed, not_by_reading, own, not_here, in_future, by_quiz, in_person, no_evidence, not_observed, marks,
    no_feedback, no_reason, by_register.
    """


@transaction.atomic(durable=True)
def complete_reading(*, actor: Any, module_id: int, now: datetime) -> Completion:
    """ "I have read this", for modules that ask for no more. Twice on a day is once."""
    module = Module.objects.get(pk=module_id)
    refuse_closed(module)
    if module.assessment != AssessmentKind.NONE or module.mode != Mode.SELF_PACED:
        raise CompletionRefused("not_by_reading", _("This one is completed in another way."))
    return record_completion(actor, actor.pk, module, timezone.localdate(now), CompletionSource.READ, now=now)


@transaction.atomic(durable=True)
def sign_off(
    *,
    actor: Any,
    membership: Membership,
    module_id: int,
    completed_on: date,
    evidence: str,
    key: UUID | None = None,
    now: datetime,
) -> Completion:
    """Whoever runs the programme vouches for somebody, and says on what grounds. Never for a quiz, or for oneself, nor
    for safeguarding that one reads or attends (`in_person`): nobody can say for another that they have.
    """
    spend(user=actor, key=key, now=now)
    module = Module.objects.get(pk=module_id)
    refuse_person(actor, membership)
    refuse_day(completed_on, now)
    if module.assessment in {AssessmentKind.QUIZ, AssessmentKind.OBSERVED}:
        raise CompletionRefused("by_quiz", _("This one is passed by its quiz or an observation, not by a sign-off."))
    if only_by_register(module):
        raise CompletionRefused("by_register", _("This one is completed by coming to one of its dates."))
    if module.is_safeguarding and module.assessment == AssessmentKind.NONE:
        raise CompletionRefused(
            "in_person", _("Training in safeguarding is completed by the person: by reading it, or by being there.")
        )
    if not evidence.strip():
        raise CompletionRefused("no_evidence", _("Say what it rests on, such as what you saw or where a record is."))
    return record_completion(
        actor, membership.user_id, module, completed_on, CompletionSource.SIGN_OFF,
        assessor=actor, evidence=evidence.strip(), cycle_id=membership.cycle_id, now=now,
    )  # fmt: skip


@transaction.atomic(durable=True)
def record_observation(
    *,
    actor: Any,
    membership: Membership,
    module_id: int,
    observed_on: date,
    marks: Sequence[int],
    is_enough: bool,
    feedback: str,
    occasion: str = "",
    key: UUID | None = None,
    now: datetime,
) -> Observation:
    """What an observer saw: a mark of 1 to 4 for each criterion of the module, in order. Enough: it is complete."""
    spend(user=actor, key=key, now=now)
    module = Module.objects.get(pk=module_id)
    refuse_person(actor, membership)
    refuse_day(observed_on, now)
    criteria = module.lines("criteria")
    _refuse_observation(module, criteria, marks, feedback)
    seen = Observation.objects.create(
        user_id=membership.user_id,
        module=module,
        cycle_id=membership.cycle_id,
        observer=actor,
        observed_on=observed_on,
        occasion=occasion.strip(),
        marks=[list(pair) for pair in zip(criteria, marks, strict=True)],
        is_enough=is_enough,
        feedback=feedback.strip(),
        recorded_at=now,
    )
    audit.record(
        actor=actor, action="training.observation_recorded", target=seen, cycle_id=membership.cycle_id,
        detail={"enough": is_enough}, now=now,
    )  # fmt: skip
    if is_enough:
        record_completion(
            actor, membership.user_id, module, observed_on, CompletionSource.OBSERVED,
            assessor=actor, cycle_id=membership.cycle_id, now=now,
        )  # fmt: skip
    return seen


@transaction.atomic(durable=True)
def withdraw_completion(
    *, actor: Any, membership: Membership, completion_id: int, reason: str, now: datetime
) -> Completion:
    """It was recorded by mistake. The row stays, with who took it back and why. Again changes nothing."""
    refuse_person(actor, membership)
    completion = Completion.objects.select_for_update().get(pk=completion_id, user=membership.user_id)
    if completion.withdrawn_at:
        return completion
    if not reason.strip():
        raise CompletionRefused("no_reason", _("Say in a few words why."))
    completion.withdrawn_at, completion.withdrawn_by, completion.withdrawn_why = now, actor, reason.strip()
    completion.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_why"])
    audit.record(
        actor=actor, action="training.completion_withdrawn", target=completion, cycle_id=membership.cycle_id, now=now
    )
    return completion


# --- steps ------------------------------------------------------------------------------------------------------------
def record_completion(
    actor: Any,
    user_id: int,
    module: Module,
    completed_on: date,
    source: str,
    *,
    score: int | None = None,
    assessor: Any = None,
    evidence: str = "",
    cycle_id: int | None = None,
    now: datetime,
) -> Completion:
    """Write it down, once a day; what is there already stays as it was."""
    completion, is_new = Completion.objects.get_or_create(
        user_id=user_id,
        module=module,
        completed_on=completed_on,
        withdrawn_at=None,
        defaults={
            "version": module.version,
            "expires_on": module.expires_on(completed_on),
            "score": score,
            "source": source,
            "assessor": assessor,
            "evidence": evidence,
            "recorded_at": now,
        },
    )
    if is_new:
        audit.record(
            actor=actor, action="training.module_completed", target=completion, cycle_id=cycle_id,
            detail={"module": module.pk, "source": str(source)}, now=now,
        )  # fmt: skip
    return completion


def _refuse_observation(module: Module, criteria: Sequence[str], marks: Sequence[int], feedback: str) -> None:
    if module.assessment != AssessmentKind.OBSERVED:
        raise CompletionRefused("not_observed", _("This module asks for no observation."))
    if len(marks) != len(criteria) or not all(LOWEST_MARK <= mark <= HIGHEST_MARK for mark in marks):
        raise CompletionRefused("marks", _("Give each criterion a mark from 1 to 4."))
    if not feedback.strip():
        raise CompletionRefused("no_feedback", _("Write a few words that help them on."))


def refuse_closed(module: Module) -> None:
    if module.closed_at:
        raise CompletionRefused("closed", _("This module is closed. Ask your coordinator what takes its place."))


def refuse_person(actor: Any, membership: Membership) -> None:
    """Somebody who leads here now, and is not oneself."""
    if membership.user_id == actor.pk:
        raise CompletionRefused("own", _("Nobody decides on their own training. Ask another coordinator."))
    if membership.status != MembershipStatus.ACTIVE:
        raise CompletionRefused("not_here", _("That person does not lead here any more."))


def refuse_day(day: date, now: datetime) -> None:
    if day > timezone.localdate(now):
        raise CompletionRefused("in_future", _("That day has not come yet."))
