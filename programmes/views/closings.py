"""Leaving a group, the short question at the end, and wishes for another match."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from peerhub.common.access import require_perm
from peerhub.common.errors import DomainError
from peerhub.common.once import Repeated, key_from
from programmes.forms.closings import ClosingForm, LeaveGroupForm, RematchForm
from programmes.models import ClosingAnswer, CycleState, Ending, Group, Membership, RematchRequest, RematchState, Role
from programmes.queries.closings import closings_of, offers_for, open_wishes
from programmes.queries.workspace import workspace_or_404
from programmes.services import closings, rematches
from programmes.services.letters import UNDO_WINDOW
from programmes.views.join_steps import posted
from programmes.views.people import is_uuid

PAGE = 25
RELATED = ("cycle__programme__activity_type", "cycle__programme__owner_unit")


@require_http_methods(["GET", "HEAD", "POST"])
def group_leave(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Leave a group or pair one takes part in, on a page of its own."""
    group, own = _own_group(request, uuid)
    if own.leads or not own.is_in:
        return redirect(_group_url(group))
    form = LeaveGroupForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            closing = closings.leave_group(
                actor=request.user,
                group_id=group.pk,
                reason=form.cleaned_data["reason"],
                form_key=key_from(request.POST),
                now=timezone.now(),
            )
        except Repeated:
            return redirect("programmes:my_memberships")
        except DomainError as refusal:
            messages.error(request, str(refusal.message))
            return redirect(_group_url(group))
        messages.success(request, _("You have left %(group)s.") % {"group": group.name})
        return redirect("programmes:closing_answer", uuid=closing.uuid)
    context = {"group": group, "programme": group.cycle.programme, "form": form}
    return render(request, "programmes/closings/leave.html", context, status=422 if form.errors else 200)


@require_POST
def ending_undo(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take an ending back while nobody has been told: who ended it, or who coordinates."""
    ending = Ending.objects.visible_to(request.user).select_related(*(f"group__{one}" for one in RELATED))
    found = get_object_or_404(ending, uuid=uuid)
    try:
        closings.take_back_ending(actor=request.user, ending_id=found.pk, now=timezone.now())
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
        return redirect("programmes:my_memberships")
    messages.success(request, _("Taken back: everything is as it was."))
    return redirect(_group_url(found.group))


@require_http_methods(["GET", "HEAD", "POST"])
def closing_answer(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """How was it? For the person whose time in a pair or group has ended; one or two answers, or none."""
    related = (f"place__group__{one}" for one in RELATED)
    mine = ClosingAnswer.objects.filter(place__membership__user=request.user).select_related("place", *related)
    closing = get_object_or_404(mine, uuid=uuid)
    form = ClosingForm(posted(request), initial={"feeling": closing.feeling, "helped": closing.helped})
    if request.method == "POST" and form.is_valid():
        closings.answer_closing(actor=request.user, closing_id=closing.pk, now=timezone.now(), **form.cleaned_data)
        messages.success(request, _("Thank you. It helps to match people better."))
        return redirect("programmes:my_memberships")
    group, since = closing.place.group, timezone.now() - UNDO_WINDOW
    own = Ending.objects.filter(group=group, given_by=request.user, at=closing.place.ended_at, at__gte=since)
    context = {
        "closing": closing,
        "group": group,
        "programme": group.cycle.programme,
        "form": form,
        "undo": own.order_by("pk").first(),
    }
    return render(request, "programmes/closings/answer.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def rematch_ask(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Ask for another match, or see that one has asked."""
    group, own = _own_group(request, uuid)
    if not own.is_in:
        return redirect(_group_url(group))
    form = RematchForm(posted(request))
    if request.method == "POST" and form.is_valid():
        note, key = form.cleaned_data["note"], key_from(request.POST)
        try:
            rematches.ask_rematch(actor=request.user, group_id=group.pk, note=note, form_key=key, now=timezone.now())
        except Repeated:
            pass
        except DomainError as refusal:
            messages.error(request, str(refusal.message))
            return redirect(_group_url(group))
        messages.success(request, _("You have asked. The coordinator looks for another match and writes to you."))
        return redirect("programmes:rematch_ask", uuid=uuid)
    wish = RematchRequest.objects.filter(uuid=own.own_wish).first() if own.own_wish else None
    context = {"group": group, "programme": group.cycle.programme, "form": form, "wish": wish, "own": own}
    return render(request, "programmes/closings/ask.html", context, status=422 if form.errors else 200)


@require_POST
def rematch_withdraw(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take one's own wish back."""
    mine = RematchRequest.objects.filter(place__membership__user=request.user)
    wish = get_object_or_404(mine.select_related("place__group__cycle__programme"), uuid=uuid)
    try:
        rematches.withdraw_rematch(actor=request.user, rematch_id=wish.pk, now=timezone.now())
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("Taken back. Nobody else was told."))
    return redirect("programmes:my_memberships" if wish.place.ended_at else _group_url(wish.place.group))


@require_safe
def rematch_list(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Wishes that wait in a cycle, for who coordinates it."""
    cycle = workspace_or_404(request.user, slug, code)
    require_perm(request.user, "programmes.answer_rematch", cycle)
    context = {
        "cycle": cycle,
        "programme": cycle.programme,
        "page_obj": Paginator(open_wishes(cycle), PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "programmes/closings/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def rematch_answer(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Answer one wish: with another match, or by leaving things as they are."""
    coordinated = Membership.objects.active().filter(user=request.user, role=Role.COORDINATOR).values("cycle")
    related = ("place__membership__user", *(f"place__group__{one}" for one in RELATED))
    wishes = RematchRequest.objects.filter(place__group__cycle__in=coordinated).select_related(*related)
    wish = get_object_or_404(wishes, uuid=uuid)
    cycle = wish.place.group.cycle
    require_perm(request.user, "programmes.answer_rematch", cycle)
    back = redirect("programmes:rematch_list", cycle.programme.slug, cycle.code)
    if request.method == "POST":
        _answer(request, wish)
        return back
    is_open = wish.state == RematchState.OPEN and cycle.state != CycleState.CLOSED
    context = {
        "wish": wish,
        "group": wish.place.group,
        "cycle": cycle,
        "programme": cycle.programme,
        "is_open": is_open,
        "offers": offers_for(wish) if is_open else [],
    }
    return render(request, "programmes/closings/match.html", context)


def _answer(request: HttpRequest, wish: RematchRequest) -> None:
    choice, _colon, key = request.POST.get("match", "").partition(":")
    cycle, now = wish.place.group.cycle, timezone.now()
    try:
        if request.POST.get("answer") == "close":
            rematches.close_rematch(actor=request.user, rematch_id=wish.pk, now=now)
            messages.success(request, _("Closed. Who asked hears that you have looked at it; nobody else does."))
            return
        rows: Any = {"group": Group, "with": Membership}.get(choice)
        found = rows.objects.filter(cycle=cycle, uuid=key).first() if rows and is_uuid(key) else None
        if found is None:
            messages.error(request, _("Choose another match first."))
            return
        chosen = {"group_id" if choice == "group" else "partner_id": found.pk}
        group = rematches.match_again(actor=request.user, rematch_id=wish.pk, now=now, **chosen)
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("Matched: %(group)s. Everybody concerned is told.") % {"group": group.name})


def _own_group(request: HttpRequest, uuid: UUID) -> tuple[Group, Any]:
    """A group this person may see, and their own place in it."""
    group = get_object_or_404(Group.objects.visible_to(request.user).select_related(*RELATED), uuid=uuid)
    return group, closings_of(group, request.user, coordinates=False)


def _group_url(group: Group) -> str:
    return reverse("programmes:group_detail", args=[group.cycle.programme.slug, group.cycle.code, group.uuid])
