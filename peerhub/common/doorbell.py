"""The doorbell: telling a worker, after the commit, that there is something in the database to do.

Rows are the truth and a sweep finds them in any case; a lost ring costs seconds (docs/architecture.md, "The outbox").
Mail has a doorbell of its own beside its rows (mail/outbox.py).
"""

import logging
from functools import partial

from celery import current_app
from django.db import transaction

from peerhub.common.failpoints import failpoint

log = logging.getLogger(__name__)


def ring_after_commit(task: str) -> None:
    """Ring for `task` (its dotted name, without arguments) once the caller's transaction is in."""
    transaction.on_commit(partial(ring, task), robust=True)


def ring(task: str) -> None:
    """Ring now. A dead broker must neither fail nor hold the caller."""
    failpoint("doorbell.before_ring")
    try:
        current_app.send_task(task, retry=False, ignore_result=True, expires=60)
    except Exception as error:  # noqa: BLE001 - whatever the broker's driver raises, the rows are safe
        log.warning("The doorbell for %s did not ring (%s); the sweep will come.", task, type(error).__name__)
