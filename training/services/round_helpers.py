"""Who helps to choose: named and released by who coordinates; what assessors are dealt."""

import secrets
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from peerhub.accounts.models import User
from peerhub.common import audit, mail
from peerhub.common.errors import DomainError
from programmes.models import Role
from programmes.permissions import roles_in
from training.models import (
    Application,
    ApplicationState,
    Assessment,
    HelperKind,
    RecruitmentRound,
    RoundHelper,
    RoundState,
)
from training.services.application_steps import lock_round

S = ApplicationState
SHUFFLE = 1_000_000_000


class HelperRefused(DomainError):
    """Codes: finished, cannot, other_kind, not_here, too_late."""


@transaction.atomic(durable=True)
def name_helper(*, actor: Any, round_id: int, user_id: int, kind: str, now: datetime) -> RoundHelper:
    """Let somebody assess, or prepare copies. They get this and no other right, and a message.

    Refused (`cannot`) for closed accounts and for people who have applied, in the same words, so that it tells nobody
    who applies; `other_kind` for who does the other already; `too_late` for who coordinates, once applications have
    closed: from then on they may have read what people wrote, or how others scored.
    """
    round_ = lock_round(round_id)
    if round_.state == RoundState.FINISHED:
        raise HelperRefused("finished", _("This round is finished."))
    person = User.objects.get(pk=user_id)
    applied = Application.objects.filter(round=round_, applicant=person).exclude(state__in=[S.DRAFT, S.WITHDRAWN])
    if not person.is_active or applied.exists():
        raise HelperRefused("cannot", _("They cannot help to choose in this round. Choose somebody else."))
    helper = RoundHelper.objects.filter(round=round_, user=person).first()
    is_here = helper is not None and helper.released_at is None
    runs = Role.COORDINATOR in roles_in(person, round_.cycle_id)
    if kind == HelperKind.ASSESSOR and runs and not is_here and round_.is_selecting(now=now):
        raise HelperRefused(
            "too_late", _("Who coordinates is named before applications close, or reads and decides without scoring.")
        )
    if helper is not None and helper.released_at is None:
        if helper.kind != kind:
            raise HelperRefused("other_kind", _("Nobody prepares copies and scores them. Release them first."))
        return helper  # pressed twice
    if helper is not None and helper.kind != kind:
        raise HelperRefused("other_kind", _("They did the other part in this round. Choose somebody else."))
    helper = helper or RoundHelper(round=round_, user=person, kind=kind)
    helper.named_by, helper.named_at, helper.released_at = actor, now, None
    helper.save()
    deal(round_)
    audit.record(actor=actor, action="training.helper_named", target=helper, cycle_id=round_.cycle_id, now=now)
    if person.pk != actor.pk:
        key = f"helper_named:{helper.pk}:{int(now.timestamp() * 1_000_000)}"
        mail.queue("training.helper_named", to=person, key=key, about={"helper": helper.pk}, now=now)
    return helper


@transaction.atomic(durable=True)
def release_helper(*, actor: Any, helper_id: int, now: datetime) -> RoundHelper:
    """Somebody helps no longer. What they have locked counts; what they had begun goes."""
    helper = RoundHelper.objects.get(pk=helper_id)
    round_ = lock_round(helper.round_id)
    helper.refresh_from_db()
    if helper.released_at is not None:
        return helper  # pressed twice
    helper.released_at = now
    helper.save(update_fields=["released_at"])
    Assessment.objects.filter(helper=helper, locked_at=None, conflicted_at=None).delete()
    audit.record(actor=actor, action="training.helper_released", target=helper, cycle_id=round_.cycle_id, now=now)
    return helper


def deal(round_: RecruitmentRound) -> None:
    """Give every assessor every application that is prepared, each in an order of their own. A step of use cases."""
    ready = Application.objects.filter(round=round_, state=S.ELIGIBLE, redacted_at__isnull=False)
    applications = list(ready.order_by("pk").values_list("pk", "applicant_id"))
    helpers = RoundHelper.objects.filter(round=round_, kind=HelperKind.ASSESSOR, released_at=None)
    Assessment.objects.bulk_create(
        (
            Assessment(application_id=key, helper=helper, position=secrets.randbelow(SHUFFLE))
            for helper in helpers
            for key, applicant_id in applications
            if applicant_id != helper.user_id
        ),
        ignore_conflicts=True,
        batch_size=1000,
    )
