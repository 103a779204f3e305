"""The coordinator's desk of handbooks: documents, drafts, publishing."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from peerhub.common import clock
from peerhub.common.access import can, require_perm
from peerhub.common.differences import drawn
from peerhub.common.errors import DomainError
from peerhub.common.once import Repeated, key_from
from programmes.models import Cycle, CycleState
from programmes.queries.workspace import workspace_or_404
from training.forms.handbooks import BriefingForm, HandbookForm, PublishForm, SectionForm
from training.models import Handbook, HandbookSection
from training.queries.handbook_changes import section_changes
from training.queries.handbooks import desk_of, groups_to_brief, newest_of, section_stamp, sections_of
from training.queries.parts import TAB
from training.services.handbooks import (
    create_handbook,
    digest_of,
    discard_draft,
    move_section,
    publish_version,
    remove_section,
    start_draft,
    write_section,
)

PART = "handbook"


def page_of(cycle: Cycle, **more: Any) -> dict[str, Any]:
    """What every page of the desk needs."""
    return {"cycle": cycle, "programme": cycle.programme, "tab": TAB, "part": PART, **more}


def handbook_or_404(request: HttpRequest, uuid: UUID, permission: str) -> Handbook:
    """A document of a cycle this person runs, with its cycle as workspace pages need it."""
    related = ("cycle__programme__activity_type", "cycle__programme__owner_unit")
    handbook = get_object_or_404(Handbook.objects.run_by(request.user).select_related(*related), uuid=uuid)
    require_perm(request.user, permission, handbook)
    return handbook


@require_safe
def handbook_desk(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """All documents of a cycle, the version people have, the drafts, and who has read what."""
    cycle = workspace_or_404(request.user, slug, code)
    require_perm(request.user, "training.view_handbook_desk", cycle)
    today = clock.local(timezone.now(), cycle.time_zone).date()
    rows = desk_of(cycle, today=today)
    may_change = can(request.user, "training.change_handbook", cycle) and cycle.state != CycleState.CLOSED
    form = None
    if may_change and any(row.is_briefing and row.newest for row in rows):
        form = BriefingForm(groups=groups_to_brief(cycle), everybody=_("Everybody"), today=today)
    return render(request, "training/handbooks/desk.html", page_of(cycle, rows=rows, may_change=may_change, form=form))


@require_http_methods(["GET", "HEAD", "POST"])
def handbook_create(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """A new document: what it is and who reads it."""
    cycle = workspace_or_404(request.user, slug, code)
    require_perm(request.user, "training.change_handbook", cycle)
    form = HandbookForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            made = create_handbook(
                actor=request.user, cycle_id=cycle.pk, new=form.new(), form_key=key_from(request.POST),
                now=timezone.now(),
            )  # fmt: skip
            return redirect("training:handbook_edit", uuid=made.uuid)
        except Repeated:
            return redirect("training:handbook_desk", slug=slug, code=code)
        except DomainError as error:
            form.add_error(None, str(error.message))
    context = page_of(cycle, form=form)
    return render(request, "training/handbooks/new.html", context, status=422 if form.errors else 200)


@require_safe
def handbook_edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The draft with its sections in order."""
    handbook = handbook_or_404(request, uuid, "training.change_handbook")
    draft, newest = handbook.versions.drafts().first(), newest_of(handbook.pk)
    sections = sections_of(draft) if draft else []
    context = page_of(handbook.cycle, handbook=handbook, draft=draft, newest=newest, sections=sections)
    return render(request, "training/handbooks/edit.html", context)


@require_POST
def draft_start(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Begin a new version with what people have now."""
    handbook = handbook_or_404(request, uuid, "training.change_handbook")
    try:
        start_draft(actor=request.user, handbook_id=handbook.pk, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error.message))
        return _to_desk(handbook)
    return redirect("training:handbook_edit", uuid=handbook.uuid)


@require_http_methods(["GET", "HEAD", "POST"])
def draft_discard(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Throw a draft away, asked once."""
    handbook = handbook_or_404(request, uuid, "training.change_handbook")
    if request.method != "POST":
        context = page_of(handbook.cycle, handbook=handbook, newest=newest_of(handbook.pk))
        return render(request, "training/handbooks/discard.html", context)
    try:
        discard_draft(actor=request.user, handbook_id=handbook.pk, now=timezone.now())
        messages.success(request, _("The draft is gone."))
    except DomainError as error:
        messages.error(request, str(error.message))
    return _to_desk(handbook)


@require_http_methods(["GET", "HEAD", "POST"])
def section_edit(request: HttpRequest, uuid: UUID, key: UUID | None = None) -> HttpResponse:
    """Write a section, new or there already; look at it first where that is wanted."""
    handbook = handbook_or_404(request, uuid, "training.change_handbook")
    section = None
    if key is None and request.method != "POST" and not handbook.versions.drafts().exists():
        return redirect(
            "training:handbook_edit", uuid=handbook.uuid
        )  # nothing to write into: the way to begin is there
    if key is not None:
        drafts = HandbookSection.objects.filter(version__in=handbook.versions.drafts())
        section = get_object_or_404(drafts, key=key)
    seen = section_stamp(section.title, section.text) if section else ""
    initial = {"title": section.title, "text": section.text, "seen": seen} if section else {}
    form = SectionForm(request.POST if request.method == "POST" else None, initial=initial)
    looks = request.method == "POST" and request.POST.get("then") == "look"
    if form.is_valid() and not looks:
        try:
            write_section(actor=request.user, handbook_id=handbook.pk, key=key, words=form.words(), now=timezone.now())
            return redirect("training:handbook_edit", uuid=handbook.uuid)
        except DomainError as error:
            form.add_error(None, str(error.message))
            if error.code == "conflict":  # a second save is meant
                form.data = {**form.data.dict(), "seen": seen}  # type: ignore[union-attr]
    context = page_of(
        handbook.cycle, handbook=handbook, section=section, form=form,
        preview=form.words().text if looks and form.is_valid() else "",
    )  # fmt: skip
    return render(request, "training/handbooks/section.html", context, status=422 if form.errors else 200)


@require_POST
def section_step(request: HttpRequest, uuid: UUID, key: UUID) -> HttpResponse:
    """Up, down, or out of the draft."""
    handbook = handbook_or_404(request, uuid, "training.change_handbook")
    step, about = request.POST.get("step"), {"actor": request.user, "handbook_id": handbook.pk, "key": key}
    try:
        if step == "remove":
            remove_section(**about, now=timezone.now())
        else:
            move_section(**about, up=step == "up", now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error.message))
    return redirect("training:handbook_edit", uuid=handbook.uuid)


@require_http_methods(["GET", "HEAD", "POST"])
def handbook_publish(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Look at what is different, say how big a change it is, and freeze it."""
    handbook = handbook_or_404(request, uuid, "training.change_handbook")
    draft, newest = handbook.versions.drafts().first(), newest_of(handbook.pk)
    seen = digest_of(draft) if draft else ""
    form = PublishForm(request.POST if request.method == "POST" else None, newest=newest, initial={"seen": seen})
    if form.is_valid():
        now = timezone.now()
        today = clock.local(now, handbook.cycle.time_zone).date()
        try:
            made = publish_version(
                actor=request.user, handbook_id=handbook.pk, how=form.publication(), now=now, today=today
            )
            messages.success(request, _("Version %(version)s is published.") % {"version": made.label})
            return _to_desk(handbook)
        except DomainError as error:
            form.add_error(None, str(error.message))
            form.data = {**form.data.dict(), "seen": seen}  # type: ignore[union-attr]  # pressed again, this is meant
    sections = sections_of(draft) if draft else []
    changes = section_changes(sections_of(newest), sections) if newest and draft else []
    context = page_of(
        handbook.cycle, handbook=handbook, draft=draft, newest=newest, form=form, sections=sections,
        changes=drawn_changes(changes),
    )  # fmt: skip
    return render(request, "training/handbooks/publish.html", context, status=422 if form.errors else 200)


def drawn_changes(changes: Any) -> list[dict[str, Any]]:
    """Changes with their markup, for _changes.html."""
    return [{"what": one.what, "key": one.key, "title": drawn(one.title), "text": drawn(one.text)} for one in changes]


def _to_desk(handbook: Handbook) -> HttpResponse:
    return redirect("training:handbook_desk", slug=handbook.cycle.programme.slug, code=handbook.cycle.code)
