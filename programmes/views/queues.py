"""The queue of a drop-in: one's own place in it, on a telephone; and the screen in the room."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from peerhub.common.access import can, require_perm
from peerhub.common.errors import DomainError
from programmes.forms.queues import WishForm
from programmes.models import Kiosk, KioskKind, QueueState, Session
from programmes.models.check_ins import OPENS_BEFORE
from programmes.models.queues import LIVE, is_closed, is_queue_on, takes_queue
from programmes.queries.kiosks import sessions_on_now
from programmes.queries.naming import place_of, session_title
from programmes.queries.queues import (
    Standing,
    drop_in_or_none,
    mark_of,
    next_drop_ins,
    own_entry,
    rooms_of,
    standing,
    topics_to_choose,
)
from programmes.services.queues import join_queue, leave_queue

KEPT = 400 * 24 * 3600  # as long as browsers keep anything


def drop_in_or_404(request: HttpRequest, uuid: UUID) -> Session:
    session = drop_in_or_none(request.user, uuid)
    if session is None:
        raise Http404
    return session


# --- one who queues --------------------------------------------------------------------------------
@require_safe
def queue_place(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One's place, or the way in. htmx gets the part that changes, and nothing at all while it has not."""
    session = drop_in_or_404(request, uuid)
    if can(request.user, "programmes.run_queue", session):
        return redirect("programmes:queue_run", session.uuid)
    require_perm(request.user, "programmes.join_queue", session)
    shown = _place(request.user, session)
    if not request.htmx:
        return render(request, "programmes/queues/place.html", shown)
    if request.GET.get("seen") == shown["mark"]:
        return HttpResponse(status=204)
    shown["form"] = None  # it stands outside the part that changes
    shown["is_news"] = request.GET.get("heard") != shown["heard"]
    return render(request, "programmes/queues/_place_now.html", shown)


@require_POST
def queue_join(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Join by telephone. Pressed twice is once."""
    session = drop_in_or_404(request, uuid)
    require_perm(request.user, "programmes.join_queue", session)
    form = WishForm(request.POST, topics=topics_to_choose(session))
    try:
        join_queue(actor=request.user, session_id=session.pk, wish=form.wish(), now=timezone.now())
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
    return redirect("programmes:queue_place", session.uuid)


@require_POST
def queue_leave(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Give one's place up."""
    session = drop_in_or_404(request, uuid)
    require_perm(request.user, "programmes.join_queue", session)
    try:
        left = leave_queue(actor=request.user, session_id=session.pk, now=timezone.now())
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
    else:
        if left:
            messages.success(request, _("You have left the queue."))
    return redirect("programmes:queue_place", session.uuid)


def _place(user: Any, session: Session) -> dict[str, Any]:
    now = timezone.now()
    entry, rank = own_entry(user, session), standing(session, now=now)
    is_live = entry is not None and entry.state in LIVE
    takes = takes_queue(session, now=now)
    ahead = rank.ahead_of(entry.turn) if entry and is_live else len(rank.waiting)
    wait = rank.wait(ahead)
    is_waiting = entry is not None and entry.state == QueueState.WAITING
    heard = f"{entry.state if entry else 'none'}.{ahead if is_waiting else ''}"
    is_over = not is_queue_on(session, now=now)
    facts = (heard, ahead, wait, takes, session.status, is_over, entry and (entry.number, entry.misses, entry.turn))
    return {
        "session": session,
        "programme": session.cycle.programme,
        "title": session_title(session),
        "place": place_of(session),
        "entry": entry,
        "is_live": is_live,
        "helper": entry.called_by.user.short_name if entry and entry.called_by else "",
        "ahead": ahead,
        "wait": wait,
        "may_not_do": is_live and _is_late(session, rank, ahead, now),
        "takes": takes,
        "is_early": now < session.starts_at - OPENS_BEFORE,
        "opens_at": session.starts_at - OPENS_BEFORE,
        "is_closed": is_closed(session),
        "is_over": is_over,
        "coming": None if is_live or takes else next_drop_ins([session.cycle_id], now=now).get(session.cycle_id),
        "form": WishForm(topics=topics_to_choose(session)) if takes and not is_live else None,
        "heard": heard,
        "mark": mark_of(*facts),
        "is_news": False,
    }


def _is_late(session: Session, rank: Standing, ahead: int, now: Any) -> bool:
    """Even the shortest wait we expect ends after the drop-in does."""
    return (session.ends_at - now).total_seconds() / 60 < max(rank.wait(ahead).low, 1)


# --- the screen in the room --------------------------------------------------------------------------
@login_not_required
@require_safe
def screen_link(request: HttpRequest, token: str) -> HttpResponse:
    """The secret address: kept in the browser's cookie, and gone from what people can photograph."""
    request.is_token_page = True  # type: ignore[attr-defined]
    if Kiosk.objects.by_token(token, KioskKind.SCREEN) is None:
        return _shut(request)
    response = redirect("programmes:screen")
    response.status_code = 303
    response.set_cookie(_cookie(), token, max_age=KEPT, secure=settings.SITE_SECURE, httponly=True, samesite="Lax")
    return response


@login_not_required
@require_safe
def screen(request: HttpRequest) -> HttpResponse:
    """Who is called, and who comes next: ticket numbers, or first names with an initial."""
    request.is_token_page = True  # type: ignore[attr-defined]
    found = Kiosk.objects.by_token(request.COOKIES.get(_cookie(), ""), KioskKind.SCREEN)
    if found is None:
        return _shut(request)
    now = timezone.now()
    rooms = rooms_of(sessions_on_now(found.cycle, now=now), names=found.shows_names, now=now)
    coming = next_drop_ins([found.cycle_id], now=now).get(found.cycle_id) if not rooms else None
    facts = [(one.session.pk, one.called, one.helping, one.waiting, one.wait, one.takes) for one in rooms]
    context = {
        "screen": found,
        "programme": found.cycle.programme,
        "rooms": [{"room": one, "title": session_title(one.session), "place": place_of(one.session)} for one in rooms],
        "coming": coming,
        "mark": mark_of(found.name, facts, coming and coming.pk),
    }
    if request.htmx and request.GET.get("seen") == context["mark"]:
        return HttpResponse(status=204)
    return render(request, f"programmes/queues/{'_screen' if request.htmx else 'screen'}.html", context)


def _shut(request: HttpRequest) -> HttpResponse:
    return render(request, "programmes/queues/screen_shut.html", status=404)


def _cookie() -> str:
    return "__Host-screen" if settings.SITE_SECURE else "screen"
