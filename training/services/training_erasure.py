"""Forgetting a person, as far as training's own records allow."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from peerhub.common.stages import Erasure
from training.models import (
    Attempt,
    ClearanceWaiver,
    Completion,
    Delivery,
    DeliveryPlace,
    Observation,
    PlaceState,
    RightToWork,
)
from training.services.completion_imports import forget_in_checks
from training.services.delivery_places import locked_delivery, settle_places


def forget_training(*, user: Any, now: datetime) -> list[Erasure]:
    """A step of erasing an account. That somebody who led was trained stays, without a name: it is the institution's
    evidence of its duty of care. Words about them, tries and papers go.
    """
    kept_until = _("As long as the programme’s records are kept, without your name")
    tries, _rows = Attempt.objects.filter(user=user).delete()
    papers, _rows = RightToWork.objects.filter(user=user).delete()
    places = _leave_dates(user, now)
    words = Completion.objects.filter(user=user).exclude(evidence="").update(evidence="")
    words += Completion.objects.filter(user=user).exclude(withdrawn_why="").update(withdrawn_why="–")
    words += Observation.objects.filter(user=user).exclude(feedback="").update(feedback="", occasion="", marks=[])
    words += ClearanceWaiver.objects.filter(membership__user=user).exclude(reason="–").update(reason="–")
    words += forget_in_checks(user)
    kept = Completion.objects.filter(user=user).count()
    return [
        Erasure(_("Tries at quizzes"), forgotten=tries),
        Erasure(_("Places at training dates"), forgotten=places),
        Erasure(_("Right-to-work checks"), forgotten=papers),
        Erasure(_("What was written about your training"), forgotten=words),
        Erasure(_("Training completed"), forgotten=0, kept=kept, kept_until=kept_until),
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
