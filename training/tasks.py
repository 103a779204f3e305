"""What workers do for stage 2. Every task may run twice, at once, or late: the rows are the truth."""

from celery import shared_task
from django.utils import timezone

from training.services import (
    completion_imports,
    delivery_places,
    development,
    equality,
    round_sweep,
    training_erasure,
)


@shared_task(ignore_result=True, time_limit=300)
def sweep_recruitment() -> None:
    """Every minute: drafts nobody sent and offers nobody answered in time, records that are old enough to go."""
    now = timezone.now()
    round_sweep.lapse_drafts(now=now)
    round_sweep.lapse_offers(now=now)
    round_sweep.count_equality(now=now)  # before what it counts is deleted
    round_sweep.forget_rounds(now=now)
    training_erasure.forget_checks(now=now)
    equality.forget_boxes(now=now)


@shared_task(ignore_result=True, time_limit=300)
def forget_completion_files() -> None:
    """Every hour: files of results that are old enough to go, or that a process which died left lying; entries of
    people's own logs that they deleted a month ago.
    """
    now = timezone.now()
    completion_imports.forget_completion_files(now=now)
    completion_imports.forget_left_files(now=now)
    development.forget_deleted_entries(now=now)


@shared_task(ignore_result=True, time_limit=300)
def sweep_training() -> None:
    """Every minute: places of those who left, and people who still wait when a date begins."""
    delivery_places.sweep_places(now=timezone.now())
