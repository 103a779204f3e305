"""Many at once at one queue: on SQLite, where writers wait for one another, and on PostgreSQL, where rows do."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from programmes.models import Cycle, DropIn, QueueEntry, Session
from programmes.services.queue_steps import start_helping, take_next
from programmes.services.queues import QueueRefused, close_queue, join_queue, leave_queue
from tests import factories as make
from tests.factories import NOW, in_hours
from tests.world import build_world

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 8


def all_at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    """Run in threads that start together; what each returned, or its refusal's code."""
    barrier, outcomes = threading.Barrier(len(calls)), [None] * len(calls)

    def run(place: int) -> None:
        try:
            barrier.wait()
            outcomes[place] = calls[place]()
        except QueueRefused as refusal:
            outcomes[place] = refusal.code
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return outcomes


@pytest.fixture
def world(vocabulary: None) -> Any:
    if connection.vendor == "sqlite" and connection.is_in_memory_db():
        pytest.skip("threads need a database that they can share: a file")
    return build_world()


@pytest.fixture
def session(world: Any) -> Session:
    Cycle.objects.filter(pk=world.cycle.pk).update(attendance_mode="queue")
    return make.SessionFactory(cycle=world.cycle, starts_at=in_hours(-0.1))


@pytest.fixture
def leaders(world: Any, session: Session) -> list[Any]:
    found = [make.MembershipFactory(cycle=world.cycle, role="leader") for _ in range(MANY)]
    for one in found:
        make.SessionLeaderFactory(session=session, membership=one)
    return found


def joined(world: Any, session: Session, count: int) -> list[QueueEntry]:
    people = [make.MembershipFactory(cycle=world.cycle) for _ in range(count)]
    return [join_queue(actor=one.user, session_id=session.pk, now=NOW).entry for one in people]


def test_eight_leaders_take_the_next_at_once_and_nobody_is_taken_twice(world, session, leaders):
    entries = joined(world, session, MANY - 3)
    outcomes = all_at_once(
        [lambda one=one: take_next(actor=one.user, session_id=session.pk, key=None, now=NOW) for one in leaders]
    )
    assert outcomes.count("nobody") == 3
    taken = [one.pk for one in outcomes if one != "nobody"]
    assert sorted(taken) == sorted(one.pk for one in entries)
    rows = QueueEntry.objects.filter(state="called")
    assert len({row.called_by_id for row in rows}) == MANY - 3


def test_one_leader_on_eight_telephones_takes_one(world, session, leaders):
    joined(world, session, MANY)
    outcomes = all_at_once([lambda: take_next(actor=leaders[0].user, session_id=session.pk, key=None, now=NOW)] * MANY)
    assert outcomes.count("busy") == MANY - 1
    assert QueueEntry.objects.filter(state="called").count() == 1


def test_eight_join_at_once_and_tickets_follow_one_another(world, session):
    people = [make.MembershipFactory(cycle=world.cycle).user for _ in range(MANY)]
    all_at_once([lambda one=one: join_queue(actor=one, session_id=session.pk, now=NOW) for one in people])
    numbers = sorted(QueueEntry.objects.values_list("number", flat=True))
    assert numbers == list(range(1, MANY + 1)) == sorted(QueueEntry.objects.values_list("turn", flat=True))
    assert DropIn.objects.get().last_number == MANY


def test_one_person_joins_eight_times_at_once_and_has_one_ticket(world, session):
    outcomes = all_at_once([lambda: join_queue(actor=world.ben, session_id=session.pk, now=NOW)] * MANY)
    assert sorted(one.is_repeat for one in outcomes) == [False, *[True] * (MANY - 1)]
    assert QueueEntry.objects.count() == 1


def test_joining_and_closing_at_once_leaves_nobody_waiting(world, session):
    people = [make.MembershipFactory(cycle=world.cycle).user for _ in range(MANY)]
    calls = [lambda one=one: join_queue(actor=one, session_id=session.pk, now=NOW) for one in people]
    all_at_once([*calls, lambda: close_queue(actor=world.rhian, session_id=session.pk, now=NOW)])
    assert not QueueEntry.objects.filter(state="waiting").exists()


def test_starting_and_leaving_at_once_is_one_of_both(world, session, leaders):
    entry = joined(world, session, 1)[0]
    take_next(actor=leaders[0].user, session_id=session.pk, key=None, now=NOW)
    user = entry.membership.user
    all_at_once([
        lambda: start_helping(actor=leaders[0].user, entry_id=entry.pk, now=NOW),
        lambda: leave_queue(actor=user, session_id=session.pk, now=NOW),
    ])  # fmt: skip
    entry.refresh_from_db()
    assert entry.state in {"helping", "left"}
    assert (entry.state == "left") == (entry.ended_at is not None)
