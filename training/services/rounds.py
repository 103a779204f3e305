"""A recruitment round, from the side of who coordinates: written, published, finished."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from peerhub.common import audit
from peerhub.common.errors import DomainError
from programmes.models import Cycle, CycleState
from training.models import Criterion, Question, RecruitmentRound, RoundState
from training.models.rounds import ADVERT, MUST_SAY
from training.services.application_steps import lock_round

FEWEST_CRITERIA = 2


class RoundRefused(DomainError):
    """Codes: cycle_closed, frozen, incomplete, no_questions, few_criteria, closes_in_past, closed, not_later."""


@dataclass(frozen=True)
class Asked:
    text: str
    hint: str = ""
    most_words: int = 250


@dataclass(frozen=True)
class ScoredBy:
    name: str
    looks_like: str = ""
    weight: int = 1
    is_essential: bool = True


@transaction.atomic(durable=True)
def write_advert(*, actor: Any, cycle_id: int, said: Mapping[str, Any], now: datetime) -> RecruitmentRound:
    """Begin the cycle's round, or change its advert while nobody can read it. `said` holds fields of `ADVERT`."""
    cycle = Cycle.objects.select_for_update(of=("self",)).get(pk=cycle_id)
    if cycle.state == CycleState.CLOSED:
        raise RoundRefused("cycle_closed", _("This cycle is closed."))
    round_ = RecruitmentRound.objects.filter(cycle=cycle).first() or RecruitmentRound(cycle=cycle, created_at=now)
    _refuse_frozen(round_)
    for name in ADVERT:
        if name in said:
            setattr(round_, name, said[name])
    round_.save()
    audit.record(actor=actor, action="training.advert_written", target=round_, cycle_id=cycle_id, now=now)
    return round_


@transaction.atomic(durable=True)
def set_questions(
    *, actor: Any, round_id: int, questions: Sequence[Asked], criteria: Sequence[ScoredBy], now: datetime
) -> RecruitmentRound:
    """What is asked and what it is scored by, in order. Refused once the advert is published (`frozen`)."""
    round_ = lock_round(round_id)
    _refuse_frozen(round_)
    round_.questions.all().delete()
    round_.criteria.all().delete()
    Question.objects.bulk_create(
        Question(round=round_, position=n, text=one.text, hint=one.hint, most_words=one.most_words)
        for n, one in enumerate(questions, start=1)
    )
    Criterion.objects.bulk_create(
        Criterion(
            round=round_,
            position=n,
            name=one.name,
            looks_like=one.looks_like,
            weight=one.weight,
            is_essential=one.is_essential,
        )
        for n, one in enumerate(criteria, start=1)
    )
    detail = {"questions": len(questions), "criteria": len(criteria)}
    audit.record(
        actor=actor, action="training.questions_set", target=round_, cycle_id=round_.cycle_id, detail=detail, now=now
    )
    return round_


@transaction.atomic(durable=True)
def publish_round(*, actor: Any, round_id: int, now: datetime) -> RecruitmentRound:
    """Let people read the advert and apply. From now on questions, criteria and their weights stand."""
    round_ = lock_round(round_id)
    if round_.state != RoundState.DRAFT:
        return round_  # pressed twice
    if missing_words(round_):
        raise RoundRefused("incomplete", _("The advert is not complete yet. What is missing is named on the page."))
    if round_.closes_at is None or round_.closes_at <= now:
        raise RoundRefused("closes_in_past", _("Applications would have closed already. Choose a later day."))
    if not round_.questions.exists():
        raise RoundRefused("no_questions", _("Ask at least one question first."))
    if round_.criteria.count() < FEWEST_CRITERIA:
        raise RoundRefused("few_criteria", _("Say what applications are scored by: at least two criteria."))
    round_.state, round_.opened_at = RoundState.OPEN, now
    round_.save()
    audit.record(actor=actor, action="training.round_published", target=round_, cycle_id=round_.cycle_id, now=now)
    return round_


@transaction.atomic(durable=True)
def extend_round(*, actor: Any, round_id: int, closes_at: datetime, now: datetime) -> RecruitmentRound:
    """Leave more time, while applications are still taken. It never closes earlier than people were told."""
    round_ = lock_round(round_id)
    if not round_.takes_applications(now=now):
        raise RoundRefused("closed", _("Applications have closed. Nobody can be given more time now."))
    if round_.closes_at is None or closes_at <= round_.closes_at:
        raise RoundRefused("not_later", _("Choose a later moment: people rely on the one they were told."))
    round_.closes_at = closes_at
    round_.save(update_fields=["closes_at"])
    audit.record(actor=actor, action="training.round_extended", target=round_, cycle_id=round_.cycle_id, now=now)
    return round_


def missing_words(round_: RecruitmentRound) -> list[str]:
    """Fields an advert must fill before it is published."""
    return [name for name in MUST_SAY if not getattr(round_, name)]


def _refuse_frozen(round_: RecruitmentRound) -> None:
    if round_.pk and round_.state != RoundState.DRAFT:
        raise RoundRefused(
            "frozen", _("The advert is published. What people were told and are asked stays as it is, for everybody.")
        )
