"""Writing to the record. Called by services, inside their transaction."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import models

from peerhub.common.models import AuditEvent


def record(
    *,
    actor: Any,
    action: str,
    target: models.Model | None = None,
    cycle_id: int | None = None,
    detail: Mapping[str, Any] | None = None,
    now: datetime,
) -> AuditEvent:
    """Append one line: `action` is `app.noun_verbed`; `detail` holds ids, codes and counts, never personal text.

    `actor` is a user, or None for the planner and imports.
    """
    return AuditEvent.objects.create(
        actor=actor if getattr(actor, "pk", None) else None,
        action=action,
        target_type=target._meta.label_lower if target is not None else "",
        target_id=str(target.pk) if target is not None else "",
        cycle_id=cycle_id,
        detail=dict(detail or {}),
        at=now,
    )
