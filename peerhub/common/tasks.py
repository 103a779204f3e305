"""What workers do for the floor. Every task may run twice, at once, or late: the rows are the truth."""

from datetime import timedelta

from celery import shared_task
from celery.signals import worker_ready
from django.utils import timezone

from peerhub.common import stages, watchdog
from peerhub.common.mail import beats, leases, notifications, outbox, retention
from peerhub.common.mail.planner import plan
from peerhub.common.mail.sending import send_due

BUDGET = timedelta(seconds=60)
worker_ready.connect(watchdog.start)


@shared_task(ignore_result=True, time_limit=120, soft_time_limit=None)
def deliver() -> None:
    """The doorbell: send what is due. When there is more than one task should take, ring for the next."""
    if not send_due(clock=timezone.now, budget=BUDGET).is_drained:
        outbox.ring()


@shared_task(ignore_result=True, time_limit=60)
def sweep_outbox() -> None:
    """Every 15 seconds: take back what dead workers held, deliver due notifications, ring when anything is due."""
    now = timezone.now()
    leases.recover(now)
    notifications.deliver_due(now)
    if leases.is_anything_due(now):
        outbox.ring()


@shared_task(ignore_result=True, time_limit=300)
def plan_reminders() -> None:
    """Every minute: ask all stages what is due."""
    plan(stages.reminders(timezone.now()), timezone.now())
    beats.beat(beats.PLANNER, timezone.now())


@shared_task(ignore_result=True, time_limit=300)
def forget_old_rows() -> None:
    """Every hour: what the outbox need not remember."""
    retention.forget(timezone.now())


@shared_task(ignore_result=True)
def pulse() -> None:
    """A worker's ring to itself (peerhub/common/watchdog.py): that it arrives is all it says."""
