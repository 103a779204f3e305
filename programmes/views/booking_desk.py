"""Booking, for those who run a cycle: how people come, who has a seat, who waits, whose booking is paused."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from peerhub.common.access import can, require_perm
from peerhub.common.csvio import csv_response
from peerhub.common.errors import DomainError
from programmes.forms.bookings import ComingForm, LiftForm
from programmes.models import BookingPause, Cycle, CycleState, Membership, Role, Session
from programmes.models.bookings import takes_seats
from programmes.queries import booking_lists
from programmes.queries.bookings import is_booked, seats_in_words, seats_of
from programmes.queries.naming import session_title
from programmes.queries.workspace import workspace_or_404
from programmes.services import booking_pauses, booking_rules, bookings
from programmes.views.join_steps import posted
from programmes.views.people import is_uuid
from programmes.views.planning import session_or_404

PAGE = 25


# --- how people come -------------------------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
def coming_change(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """The mode of a cycle and its rules of booking."""
    cycle = workspace_or_404(request.user, slug, code)
    require_perm(request.user, "programmes.change_cycle", cycle)
    form = ComingForm.of(cycle, posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            made = booking_rules.change_coming(
                actor=request.user,
                cycle_id=cycle.pk,
                mode=form.cleaned_data["mode"],
                rules=form.rules(),
                now=timezone.now(),
            )
        except DomainError as refusal:
            form.add_error(None, str(refusal.message))
        else:
            messages.success(request, _saved(made))
            return redirect("programmes:cycle_settings", slug=slug, code=code)
    context = {
        "cycle": cycle,
        "programme": cycle.programme,
        "tab": "settings",
        "form": form,
        "is_closed": cycle.state == CycleState.CLOSED,
        "standing": booking_lists.standing_bookings(cycle, now=timezone.now()),
    }
    return render(request, "programmes/bookings/coming.html", context, status=422 if form.errors else 200)


def _saved(made: booking_rules.Coming) -> str:
    parts = [_("Saved.")]
    if made.waited:
        said = ngettext("%(n)s waits no longer and is told.", "%(n)s wait no longer and are told.", made.waited)
        parts.append(said % {"n": made.waited})
    if made.paused:
        said = ngettext("%(n)s person can book again.", "%(n)s people can book again.", made.paused)
        parts.append(said % {"n": made.paused})
    return " ".join(parts)


# --- one session -----------------------------------------------------------------------------------------------------
@require_safe
def session_bookings(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Who has a seat, who was offered one, who waits in order; who coordinates can add and take off."""
    session = session_or_404(request, uuid)
    require_perm(request.user, "programmes.view_bookings", session)
    may_add = can(request.user, "programmes.add_booking", session) and is_booked(session)
    words = " ".join(request.GET.get("q", "").split())[:80]
    held, waiting = seats_of([session.pk]).get(session.pk, (0, 0))
    context = {
        "session": session,
        "title": session_title(session),
        "programme": session.cycle.programme,
        "cycle": session.cycle,
        "page_obj": booking_lists.bookings_of(session, page=request.GET.get("page", "1")),
        "seats": seats_in_words(session, held),
        "held": held,
        "waiting": waiting,
        "is_full": session.capacity is not None and held >= session.capacity,
        "takes_seats": takes_seats(session),
        "may_add": may_add and session.starts_at > timezone.now(),
        "may_export": can(request.user, "programmes.export_bookings", session),
        "words": words,
        "found": list(booking_lists.find_to_book(session, words)) if may_add and len(words) > 1 else None,
    }
    return render(request, "programmes/bookings/session.html", context)


@require_POST
def booking_add(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Book for somebody, or put them on the waiting list."""
    session = session_or_404(request, uuid)
    require_perm(request.user, "programmes.add_booking", session)
    back = redirect("programmes:session_bookings", uuid=uuid)
    who = request.POST.get("who", "")
    people = Membership.objects.active().filter(cycle=session.cycle_id, role=Role.PARTICIPANT)
    member = people.filter(uuid=who).first() if is_uuid(who) else None
    if member is None:
        messages.error(request, _("Choose somebody who takes part in the programme."))
        return back
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
        is_in = booking.state == "booked"
        messages.success(request, _("Booked. They are told.") if is_in else _("They are on the waiting list."))
    return back


@require_safe
def bookings_export(request: HttpRequest, uuid: UUID) -> StreamingHttpResponse:
    """Every booking of one session as CSV."""
    session = session_or_404(request, uuid)
    require_perm(request.user, "programmes.export_bookings", session)
    lines = booking_lists.booking_lines(session)
    return csv_response(f"bookings-{session.uuid}.csv", booking_lists.bookings_header(), lines)


# --- pauses ----------------------------------------------------------------------------------------------------------
@require_safe
def pause_list(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Whose booking is paused, what they missed, and the way to lift it."""
    cycle = _paused_in(request, slug, code)
    page = Paginator(booking_lists.running_pauses(cycle, now=timezone.now()), PAGE).get_page(request.GET.get("page"))
    pauses = list(page.object_list)
    missed = booking_lists.what_was_missed(pauses)
    context = {
        "cycle": cycle,
        "programme": cycle.programme,
        "tab": "sessions",
        "page_obj": page,
        "rows": [(pause, missed[pause.pk]) for pause in pauses],
        "may_lift": can(request.user, "programmes.lift_pause", cycle),
    }
    return render(request, "programmes/bookings/pauses.html", context)


@require_safe
def pauses_export(request: HttpRequest, slug: str, code: str) -> StreamingHttpResponse:
    """The same as CSV, for who coordinates."""
    cycle = _paused_in(request, slug, code)
    require_perm(request.user, "programmes.lift_pause", cycle)
    lines = booking_lists.pause_lines(cycle, now=timezone.now())
    return csv_response(f"paused-{cycle.programme.slug}-{cycle.code}.csv", booking_lists.pauses_header(), lines)


@require_http_methods(["GET", "HEAD", "POST"])
def pause_lift(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Let somebody book again before their pause is over, with a reason."""
    related = ("membership__user", "membership__cycle__programme__activity_type")
    unit = "membership__cycle__programme__owner_unit"
    pauses = BookingPause.objects.visible_to(request.user).select_related(*related, unit)
    pause: BookingPause = get_object_or_404(pauses, uuid=uuid)
    cycle = pause.membership.cycle
    require_perm(request.user, "programmes.lift_pause", cycle)
    form = LiftForm(posted(request))
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        booking_pauses.lift_pause(actor=request.user, pause_id=pause.pk, reason=reason, now=timezone.now())
        messages.success(request, _("%(name)s can book again.") % {"name": pause.membership.user.display_name})
        return redirect("programmes:pause_list", cycle.programme.slug, cycle.code)
    context = {
        "pause": pause,
        "missed": booking_lists.what_was_missed([pause])[pause.pk],
        "cycle": cycle,
        "programme": cycle.programme,
        "is_over": pause.lifted_at is not None or pause.until <= timezone.now(),
        "form": form,
    }
    return render(request, "programmes/bookings/lift.html", context, status=422 if form.errors else 200)


def _paused_in(request: HttpRequest, slug: str, code: str) -> Cycle:
    cycle = workspace_or_404(request.user, slug, code)
    require_perm(request.user, "programmes.view_pauses", cycle)
    return cycle


def seats_for_page(session: Session) -> dict[str, Any]:
    """What a session's page tells those who run it."""
    if not takes_seats(session):
        return {}
    held, waiting = seats_of([session.pk]).get(session.pk, (0, 0))
    return {
        "seats": seats_in_words(session, held),
        "waiting": waiting,
        "bookings_url": reverse("programmes:session_bookings", args=[session.uuid]),
    }
