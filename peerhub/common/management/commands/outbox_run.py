"""The outbox without Celery: one process that sweeps, plans and sends. Any number may run, beside workers too."""

import signal
import time
from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from peerhub.common import stages
from peerhub.common.mail import beats, leases, notifications, retention
from peerhub.common.mail.planner import plan
from peerhub.common.mail.sending import send_due

PLAN_EVERY, FORGET_EVERY = 60.0, 3600.0
IDLE = 1.0


@dataclass
class Timer:
    """Due at once, then every `seconds`."""

    seconds: float
    next_at: float = field(default=0.0)

    def is_due(self) -> bool:
        now = time.monotonic()
        if now < self.next_at:
            return False
        self.next_at = now + self.seconds
        return True


class Command(BaseCommand):
    help = "Send what is due, take back what was lost, plan reminders: a loop that needs no Celery and no broker."
    requires_migrations_checks = True

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help="One round of everything, then stop.")
        parser.add_argument("--no-plan", action="store_true", help="Leave reminders to another planner.")

    def handle(self, *args, once=False, no_plan=False, **options):
        self.is_stopping = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        self.sweep, self.plan, self.forget = Timer(settings.PEERHUB_MAIL_SWEEP), Timer(PLAN_EVERY), Timer(FORGET_EVERY)
        while not self.is_stopping:
            try:
                sent = self._round(is_planner=not no_plan)
            except (OperationalError, InterfaceError) as error:
                if once:
                    raise
                self.stderr.write(f"The database does not answer ({type(error).__name__}); trying again.")
                connection.close()
                sent = 0
            if once:
                self.stdout.write(f"{sent} sent.")
                return
            if not sent and not self.is_stopping:
                time.sleep(IDLE)

    def _round(self, *, is_planner):
        """One look at everything that is due. How many messages left."""
        now = timezone.now()
        if self.sweep.is_due():
            leases.recover(now)
            notifications.deliver_due(now)
        if is_planner and self.plan.is_due():
            plan(stages.reminders(now), now)
            beats.beat(beats.PLANNER, timezone.now())
        if self.forget.is_due():
            retention.forget(now)
        # No longer than until the next sweep: what a dead sender held must not wait for a busy one.
        budget = timedelta(seconds=settings.PEERHUB_MAIL_SWEEP)
        tally = send_due(clock=timezone.now, budget=budget, should_stop=lambda: self.is_stopping)
        return tally.sent

    def _stop(self, signum, frame):
        self.is_stopping = True
