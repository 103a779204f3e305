"""Inviting people into a cycle: links and QR codes, letters to one person, lists with a report."""

import io
from typing import Any
from uuid import UUID

import segno
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from peerhub.common.access import require_perm
from peerhub.common.csvio import csv_response
from peerhub.common.errors import DomainError
from peerhub.common.once import Repeated, key_from
from programmes.forms.invitations import InviteForm, InviteListForm
from programmes.models import Cycle, Invitation, InvitationBatch, InviteLink
from programmes.queries.invitations import (
    PAGE,
    Sent,
    batch_numbers,
    batches_of,
    invitations_in,
    invitations_of,
    links_of,
    standings,
)
from programmes.queries.workspace import workspace_or_404
from programmes.services import invitation_batches, invitations, invite_links

SHOWN = ("open", "accepted", "over")


@require_safe
def invitation_list(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Every way to bring people in, and what became of the letters."""
    cycle = _run(request, slug, code)
    return _list(request, cycle, InviteForm(programme=cycle.programme))


@require_POST
def invitation_send(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Invite one person."""
    cycle = _run(request, slug, code)
    form = InviteForm(request.POST, programme=cycle.programme)
    if not form.is_valid():
        return _list(request, cycle, form, status=422)
    try:
        invitations.invite_person(
            actor=request.user,
            cycle_id=cycle.pk,
            form_key=key_from(request.POST),
            now=timezone.now(),
            **form.cleaned_data,
        )
    except Repeated:
        pass
    except DomainError as refusal:
        form.add_error("email", str(refusal.message))
        return _list(request, cycle, form, status=422)
    else:
        messages.success(
            request, _("The invitation to %(email)s is on its way.") % {"email": form.cleaned_data["email"]}
        )
    return redirect("programmes:invitation_list", slug, code)


@require_POST
def invitation_resend(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Send an invitation once more."""
    invitation = _invitation(request, uuid)
    return _answer(
        request,
        invitation.cycle,
        lambda: invitations.resend_invitation(actor=request.user, invitation_id=invitation.pk, now=timezone.now()),
        _("Sent again to %(email)s.") % {"email": invitation.email},
    )


@require_POST
def invitation_withdraw(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Make an invitation useless."""
    invitation = _invitation(request, uuid)
    return _answer(
        request,
        invitation.cycle,
        lambda: invitations.withdraw_invitation(actor=request.user, invitation_id=invitation.pk, now=timezone.now()),
        _("The invitation to %(email)s is withdrawn.") % {"email": invitation.email},
    )


# --- links ------------------------------------------------------------------------------------------------------------
@require_POST
def link_switch(request: HttpRequest, slug: str, code: str, role: str) -> HttpResponse:
    """Switch a role's link on or off."""
    cycle, is_on = _run(request, slug, code), request.POST.get("on") == "1"
    return _answer(
        request,
        cycle,
        lambda: invite_links.switch_link(
            actor=request.user, cycle_id=cycle.pk, role=role, is_on=is_on, now=timezone.now()
        ),
        _("The link works now.") if is_on else _("The link is switched off. Prints and copies of it open nothing."),
    )


@require_POST
def link_renew(request: HttpRequest, slug: str, code: str, role: str) -> HttpResponse:
    """Replace a role's link: what is printed or copied stops working."""
    cycle = _run(request, slug, code)
    get_object_or_404(InviteLink, cycle=cycle, role=role)
    return _answer(
        request,
        cycle,
        lambda: invite_links.renew_link(
            actor=request.user, cycle_id=cycle.pk, role=role, form_key=key_from(request.POST), now=timezone.now()
        ),
        _("There is a new link. Earlier prints and copies open nothing."),
    )


@require_safe
def link_qr(request: HttpRequest, slug: str, code: str, role: str) -> HttpResponse:
    """A role's QR code as an image, to show or to put on a poster."""
    link = _link(request, slug, code, role)
    drawn = io.BytesIO()
    segno.make(link_url(link), error="m", micro=False).save(
        drawn, kind="svg", scale=8, border=4, dark="#13252B", light="#FFFFFF"
    )
    response = HttpResponse(drawn.getvalue(), content_type="image/svg+xml")
    response["Content-Disposition"] = f'inline; filename="{slug}-{role}-qr.svg"'
    return response


@require_safe
def link_print(request: HttpRequest, slug: str, code: str, role: str) -> HttpResponse:
    """A sheet of paper with the code, the address in words and what it is for."""
    link = _link(request, slug, code, role)
    context = {"link": link, "cycle": link.cycle, "programme": link.cycle.programme, "address": link_url(link)}
    return render(request, "programmes/invitations/print.html", context)


def link_url(link: InviteLink) -> str:
    """The whole address, as printed."""
    return settings.SITE_URL + reverse("programmes:invite_link", args=[link.token])


# --- lists ------------------------------------------------------------------------------------------------------------
@require_POST
def batch_upload(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Read a list and keep it for a look; nobody is invited yet."""
    cycle = _run(request, slug, code)
    form = InviteListForm(request.POST, request.FILES, programme=cycle.programme)
    if form.is_valid():
        try:
            batch = invitation_batches.prepare_batch(
                actor=request.user,
                cycle_id=cycle.pk,
                role=form.cleaned_data["role"],
                rows=form.rows,
                rejected=form.rejected,
                now=timezone.now(),
            )
        except DomainError as refusal:
            form.add_error("file", str(refusal.message))
        else:
            return redirect("programmes:batch_detail", uuid=batch.uuid)
    return _list(request, cycle, InviteForm(programme=cycle.programme), list_form=form, status=422)


@require_safe
def batch_detail(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A list: before it is sent, who would be invited; afterwards, what became of every row."""
    batch = _batch(request, uuid)
    cycle, now = batch.cycle, timezone.now()
    shared = {"cycle": cycle, "programme": cycle.programme, "batch": batch, "rejected": batch.rejected[:PAGE]}
    if batch.confirmed_at is None:
        emails = [row["email"] for row in batch.rows]
        inside, invited = invitation_batches.standing(batch, emails, now=now)
        news = sum(1 for email in emails if email not in inside | invited)
        rows = Paginator(batch.rows, PAGE).get_page(request.GET.get("page"))
        context = {
            **shared,
            "rows": rows,
            "inside": inside,
            "invited": invited,
            "news": news,
            "many": news > invitations.MANY,
        }
        return render(request, "programmes/invitations/preview.html", context)
    listed = Paginator(invitations_in(batch), PAGE).get_page(request.GET.get("page"))
    context = {
        **shared,
        "listed": listed,
        "sent": standings(list(listed), now=now),
        "numbers": batch_numbers(batch),
        "is_held": now < batch.confirmed_at + invitations.HOLD and batch.invitations.count() > invitations.MANY,
    }
    return render(request, "programmes/invitations/report.html", context)


@require_POST
def batch_confirm(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Invite everybody on the list."""
    batch = _batch(request, uuid)
    try:
        invitation_batches.confirm_batch(actor=request.user, batch_id=batch.pk, now=timezone.now())
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
    return redirect("programmes:batch_detail", uuid=uuid)


@require_POST
def batch_discard(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Throw a list away before it is sent."""
    batch = _batch(request, uuid)
    invitation_batches.discard_batch(actor=request.user, batch_id=batch.pk, now=timezone.now())
    messages.info(request, _("Nobody was invited."))
    return redirect("programmes:invitation_list", batch.cycle.programme.slug, batch.cycle.code)


@require_POST
def batch_stop(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Withdraw everything on a list that has no answer."""
    batch = _batch(request, uuid)
    count = invitation_batches.stop_batch(actor=request.user, batch_id=batch.pk, now=timezone.now())
    text = ngettext("%(count)s invitation is withdrawn.", "%(count)s invitations are withdrawn.", count)
    messages.success(request, text % {"count": count})
    return redirect("programmes:batch_detail", uuid=uuid)


@require_safe
def batch_report(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """Every row of a list with what became of it, as CSV."""
    batch = _batch(request, uuid)
    now = timezone.now()
    header = [_("Row"), _("E-mail"), _("Name"), _("What became of it"), _("Detail")]
    sent = standings(list(invitations_in(batch)), now=now)
    rows = [
        (one.invitation.row or 0, one.invitation.email, one.invitation.name, str(one.text), one.detail) for one in sent
    ]
    rows += [(bad["row"], bad["value"], "", str(left_out(bad["code"])), bad["message"]) for bad in batch.rejected]
    return csv_response(f"invitations-{batch.created_at:%Y-%m-%d}.csv", header, sorted(rows, key=lambda row: row[0]))


def left_out(code: str) -> str:
    """Why a row invited nobody, in a few words."""
    return {"already_in": _("In already"), "already_invited": _("Invited already")}.get(code, _("Left out"))


# --- shared -----------------------------------------------------------------------------------------------------------
def _list(
    request: HttpRequest, cycle: Cycle, form: InviteForm, *, list_form: InviteListForm | None = None, status: int = 200
) -> HttpResponse:
    now, words, only = timezone.now(), request.GET.get("q", "").strip()[:80], request.GET.get("show", "")
    rows = invitations_of(cycle, words=words, only=only if only in SHOWN else "", now=now)
    listed = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    sent: list[Sent] = standings(list(listed), now=now)
    links = [
        {"role": role, "link": link, "address": link_url(link) if link else ""}
        for role, link in links_of(cycle).items()
    ]
    context: dict[str, Any] = {
        "cycle": cycle,
        "programme": cycle.programme,
        "form": form,
        "list_form": list_form or InviteListForm(programme=cycle.programme),
        "links": links,
        "batches": batches_of(cycle),
        "listed": listed,
        "sent": sent,
        "words": words,
        "show": only,
    }
    return render(request, "programmes/invitations/list.html", context, status=status)


def _run(request: HttpRequest, slug: str, code: str) -> Cycle:
    cycle = workspace_or_404(request.user, slug, code)
    require_perm(request.user, "programmes.change_people", cycle)
    return cycle


def _link(request: HttpRequest, slug: str, code: str, role: str) -> InviteLink:
    cycle = _run(request, slug, code)
    link = get_object_or_404(InviteLink, cycle=cycle, role=role)
    if not link.is_on:
        raise Http404
    link.cycle = cycle
    return link


def _invitation(request: HttpRequest, uuid: UUID) -> Invitation:
    rows = Invitation.objects.visible_to(request.user).select_related("cycle__programme__owner_unit")
    invitation = get_object_or_404(rows, uuid=uuid)
    require_perm(request.user, "programmes.change_people", invitation.cycle)
    return invitation


def _batch(request: HttpRequest, uuid: UUID) -> InvitationBatch:
    rows = InvitationBatch.objects.visible_to(request.user)
    batch = get_object_or_404(
        rows.select_related("cycle__programme__activity_type", "cycle__programme__owner_unit"), uuid=uuid
    )
    require_perm(request.user, "programmes.change_people", batch.cycle)
    return batch


def _answer(request: HttpRequest, cycle: Cycle, use_case: Any, done: str) -> HttpResponse:
    try:
        use_case()
    except Repeated:
        pass
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, done)
    return redirect("programmes:invitation_list", cycle.programme.slug, cycle.code)
