"""Check-in desks and screens for queues: a coordinator opens and closes them; the page on the unattended tablet."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from peerhub.common.access import require_perm
from peerhub.common.errors import DomainError
from peerhub.common.keys import uuid_of
from programmes.models import AttendanceMode, Cycle, Kiosk, KioskKind
from programmes.models.queues import is_drop_in
from programmes.queries.kiosks import kiosks_of, sessions_on_now
from programmes.queries.naming import place_of, session_title
from programmes.queries.workspace import workspace_or_404
from programmes.services.kiosks import check_in_at_desk, close_kiosk, open_kiosk

KEPT = 400 * 24 * 3600  # as long as browsers keep anything: a tablet on a wall is not set up twice


# --- the coordinator --------------------------------------------------------------------------------------------------
@require_safe
def kiosk_list(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """The open desks of a cycle, each with its address."""
    return _list(request, _cycle(request, slug, code))


@require_POST
def kiosk_open(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Open a desk, or a screen."""
    cycle = _cycle(request, slug, code)
    is_screen = request.POST.get("kind") == KioskKind.SCREEN
    try:
        kiosk = open_kiosk(
            actor=request.user,
            cycle=cycle,
            name=request.POST.get("name", ""),
            kind=KioskKind.SCREEN if is_screen else KioskKind.DESK,
            shows_names=is_screen and request.POST.get("shows") == "names",
            now=timezone.now(),
        )
    except DomainError as refusal:
        return _list(request, cycle, refusal=str(refusal.message), status=422)
    opened = _("%(name)s is open. Put its address into the %(what)s.")
    messages.success(request, opened % {"name": kiosk.name, "what": _("screen") if is_screen else _("tablet")})
    return redirect("programmes:kiosk_list", slug, code)


@require_POST
def kiosk_close(request: HttpRequest, slug: str, code: str, uuid: UUID) -> HttpResponse:
    """Close a desk for good."""
    cycle = _cycle(request, slug, code)
    kiosk = get_object_or_404(Kiosk, cycle=cycle, uuid=uuid)
    close_kiosk(actor=request.user, kiosk_id=kiosk.pk, now=timezone.now())
    messages.success(request, _("%(name)s is closed. Its address opens nothing now.") % {"name": kiosk.name})
    return redirect("programmes:kiosk_list", slug, code)


def _cycle(request: HttpRequest, slug: str, code: str) -> Cycle:
    cycle = workspace_or_404(request.user, slug, code)
    require_perm(request.user, "programmes.open_kiosk", cycle)
    return cycle


def _list(request: HttpRequest, cycle: Cycle, *, refusal: str = "", status: int = 200) -> HttpResponse:
    is_queue = cycle.attendance_mode == AttendanceMode.QUEUE
    opened = [{"kiosk": one, "address": settings.SITE_URL + _address(one)} for one in kiosks_of(cycle)]
    screens = [one for one in opened if one["kiosk"].kind == KioskKind.SCREEN]
    context = {
        "cycle": cycle,
        "programme": cycle.programme,
        "tab": "sessions",
        "desks": [one for one in opened if one not in screens],
        "screens": screens,
        "has_screens": is_queue or bool(screens),
        "can_open_screen": is_queue,
        "refusal": refusal,
        "is_closed": cycle.state == "closed",
    }
    return render(request, "programmes/kiosks/list.html", context, status=status)


def _address(kiosk: Kiosk) -> str:
    name = "screen_link" if kiosk.kind == KioskKind.SCREEN else "kiosk_link"
    return reverse(f"programmes:{name}", args=[kiosk.token])


# --- the tablet -------------------------------------------------------------------------------------------------------
@login_not_required
@require_safe
def kiosk_link(request: HttpRequest, token: str) -> HttpResponse:
    """The secret address: kept in the tablet's cookie, and gone from what people can photograph."""
    request.is_token_page = True  # type: ignore[attr-defined]
    kiosk = Kiosk.objects.by_token(token)
    if kiosk is None:
        return _shut(request)
    if request.user.is_authenticated:
        return render(request, "programmes/kiosks/signed_in.html", status=403)
    response = redirect("programmes:kiosk")
    response.status_code = 303
    response.set_cookie(_cookie(), token, max_age=KEPT, secure=settings.SITE_SECURE, httponly=True, samesite="Lax")
    return response


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def kiosk(request: HttpRequest) -> HttpResponse:
    """The tablet's only page: what is on, and one field for a card or a number."""
    request.is_token_page = True  # type: ignore[attr-defined]
    desk = Kiosk.objects.by_token(request.COOKIES.get(_cookie(), ""))
    if desk is None:
        return _shut(request)
    if request.user.is_authenticated:
        return render(request, "programmes/kiosks/signed_in.html", status=403)
    context: dict[str, Any] = {"kiosk": desk, "programme": desk.cycle.programme}
    if request.method == "POST":
        context |= _let_in(request, desk)
    on_now = sessions_on_now(desk.cycle, now=timezone.now())
    context["sessions"] = [
        {
            "uuid": one.uuid,
            "title": session_title(one),
            "place": place_of(one),
            "session": one,
            "is_drop_in": is_drop_in(one),
        }
        for one in on_now
    ]
    # A refusal is said to a person at the desk: the page is the same page, so it is no error of the browser's.
    return render(request, f"programmes/kiosks/{'_desk' if request.htmx else 'desk'}.html", context)


def _let_in(request: HttpRequest, desk: Kiosk) -> dict[str, Any]:
    try:
        welcome = check_in_at_desk(
            actor=None,
            kiosk=desk,
            text=request.POST.get("number", ""),
            session_uuid=uuid_of(request.POST.get("session", "")),
            now=timezone.now(),
        )
    except DomainError as refusal:
        return {"refusal": str(refusal.message)}
    return {"welcome": welcome}


def _shut(request: HttpRequest) -> HttpResponse:
    return render(request, "programmes/kiosks/shut.html", status=404)


def _cookie() -> str:
    return "__Host-desk" if settings.SITE_SECURE else "desk"
