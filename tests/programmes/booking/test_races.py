"""Many people, few seats, all at once: 500 for 100 on both databases, and the small races that could go wrong."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection

from programmes.models import Booking, Membership, Session
from programmes.services import seats
from programmes.services.bookings import BookingRefused
from tests import factories as make
from tests.factories import NOW
from tests.programmes.booking.scenes import accept, book, booking_cycle, give_back, member, open_session, state, states

pytestmark = pytest.mark.django_db(transaction=True)


def outcome(call: Callable[[], Booking]) -> str:
    for _press in range(5):
        try:
            return str(call().state)
        except BookingRefused as refusal:
            return refusal.code
        except OperationalError as error:  # on a busy machine, when somebody's turn did not come in 5 or 20 seconds
            if "locked" not in str(error) and "lock timeout" not in str(error):
                raise
    return "busy"


def all_at_once(calls: list[Callable[[], Booking]], *, threads: int = 0) -> Counter[str]:
    """Run them in threads that start together; how often each outcome came."""
    workers = threads or len(calls)
    barrier = threading.Barrier(workers)

    def run(share: list[Callable[[], Booking]]) -> list[str]:
        barrier.wait()
        if connection.vendor == "sqlite":  # who gets the seat is proved here, not that the disk keeps it
            connection.cursor().execute("PRAGMA synchronous=OFF")
        try:
            return [outcome(call) for call in share]
        finally:
            connection.close()

    with ThreadPoolExecutor(workers) as pool:
        shares = list(pool.map(run, [calls[number::workers] for number in range(workers)]))
    return Counter(one for share in shares for one in share)


def booking(session: Session, who: Membership, **more: Any) -> Callable[[], Booking]:
    return lambda: book(session, who, **more)


def people(cycle: Any, count: int) -> list[Membership]:
    users = [make.UserFactory.build(email=f"seat{number}@student.aberwen.ac.uk") for number in range(count)]
    made = type(users[0]).objects.bulk_create(users)
    rows = [Membership(cycle=cycle, user=one, role="participant", created_at=NOW, joined_at=NOW) for one in made]
    return list(Membership.objects.bulk_create(rows))


@pytest.mark.usefixtures("vocabulary")
def test_five_hundred_for_a_hundred_seats() -> None:
    """500 people press Book, and 100 of them twice: 100 seats, 400 in line, nobody in both, nobody twice."""
    cycle = booking_cycle(weekly_limit=None)
    session, everybody = open_session(cycle, seats=100), people(booking_cycle(cycle, weekly_limit=None), 500)
    calls = [booking(session, who, wait=True) for who in (*everybody, *everybody[:100])]
    # As many at once as the web processes of a machine have threads; SQLite lets one write at a time.
    found = all_at_once(calls, threads=8 if connection.vendor == "postgresql" else 4)
    assert found.total() == 600
    assert Counter(states(session)) == {"booked": 100, "waiting": 400}
    assert Booking.objects.filter(session=session).values("membership").distinct().count() == 500


@pytest.mark.usefixtures("vocabulary")
def test_eight_people_one_seat_ten_times() -> None:
    for _round in range(10):
        cycle = booking_cycle(weekly_limit=None)
        session = open_session(cycle, seats=1)
        found = all_at_once([booking(session, member(cycle)) for _ in range(8)])
        assert found == {"booked": 1, "full": 7}


@pytest.mark.usefixtures("vocabulary")
def test_one_person_books_eight_at_once_and_gets_as_many_as_a_week_has() -> None:
    cycle = booking_cycle(weekly_limit=2)
    ben = member(cycle)
    sessions = [open_session(cycle, ahead=timedelta(hours=24 + number)) for number in range(8)]
    found = all_at_once([booking(session, ben) for session in sessions])
    assert found == {"booked": 2, "week_full": 6}


@pytest.mark.usefixtures("vocabulary")
def test_a_seat_given_back_while_others_come_goes_to_who_waited() -> None:
    """Giving back, pressing Book, the sweep and the answer to an offer at once: one seat, one person, ten times."""
    for _round in range(10):
        cycle = booking_cycle(weekly_limit=None)
        session = open_session(cycle, seats=1)
        taken = book(session, member(cycle))
        first, second = (book(session, member(cycle), wait=True) for _ in range(2))

        def sweep() -> Booking:
            seats.sweep_seats(NOW)
            return taken  # noqa: B023 - runs before the round ends

        calls = [lambda: give_back(taken), sweep, *(booking(session, member(cycle)) for _ in range(4))]  # noqa: B023
        all_at_once(calls)
        assert (state(first), state(second)) == ("offered", "waiting")
        found = all_at_once([lambda: accept(first), lambda: give_back(first)])  # noqa: B023
        assert found.total() == 2
        assert Booking.objects.filter(session=session).holding_seat().count() == 1
