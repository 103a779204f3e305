"""Forgetting a person, as far as training's own records allow."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from peerhub.common import audit
from peerhub.common.stages import Erasure
from programmes.models import Membership, Role
from training.models import (
    Attempt,
    CertificationAward,
    ClearanceWaiver,
    Completion,
    Delivery,
    DeliveryPlace,
    DevelopmentEntry,
    Observation,
    PlaceState,
    RightToWork,
)
from training.queries.training_holdings import CHECKS_KEPT
from training.services.completion_imports import forget_in_checks
from training.services.delivery_places import locked_delivery, settle_places


def forget_training(*, user: Any, now: datetime) -> list[Erasure]:
    """A step of erasing an account. That somebody who led was trained stays, without a name: it is the institution's
    evidence of its duty of care. Words about them and tries go. That a right to work was checked is kept as long as the
    law may ask for it, and goes by itself then (`forget_checks`).
    """
    kept_until = _("As long as the programme’s records are kept, without your name")
    tries, _rows = Attempt.objects.filter(user=user).delete()
    papers = RightToWork.objects.filter(user=user).count()
    places = _leave_dates(user, now)
    words = Completion.objects.filter(user=user).exclude(evidence="").update(evidence="")
    words += Completion.objects.filter(user=user).exclude(withdrawn_why="").update(withdrawn_why="–")
    words += Observation.objects.filter(user=user).exclude(feedback="").update(feedback="", occasion="", marks=[])
    words += ClearanceWaiver.objects.filter(membership__user=user).exclude(reason="–").update(reason="–")
    words += forget_in_checks(user)
    words += CertificationAward.objects.filter(user=user).exclude(withdrawn_why="").update(withdrawn_why="–")
    log, _rows = DevelopmentEntry.objects.filter(user=user).delete()
    kept = Completion.objects.filter(user=user).count()
    awards = CertificationAward.objects.filter(user=user).count()
    return [
        Erasure(_("Tries at quizzes"), forgotten=tries),
        Erasure(_("Places at training dates"), forgotten=places),
        Erasure(_("Right-to-work checks"), forgotten=0, kept=papers, kept_until=str(CHECKS_KEPT)),
        Erasure(_("What was written about your training"), forgotten=words),
        Erasure(_("Your own log"), forgotten=log),
        Erasure(_("Training completed"), forgotten=0, kept=kept, kept_until=kept_until),
        Erasure(_("Certificates"), forgotten=0, kept=awards, kept_until=kept_until),
    ]


def _leave_dates(user: Any, now: datetime) -> int:
    """Places go but where they came, which completed something; free ones go to those who wait. Their name as the one
    who gives a date goes, too.
    """
    gone = DeliveryPlace.objects.filter(user=user).exclude(state=PlaceState.CAME)
    freed = gone.filter(state=PlaceState.BOOKED, delivery__starts_at__gt=now).values_list("delivery_id", flat=True)
    held = [locked_delivery(pk) for pk in sorted(set(freed))]
    count, _rows = gone.delete()
    for delivery in held:
        settle_places(delivery, now=now)
    return count + Delivery.objects.filter(trainer=user).update(trainer=None, trainer_name="")


def forget_checks(*, now: datetime) -> int:
    """Delete checks of the right to work six years (a setting) after the person led last: after the last cycle they led
    in, or left, and after the check itself ran out. Returns how many went. Safe to run twice.
    """
    day = timezone.localdate(now) - timedelta(days=settings.PEERHUB_RIGHT_TO_WORK_KEPT_DAYS)
    led = Membership.objects.filter(user=OuterRef("user"), role=Role.LEADER, cycle__ends_on__gt=day)
    since = Exists(led.filter(Q(ended_at=None) | Q(ended_at__date__gt=day)))
    old = RightToWork.objects.filter(~since, checked_on__lte=day).exclude(valid_until__gt=day)
    keys = list(old.order_by("pk").values_list("pk", flat=True)[:1000])
    return _delete_checks(keys, now) if keys else 0


@transaction.atomic(durable=True)
def _delete_checks(keys: list[int], now: datetime) -> int:
    count, _rows = RightToWork.objects.filter(pk__in=keys).delete()
    audit.record(actor=None, action="training.checks_forgotten", detail={"count": count}, now=now)
    return count
