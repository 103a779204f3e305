"""What tests of booking share: a cycle that books, a session with few seats, people, and what they were told."""

from datetime import datetime, timedelta
from typing import Any

from peerhub.common.mail.writing import write_letters
from peerhub.common.models.outbox import Message
from programmes.models import Booking, BookingRules, Cycle, Membership, Session
from programmes.services import bookings
from programmes.services.bookings import BookingRefused
from tests import factories as make
from tests.factories import NOW

SOON = timedelta(days=3)


def booking_cycle(cycle: Cycle | None = None, **rules: Any) -> Cycle:
    """A running cycle whose open sessions are booked, by the defaults but for `rules`."""
    cycle = cycle or make.CycleFactory()
    cycle.attendance_mode = "book"
    cycle.save()
    BookingRules.objects.update_or_create(cycle=cycle, defaults=rules)
    return Cycle.objects.get(pk=cycle.pk)


def open_session(cycle: Cycle, seats: int | None = 2, ahead: timedelta = SOON, **more: Any) -> Session:
    return make.SessionFactory(cycle=cycle, starts_at=NOW + ahead, capacity=seats, **more)


def member(cycle: Cycle, name: str = "", **more: Any) -> Membership:
    return make.MembershipFactory(cycle=cycle, **({"user__given_name": name} if name else {}), **more)


def book(session: Session, who: Membership, *, by: Any = None, wait: bool = False, now: datetime = NOW) -> Booking:
    actor = by or who.user
    return bookings.book_seat(actor=actor, session_id=session.pk, membership_id=who.pk, or_wait=wait, now=now)


def give_back(booking: Booking, *, by: Any = None, now: datetime = NOW) -> Booking:
    return bookings.cancel_booking(actor=by or booking.membership.user, booking_id=booking.pk, now=now)


def accept(booking: Booking, *, now: datetime = NOW) -> Booking:
    return bookings.accept_seat(actor=booking.membership.user, booking_id=booking.pk, now=now)


def refused(call: Any, *args: Any, **more: Any) -> str:
    """The refusal's code; "" when it went through."""
    try:
        call(*args, **more)
    except BookingRefused as refusal:
        return refusal.code
    return ""


def state(booking: Booking) -> str:
    return Booking.objects.values_list("state", flat=True).get(pk=booking.pk)


def states(session: Session) -> list[str]:
    return list(Booking.objects.filter(session=session).order_by("pk").values_list("state", flat=True))


def told(kind: str) -> list[int]:
    """Users who were written to, by key."""
    rows = Message.objects.filter(kind=f"programmes.{kind}", channel="email").order_by("pk")
    return list(rows.values_list("recipient", flat=True))


def letters(kind: str, *, now: datetime = NOW) -> dict[int, Any]:
    rows = list(Message.objects.filter(kind=f"programmes.{kind}", channel="email").order_by("pk"))
    return {row.recipient_id: said for row, said in write_letters(rows, now)}


def mail_leaves(now: datetime = NOW) -> None:
    """Everything that waits in the outbox has gone."""
    Message.objects.filter(channel="email", finished_at=None).update(state="sent", finished_at=now)
