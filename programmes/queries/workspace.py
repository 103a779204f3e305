"""The workspace of a cycle: getting in, and finding one's way."""

from typing import Any

from django.shortcuts import get_object_or_404

from programmes.models import Cycle


def workspace_or_404(user: Any, slug: str, code: str) -> Cycle:
    """The cycle, when `user` may open its workspace: one query, loaded with programme, activity type and owner unit.

    Everybody else gets 404, also for a cycle they can see in the catalogue: its workspace does not exist for them.
    """
    return get_object_or_404(
        Cycle.objects.run_by(user).select_related("programme__activity_type", "programme__owner_unit"),
        programme__slug=slug,
        code=code,
    )
