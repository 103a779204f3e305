"""Booking, for whoever takes part: what there is, one tap to book, one's own seats, the answer to an offer."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from peerhub.common.access import can, own_address, require_perm
from peerhub.common.errors import DomainError
from programmes.models import Booking, BookingState, Membership, Session, SessionStatus
from programmes.models.bookings import takes_seats
from programmes.queries.booking_pages import by_day, desk_of, own_place, own_place_in, seat_at, seats_for
from programmes.queries.bookings import is_booked
from programmes.queries.joining import point_person
from programmes.queries.naming import session_title
from programmes.services import bookings
from programmes.views.planning import session_or_404

RELATED = ("membership__user", "session__group", "session__cycle__programme__activity_type")
UNIT = "session__cycle__programme__owner_unit"


@require_safe
def booking_list(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """What can be booked in a cycle, by day, and what one has booked."""
    member = own_place(request.user, slug, code)
    if member is None:
        raise Http404
    desk = desk_of(member, now=timezone.now())
    own, page = seats_for(desk, page=request.GET.get("page", "1"))
    context = {
        "cycle": member.cycle,
        "programme": member.cycle.programme,
        "desk": desk,
        "own": own,
        "page_obj": page,
        "days": by_day(page.object_list) if page else [],
        "contact": point_person(member.cycle) if desk.pause else None,
    }
    return render(request, "programmes/bookings/list.html", context)


@require_POST
def seat_book(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take a seat for oneself, or with `wait` a place on the waiting list."""
    session = session_or_404(request, uuid)
    require_perm(request.user, "programmes.book_seat", session)
    member = own_place_in(request.user, session)
    if member is None:
        raise Http404
    try:
        booking = bookings.book_seat(
            actor=request.user,
            session_id=session.pk,
            membership_id=member.pk,
            or_wait=request.POST.get("wait") == "1",
            now=timezone.now(),
        )
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _said(booking, session))
    return redirect(_back(request, session))


def _said(booking: Booking, session: Session) -> str:
    words = {"title": session_title(session)}
    if booking.state == BookingState.WAITING:
        return _("You are on the waiting list for %(title)s. When a seat comes free for you, we write to you.") % words
    return _("You have a seat: %(title)s. It is in your calendar, and we have written to you.") % words


@require_safe
def booking_detail(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One booking, where mails lead: the offer to answer, the seat to give back. Who runs the session sees its list."""
    booking = _booking_or_404(request, uuid)
    if booking.membership.user_id != request.user.pk:
        return redirect("programmes:session_bookings", uuid=booking.session.uuid)
    session = booking.session
    seat = seat_at(session, _member(booking), now=timezone.now())
    is_current = seat.booking is not None and seat.booking.pk == booking.pk
    context = {
        "booking": booking,
        "seat": seat,
        "session": session,
        "programme": session.cycle.programme,
        "cycle": session.cycle,
        "is_current": is_current and session.status == "planned" and session.starts_at > timezone.now(),
    }
    return render(request, "programmes/bookings/detail.html", context)


@require_POST
def seat_accept(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take the seat that was offered."""
    booking = _booking_or_404(request, uuid)
    require_perm(request.user, "programmes.accept_seat", booking)
    try:
        bookings.accept_seat(actor=request.user, booking_id=booking.pk, now=timezone.now())
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("The seat is yours. It is in your calendar, and we have written to you."))
    return redirect("programmes:booking_detail", uuid=uuid)


@require_POST
def booking_cancel(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Give a seat back, leave the waiting list, say no to an offer; for somebody else by who coordinates."""
    booking = _booking_or_404(request, uuid)
    require_perm(request.user, "programmes.cancel_booking", booking)
    try:
        ended = bookings.cancel_booking(actor=request.user, booking_id=booking.pk, now=timezone.now())
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
    else:
        is_own = booking.membership.user_id == request.user.pk
        messages.success(request, _given_back(ended) if is_own else _("Given back. They are told."))
    return redirect(_back(request, booking.session))


def _given_back(booking: Booking) -> str:
    if booking.state == BookingState.LATE:
        return _("Given back. It was late, so it counts as missed; book it again while there is a seat to undo that.")
    if booking.state == BookingState.DECLINED:
        return _("Thank you for saying so. The seat goes to the next person.")
    return _("Done. You can book it again while there is a seat.")


# --- steps -----------------------------------------------------------------------------------------------------------
def _booking_or_404(request: HttpRequest, uuid: UUID) -> Booking:
    rows = Booking.objects.visible_to(request.user).select_related(*RELATED, UNIT)
    booking: Booking = get_object_or_404(rows, uuid=uuid)
    return booking


def _member(booking: Booking) -> Membership:
    """The person's place with its cycle, as the pages of booking read it."""
    member = booking.membership
    member.cycle = booking.session.cycle
    return member


def _back(request: HttpRequest, session: Session) -> str:
    """Where the form came from, else the page of seats, else the session."""
    if wanted := own_address(request, request.POST.get("next")):
        return wanted
    if can(request.user, "programmes.book_seat", session):
        return reverse("programmes:booking_list", args=[session.cycle.programme.slug, session.cycle.code])
    return reverse("programmes:session_detail", args=[session.uuid])


def seat_for(user: Any, session: Session) -> Any:
    """What a session's page tells somebody who may book it or has booked it before; None for everybody else."""
    if not takes_seats(session) or session.status != SessionStatus.PLANNED or session.starts_at <= timezone.now():
        return None
    if not is_booked(session) and not Booking.objects.live().filter(session=session, membership__user=user).exists():
        return None
    member = own_place_in(user, session)
    return seat_at(session, member, now=timezone.now()) if member else None
