"""Booking seats: book, wait, accept what is offered, give back. By the person themselves, or by who coordinates.

The person's place is locked first, then the session: nobody books beyond their week, or beyond the seats there are.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from peerhub.common import dates
from peerhub.common.errors import DomainError
from peerhub.common.failpoints import failpoint
from programmes.models import (
    HOLDS_SEAT,
    LIVE_BOOKINGS,
    AttendanceMode,
    Booking,
    BookingRules,
    BookingState,
    CycleState,
    Membership,
    MembershipStatus,
    Role,
    Session,
    SessionStatus,
)
from programmes.models.bookings import takes_seats
from programmes.queries.bookings import rules_of, running_pause, seats_in_week
from programmes.services.booking_pauses import pause_after_misses
from programmes.services.seats import (
    end_booking,
    free_when_settled,
    locked_session,
    record,
    session_to_book,
    settle_seats,
    tell,
)


class BookingRefused(DomainError):
    """Codes: not_booked (nobody books this), not_running, called_off, too_early, too_late, over, not_in, leads, paused,
    week_full, full, no_offer, ran_out.
    """


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants a seat where, both rows locked. `is_own`: they ask for themselves, so that the rules hold."""

    member: Membership
    session: Session
    rules: BookingRules
    is_own: bool


@transaction.atomic(durable=True)
def book_seat(*, actor: Any, session_id: int, membership_id: int, or_wait: bool = False, now: datetime) -> Booking:
    """A seat for a participant; with `or_wait`, where none is free, the end of the waiting list.

    A seat offered to them is taken; a seat given back too late is theirs again while one is free, and no longer missed.
    Again changes nothing. For somebody else (who coordinates), the rules of time, week and pause do not hold; the
    number of seats does. Refuses with `BookingRefused`.
    """
    # All that does not depend on seats is asked before the session is held, for which many may wait.
    member = _locked_member(membership_id)
    wish = _as_wish(actor, member, session_to_book(session_id))
    mine = {booking.state: booking for booking in _own(wish)}
    if BookingState.BOOKED in mine and wish.session.status == SessionStatus.PLANNED:
        return mine[BookingState.BOOKED]
    _refuse_closed(wish, now)
    _refuse_leader(wish)
    before = mine.get(BookingState.LATE)
    _refuse_rules(wish, before, now)
    return _book_or_wait(actor, _as_wish(actor, member, locked_session(session_id)), before, or_wait, now)


def _book_or_wait(actor: Any, wish: Wish, before: Booking | None, or_wait: bool, now: datetime) -> Booking:
    _refuse_closed(wish, now)
    free = free_when_settled(wish.session, now=now)
    own = next((booking for booking in _own(wish) if booking.state != BookingState.LATE), None)
    if own and own.state == BookingState.OFFERED:
        return _take(actor, wish, own, before, now)
    if free != 0:
        return _book(actor, wish, own, before, now)
    if own:
        return own  # waits already
    if not or_wait or now >= wish.rules.closes_at(wish.session):
        raise BookingRefused("full", _("The last seat has gone."))
    return _wait(actor, wish, now)


@transaction.atomic(durable=True)
def accept_seat(*, actor: Any, booking_id: int, now: datetime) -> Booking:
    """Take the seat that was offered: it has been held since. Refuses with `no_offer`, `ran_out`, and by what changed
    since then as `book_seat` would.
    """
    wish, booking = _of_booking(actor, booking_id, now)
    if booking.state == BookingState.BOOKED:
        return booking  # pressed twice
    if booking.state == BookingState.LAPSED:
        raise BookingRefused("ran_out", _("This offer has run out. The seat went to whoever was next."))
    if booking.state != BookingState.OFFERED or booking.offer_expires_at is None:
        raise BookingRefused("no_offer", _("There is no seat to accept."))
    _refuse_closed(wish, now)
    if booking.offer_expires_at <= now:
        raise BookingRefused("ran_out", _("This offer has run out. The seat went to whoever was next."))
    _refuse_leader(wish)
    before = next((one for one in _own(wish) if one.state == BookingState.LATE), None)
    if wish.is_own:
        _refuse_paused(wish, before, now)
        _refuse_week(wish)
    return _take(actor, wish, booking, before, now)


@transaction.atomic(durable=True)
def cancel_booking(*, actor: Any, booking_id: int, now: datetime) -> Booking:
    """Give a seat back, leave the waiting list, or say no to an offered seat; the next in line is asked at once.

    A seat given back too late counts as missed (`BookingRules.is_late`); never when who coordinates does it. Again
    changes nothing. Refuses with `over` once the session has begun.
    """
    wish, booking = _of_booking(actor, booking_id, now)
    if booking.state not in (*HOLDS_SEAT, BookingState.WAITING):
        return booking
    if wish.session.status != SessionStatus.CANCELLED:
        _refuse_over(wish.session, now)
    state = _after_cancel(wish, booking, now)
    end_booking(booking, state, now=now)
    action = {BookingState.DECLINED: "seat_declined", BookingState.LATE: "seat_given_back_late"}
    record(actor, action.get(state, "seat_given_back"), booking, wish.session, now=now)
    if not wish.is_own:
        tell("seat_taken_away", booking, wish.session, now=now)
    settle_seats(wish.session, now=now)
    if state == BookingState.LATE:
        pause_after_misses(wish.session.cycle, [wish.member.pk], now=now)
    return booking


def _after_cancel(wish: Wish, booking: Booking, now: datetime) -> BookingState:
    if booking.state == BookingState.OFFERED:
        return BookingState.DECLINED
    counts = booking.state == BookingState.BOOKED and wish.is_own and wish.session.status == SessionStatus.PLANNED
    is_late = counts and wish.rules.is_late(booking, wish.session, now=now)
    return BookingState.LATE if is_late else BookingState.CANCELLED


# --- steps -----------------------------------------------------------------------------------------------------------
def _locked_member(membership_id: int) -> Membership:
    return Membership.objects.select_for_update(of=("self",)).get(pk=membership_id)


def _as_wish(actor: Any, member: Membership, session: Session) -> Wish:
    return Wish(member, session, rules_of(session.cycle), is_own=member.user_id == getattr(actor, "pk", None))


def _of_booking(actor: Any, booking_id: int, now: datetime) -> tuple[Wish, Booking]:
    """The booking and its wish, held. Refused before that once it has begun: whoever logs a session holds it, and then
    the places of those who booked.
    """
    session_id, membership_id = Booking.objects.values_list("session_id", "membership_id").get(pk=booking_id)
    member, session = _locked_member(membership_id), session_to_book(session_id)
    if session.status != SessionStatus.CANCELLED:
        _refuse_over(session, now)
    wish = _as_wish(actor, member, locked_session(session_id))
    booking = Booking.objects.get(pk=booking_id)
    booking.membership, booking.session = wish.member, wish.session
    return wish, booking


def _own(wish: Wish) -> list[Booking]:
    """The person's live booking of the session, if there is one, and a seat they gave back too late."""
    states = [*LIVE_BOOKINGS, BookingState.LATE]
    rows = Booking.objects.filter(session=wish.session, membership=wish.member, state__in=states).order_by("pk")
    for booking in (found := list(rows)):
        booking.membership, booking.session = wish.member, wish.session
    return found


def _refuse_over(session: Session, now: datetime) -> None:
    if session.status == SessionStatus.CANCELLED:
        raise BookingRefused("called_off", _("It was called off."))
    if session.starts_at <= now or session.status != SessionStatus.PLANNED:
        raise BookingRefused("over", _("It has begun, so seats stay as they are."))
    if session.cycle.state == CycleState.CLOSED:
        raise BookingRefused("over", _("This cycle is closed. What was booked in it stays as it is."))


def _refuse_closed(wish: Wish, now: datetime) -> None:
    """What nobody can book, whoever asks."""
    session, member = wish.session, wish.member
    if not takes_seats(session) or session.cycle.attendance_mode != AttendanceMode.BOOK:
        raise BookingRefused("not_booked", _("Nobody needs a seat for this. See when it is, and come."))
    if session.cycle.state != CycleState.RUNNING:
        raise BookingRefused("not_running", _("Seats can be booked while the programme is running."))
    if (
        member.cycle_id != session.cycle_id
        or member.role != Role.PARTICIPANT
        or member.status != MembershipStatus.ACTIVE
    ):
        raise BookingRefused("not_in", _("Only people who take part in this programme can have a seat."))
    _refuse_over(session, now)


def _refuse_leader(wish: Wish) -> None:
    if wish.session.leaders.filter(membership__user=wish.member.user_id).exists():
        raise BookingRefused("leads", _("Whoever leads it needs no seat."))


def _refuse_rules(wish: Wish, before: Booking | None, now: datetime) -> None:
    """The cycle's rules, for those who book for themselves. Who takes a seat again that they gave back too late
    (`before`) makes it good: no pause keeps them from it.
    """
    if not wish.is_own:
        return
    session, rules = wish.session, wish.rules
    if now < rules.opens_at(session):
        when = {"when": dates.when(rules.opens_at(session))}
        raise BookingRefused("too_early", _("This can be booked from %(when)s.") % when)
    if now >= rules.closes_at(session):
        raise BookingRefused("too_late", _("Booking has closed for this one. Ask whoever leads it."))
    _refuse_paused(wish, before, now)
    _refuse_week(wish)


def _refuse_paused(wish: Wish, before: Booking | None, now: datetime) -> None:
    if wish.rules.misses and not before and (pause := running_pause(wish.member.pk, now=now)):
        words = {"day": dates.day(pause.until)}
        raise BookingRefused("paused", _("You can book again from %(day)s. What you have booked stays yours.") % words)


def _refuse_week(wish: Wish) -> None:
    limit, session = wish.rules.weekly_limit, wish.session
    if limit is None:
        return
    has = seats_in_week(wish.member.pk, session.starts_at, session.cycle.time_zone, besides=session.pk)
    if has >= limit:
        message = ngettext(
            "You have a seat that week already, and one a week is the limit. Give it back first to take this one.",
            "You have %(limit)s seats that week already, which is the limit. Give one back first to take this one.",
            limit,
        )
        raise BookingRefused("week_full", message % {"limit": limit})


def _book(actor: Any, wish: Wish, own: Booking | None, before: Booking | None, now: datetime) -> Booking:
    """A free seat, for the row that waits, the one that was given back too late, or a new one."""
    booking = own or before or Booking(session=wish.session, membership=wish.member, made_at=now)
    booking.session, booking.membership = wish.session, wish.member
    _give_seat(wish, booking, before, now)
    record(actor, "seat_booked", booking, wish.session, now=now)
    return booking


def _take(actor: Any, wish: Wish, booking: Booking, before: Booking | None, now: datetime) -> Booking:
    """The seat that is kept for them."""
    _give_seat(wish, booking, before, now)
    record(actor, "seat_accepted", booking, wish.session, now=now)
    return booking


def _give_seat(wish: Wish, booking: Booking, before: Booking | None, now: datetime) -> None:
    """The seat is theirs. What they gave back too late (`before`) is made good: it is missed no more, but the time to
    think again does not begin anew, so that giving it back once more is late once more.
    """
    booking.made_at = before.made_at if before else now
    booking.state, booking.ended_at, booking.offer_expires_at = BookingState.BOOKED, None, None
    booking.save()
    failpoint("booking.after_seat")
    tell("seat_booked", booking, wish.session, now=now)
    if before is None:
        return
    if before.pk != booking.pk:
        end_booking(before, BookingState.CANCELLED, now=now)
    pause_after_misses(wish.session.cycle, [wish.member.pk], now=now)


def _wait(actor: Any, wish: Wish, now: datetime) -> Booking:
    booking = Booking.objects.create(
        session=wish.session,
        membership=wish.member,
        state=BookingState.WAITING,
        made_at=now,
        waiting_since=now,
    )
    record(actor, "seat_waited_for", booking, wish.session, now=now)
    return booking
