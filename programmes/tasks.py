"""What workers do for the spine. Every task may run twice, at once, or late: the rows are the truth."""

from celery import shared_task
from django.utils import timezone

from programmes.services.unit_figures import count_units


@shared_task(ignore_result=True, time_limit=900)
def count_unit_figures() -> None:
    """Every ten minutes: the reach of each unit and its latest weeks; each older week once a day."""
    count_units(now=timezone.now())
