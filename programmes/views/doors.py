"""The doors of links and letters: a token is checked once, kept in the session, and gone from the address.

Opening a door changes nothing: scanners and previews may follow links as often as they like.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from allauth.decorators import rate_limit
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from peerhub.common.errors import DomainError
from programmes.models import Invitation, InviteLink, Membership
from programmes.queries.invitations import addresses_of
from programmes.queries.joining import entry_by_invitation, entry_by_link, point_person
from programmes.services import invitations, invite_links
from programmes.views.join_steps import Way, show_check, show_start

LINK_KEY, INVITATION_KEY = "invite_link", "invitation"


@login_not_required
@require_safe
def invite_link(request: HttpRequest, token: str) -> HttpResponse:
    """A link or QR code of a programme."""
    _keep_out_of_caches(request)
    found = InviteLink.objects.by_token(token)
    if found is None:
        return _shut(
            request, _("This link is not complete. Open it again from where you got it, or scan the code anew.")
        )
    link, version = found
    request.session[LINK_KEY] = [str(link.uuid), version]
    return redirect_away("programmes:invite_welcome")


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def invite_welcome(request: HttpRequest) -> HttpResponse:
    """What the link leads to: first sign in, then what joining means."""
    return _by_link(request, show_start)


@require_http_methods(["GET", "HEAD", "POST"])
@rate_limit(action="join")
def invite_check(request: HttpRequest) -> HttpResponse:
    """Step 2 of joining by a link."""
    return _by_link(request, show_check)


@login_not_required
@require_safe
def invitation_answer(request: HttpRequest, uuid: UUID, token: str) -> HttpResponse:
    """The link in a personal invitation."""
    _keep_out_of_caches(request)
    invitation = Invitation.objects.filter(uuid=uuid).first()
    if invitation is None or not invitation.opens_with(token):
        return _shut(request, _("This link is not complete. Open it again from the mail, with its whole address."))
    request.session[INVITATION_KEY] = str(invitation.uuid)
    return redirect_away("programmes:invitation_welcome")


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def invitation_welcome(request: HttpRequest) -> HttpResponse:
    """What the invitation is to: first sign in, then what joining means."""
    return _by_invitation(request, show_start)


@require_http_methods(["GET", "HEAD", "POST"])
@rate_limit(action="join")
def invitation_check(request: HttpRequest) -> HttpResponse:
    """Step 2 of accepting an invitation."""
    return _by_invitation(request, show_check)


@login_not_required
@require_POST
def invitation_decline(request: HttpRequest) -> HttpResponse:
    """No, thank you: works without an account."""
    invitation = _invitation_in(request)
    if invitation is None:
        return _shut(request, _("Open the invitation again from your mail."))
    actor = request.user if request.user.is_authenticated else None
    try:
        invitations.decline_invitation(actor=actor, invitation_id=invitation.pk, now=timezone.now())
    except DomainError as refusal:
        return _shut(request, str(refusal.message))
    request.session.pop(INVITATION_KEY, None)
    return render(request, "programmes/joining/declined.html", {"programme": invitation.cycle.programme})


def _keep_out_of_caches(request: HttpRequest) -> None:
    """What a token opens is not for the next person at this computer (docs/security.md, threat 22)."""
    request.is_token_page = True  # type: ignore[attr-defined]


def redirect_away(name: str) -> HttpResponse:
    """303 to the clean address: the one with the token is not kept in a history that others read."""
    response = redirect(name)
    response.status_code = 303
    return response


def _by_link(request: HttpRequest, step: Callable[[HttpRequest, Way], HttpResponse]) -> HttpResponse:
    _keep_out_of_caches(request)
    uuid, version = request.session.get(LINK_KEY, ["", 0])
    links = InviteLink.objects.select_related("cycle__programme__activity_type", "changed_by")
    link = links.filter(uuid=uuid).first() if uuid else None
    if link is None:
        return _shut(request, _("Open the link again from where you got it."))
    try:
        invite_links.refuse_unusable(link, link.cycle, version=version)
    except DomainError as refusal:
        return _shut(request, str(refusal.message), link.cycle)
    entry = entry_by_link(link.cycle, request.user, link.role)

    def join(note: str, form_key: UUID | None, now: datetime) -> Membership:
        return invite_links.join_by_link(
            actor=request.user, link_uuid=link.uuid, version=version, note=note, form_key=form_key, now=now
        )

    way = Way(
        entry,
        reverse("programmes:invite_welcome"),
        reverse("programmes:invite_check"),
        reverse("programmes:catalogue"),
        join,
    )
    return step(request, way) if request.user.is_authenticated else _sign_in_first(request, way)


def _by_invitation(request: HttpRequest, step: Callable[[HttpRequest, Way], HttpResponse]) -> HttpResponse:
    invitation = _invitation_in(request)
    if invitation is None:
        return _shut(request, _("Open the invitation again from your mail."))
    try:
        invitations.refuse_unanswerable(invitation, invitation.cycle, now=timezone.now())
    except DomainError as refusal:
        return _shut(request, str(refusal.message), invitation.cycle)
    way = _way_of(request, invitation)
    if not request.user.is_authenticated:
        return _sign_in_first(request, way, invitation.email)
    if invitation.email not in addresses_of(request.user):
        return render(
            request,
            "programmes/joining/other_address.html",
            {"programme": invitation.cycle.programme, "contact": point_person(invitation.cycle), "way": way},
            status=403,
        )
    return step(request, way)


def _way_of(request: HttpRequest, invitation: Invitation) -> Way:
    entry = entry_by_invitation(invitation.cycle, request.user, invitation.role)

    def join(note: str, form_key: UUID | None, now: datetime) -> Membership:
        return invitations.accept_invitation(
            actor=request.user, invitation_id=invitation.pk, note=note, form_key=form_key, now=now
        )

    return Way(
        entry,
        reverse("programmes:invitation_welcome"),
        reverse("programmes:invitation_check"),
        reverse("programmes:catalogue"),
        join,
        invited_by=invitation.created_by.display_name if invitation.created_by else invitation.cycle.programme.name,
        decline_url=reverse("programmes:invitation_decline"),
    )


def _invitation_in(request: HttpRequest) -> Invitation | None:
    _keep_out_of_caches(request)
    uuid = request.session.get(INVITATION_KEY)
    rows = Invitation.objects.select_related("cycle__programme__activity_type", "created_by")
    return rows.filter(uuid=uuid).first() if uuid else None


def _sign_in_first(request: HttpRequest, way: Way, email: str = "") -> HttpResponse:
    context: dict[str, Any] = {
        "way": way,
        "entry": way.entry,
        "cycle": way.entry.cycle,
        "programme": way.entry.programme,
        "email": email,
        "contact": point_person(way.entry.cycle),
    }
    return render(request, "programmes/joining/sign_in_first.html", context)


def _shut(request: HttpRequest, why: str, cycle: Any = None) -> HttpResponse:
    """A door that does not open, with the reason; nothing has changed."""
    contact = point_person(cycle) if cycle else None
    return render(
        request, "programmes/joining/shut.html", {"why": why, "contact": contact}, status=404 if cycle is None else 410
    )
