"""Seats: booked, given back and passed on, accepted, run out; given back too late once too often."""

from datetime import timedelta
from typing import Any

from programmes.models import AttendanceMode, Booking, BookingRules, BookingState, Membership, Session
from programmes.services import bookings, seats
from tests import factories as make
from tests.faults import world
from tests.faults.flow import Flow

LETTER = ("outbox.after_queue", "outbox.before_ring")
HOUR = timedelta(hours=1)


def open_session(*, hours: float = 72) -> dict[str, Any]:
    """One seat, and two who would like it. A seat given back less than a day before is missed, and one miss pauses."""
    here, now = world.cycle(attendance_mode=AttendanceMode.BOOK), world.now()
    BookingRules.objects.create(cycle=here, misses=1, grace_minutes=0)
    start = now + hours * HOUR
    met = make.SessionFactory(cycle=here, group=None, starts_at=start, created_at=now, capacity=1)
    ben, zoe = (world.member(here) for _number in range(2))
    return world.ids(here, session=met.pk, ben=ben.pk, zoe=zoe.pk)


def book(given: dict[str, Any], who: str = "ben") -> Booking:
    member = Membership.objects.select_related("user").get(pk=given[who])
    return bookings.book_seat(
        actor=member.user, session_id=given["session"], membership_id=member.pk, or_wait=True, now=world.now()
    )


def taken(*, hours: float = 72) -> dict[str, Any]:
    given = open_session(hours=hours)
    booking = book(given)
    book(given, "zoe")
    return {**given, "booking": booking.pk}


def late() -> dict[str, Any]:
    given = taken(hours=9)
    Booking.objects.filter(pk=given["booking"]).update(made_at=world.now() - 30 * HOUR)
    return given


def give_back(given: dict[str, Any]) -> None:
    booking = Booking.objects.select_related("membership__user").get(pk=given["booking"])
    bookings.cancel_booking(actor=booking.membership.user, booking_id=booking.pk, now=world.now())


def offered() -> dict[str, Any]:
    given = taken()
    give_back(given)
    return {**given, "booking": Booking.objects.get(session=given["session"], state=BookingState.OFFERED).pk}


def accept(given: dict[str, Any]) -> None:
    booking = Booking.objects.select_related("membership__user").get(pk=given["booking"])
    bookings.accept_seat(actor=booking.membership.user, booking_id=booking.pk, now=world.now())


def run_out() -> dict[str, Any]:
    """An offer that ran out an hour ago, told in time; Ben waits again."""
    given = offered()
    book(given)
    world.mail_leaves(given)
    Booking.objects.filter(pk=given["booking"]).update(offer_expires_at=world.now() - HOUR)
    return given


def sweep(given: dict[str, Any]) -> None:
    seats.sweep_seats(world.now())


def closed() -> dict[str, Any]:
    """Booking has closed while somebody waited."""
    given = taken()
    Session.objects.filter(pk=given["session"]).update(starts_at=world.now() + HOUR, ends_at=world.now() + 2 * HOUR)
    return given


FLOWS = [
    Flow("booking: book", ("booking.after_seat", *LETTER), open_session, book),
    Flow("booking: give back", ("seats.after_end", "seats.after_offer", *LETTER), taken, give_back),
    Flow(
        "booking: give back too late",
        ("seats.after_end", "seats.after_offer", "booking.after_pause", *LETTER),
        late,
        give_back,
    ),
    Flow("booking: accept", ("booking.after_seat", *LETTER), offered, accept),
    Flow("booking: run out", ("seats.after_end", "seats.after_offer", *LETTER), run_out, sweep),
    Flow("booking: closes", ("seats.after_end", *LETTER), closed, sweep),
]
