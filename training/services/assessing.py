"""Scoring one application for oneself: each criterion 0 to 4 with a sentence why, then locked for good."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from peerhub.common import audit
from peerhub.common.errors import DomainError
from training.models import ApplicationState, Assessment, Criterion, Score
from training.services.application_steps import lock_round

BEST, LONGEST = 4, 600


class AssessRefused(DomainError):
    """Codes: locked, conflicted, out_of_range, incomplete, reason_missing, over, gone, not_yours."""


@dataclass(frozen=True)
class Given:
    """What an assessor says of a criterion; None while they have not decided."""

    value: int | None
    evidence: str = ""


@transaction.atomic(durable=True)
def save_scores(*, actor: Any, assessment_id: int, given: Mapping[int, Given], now: datetime) -> Assessment:
    """Keep scores (criterion's key to what was said) without locking them. Refused once locked, whoever asks."""
    assessment = _hold(actor, assessment_id)
    _write(assessment, given)
    return assessment


@transaction.atomic(durable=True)
def lock_scores(*, actor: Any, assessment_id: int, given: Mapping[int, Given], now: datetime) -> Assessment:
    """Save and lock: every criterion has a score and a sentence, and none of it changes any more."""
    assessment = _hold(actor, assessment_id)
    _write(assessment, given)
    said = dict(assessment.scores.values_list("criterion_id", "evidence"))
    scored = set(assessment.scores.exclude(value=None).values_list("criterion_id", flat=True))
    criteria = _criteria(assessment)
    if any(one not in scored or not said.get(one, "").strip() for one in criteria):
        raise AssessRefused("incomplete", _("Give every criterion a score and say in a sentence why."))
    assessment.locked_at = now
    assessment.save(update_fields=["locked_at"])
    cycle_id = assessment.application.round.cycle_id
    audit.record(actor=actor, action="training.scores_locked", target=assessment, cycle_id=cycle_id, now=now)
    return assessment


@transaction.atomic(durable=True)
def declare_conflict(*, actor: Any, assessment_id: int, reason: str, now: datetime) -> Assessment:
    """They know the person, or have another stake: they are off this application, and what they had begun goes."""
    assessment = _hold(actor, assessment_id)
    if not reason.strip():
        raise AssessRefused("reason_missing", _("Say in a few words why, without a name."))
    Score.objects.filter(assessment=assessment).delete()
    assessment.conflict, assessment.conflicted_at = reason.strip()[:300], now
    assessment.save(update_fields=["conflict", "conflicted_at"])
    cycle_id = assessment.application.round.cycle_id
    audit.record(actor=actor, action="training.conflict_declared", target=assessment, cycle_id=cycle_id, now=now)
    return assessment


def _hold(actor: Any, assessment_id: int) -> Assessment:
    """The assessment, with its round held: whoever comes second sees what the first has locked."""
    rows = Assessment.objects.select_related("application", "helper")
    try:
        round_ = lock_round(rows.get(pk=assessment_id).application.round_id)
        assessment: Assessment = rows.get(pk=assessment_id)
    except Assessment.DoesNotExist:
        raise AssessRefused("gone", _("This application is no longer yours to score.")) from None
    assessment.application.round = round_
    if assessment.helper.user_id != actor.pk or assessment.helper.released_at is not None:
        raise AssessRefused("not_yours", _("This application is not yours to score."))
    if assessment.locked_at is not None:
        raise AssessRefused("locked", _("You have locked your scores. They stay as they are."))
    if assessment.conflicted_at is not None:
        raise AssessRefused("conflicted", _("You said that you have a conflict here, so you do not score it."))
    if assessment.application.state != ApplicationState.ELIGIBLE or round_.shortlisted_at is not None:
        raise AssessRefused("over", _("Scoring is over for this application."))
    return assessment


def _criteria(assessment: Assessment) -> set[int]:
    return set(Criterion.objects.filter(round=assessment.application.round_id).values_list("pk", flat=True))


def _write(assessment: Assessment, given: Mapping[int, Given]) -> None:
    if any(one.value is not None and not 0 <= one.value <= BEST for one in given.values()):
        raise AssessRefused("out_of_range", _("A score is 0, 1, 2, 3 or 4."))
    known = _criteria(assessment)
    Score.objects.bulk_create(
        [
            Score(assessment=assessment, criterion_id=key, value=one.value, evidence=one.evidence.strip()[:LONGEST])
            for key, one in given.items()
            if key in known
        ],
        update_conflicts=True,
        unique_fields=["assessment", "criterion"],
        update_fields=["value", "evidence"],
    )
