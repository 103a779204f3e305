"""A leader cannot run a session: asking for cover, taking it, taking the question back."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from peerhub.common.access import can, require_perm
from peerhub.common.errors import DomainError
from peerhub.common.once import Repeated, key_from
from programmes.forms.sessions import CoverForm
from programmes.models import CoverRequest, CoverState, Session, SessionStatus
from programmes.queries.covers import cover_or_none, covers_of
from programmes.queries.naming import place_of, session_title
from programmes.services.cover import ask_cover, take_cover, withdraw_cover
from programmes.views.planning import session_or_404


def _cover_or_404(request: HttpRequest, uuid: UUID) -> CoverRequest:
    cover = cover_or_none(request.user, uuid)
    if cover is None:
        raise Http404
    return cover


@require_http_methods(["GET", "HEAD", "POST"])
def cover_ask(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Say that one cannot run it: those who could are asked."""
    session, now = session_or_404(request, uuid), timezone.now()
    require_perm(request.user, "programmes.ask_cover", session)
    form = CoverForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            ask_cover(actor=request.user, session_id=session.pk, reason=reason, key=key_from(request.POST), now=now)
        except Repeated:
            return redirect("programmes:session_detail", uuid=session.uuid)
        except DomainError as refusal:
            form.add_error(None, str(refusal.message))
        else:
            messages.success(request, _("Those who could take it are asked. You lead it until somebody does."))
            return redirect("programmes:session_detail", uuid=session.uuid)
    if form.errors:
        status = 422
    context = {"session": session, "title": session_title(session), "programme": session.cycle.programme, "form": form}
    return render(request, "programmes/sessions/cover_ask.html", context, status=status)


@require_safe
def cover_detail(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What is asked for, and whether it can still be taken."""
    cover, now = _cover_or_404(request, uuid), timezone.now()
    session = cover.session
    is_open = cover.state == CoverState.OPEN and session.status == SessionStatus.PLANNED and session.starts_at > now
    mine = request.user.pk == cover.asked_by.user_id
    context = {
        "cover": cover,
        "session": session,
        "programme": session.cycle.programme,
        "title": session_title(session),
        "place": place_of(session),
        "is_open": is_open,
        "is_mine": mine,
        "has_it": cover.taken_by is not None and cover.taken_by.user_id == request.user.pk,
        "can_take": is_open and not mine and can(request.user, "programmes.take_cover", session),
        "can_withdraw": is_open and mine,
    }
    return render(request, "programmes/sessions/cover.html", context)


@require_POST
def cover_take(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The first who presses has it."""
    cover = _cover_or_404(request, uuid)
    require_perm(request.user, "programmes.take_cover", cover.session)
    try:
        take_cover(actor=request.user, request_id=cover.pk, now=timezone.now())
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
        return redirect("programmes:cover_detail", uuid=cover.uuid)
    messages.success(request, _("It is yours. It is in your calendar, and whoever asked is told."))
    return redirect("programmes:session_detail", uuid=cover.session.uuid)


@require_POST
def cover_withdraw(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Whoever asked can run it after all."""
    cover = _cover_or_404(request, uuid)
    require_perm(request.user, "programmes.withdraw_cover", cover)
    try:
        withdraw_cover(actor=request.user, request_id=cover.pk, now=timezone.now())
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
        return redirect("programmes:cover_detail", uuid=cover.uuid)
    messages.success(request, _("You run it after all. Nobody else is asked any more."))
    return redirect("programmes:session_detail", uuid=cover.session.uuid)


def covers_for_page(user: Any, session: Session, now: Any) -> dict[str, Any]:
    """What the page of a session says about cover to those who run it. One query while it is to come."""
    if session.status != SessionStatus.PLANNED or session.starts_at <= now:
        return {}
    covers = covers_of(session, now=now)
    mine = next((one for one in covers if one.asked_by.user_id == user.pk), None)
    may_ask = mine is None and can(user, "programmes.ask_cover", session) and session.cycle.state != "closed"
    return {"covers": covers, "my_cover": mine, "can_ask_cover": may_ask}
