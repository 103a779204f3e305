"""Words about seats: booked, offered, gone to somebody else, and a pause after missing too much."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from peerhub.common import mail
from programmes.emails.delivery import SessionFacts, calendar_file, session_facts, words_for
from programmes.models import (
    AttendanceMode,
    Booking,
    BookingPause,
    BookingState,
    CycleState,
    MembershipStatus,
    Session,
    SessionStatus,
)
from programmes.queries.bookings import rules_of

OVERTAKEN = gettext_lazy("Things have changed since.")


@dataclass(frozen=True)
class SeatFacts(SessionFacts):
    """Bookings of a batch with their sessions, and what is known of those."""

    bookings: Mapping[int, Booking] = field(default_factory=dict)


def _seats(abouts: Sequence[Mapping[str, Any]]) -> SeatFacts:
    """Six queries a batch."""
    facts = session_facts(abouts)
    related = ("membership", "session__cycle__booking_rules")
    bookings = Booking.objects.select_related(*related).in_bulk({about["booking"] for about in abouts})
    return SeatFacts(facts.sessions, facts.expected, facts.leaders, facts.waiting, bookings=bookings)


def _booking(letter: mail.Letter, states: Sequence[str], now: datetime) -> Booking | mail.NotWanted:
    """The booking, while it is in one of these states, its session is still to come, and it is the reader's."""
    booking: Booking | None = letter.facts.bookings.get(letter.about["booking"])
    if booking is None or booking.state not in states or booking.membership.user_id != letter.recipient.pk:
        return mail.NotWanted(str(OVERTAKEN))
    if booking.membership.status != MembershipStatus.ACTIVE:
        return mail.NotWanted(_("The person is not part of it any more."))
    session = booking.session
    if session.status != SessionStatus.PLANNED or session.starts_at <= now:
        return mail.NotWanted(_("It has begun, or was called off."))
    if session.cycle.state == CycleState.CLOSED:
        return mail.NotWanted(_("The cycle is closed."))
    return booking


def _rendered(
    letter: mail.Letter, booking: Booking, template: str, title: str, *, url: str = "", **more: Any
) -> mail.Rendered:
    session: Session = letter.facts.sessions[booking.session_id]
    context = {**words_for(session, letter.facts, letter.recipient.pk), **more.pop("context", {})}
    words = {"title": context["title"], "programme": context["programme_name"]}
    return mail.Rendered(
        f"programmes/{template}",
        context,
        url=url or reverse("programmes:booking_detail", args=[booking.uuid]),
        why=_("You are getting this because you booked or waited for a seat in %(programme)s.") % words,
        title=title % words,
        **more,
    )


def _booking_page(session: Session) -> str:
    return reverse("programmes:booking_list", args=[session.cycle.programme.slug, session.cycle.code])


@mail.kind("programmes.seat_booked", title=gettext_lazy("You have a seat"), topic="sessions", load=_seats)
def seat_booked(letter: mail.Letter, now: datetime) -> mail.Rendered | mail.NotWanted:
    """Booked, accepted, or booked for them; with the session for their own calendar."""
    booking = _booking(letter, [BookingState.BOOKED], now)
    if isinstance(booking, mail.NotWanted):
        return booking
    session = letter.facts.sessions[booking.session_id]
    rules = rules_of(booking.session.cycle)
    free_until = session.starts_at - timedelta(hours=rules.late_cancel_hours)
    context = {"free_until": free_until if free_until > now and rules.late_cancel_hours else None}
    file = calendar_file(letter, session, now)
    title = _("You have a seat: %(title)s (%(programme)s)")
    return _rendered(letter, booking, "seat_booked", title, context=context, attach=file)


@mail.kind(
    "programmes.seat_offered",
    title=gettext_lazy("A seat has come free for you"),
    topic="sessions",
    essential=True,
    load=_seats,
)
def seat_offered(letter: mail.Letter, now: datetime) -> mail.Rendered | mail.NotWanted:
    """To whoever waited longest, with the time until which it is kept."""
    booking = _booking(letter, [BookingState.OFFERED], now)
    if isinstance(booking, mail.NotWanted):
        return booking
    if booking.offer_expires_at is None or booking.offer_expires_at <= now:
        return mail.NotWanted(_("The offer has run out."))
    title = _("A seat is yours if you want it: %(title)s (%(programme)s)")
    return _rendered(letter, booking, "seat_offered", title, context={"expires_at": booking.offer_expires_at})


@mail.kind(
    "programmes.seat_lapsed", title=gettext_lazy("A seat went to the next person"), topic="sessions", load=_seats
)
def seat_lapsed(letter: mail.Letter, now: datetime) -> mail.Rendered | mail.NotWanted:
    """Nobody answered in time."""
    booking = _booking(letter, [BookingState.LAPSED], now)
    if isinstance(booking, mail.NotWanted):
        return booking
    url = _booking_page(letter.facts.sessions[booking.session_id])
    return _rendered(letter, booking, "seat_lapsed", _("The seat went to the next person: %(title)s"), url=url)


@mail.kind(
    "programmes.waiting_ended",
    title=gettext_lazy("A waiting list ended"),
    topic="sessions",
    essential=True,
    load=_seats,
)
def waiting_ended(letter: mail.Letter, now: datetime) -> mail.Rendered | mail.NotWanted:
    """No seat came free until booking closed; or nobody needs one any more."""
    booking = _booking(letter, [BookingState.UNSERVED, BookingState.ENDED], now)
    if isinstance(booking, mail.NotWanted):
        return booking
    session = letter.facts.sessions[booking.session_id]
    just_come = session.cycle.attendance_mode != AttendanceMode.BOOK
    title = _("You need no seat any more: %(title)s") if just_come else _("No seat came free: %(title)s")
    # The page of seats is gone where nobody books.
    url = reverse("programmes:session_detail", args=[session.uuid]) if just_come else _booking_page(session)
    return _rendered(letter, booking, "waiting_ended", title, url=url, context={"just_come": just_come})


@mail.kind(
    "programmes.seat_taken_away",
    title=gettext_lazy("Your seat was given back"),
    topic="sessions",
    essential=True,
    load=_seats,
)
def seat_taken_away(letter: mail.Letter, now: datetime) -> mail.Rendered | mail.NotWanted:
    """Whoever coordinates gave it back, or took them off the waiting list."""
    booking = _booking(letter, [BookingState.CANCELLED, BookingState.DECLINED], now)
    if isinstance(booking, mail.NotWanted):
        return booking
    url = _booking_page(letter.facts.sessions[booking.session_id])
    return _rendered(letter, booking, "seat_taken_away", _("Your seat was given back: %(title)s"), url=url)


def _pauses(abouts: Sequence[Mapping[str, Any]]) -> dict[int, BookingPause]:
    rows = BookingPause.objects.select_related("membership__cycle__programme")
    return rows.in_bulk({about["pause"] for about in abouts})


@mail.kind(
    "programmes.booking_paused",
    title=gettext_lazy("Booking pauses for you"),
    topic="sessions",
    essential=True,
    load=_pauses,
)
def booking_paused(letter: mail.Letter, now: datetime) -> mail.Rendered | mail.NotWanted:
    """After missing so often: until when, that what is booked stays, and whom to tell."""
    pause: BookingPause | None = letter.facts.get(letter.about["pause"])
    if pause is None or pause.lifted_at or pause.until <= now:
        return mail.NotWanted(_("The pause is over."))
    if pause.membership.status != MembershipStatus.ACTIVE:
        return mail.NotWanted(_("The person is not part of it any more."))
    cycle = pause.membership.cycle
    programme = cycle.programme
    times = ngettext("%(n)s seat", "%(n)s seats", pause.misses) % {"n": pause.misses}
    return mail.Rendered(
        "programmes/booking_paused",
        {"programme_name": programme.name, "until": pause.until, "times": times},
        url=reverse("programmes:booking_list", args=[programme.slug, cycle.code]),
        why=_("You are getting this because you book seats in %(programme)s.") % {"programme": programme.name},
        title=_("Booking pauses for you in %(programme)s") % {"programme": programme.name},
    )
