"""The queue of a drop-in: tickets, the next, helping, not coming, closing, the end."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from programmes.models import AttendanceMode, Membership, QueueEntry, Role, Session
from programmes.services import queue_steps, queues
from tests import factories as make
from tests.faults import world
from tests.faults.flow import Flow

LETTER = ("outbox.after_queue", "outbox.before_ring")


def drop_in() -> dict[str, Any]:
    """A centre's afternoon, begun half an hour ago; two wait, a third will come."""
    here, now = world.cycle(attendance_mode=AttendanceMode.QUEUE), world.now()
    amara = world.member(here, role=Role.LEADER)
    met = make.SessionFactory(
        cycle=here, group=None, starts_at=now - timedelta(minutes=30), ends_at=now + timedelta(hours=2), created_at=now
    )
    make.SessionLeaderFactory(session=met, membership=amara)
    come = [world.member(here) for _number in range(3)]
    for one in come[:2]:
        queues.join_queue(actor=one.user, session_id=met.pk, now=now)
    return world.ids(here, session=met.pk, leader=amara.pk, third=come[2].pk, users=[amara.user_id])


def user_of(membership_id: int) -> Any:
    return Membership.objects.select_related("user").get(pk=membership_id).user


def join(given: dict[str, Any]) -> None:
    queues.join_queue(actor=user_of(given["third"]), session_id=given["session"], now=world.now())


def take(given: dict[str, Any]) -> None:
    actor = user_of(given["leader"])
    queue_steps.take_next(actor=actor, session_id=given["session"], key=UUID(given["key"]), now=world.now())


def called() -> dict[str, Any]:
    given = drop_in()
    take(given)
    return {**given, "entry": QueueEntry.objects.get(session=given["session"], state="called").pk}


def start(given: dict[str, Any]) -> None:
    queue_steps.start_helping(actor=user_of(given["leader"]), entry_id=given["entry"], now=world.now())


def miss(given: dict[str, Any]) -> None:
    queue_steps.note_missed(actor=user_of(given["leader"]), entry_id=given["entry"], now=world.now())


def close(given: dict[str, Any]) -> None:
    queues.close_queue(actor=user_of(given["leader"]), session_id=given["session"], now=world.now())


def over() -> dict[str, Any]:
    """Its end was hours ago, and nobody has sent those home who still wait."""
    given = called()
    now = world.now()
    Session.objects.filter(pk=given["session"]).update(
        starts_at=now - timedelta(hours=6), ends_at=now - timedelta(hours=4)
    )
    return given


def settle(given: dict[str, Any]) -> None:
    queues.settle_queues(now=world.now())


FLOWS = [
    Flow("queue: join", ("queue.after_ticket",), drop_in, join),
    Flow("queue: take the next", ("once.after_spend", "queue.after_call"), drop_in, take),
    Flow("queue: help", ("queue.before_check_in",), called, start),
    Flow("queue: did not come", ("queue.after_turn",), called, miss),
    Flow("queue: close", ("queue.before_letters", *LETTER), drop_in, close),
    Flow("queue: over", ("queue.before_letters", *LETTER), over, settle),
]
