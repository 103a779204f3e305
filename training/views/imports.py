"""Completions by import: hand in a file, say what its columns are, look at the check, import, take it back."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from peerhub.common.access import require_perm
from peerhub.common.csvio import csv_response
from peerhub.common.errors import DomainError
from peerhub.common.once import Repeated, key_from
from programmes.models import Cycle
from programmes.queries.workspace import workspace_or_404
from programmes.rosters.errors import RosterError
from training.forms.imports import CompletionFileForm, ModuleColumnsForm
from training.models import CompletionImport, CompletionImportState
from training.queries.imports import OUTCOMES, REPORT_HEADER, as_row, counted, imports_of, looks_of, state_look
from training.services import completion_imports as services

LINES_PER_PAGE = 50


@require_safe
def import_list(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """The files of a programme, newest first."""
    cycle = _cycle(request, slug, code)
    return _list(request, cycle)


@require_safe
def shared_import_list(request: HttpRequest) -> HttpResponse:
    """The files of the shared training site."""
    require_perm(request.user, "training.import_completions")
    return _list(request, None)


def _list(request: HttpRequest, cycle: Cycle | None) -> HttpResponse:
    page = imports_of(cycle.programme if cycle else None, request.GET.get("page"))
    context = {"page_obj": page, "rows": [(one, *state_look(one)) for one in page], **_where(cycle)}
    return render(request, "training/imports/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def import_create(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Hand in a file for a programme's own modules."""
    return _create(request, _cycle(request, slug, code))


@require_http_methods(["GET", "HEAD", "POST"])
def shared_import_create(request: HttpRequest) -> HttpResponse:
    """Hand in a file for shared modules."""
    require_perm(request.user, "training.import_completions")
    return _create(request, None)


def _create(request: HttpRequest, cycle: Cycle | None) -> HttpResponse:
    form = CompletionFileForm(request.POST, request.FILES) if request.method == "POST" else CompletionFileForm()
    if request.method == "POST" and form.is_valid():
        file, key = form.cleaned_data["file"], key_from(request.POST)
        about = {"actor": request.user, "cycle": cycle, "file": file, "name": file.name}
        try:
            row = services.upload_completions(**about, key=key, now=timezone.now())
        except Repeated:
            return redirect(_where(cycle)["list_url"])
        except RosterError as refusal:
            form.refuse(refusal)
        else:
            return redirect("training:import_columns", row.uuid)
    return render(
        request, "training/imports/new.html", {"form": form, **_where(cycle)}, status=422 if form.errors else 200
    )


@require_http_methods(["GET", "HEAD", "POST"])
def import_columns(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Which column is which module, with the guess filled in."""
    row = _import(request, uuid)
    if not row.is_open:
        return redirect("training:import_detail", uuid)
    try:
        with services.opened(row) as sheet:
            form = ModuleColumnsForm(
                request.POST if request.method == "POST" else None,
                row=row,
                sheet=sheet,
                modules=services.modules_for(row),
            )
    except RosterError as refusal:
        messages.error(request, str(refusal.message))
        return redirect(_where_of(row)["list_url"])
    if request.method == "POST" and form.is_valid() and _checked(request, row, form):
        return redirect("training:import_detail", uuid)
    context = {"row": row, "form": form, "ignored": sheet.ignored, **_where_of(row)}
    return render(request, "training/imports/columns.html", context, status=422 if form.errors else 200)


def _checked(request: HttpRequest, row: CompletionImport, form: ModuleColumnsForm) -> bool:
    try:
        services.check_completions(actor=request.user, import_id=row.pk, now=timezone.now(), **form.chosen())
    except DomainError as refusal:
        form.refuse(refusal)
        return False
    return True


@require_safe
def import_detail(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The check of a file, or what became of it."""
    row = _import(request, uuid)
    if row.state == CompletionImportState.UPLOADED:
        return redirect("training:import_columns", uuid)
    lines, show = services.lines_of(row), request.GET.get("show", "")
    shown = [one for one in lines if one.outcome == show] if show in OUTCOMES else lines
    page = Paginator(shown, LINES_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "row": row,
        "look": state_look(row),
        "counted": counted(row),
        "show": show if show in OUTCOMES else "",
        "page_obj": page,
        "lines": [(one, *looks_of(one)) for one in page],
        "new": row.counts.get("record", 0),
        "seal": services.seal_of(lines) if row.state == CompletionImportState.CHECKED else "",
        **_where_of(row),
    }
    return render(request, "training/imports/detail.html", context)


@require_POST
def import_apply(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Record what the check showed."""
    row = _import(request, uuid)
    about = {"actor": request.user, "import_id": row.pk, "seen": request.POST.get("seal", "")}
    try:
        row = services.import_completions(**about, key=key_from(request.POST), now=timezone.now())
    except Repeated:
        pass
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
        if refusal.code == "changed":
            return redirect("training:import_columns", uuid)
    else:
        count = row.counts["recorded"]
        said = ngettext("%(n)s completion is recorded.", "%(n)s completions are recorded.", count)
        messages.success(request, said % {"n": count})
    return redirect("training:import_detail", uuid)


@require_http_methods(["GET", "HEAD", "POST"])
def import_undo(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take an import back, after saying what that means; or why it cannot be."""
    row = _import(request, uuid)
    if row.state != CompletionImportState.APPLIED:
        return redirect("training:import_detail", uuid)
    if request.method == "POST":
        try:
            services.undo_completions(
                actor=request.user, import_id=row.pk, key=key_from(request.POST), now=timezone.now()
            )
        except Repeated:
            pass
        except DomainError as refusal:
            messages.error(request, str(refusal.message))
        else:
            messages.success(request, _("The import was taken back."))
        return redirect("training:import_detail", uuid)
    context = {"row": row, "refusal": _leaning(row), **_where_of(row)}
    return render(request, "training/imports/undo.html", context)


def _leaning(row: CompletionImport) -> str:
    try:
        services.refuse_leaning(row, now=timezone.now())
    except DomainError as refusal:
        return str(refusal.message)
    return ""


@require_POST
def import_discard(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Throw a file away of which nothing was recorded."""
    row = _import(request, uuid)
    try:
        services.discard_completions(actor=request.user, import_id=row.pk, now=timezone.now())
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
        return redirect("training:import_detail", uuid)
    messages.success(request, _("The file was thrown away. Nothing of it was recorded."))
    return redirect(_where_of(row)["list_url"])


@require_safe
def import_report(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """Every row of the check, as a spreadsheet."""
    row = _import(request, uuid)
    return csv_response("completions.csv", REPORT_HEADER, map(as_row, services.lines_of(row)))


# --- where one is -----------------------------------------------------------------------------------------------------
def _cycle(request: HttpRequest, slug: str, code: str) -> Cycle:
    cycle = workspace_or_404(request.user, slug, code)
    require_perm(request.user, "training.import_completions", cycle.programme)
    return cycle


def _import(request: HttpRequest, uuid: UUID) -> CompletionImport:
    seen = CompletionImport.objects.visible_to(request.user)
    row = get_object_or_404(
        seen.select_related("owner__owner_unit", "cycle__programme", "created_by", "applied_by"), uuid=uuid
    )
    require_perm(request.user, "training.import_completions", row)
    return row


def _where(cycle: Cycle | None) -> dict[str, Any]:
    """Whose modules these are, and the way back."""
    if cycle is None:
        return {
            "place": _("Shared training"),
            "place_url": reverse("training:shared_modules"),
            "list_url": reverse("training:shared_import_list"),
            "new_url": reverse("training:shared_import_create"),
        }
    at = [cycle.programme.slug, cycle.code]
    return {
        "place": cycle.programme.name,
        "place_url": reverse("training:board", args=at),
        "list_url": reverse("training:import_list", args=at),
        "new_url": reverse("training:import_create", args=at),
    }


def _where_of(row: CompletionImport) -> dict[str, Any]:
    return _where(row.cycle)
