"""Reading handbooks and saying so; who has read them; asking those who have not; briefings that were given."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from peerhub.common import clock
from peerhub.common.access import can
from peerhub.common.errors import DomainError
from programmes.permissions import roles_in
from training.forms.handbooks import BriefingForm
from training.models import BriefingGiven, Handbook, HandbookVersion
from training.queries.handbook_changes import section_changes
from training.queries.handbooks import (
    find_in,
    groups_to_brief,
    read_by,
    reading_of,
    sections_of,
    state_of,
    versions_of,
)
from training.services.handbook_reading import acknowledge_version, note_briefing, nudge, take_back_briefing
from training.views.handbooks import drawn_changes, handbook_or_404, page_of

PER_PAGE = 50


def _readable(request: HttpRequest, uuid: UUID) -> Handbook:
    related = ("cycle__programme__activity_type", "cycle__programme__owner_unit")
    return get_object_or_404(Handbook.objects.visible_to(request.user).select_related(*related), uuid=uuid)


def _wanted(published: list[HandbookVersion], label: str) -> HandbookVersion:
    """The version an address asks for; the newest without one."""
    found = next((one for one in published if one.label == label), None) if label else next(iter(published), None)
    if found is None:
        raise Http404
    return found


@require_safe
def handbook_read(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The newest version (or the one asked for), with search, printing and one button: I have read it."""
    handbook = _readable(request, uuid)
    published = versions_of(handbook)
    shown = _wanted(published, request.GET.get("version", ""))
    sections, words = sections_of(shown), request.GET.get("q", "").strip()[:80]
    read = read_by(request.user, handbook)
    newest = published[0]
    is_reader = bool(roles_in(request.user, handbook.cycle_id) & set(handbook.roles))
    today = clock.local(timezone.now(), handbook.cycle.time_zone).date()
    majors = [one for one in published if read is None or (one.major or 0) > (read.major or 0)]
    context = {
        "handbook": handbook,
        "cycle": handbook.cycle,
        "programme": handbook.cycle.programme,
        "version": shown,
        "newest": newest,
        "older": published[1:],
        "sections": sections,
        "words": words,
        "found": find_in(sections, words) if words else [],
        "read": read,
        "asks": is_reader and shown == newest and (read is None or (newest.major or 0) > (read.major or 0)),
        "may_note": is_reader and shown == newest and read is not None and read != newest,
        "due_on": min((one.due_on for one in majors if one.due_on), default=None) if read else None,
        "is_late": bool(read) and any(one.is_late(today=today) for one in majors),
        "runs": can(request.user, "training.view_handbook_desk", handbook),
        "large": request.GET.get("size") == "large",
    }
    return render(request, "training/handbooks/read.html", context)


@require_safe
def handbook_changes(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What is different since the version one read last, or since the one asked for."""
    handbook = _readable(request, uuid)
    published = versions_of(handbook)
    newest = _wanted(published, "")
    read = read_by(request.user, handbook)
    since = request.GET.get("since", "")
    last = read or (published[1] if len(published) > 1 else newest)
    before = _wanted(published, since) if since else last
    changes = section_changes(sections_of(before), sections_of(newest)) if before.pk != newest.pk else []
    between = [one for one in published if (before.major, before.minor) < (one.major, one.minor)]  # type: ignore[operator]
    context = {
        "handbook": handbook,
        "cycle": handbook.cycle,
        "programme": handbook.cycle.programme,
        "newest": newest,
        "before": before,
        "read": read,
        "between": [one for one in between if one.summary],
        "older": published[1:],
        "changes": drawn_changes(changes),
    }
    return render(request, "training/handbooks/changes.html", context)


@require_POST
def handbook_acknowledge(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """I have read this version."""
    handbook = _readable(request, uuid)
    version = _wanted(versions_of(handbook), request.POST.get("version", "-"))
    try:
        acknowledge_version(actor=request.user, version_id=version.pk, now=timezone.now())
        messages.success(request, _("Thank you. It is noted that you read version %(n)s.") % {"n": version.label})
    except DomainError as error:
        messages.error(request, str(error.message))
    return redirect("training:handbook_read", uuid=handbook.uuid)


# --- for those who run it -------------------------------------------------------------------------
@require_safe
def handbook_people(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Who has read what; those with something to read first."""
    handbook = handbook_or_404(request, uuid, "training.view_handbook_desk")
    published = versions_of(handbook)
    today = clock.local(timezone.now(), handbook.cycle.time_zone).date()
    page: Any = Paginator(reading_of(handbook), PER_PAGE).get_page(request.GET.get("page"))
    rows = [(row, *state_of(row, published, today=today)) for row in page.object_list]
    context = page_of(
        handbook.cycle,
        handbook=handbook,
        newest=published[0] if published else None,
        page_obj=page,
        rows=rows,
        may_nudge=bool(published)
        and can(request.user, "training.change_handbook", handbook)
        and any(kind in {"late", "turn"} for _row, kind, _words in rows),
    )
    return render(request, "training/handbooks/people.html", context)


@require_POST
def handbook_nudge(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Ask those who have not read it."""
    handbook = handbook_or_404(request, uuid, "training.change_handbook")
    try:
        count = nudge(actor=request.user, handbook_id=handbook.pk, now=timezone.now())
        said = ngettext("%(n)s person is asked to read it.", "%(n)s people are asked to read it.", count)
        messages.success(request, said % {"n": count})
    except DomainError as error:
        messages.error(request, str(error.message))
    return redirect("training:handbook_people", uuid=handbook.uuid)


@require_POST
def briefing_note(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Tick off that a briefing was given."""
    handbook = handbook_or_404(request, uuid, "training.change_handbook")
    now = timezone.now()
    today = clock.local(now, handbook.cycle.time_zone).date()
    form = BriefingForm(request.POST, groups=groups_to_brief(handbook.cycle), everybody=_("Everybody"), today=today)
    if not form.is_valid():
        messages.error(request, _("Choose who was briefed and on which day."))
    else:
        try:
            note_briefing(
                actor=request.user, handbook_id=handbook.pk, group=form.chosen_group(), on=form.cleaned_data["on"],
                now=now, today=today,
            )  # fmt: skip
            messages.success(request, _("It is noted that the briefing was given."))
        except DomainError as error:
            messages.error(request, str(error.message))
    return _to_desk(handbook)


@require_POST
def briefing_take_back(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """It was noted by mistake."""
    runs = Handbook.objects.run_by(request.user)
    given = get_object_or_404(BriefingGiven.objects.filter(version__handbook__in=runs), uuid=uuid)
    handbook = handbook_or_404(request, _handbook_of(given), "training.change_handbook")
    try:
        take_back_briefing(actor=request.user, given_id=given.pk, now=timezone.now())
        messages.success(request, _("Taken back."))
    except DomainError as error:
        messages.error(request, str(error.message))
    return _to_desk(handbook)


def _handbook_of(given: BriefingGiven) -> UUID:
    found: UUID = Handbook.objects.values_list("uuid", flat=True).get(versions__given=given)
    return found


def _to_desk(handbook: Handbook) -> HttpResponse:
    return redirect("training:handbook_desk", slug=handbook.cycle.programme.slug, code=handbook.cycle.code)
