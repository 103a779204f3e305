"""Joining by oneself, and one's own programmes: status, answering an offered place, leaving."""

from datetime import datetime
from typing import Any
from uuid import UUID

from allauth.decorators import rate_limit
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from peerhub.common.errors import DomainError
from programmes.forms.joining import LeaveForm
from programmes.models import Membership, MembershipStatus, Programme, Role
from programmes.queries.design_answers import designed_by
from programmes.queries.joining import (
    cycle_to_join,
    entry_by_oneself,
    open_invitations_for,
    own_memberships,
    point_person,
    sessions_by_id,
)
from programmes.services import joining
from programmes.views.join_steps import Way, posted, show_check, show_start


@require_http_methods(["GET", "HEAD", "POST"])
def join_start(request: HttpRequest, slug: str) -> HttpResponse:
    """Step 1 of joining: what it means."""
    programme, way = _own_way(request, slug)
    if way is None:
        return render(request, "programmes/joining/nothing.html", {"programme": programme})
    return show_start(request, way)


@require_http_methods(["GET", "HEAD", "POST"])
@rate_limit(action="join")
def join_check(request: HttpRequest, slug: str) -> HttpResponse:
    """Step 2 of joining: check and join."""
    _programme, way = _own_way(request, slug)
    return show_check(request, way) if way else redirect("programmes:join_start", slug=slug)


def _own_way(request: HttpRequest, slug: str) -> tuple[Programme, Way | None]:
    programme = get_object_or_404(Programme.objects.visible_to(request.user), slug=slug)
    cycle = cycle_to_join(programme, now=timezone.now())
    if cycle is None:
        return programme, None

    def join(note: str, form_key: UUID | None, now: datetime) -> Membership:
        return joining.ask_to_join(actor=request.user, cycle_id=cycle.pk, note=note, form_key=form_key, now=now)

    entry = entry_by_oneself(cycle, request.user, now=timezone.now())
    start, check = (reverse(f"programmes:{name}", args=[slug]) for name in ("join_start", "join_check"))
    return programme, Way(entry, start, check, reverse("programmes:programme_detail", args=[slug]), join)


@require_safe
def join_done(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What happened and what happens now."""
    membership = _own(request, uuid)
    session = sessions_by_id([pk for pk in [_annotated(membership, "next_session_id")] if pk])
    context = {
        "membership": membership,
        "programme": membership.cycle.programme,
        "contact": point_person(membership.cycle),
        "session": next(iter(session.values()), None),
        "position": _annotated(membership, "before_me") + 1,
    }
    return render(request, "programmes/joining/done.html", context)


@require_safe
def my_memberships(request: HttpRequest) -> HttpResponse:
    """Everything the person is in, waits for or was in."""
    now = timezone.now()
    rows = own_memberships(request.user, now=now)
    over = {MembershipStatus.LEFT, MembershipStatus.REMOVED, MembershipStatus.DECLINED}
    current = list(rows.exclude(status__in=over).exclude(cycle__state="closed")[:60])
    earlier = Paginator(rows.filter(status__in=over) | rows.filter(cycle__state="closed"), 20).get_page(
        request.GET.get("page")
    )
    sessions = sessions_by_id([pk for row in current if (pk := _annotated(row, "next_session_id"))])
    shown = [_with_next(row, sessions) for row in current]
    context = {
        "invitations": open_invitations_for(request.user, now=now),
        "offers": [one for one in shown if one["row"].status == MembershipStatus.OFFERED],
        "active": [one for one in shown if one["row"].status == MembershipStatus.ACTIVE],
        "queue": [one for one in shown if one["row"].status in joining.IN_THE_QUEUE],
        "earlier": earlier,
        "designed": designed_by(request.user),
    }
    return render(request, "programmes/joining/mine.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def membership_leave(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Leave a programme, on a page of its own."""
    membership = _own(request, uuid)
    if membership.status != MembershipStatus.ACTIVE:
        return redirect("programmes:my_memberships")
    form = LeaveForm(posted(request))
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        return _answer(
            request,
            lambda now: joining.leave_programme(
                actor=request.user, membership_id=membership.pk, reason=reason, now=now
            ),
            _("You have left %(programme)s. You can come back while there are places.") % _names(membership),
        )
    context = {"form": form, "membership": membership, "programme": membership.cycle.programme}
    return render(request, "programmes/joining/leave.html", context, status=422 if form.errors else 200)


@require_POST
def membership_withdraw(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take back a request, or leave the waiting list."""
    membership = _own(request, uuid)
    return _answer(
        request,
        lambda now: joining.withdraw_request(actor=request.user, membership_id=membership.pk, now=now),
        _("Your request to join %(programme)s is taken back.") % _names(membership),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def offer_answer(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Accept or decline a place that was offered."""
    membership = _own(request, uuid)
    if request.method == "POST":
        return _answer_offer(request, membership)
    still = membership.status == MembershipStatus.OFFERED and membership.offer_expires_at
    context = {
        "membership": membership,
        "programme": membership.cycle.programme,
        "is_open": bool(still and membership.offer_expires_at and membership.offer_expires_at > timezone.now()),
    }
    return render(request, "programmes/joining/offer.html", context)


def _answer_offer(request: HttpRequest, membership: Membership) -> HttpResponse:
    if request.POST.get("answer") == "decline":
        return _answer(
            request,
            lambda now: joining.decline_offer(actor=request.user, membership_id=membership.pk, now=now),
            _("Thank you for saying so. The place in %(programme)s goes to the next person.") % _names(membership),
        )
    try:
        joining.accept_offer(actor=request.user, membership_id=membership.pk, now=timezone.now())
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
        return redirect("programmes:my_memberships")
    return redirect("programmes:join_done", uuid=membership.uuid)


def _own(request: HttpRequest, uuid: UUID) -> Membership:
    """One of the person's own memberships; somebody else's does not exist here."""
    return get_object_or_404(own_memberships(request.user, now=timezone.now()), uuid=uuid)


def _answer(request: HttpRequest, use_case: Any, done: str) -> HttpResponse:
    try:
        use_case(timezone.now())
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, done)
    return redirect("programmes:my_memberships")


def _names(membership: Membership) -> dict[str, str]:
    return {"programme": membership.cycle.programme.name}


def _annotated(row: Membership, name: str) -> Any:
    """A value `own_memberships` has annotated."""
    return getattr(row, name)


def _with_next(row: Membership, sessions: dict[int, Any]) -> dict[str, Any]:
    return {
        "row": row,
        "session": sessions.get(_annotated(row, "next_session_id") or 0),
        "position": _annotated(row, "before_me") + 1,
        "is_peer": row.role in {Role.LEADER, Role.PARTICIPANT},
    }
