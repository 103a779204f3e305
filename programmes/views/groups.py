"""Groups and pairs: the list, one group, making, changing, ending, and who is in."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from peerhub.common.access import can, require_perm
from peerhub.common.errors import DomainError
from peerhub.common.once import Repeated, key_from
from programmes.forms.closings import EndForm
from programmes.forms.groups import GroupForm
from programmes.models import Cycle, EndedHow, Group, Membership
from programmes.queries.closings import closings_of
from programmes.queries.groups import (
    PAGE,
    group_numbers,
    group_page,
    groups_of,
    other_groups,
    people_to_place,
    unplaced,
)
from programmes.queries.workspace import workspace_or_404
from programmes.services import groups
from programmes.services.group_places import place_people, take_out
from programmes.services.letters import UNDO_WINDOW
from programmes.views.join_steps import posted
from programmes.views.people import is_uuid

FIELDS = ("name", "shape", "subject", "place", "link", "capacity")


@require_safe
def group_list(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """All groups with who leads and how many take part; who is in none yet."""
    cycle = workspace_or_404(request.user, slug, code)
    require_perm(request.user, "programmes.view_people", cycle)
    words, ended = request.GET.get("q", "").strip()[:80], request.GET.get("show") == "ended"
    context = {
        "cycle": cycle,
        "programme": cycle.programme,
        "groups": Paginator(groups_of(cycle, words=words, ended=ended), PAGE).get_page(request.GET.get("page")),
        "numbers": group_numbers(cycle),
        "unplaced": unplaced(cycle)[:8],
        "words": words,
        "ended": ended,
        "may_change": can(request.user, "programmes.change_groups", cycle),
    }
    return render(request, "programmes/groups/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def group_create(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """A new group."""
    cycle = workspace_or_404(request.user, slug, code)
    require_perm(request.user, "programmes.change_groups", cycle)
    kind = cycle.programme.activity_type
    form = GroupForm(posted(request), initial={"shape": kind.shape})
    if request.method == "POST" and form.is_valid():
        try:
            group = groups.create_group(
                actor=request.user,
                cycle_id=cycle.pk,
                fields=form.fields_of_group(),
                form_key=key_from(request.POST),
                now=timezone.now(),
            )
        except Repeated:
            return redirect("programmes:group_list", slug, code)
        except DomainError as refusal:
            form.add_error(None, str(refusal.message))
        else:
            messages.success(request, _("The group is there. Now put people in it."))
            return redirect("programmes:group_detail", slug, code, group.uuid)
    context = {"cycle": cycle, "programme": cycle.programme, "form": form, "group": None}
    return render(request, "programmes/groups/edit.html", context, status=422 if form.errors else 200)


@require_safe
def group_detail(request: HttpRequest, slug: str, code: str, uuid: UUID) -> HttpResponse:
    """One group, as much of it as the viewer may see."""
    cycle, group = _group(request, slug, code, uuid)
    runs = can(request.user, "programmes.view_people", cycle)
    may_change = can(request.user, "programmes.change_groups", cycle) and group.ended_at is None
    words = request.GET.get("q", "").strip()[:80]
    context = {
        "cycle": cycle,
        "programme": cycle.programme,
        "group": group,
        "shown": group_page(group, viewer=request.user, runs=runs, now=timezone.now()),
        "may_change": may_change,
        "words": words,
        "to_place": people_to_place(group, words=words) if may_change else [],
        "others": other_groups(group) if may_change else [],
        "may_plan": can(request.user, "programmes.plan_session", cycle),
        "closings": closings_of(group, request.user, coordinates=can(request.user, "programmes.view_endings", cycle)),
        "undo_since": timezone.now() - UNDO_WINDOW,
    }
    return render(request, "programmes/groups/detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def group_edit(request: HttpRequest, slug: str, code: str, uuid: UUID) -> HttpResponse:
    """Change what a group is called, where it meets and how many it takes."""
    cycle, group = _group(request, slug, code, uuid)
    require_perm(request.user, "programmes.change_groups", cycle)
    form = GroupForm(posted(request), initial={name: getattr(group, name) for name in FIELDS})
    if request.method == "POST" and form.is_valid():
        try:
            groups.change_group(
                actor=request.user, group_id=group.pk, fields=form.fields_of_group(), now=timezone.now()
            )
        except DomainError as refusal:
            form.add_error(None, str(refusal.message))
        else:
            messages.success(request, _("Saved."))
            return redirect("programmes:group_detail", slug, code, uuid)
    context = {"cycle": cycle, "programme": cycle.programme, "form": form, "group": group}
    return render(request, "programmes/groups/edit.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def group_end(request: HttpRequest, slug: str, code: str, uuid: UUID) -> HttpResponse:
    """End a group, on a page of its own, with a private reason. It can be taken back for ten minutes."""
    cycle, group = _group(request, slug, code, uuid)
    require_perm(request.user, "programmes.change_groups", cycle)
    form = EndForm(posted(request), initial={"how": EndedHow.COMPLETED})
    if request.method == "POST" and form.is_valid():
        ended = _try(
            request,
            lambda: groups.end_group(actor=request.user, group_id=group.pk, now=timezone.now(), **form.cleaned_data),
        )
        if ended:
            text = _("%(group)s has ended. Its sessions stay on record. You can take this back for ten minutes.")
            messages.success(request, text % {"group": group.name})
        return redirect("programmes:group_detail", slug, code, uuid)
    shown = group_page(group, viewer=request.user, runs=True, now=timezone.now())
    context = {"cycle": cycle, "programme": cycle.programme, "group": group, "shown": shown, "form": form}
    return render(request, "programmes/groups/end.html", context, status=422 if form.errors else 200)


@require_POST
def group_place(request: HttpRequest, slug: str, code: str, uuid: UUID) -> HttpResponse:
    """Put the ticked people into this group."""
    cycle, group = _group(request, slug, code, uuid)
    require_perm(request.user, "programmes.change_groups", cycle)
    placed = _try(
        request,
        lambda: place_people(
            actor=request.user,
            group_id=group.pk,
            membership_ids=_chosen(request, cycle),
            form_key=key_from(request.POST),
            now=timezone.now(),
        ),
    )
    if placed:
        text = ngettext("%(count)s person is in and told.", "%(count)s people are in and told.", len(placed))
        messages.success(request, text % {"count": len(placed)})
    return redirect("programmes:group_detail", slug, code, uuid)


@require_POST
def group_move(request: HttpRequest, slug: str, code: str, uuid: UUID) -> HttpResponse:
    """Move the ticked people to another group, or take them out."""
    cycle, group = _group(request, slug, code, uuid)
    require_perm(request.user, "programmes.change_groups", cycle)
    chosen, target = _chosen(request, cycle), request.POST.get("to", "")
    if target == "out":
        if _try(
            request, lambda: take_out(actor=request.user, group_id=group.pk, membership_ids=chosen, now=timezone.now())
        ):
            messages.success(request, _("Taken out of the group. Their registers stay."))
    elif is_uuid(target):
        other = get_object_or_404(Group.objects.visible_to(request.user), cycle=cycle, uuid=target)
        moved = _try(
            request,
            lambda: place_people(
                actor=request.user,
                group_id=other.pk,
                from_group_id=group.pk,
                membership_ids=chosen,
                form_key=key_from(request.POST),
                now=timezone.now(),
            ),
        )
        if moved:
            messages.success(request, _("Moved to %(group)s. Their registers stay.") % {"group": other.name})
    else:
        messages.error(request, _("Choose where they go."))
    return redirect("programmes:group_detail", slug, code, uuid)


def _group(request: HttpRequest, slug: str, code: str, uuid: UUID) -> tuple[Cycle, Group]:
    """A group this person may know of, at its own address; anything else does not exist."""
    rows = Group.objects.visible_to(request.user).select_related(
        "cycle__programme__activity_type", "cycle__programme__owner_unit"
    )
    group = get_object_or_404(rows, uuid=uuid, cycle__code=code, cycle__programme__slug=slug)
    return group.cycle, group


def _chosen(request: HttpRequest, cycle: Cycle) -> list[int]:
    """The memberships ticked, of this cycle."""
    uuids = [value for value in request.POST.getlist("who")[:200] if is_uuid(value)]
    return list(Membership.objects.filter(cycle=cycle, uuid__in=uuids).values_list("pk", flat=True))


def _try(request: HttpRequest, use_case: Any) -> Any:
    """Run it; a refusal becomes a message and None. A repeat has had its effect."""
    try:
        return use_case()
    except Repeated:
        return None
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
        return None
