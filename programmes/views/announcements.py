"""Writing to people: write, look at it, send; the history; taking back; and reading what was written to oneself."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from peerhub.common.access import can, require_perm
from peerhub.common.errors import DomainError
from peerhub.common.once import Repeated, key_from
from programmes.forms.announcements import MOST_GROUPS, AnnouncementForm
from programmes.models import Announcement, Audience, Cycle, CycleState, Group
from programmes.queries.announcements import audience_words, written_in
from programmes.queries.audiences import first_names, readers
from programmes.queries.workspace import workspace_or_404
from programmes.services.announcements import HOLD, send_announcement, take_back_announcement


@require_http_methods(["GET", "HEAD", "POST"])
def announcement_write(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Write; then look at it with those it goes to; then send. Each step carries the words on."""
    cycle = _writable(request, slug, code)
    posted = request.POST if request.method == "POST" else None
    form = AnnouncementForm(posted, cycle=cycle, groups=_groups(cycle), initial=_asked_for(request))
    if form.is_valid():
        if request.POST.get("then") == "send":
            answer = _send(request, cycle, form)
            if answer:
                return answer
        elif request.POST.get("then") != "change":
            return _preview(request, cycle, form)
    context = {"cycle": cycle, "programme": cycle.programme, "tab": "messages", "form": form}
    return render(request, "programmes/announcements/write.html", context, status=422 if form.errors else 200)


def _send(request: HttpRequest, cycle: Cycle, form: AnnouncementForm) -> HttpResponse | None:
    """Off to the history; None when it was refused, which the form then says."""
    try:
        send_announcement(
            actor=request.user, cycle_id=cycle.pk, draft=form.draft(), key=key_from(request.POST), now=timezone.now()
        )
    except Repeated:
        pass
    except DomainError as error:
        form.add_error(None, str(error.message))
        return None
    else:
        messages.success(request, _("Your message leaves in ten minutes. Until then you can take it back."))
    return redirect("programmes:announcement_list", slug=cycle.programme.slug, code=cycle.code)


def _preview(request: HttpRequest, cycle: Cycle, form: AnnouncementForm) -> HttpResponse:
    draft = form.draft()
    found = readers(cycle, draft.audience, draft.group, now=timezone.now())
    context = {
        "cycle": cycle,
        "programme": cycle.programme,
        "tab": "messages",
        "form": form,
        "draft": draft,
        "to": audience_words(cycle, draft.audience, draft.group),
        "count": len(found),
        "names": ", ".join(first_names(found)),
        "more": max(0, len(found) - len(first_names(found))),
        "without_address": sum(not one.has_address for one in found),
        "minutes": int(HOLD.total_seconds() // 60),
    }
    return render(request, "programmes/announcements/preview.html", context)


def _asked_for(request: HttpRequest) -> dict[str, Any]:
    """What a link asks for: ?to=absent, ?to=group&group=…"""
    to = request.GET.get("to", "")
    return {"audience": to if to in Audience.values else Audience.PARTICIPANTS, "group": request.GET.get("group", "")}


def _groups(cycle: Cycle) -> list[Group]:
    return list(Group.objects.active().filter(cycle=cycle).order_by("name", "pk")[:MOST_GROUPS])


@require_safe
def announcement_list(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """What was written to people of this cycle, and what became of it."""
    cycle = workspace_or_404(request.user, slug, code)
    require_perm(request.user, "programmes.write_announcement", cycle)
    context = {
        "cycle": cycle,
        "programme": cycle.programme,
        "tab": "messages",
        "page_obj": written_in(cycle, page=request.GET.get("page", "1"), now=timezone.now()),
        "may_write": cycle.state != CycleState.CLOSED,
    }
    return render(request, "programmes/announcements/list.html", context)


@require_POST
def announcement_take_back(request: HttpRequest, slug: str, code: str, uuid: UUID) -> HttpResponse:
    """Cancel a message that is still held."""
    cycle = _writable(request, slug, code)
    announcement = get_object_or_404(Announcement.objects.filter(cycle=cycle), uuid=uuid)
    try:
        take_back_announcement(actor=request.user, announcement_id=announcement.pk, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("It is taken back. Nobody gets it."))
    return redirect("programmes:announcement_list", slug=slug, code=code)


@require_safe
def announcement_read(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One message, for those it was written to, once it has left; coordinators read it at any time."""
    visible = Announcement.objects.visible_to(request.user).select_related("sender", "cycle__programme__owner_unit")
    announcement = get_object_or_404(visible, uuid=uuid)
    runs = can(request.user, "programmes.write_announcement", announcement.cycle)
    is_out = announcement.cancelled_at is None and announcement.sends_at <= timezone.now()
    if not is_out and not runs:
        raise Http404
    context = {"announcement": announcement, "programme": announcement.cycle.programme, "runs": runs, "is_out": is_out}
    return render(request, "programmes/announcements/read.html", context)


def _writable(request: HttpRequest, slug: str, code: str) -> Cycle:
    cycle = workspace_or_404(request.user, slug, code)
    require_perm(request.user, "programmes.write_announcement", cycle)
    return cycle
