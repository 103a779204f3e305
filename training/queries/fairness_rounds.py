"""Rounds whose funnel an equality analyst may read."""

from typing import Any

from django.db.models import Q, QuerySet

from peerhub.institution.models import GrantRole
from peerhub.institution.permissions import grants_of
from training.models import EqualityBox, RecruitmentRound, RoundState


def rounds_of_analyst(user: Any) -> QuerySet[RecruitmentRound, RecruitmentRound]:
    """Finished rounds of the units somebody analyses that were counted, the newest first."""
    paths = [grant.unit.path for grant in grants_of(user) if grant.role == GrantRole.EQUALITY_ANALYST]
    mine = Q(pk__in=[])
    for path in paths:
        mine |= Q(cycle__programme__owner_unit__path__startswith=path)
    told = EqualityBox.objects.filter(counted_on__isnull=False).values("of")
    rows = RecruitmentRound.objects.filter(mine, state=RoundState.FINISHED, uuid__in=told)
    return rows.select_related("cycle__programme__owner_unit").order_by("-finished_at", "-pk")
