"""What workers do for stage 2. Every task may run twice, at once, or late: the rows are the truth."""

from celery import shared_task
from django.utils import timezone

from training.services import round_sweep


@shared_task(ignore_result=True, time_limit=300)
def sweep_recruitment() -> None:
    """Every minute: drafts nobody sent in time."""
    now = timezone.now()
    round_sweep.lapse_drafts(now=now)
