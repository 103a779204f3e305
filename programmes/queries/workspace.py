"""The workspace of a cycle: getting in, and finding one's way."""

from typing import Any

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404

from peerhub.common.statements import compiled, first
from programmes.models import Cycle, Membership, Role
from programmes.permissions import is_coordinator_of, is_supervisor_of, leads_unit_of, owns_unit_of

runs = is_coordinator_of | is_supervisor_of | owns_unit_of | leads_unit_of


def workspace_or_404(user: Any, slug: str, code: str) -> Cycle:
    """The cycle, when `user` may open its workspace: one query, loaded with programme, activity type and owner unit.

    Everybody else gets 404, also for a cycle they can see in the catalogue: its workspace does not exist for them.
    """
    cycle = first(workspace_row(user=user, slug=slug, code=code))
    if cycle is None:
        raise Http404
    return cycle


@compiled
def workspace_row(*, user: Any, slug: str, code: str) -> QuerySet[Cycle, Cycle]:
    """The cycle, if `user` runs it."""
    mine = Cycle.objects.run_by(user).filter(programme__slug=slug, code=code)
    return mine.select_related("programme__activity_type", "programme__owner_unit")


def _active(role: str) -> Coalesce:
    rows = Membership.objects.active().filter(cycle=OuterRef("pk"), role=role).order_by().values("cycle")
    return Coalesce(Subquery(rows.annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0)


def cycles_or_404(user: Any, slug: str, code: str) -> tuple[Cycle, list[Cycle]]:
    """The cycle as `workspace_or_404` gives it, and all cycles of its programme the person may open, newest first.

    Each has `leaders` and `participants`, the numbers of people taking part. One query, beside the person's own roles
    and grants, which the page reads anyway: the rule is that of `Cycle.objects.run_by`.
    """
    cycles = [cycle for cycle in _cycles_of(slug=slug) if user.is_authenticated and runs(user, cycle)]
    for cycle in cycles:
        if cycle.code == code:
            return cycle, cycles
    raise Http404


@compiled
def _cycles_of(*, slug: str) -> QuerySet[Cycle, Cycle]:
    return (
        Cycle.objects.filter(programme__slug=slug)
        .select_related("programme__activity_type", "programme__owner_unit")
        .annotate(leaders=_active(Role.LEADER), participants=_active(Role.PARTICIPANT))
        .order_by("-starts_on", "-pk")
    )
