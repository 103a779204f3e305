"""Forgetting a person in the designs they had a part in."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from peerhub.common.stages import Erasure
from programmes.models import (
    Decision,
    DecisionOption,
    DecisionStep,
    DesignPartner,
    DesignWorkshop,
    DocumentVersion,
    PartnerHours,
    Proposal,
    ProposalComment,
)


def forget_design(*, user: Any, now: datetime) -> list[Erasure]:
    """A step of erasing an account. What was decided and why is the programme's record and stays without the name:
    whose idea it was says then only which side it came from. What somebody was paid and what for goes, and so do notes
    on access at workshops they came to: nobody can tell any more whose need is whose.
    """
    places = DesignPartner.objects.filter(user=user)
    places.filter(left_at=None).update(left_at=now)
    places.filter(is_paid=True).update(reward="–")
    places.filter(is_paid=False).update(reward="")
    told = PartnerHours.objects.filter(partner__user=user).exclude(what="").update(what="")
    Decision.objects.filter(owner=user).update(owner=None)
    for rows in (Proposal, ProposalComment, DecisionOption, DecisionStep):
        rows.objects.filter(by=user).update(by=None)  # type: ignore[attr-defined]
    Decision.objects.filter(raised_by=user).update(raised_by=None)
    there = DesignWorkshop.objects.filter(came__user=user).values("pk")
    told += DesignWorkshop.objects.filter(pk__in=there).exclude(adjustments="").update(adjustments="")
    DocumentVersion.authors.through.objects.filter(user=user).delete()
    kept_until = _("As long as the programme’s records are kept, without your name")
    return [
        Erasure(_("What you were paid for designing, and what for"), forgotten=told),
        Erasure(_("Your part in designing programmes"), forgotten=0, kept=places.count(), kept_until=kept_until),
    ]
