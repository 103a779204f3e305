"""The words an administrator keeps: activity types, techniques, topics."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import models, transaction

from peerhub.common import audit
from programmes.models import ActivityType, Programme
from programmes.services.changes import refresh_search


@transaction.atomic(durable=True)
def save_entry(*, actor: Any, entry: models.Model, changed: Sequence[str], now: datetime) -> models.Model:
    """Save an entry as the caller has set it; `changed` names its fields. Search follows an activity type's words."""
    entry.save()
    if isinstance(entry, ActivityType):
        refresh_search(Programme.objects.filter(activity_type=entry))
    audit.record(
        actor=actor, action="programmes.vocabulary_changed", target=entry, detail={"fields": list(changed)}, now=now
    )
    return entry
