"""Forgetting a person, as far as stage 2 goes."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from peerhub.common.stages import Erasure
from training.models import Application, Assessment, RoundHelper
from training.services.application_steps import lock_round
from training.services.equality import forget_told
from training.services.offers import fill_places


def forget_applications(*, user: Any, now: datetime) -> list[Erasure]:
    """A step of erasing an account, in its transaction: applications go, with what was written, scored
    and told for equality monitoring.

    Scores the person gave and locked stay without their name: others were chosen by them (UK GDPR, article 17(3)(b)).
    """
    mine = Application.objects.filter(applicant=user)
    # Rounds held in order: what was offered to the person goes to whoever is next.
    rounds = [lock_round(pk) for pk in sorted(set(mine.values_list("round_id", flat=True)))]
    forget_told(mine.select_related("round"))
    count = mine.count()
    mine.delete()
    for round_ in rounds:
        fill_places(round_, now=now)
    begun = Assessment.objects.filter(helper__user=user)
    begun.filter(locked_at=None, conflicted_at=None).delete()
    begun.exclude(conflict="").update(conflict="")
    kept = begun.count()
    RoundHelper.objects.filter(user=user, released_at=None).update(released_at=now)
    until = _("As long as the round’s records are kept, without your name")
    return [
        Erasure(_("Applications to lead"), forgotten=count),
        Erasure(_("Applications you scored"), forgotten=0, kept=kept, kept_until=until),
    ]
