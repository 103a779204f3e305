"""A worker's pulse, and its way out when it hears nothing any more.

Workers were seen to stay alive but deaf after a broker's reset (celery/celery#8030, #10205, #10302). So every worker
beats in the database, rings its own bell through the broker, and leaves when it has heard nothing for two minutes while
it had nothing to do; whatever keeps processes alive starts it again. A long import keeps no worker from beating.
"""

import logging
import os
import signal
import threading
import time
from contextlib import suppress
from typing import Any

from celery import Celery
from celery.signals import task_received, worker_shutdown
from celery.worker import state as worker_state
from django.db import DatabaseError, connection
from django.utils import timezone

from peerhub.common.mail.beats import beat

log = logging.getLogger(__name__)
BEAT_EVERY = 30.0
DEAF_AFTER = 120.0
LEAVE_WITHIN = 30.0
PULSE_TASK = "peerhub.common.tasks.pulse"


class Watchdog(threading.Thread):
    """Runs in the worker's main process, beside its consumer."""

    def __init__(self, app: Celery, hostname: str, queue: str) -> None:
        super().__init__(name="watchdog", daemon=True)
        self.app, self.hostname, self.queue = app, hostname, queue
        self.heard_at = time.monotonic()
        self.is_over = threading.Event()

    def run(self) -> None:
        while not self.is_over.wait(BEAT_EVERY):
            self.look()

    def look(self) -> None:
        """One beat, one ring of our own bell, one look at the clock."""
        self._beat()
        if worker_state.active_requests:
            self.heard_at = time.monotonic()  # busy is not deaf
        if time.monotonic() - self.heard_at > DEAF_AFTER:
            log.error("This worker has heard nothing from its broker for %d seconds; it leaves.", DEAF_AFTER)
            self.leave()
            return
        self._ring()

    def hear(self, **kwargs: Any) -> None:
        self.heard_at = time.monotonic()

    def stop(self, **kwargs: Any) -> None:
        """The worker ends by itself: its own queue goes with it."""
        self.is_over.set()
        with suppress(Exception), self.app.connection_for_write() as broker:
            broker.default_channel.queue_delete(self.queue)

    def leave(self) -> None:
        """Politely first; a worker stuck in its broker's driver does not finish politely."""
        self.is_over.set()
        os.kill(os.getpid(), signal.SIGTERM)
        threading.Timer(LEAVE_WITHIN, os._exit, [1]).start()

    def _beat(self) -> None:
        try:
            beat(f"worker {self.hostname}", timezone.now())
        except DatabaseError as error:
            log.warning("No beat written (%s).", type(error).__name__)
        finally:
            connection.close()

    def _ring(self) -> None:
        try:
            self.app.send_task(PULSE_TASK, queue=self.queue, retry=False, ignore_result=True, expires=BEAT_EVERY)
        except Exception as error:  # noqa: BLE001 - silence is what the clock is for
            log.warning("The broker does not take a ring (%s).", type(error).__name__)


def start(sender: Any, **kwargs: Any) -> None:
    """One watchdog a worker, listening on a queue of its own: what another worker hears proves nothing.

    Connected to `worker_ready` in tasks.py; `sender` is the worker's consumer.
    """
    # The folder broker makes files of names and takes no "@".
    queue = f"pulse.{sender.hostname.replace('@', '.')}"
    sender.add_task_queue(queue, auto_delete=True)
    dog = Watchdog(sender.app, sender.hostname, queue)
    task_received.connect(dog.hear, weak=False)
    worker_shutdown.connect(dog.stop, weak=False)
    dog.start()
