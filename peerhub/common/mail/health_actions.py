"""What an administrator may do about the post."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import transaction

from peerhub.common import audit
from peerhub.common.mail import breaker
from peerhub.common.mail.outbox import queue, ring_after_commit


@transaction.atomic(durable=True)
def probe_now(*, actor: Any, now: datetime) -> None:
    """Something was mended: try one message now instead of at the next minute."""
    breaker.try_again_now(now)
    audit.record(actor=actor, action="common.mail_probed", now=now)
    ring_after_commit()


@transaction.atomic(durable=True)
def send_test(*, actor: Any, now: datetime) -> None:
    """A message to the actor, on the way of all others."""
    queue("common.test_message", to=actor, key=f"common.test:{uuid4()}", about={}, now=now, channels=("email",))
    audit.record(actor=actor, action="common.mail_tested", now=now)
