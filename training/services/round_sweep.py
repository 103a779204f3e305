"""What the clock does to recruitment. Every step may run twice, or days late: the rows are the truth."""

from datetime import datetime

from django.db import transaction

from training.models import Application, ApplicationState, RoundState
from training.services.application_steps import lock_application, move

S = ApplicationState
CHUNK = 200


def lapse_drafts(*, now: datetime) -> int:
    """Drafts that were not sent before the closing. Nobody is written to: they did not ask for anything."""
    late = Application.objects.filter(state=S.DRAFT, round__state=RoundState.OPEN, round__closes_at__lte=now)
    keys = list(late.order_by("pk").values_list("pk", flat=True)[:CHUNK])
    for key in keys:
        _lapse_draft(key, now=now)
    return len(keys)


@transaction.atomic(durable=True)
def _lapse_draft(application_id: int, *, now: datetime) -> None:
    application = lock_application(application_id)
    if application.state == S.DRAFT and application.round.is_selecting(now=now):
        move(application, S.LAPSED, actor=None, now=now)
