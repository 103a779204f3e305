"""The workspace of a cycle: getting in, and finding one's way."""

from typing import Any

from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404
from django.shortcuts import get_object_or_404

from programmes.models import Cycle, Membership, Role
from programmes.permissions import is_coordinator_of, is_supervisor_of, leads_unit_of, owns_unit_of

runs = is_coordinator_of | is_supervisor_of | owns_unit_of | leads_unit_of


def workspace_or_404(user: Any, slug: str, code: str) -> Cycle:
    """The cycle, when `user` may open its workspace: one query, loaded with programme, activity type and owner unit.

    Everybody else gets 404, also for a cycle they can see in the catalogue: its workspace does not exist for them.
    """
    return get_object_or_404(
        Cycle.objects.run_by(user).select_related("programme__activity_type", "programme__owner_unit"),
        programme__slug=slug,
        code=code,
    )


def _active(role: str) -> Coalesce:
    rows = Membership.objects.active().filter(cycle=OuterRef("pk"), role=role).order_by().values("cycle")
    return Coalesce(Subquery(rows.annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0)


def cycles_or_404(user: Any, slug: str, code: str) -> tuple[Cycle, list[Cycle]]:
    """The cycle as `workspace_or_404` gives it, and all cycles of its programme the person may open, newest first.

    Each has `leaders` and `participants`, the numbers of people taking part. One query, beside the person's own roles
    and grants, which the page reads anyway: the rule is that of `Cycle.objects.run_by`.
    """
    cycles: list[Cycle] = list(
        Cycle.objects.filter(programme__slug=slug)
        .select_related("programme__activity_type", "programme__owner_unit")
        .annotate(leaders=_active(Role.LEADER), participants=_active(Role.PARTICIPANT))
        .order_by("-starts_on", "-pk")
    )
    cycles = [cycle for cycle in cycles if user.is_authenticated and runs(user, cycle)]
    for cycle in cycles:
        if cycle.code == code:
            return cycle, cycles
    raise Http404
