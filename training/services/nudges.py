"""A friendly word to people whose training is missing something, at most every three days."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from peerhub.common import audit, mail
from peerhub.common.models import Message
from programmes.models import Cycle
from training.queries.board import Row, everybody

KIND = "training.nudge"
BETWEEN = timedelta(days=3)


@transaction.atomic(durable=True)
def nudge(*, actor: Any, cycle: Cycle, who: UUID | None = None, group: str = "", now: datetime) -> tuple[int, int]:
    """Remind those with something mandatory missing, or only the membership `who`.

    Returns how many are written to, and how many were spared because they were within three days.
    """
    Cycle.objects.select_for_update(of=("self",)).get(pk=cycle.pk)  # pressed twice at once: the second finds the first
    _modules, rows = everybody(cycle, show="missing", group=group, now=now)
    wanted: Sequence[Row] = [one for one in rows if who is None or one.uuid == who]
    recent = set(
        Message.objects.filter(kind=KIND, cycle_id=cycle.pk, created_at__gt=now - BETWEEN).values_list(
            "recipient_id", flat=True
        )
    )
    told = [one for one in wanted if one.user_id not in recent]
    mail.queue_many(
        (
            mail.Entry(
                KIND,
                one.user_id,
                f"{KIND}:{one.membership_id}:{int(now.timestamp())}",
                {"membership": one.membership_id, "cycle": cycle.pk},
            )
            for one in told
        ),
        now=now,
    )
    if told:
        detail = {"memberships": [one.membership_id for one in told]}
        audit.record(
            actor=actor, action="training.people_nudged", target=cycle, cycle_id=cycle.pk, detail=detail, now=now
        )
    return len(told), len(wanted) - len(told)
