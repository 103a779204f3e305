"""Preparing an application for those who score: is it eligible, and does the copy they read say who wrote it?"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from peerhub.common import audit
from peerhub.common.errors import DomainError
from training.models import Answer, Application, ApplicationState, Assessment
from training.services.application_steps import lock_application, move, tell
from training.services.applications import LONGEST
from training.services.round_helpers import deal

S = ApplicationState


class PrepareRefused(DomainError):
    """Codes: too_early, being_scored, decided, reason_missing, too_long, own."""


@transaction.atomic(durable=True)
def release_copy(*, actor: Any, application_id: int, texts: Mapping[int, str], now: datetime) -> Application:
    """It is eligible, and `texts` (answer's key to the copy) say nothing of who wrote it: assessors get it now.

    The copy can be put right again until somebody has locked scores.
    """
    application = _open(actor, application_id, now=now)
    if any(len(text) > LONGEST for text in texts.values()):
        raise PrepareRefused("too_long", _("One of the copies is far too long."))
    answers = list(Answer.objects.filter(application=application, pk__in=list(texts)))
    for one in answers:
        one.redacted = texts[one.pk]
    Answer.objects.bulk_update(answers, ["redacted"])
    application.redacted_at, application.redacted_by = now, actor
    if application.state == S.ELIGIBLE:
        application.save()
    else:
        move(application, S.ELIGIBLE, actor=actor, now=now)
    cycle_id = application.round.cycle_id
    audit.record(actor=actor, action="training.copy_released", target=application, cycle_id=cycle_id, now=now)
    deal(application.round)
    return application


@transaction.atomic(durable=True)
def find_ineligible(*, actor: Any, application_id: int, reason: str, now: datetime) -> Application:
    """It does not meet what the role cannot do without. The applicant reads the reason, which may be put right."""
    application = _open(actor, application_id, now=now)
    if not reason.strip():
        raise PrepareRefused("reason_missing", _("Write a reason. The applicant reads it."))
    if application.state == S.INELIGIBLE:
        return application  # pressed twice
    Assessment.objects.filter(application=application).delete()
    move(application, S.INELIGIBLE, actor=actor, reason=reason.strip(), now=now)
    tell("application_ineligible", application, now=now)
    return application


def _open(actor: Any, application_id: int, *, now: datetime) -> Application:
    """The application held, if it can be prepared now: applications have closed, nobody has locked a score of it."""
    application = lock_application(application_id)
    if not application.round.is_selecting(now=now):
        raise PrepareRefused("too_early", _("Nobody reads an application before they have closed."))
    if application.applicant_id == actor.pk:
        raise PrepareRefused("own", _("Nobody decides on their own application."))
    if application.round.shortlisted_at or application.state not in {S.SUBMITTED, S.ELIGIBLE, S.INELIGIBLE}:
        raise PrepareRefused("decided", _("This application has moved on."))
    if Assessment.objects.filter(application=application, locked_at__isnull=False).exists():
        raise PrepareRefused("being_scored", _("Somebody has scored it. What they read stays as it is."))
    return application
