"""The outbox itself: rows put in, claimed, sent, taken back, shown, planned."""

from datetime import timedelta
from typing import Any

from django.db import transaction

from peerhub.common import mail
from peerhub.common.mail import beats, leases, notifications
from peerhub.common.mail.planner import plan
from peerhub.common.mail.sending import send_due
from peerhub.common.models import Message
from peerhub.common.stages import Reminder
from tests.faults import world
from tests.faults.flow import Flow

KIND = "common.test_message"
MAILS = 3


def some_people() -> dict[str, Any]:
    here = world.cycle()
    return world.ids(here, people=[one.pk for one in world.people(MAILS)])


def queue(given: dict[str, Any], *channels: str) -> None:
    now = world.now()
    with transaction.atomic():
        entries = [
            mail.Entry(KIND, pk, f"flow:{given['key']}:{pk}", channels=channels or ("email",), cycle_id=given["cycle"])
            for pk in given["people"]
        ]
        mail.queue_many(entries, now=now)


def queued() -> dict[str, Any]:
    given = some_people()
    queue(given)
    return given


def send(given: dict[str, Any]) -> None:
    while not send_due(clock=world.now).is_drained:
        pass


def abandoned() -> dict[str, Any]:
    """A worker took everything and is never heard of again."""
    given = queued()
    leases.claim(100, world.now())
    world.let_leases_end()
    return given


def recover(given: dict[str, Any]) -> None:
    leases.recover(world.now())


def notices() -> dict[str, Any]:
    """Notifications that were held back, and are due now."""
    given = some_people()
    queue(given, "inapp")
    waiting = {"state": "queued", "finished_at": None, "not_before": world.now()}
    Message.objects.filter(cycle_id=given["cycle"]).update(**waiting)
    return given


def deliver(given: dict[str, Any]) -> None:
    notifications.deliver_due(world.now())


def tick(given: dict[str, Any]) -> None:
    """One round of the planner."""
    now = world.now()
    due = (
        Reminder(f"flow:{given['key']}:{pk}", now, timedelta(1), pk, KIND, {}, ("email",), cycle_id=given["cycle"])
        for pk in given["people"]
    )
    plan(due, now)
    beats.beat(beats.PLANNER, now)


FLOWS = [
    Flow("mail: queue", ("outbox.after_queue", "outbox.before_ring"), some_people, queue),
    Flow(
        "mail: send",
        ("outbox.in_claim", "outbox.after_claim", "outbox.before_smtp", "outbox.after_smtp", "outbox.after_finish"),
        queued,
        send,
        is_atomic=False,
        doubles=("outbox.after_smtp",),
    ),
    Flow("mail: take back", ("outbox.in_recover",), abandoned, recover),
    Flow("mail: notifications", ("notifications.in_deliver",), notices, deliver),
    Flow(
        "mail: plan",
        ("outbox.after_queue", "outbox.before_ring", "planner.after_chunk", "beats.before_beat"),
        some_people,
        tick,
    ),
]
