"""Check-in: the screen that shows the code, and the student who scans or types it."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from peerhub.common import clock
from peerhub.common.access import require_perm
from peerhub.common.devices import device_of, keep_device
from programmes.forms.check_ins import CodeForm
from programmes.models import CheckInHow, Programme, SessionStatus
from programmes.models.check_ins import OPENS_BEFORE, code_of, is_logged, seconds_left, takes_check_ins
from programmes.queries.check_ins import in_now, own_check_in, plain_code
from programmes.queries.clearing import missing_to_lead
from programmes.queries.naming import place_of, session_title
from programmes.queries.register import session_to_log, takes_walk_ins
from programmes.services.check_ins import CheckInRefused, check_in

SCAN = "check_in_scan"
OF_THE_CODE = {"wrong", "too_old", "too_many", "paused"}  # refusals about what was typed; the others are about whom


# --- the screen in the room -------------------------------------------------------------------------------------------
@require_safe
def session_code(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The code and QR of a session, as large as the screen, with how many are in."""
    return render(request, "programmes/check_ins/screen.html", _screen(request, uuid))


@require_safe
def session_code_now(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The part of the screen that changes, for htmx."""
    return render(request, "programmes/check_ins/_now.html", _screen(request, uuid))


def _screen(request: HttpRequest, uuid: UUID) -> dict[str, Any]:
    session, now = session_to_log(request.user, uuid), timezone.now()
    if session is None:
        raise Http404
    require_perm(request.user, "programmes.log_session", session)
    missing = missing_to_lead(session, request.user, now)
    shown: dict[str, Any] = {
        "session": session,
        "title": session_title(session),
        "programme": session.cycle.programme,
        "missing": missing,
        "is_open": not missing and takes_check_ins(session, now=now),
        "is_logged": is_logged(session),
        "is_called_off": session.status == SessionStatus.CANCELLED,
        "is_early": not missing and now < session.starts_at - OPENS_BEFORE,
        "opens_at": session.starts_at - OPENS_BEFORE,
        "can_log": not missing and session.can_be_logged(now=now),
    }
    if shown["is_open"]:
        code = code_of(session.uuid, now)
        link = settings.SITE_URL + reverse("programmes:check_in_link", args=[code])
        shown |= {
            "halves": (code[:3], code[3:]),
            "spelled": ", ".join(code),
            "link": link,
            "address": (settings.SITE_URL + reverse("programmes:check_in")).partition("://")[2].rstrip("/"),
            "seconds": seconds_left(now),
            "now_in": in_now(session),
        }
    return shown


# --- the student ------------------------------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
def check_in_start(request: HttpRequest) -> HttpResponse:
    """Type the code."""
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return _ask(request, form)
    return _check_in(request, form, how=CheckInHow.CODE, seen_at=timezone.now())


@login_not_required
@require_safe
def check_in_link(request: HttpRequest, code: str) -> HttpResponse:
    """What the QR code leads to. Nothing is looked up here: who signs in first is not late because of it, and a
    stranger learns nothing. The code is kept with the moment it was seen, and gone from the address.
    """
    request.is_token_page = True  # type: ignore[attr-defined]
    seen = plain_code(code)
    if seen:
        request.session[SCAN] = [seen, timezone.now().timestamp()]
    response = redirect("programmes:check_in_scanned" if seen else "programmes:check_in")
    response.status_code = 303
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def check_in_scanned(request: HttpRequest) -> HttpResponse:
    """After scanning, and after signing in where that was needed: one button."""
    code, moment = request.session.get(SCAN, ["", 0])
    if not code:
        return redirect("programmes:check_in")
    if request.method != "POST":
        return keep_device(render(request, "programmes/check_ins/scanned.html"), device_of(request))
    request.session.pop(SCAN, None)
    return _check_in(
        request, CodeForm({"code": code}), how=CheckInHow.QR, seen_at=datetime.fromtimestamp(moment, tz=UTC)
    )


@require_safe
def check_in_done(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """You are in: one's own check-in, to look at and to show."""
    entry = own_check_in(request.user, uuid)
    if entry is None:
        raise Http404
    context = {
        "entry": entry,
        "session": entry.session,
        "title": session_title(entry.session),
        "place": place_of(entry.session),
        "programme": entry.session.cycle.programme,
    }
    return render(request, "programmes/check_ins/done.html", context)


def _check_in(request: HttpRequest, form: CodeForm, *, how: CheckInHow, seen_at: datetime) -> HttpResponse:
    device = device_of(request)
    try:
        entry = check_in(
            actor=request.user, code=form.data["code"], how=how, device=device, seen_at=seen_at, now=timezone.now()
        )
    except CheckInRefused as refusal:
        return keep_device(_refused(request, form, refusal), device)
    if entry.is_repeat:
        messages.info(request, _("You were in already. Nothing has changed."))
    return keep_device(redirect("programmes:check_in_done", entry.session.uuid), device)


def _ask(request: HttpRequest, form: CodeForm, **more: Any) -> HttpResponse:
    response = render(
        request, "programmes/check_ins/form.html", {"form": form, **more}, status=422 if form.is_bound else 200
    )
    return keep_device(response, device_of(request)) if not form.is_bound else response


def _refused(request: HttpRequest, form: CodeForm, refusal: CheckInRefused) -> HttpResponse:
    """Why not, and what to do instead."""
    if refusal.code in OF_THE_CODE:
        form.full_clean()
        form.add_error("code", str(refusal.message))
        return _ask(request, form)
    return render(request, "programmes/check_ins/refused.html", _instead(request, refusal), status=422)


def _instead(request: HttpRequest, refusal: CheckInRefused) -> dict[str, Any]:
    """The programme is named, and the way in offered, only to who may know of it."""
    session, found = refusal.session, {"refusal": refusal}
    if session is None:
        return found
    cycle = session.cycle
    if refusal.code == "leader":
        return {**found, "screen_url": reverse("programmes:session_code", args=[session.uuid])}
    if refusal.code == "offered":
        return {**found, "offers_url": reverse("programmes:my_memberships")}
    if refusal.code == "not_in" and Programme.objects.visible_to(request.user).filter(pk=cycle.programme_id).exists():
        today = clock.local(timezone.now(), cycle.time_zone).date()
        return {**found, "programme": cycle.programme, "is_open_door": takes_walk_ins(cycle, today=today)}
    return found
