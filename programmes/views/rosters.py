"""Class lists: upload, say what the columns mean, look at the check, import, undo."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from peerhub.common import once
from peerhub.common.access import require_perm
from peerhub.common.csvio import csv_response
from peerhub.common.errors import DomainError
from programmes.forms.rosters import ColumnsForm, ImportForm, RoleForm, UploadForm
from programmes.models import Cycle, ImportState, RosterImport, RosterKind
from programmes.queries import rosters
from programmes.queries.workspace import workspace_or_404
from programmes.rosters.errors import RosterError
from programmes.services.rosters import problems, uploads

PROBLEMS_PER_PAGE = 50
COLUMNS_MAY_CHANGE = (ImportState.UPLOADED, ImportState.CHECKED, ImportState.FAILED)


@require_safe
def roster_list(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """The imports of a cycle, newest first."""
    cycle = _cycle(request, slug, code)
    page = rosters.imports_of(cycle, request.GET.get("page"))
    rows = [(row, *rosters.LOOKS[row.state], rosters.summary(row)) for row in page]
    return render(request, "programmes/rosters/list.html", _context(cycle, page_obj=page, rows=rows))


@require_http_methods(["GET", "HEAD", "POST"])
def roster_upload(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Hand in a file. What cannot be a roster is refused here, at the field."""
    cycle = _cycle(request, slug, code)
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            row = uploads.upload_roster(
                actor=request.user,
                cycle=cycle,
                file=file,
                name=file.name,
                form_key=once.key_from(request.POST),
                now=timezone.now(),
            )
        except once.Repeated:
            return redirect("programmes:roster_list", slug, code)
        except RosterError as refusal:
            form.refuse(refusal)
        else:
            step = "roster_columns" if row.kind == RosterKind.LIST else "roster_detail"
            return redirect(f"programmes:{step}", slug, code, row.uuid)
    context = _context(cycle, form=form)
    return render(request, "programmes/rosters/upload.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def roster_columns(request: HttpRequest, slug: str, code: str, uuid: UUID) -> HttpResponse:
    """Which column means what, with the guess filled in."""
    cycle, row = _import(request, slug, code, uuid)
    if row.kind != RosterKind.LIST or row.state not in COLUMNS_MAY_CHANGE:
        return redirect("programmes:roster_detail", slug, code, uuid)
    try:
        columns, sample = uploads.table_of(row)
    except RosterError as refusal:
        messages.error(request, str(refusal.message))
        return redirect("programmes:roster_list", slug, code)
    given = request.POST if request.method == "POST" else None
    form = ColumnsForm(given, roster_import=row, columns=columns, sample=sample, programme=cycle.programme)
    if given is not None and form.is_valid() and _confirm(request, row, form):
        return redirect("programmes:roster_detail", slug, code, uuid)
    context = _context(cycle, row=row, form=form, ignored=uploads.never_stored(columns))
    return render(request, "programmes/rosters/columns.html", context, status=422 if form.errors else 200)


def _confirm(request: HttpRequest, row: RosterImport, form: ColumnsForm) -> bool:
    wanted = {name: form.cleaned_data[name] for name in ("source", "role", "save_as")}
    try:
        uploads.confirm_columns(
            actor=request.user, import_id=row.pk, columns=form.columns, now=timezone.now(), **wanted
        )
    except DomainError as refusal:
        form.refuse(refusal)
        return False
    return True


@require_safe
def roster_detail(request: HttpRequest, slug: str, code: str, uuid: UUID) -> HttpResponse:
    """One import: being worked on, checked, imported, undone or stopped."""
    cycle, row = _import(request, slug, code, uuid)
    if row.state == ImportState.UPLOADED:
        return redirect("programmes:roster_columns", slug, code, uuid)
    if row.is_working:
        return render(request, "programmes/rosters/working.html", _context(cycle, row=row))
    kept = problems.read(row.problems)
    page = Paginator(kept, PROBLEMS_PER_PAGE).get_page(request.GET.get("page"))
    context = _context(
        cycle,
        row=row,
        look=rosters.LOOKS[row.state],
        counted=rosters.count_rows(row.counts),
        undone=rosters.undone_rows(row.counts),
        remarks=rosters.remarks(row.counts),
        page_obj=page,
        may_undo=row.can_be_undone(now=timezone.now()) and row.may_be_undone_by(request.user),
        role_form=RoleForm(None, roster_import=row, programme=cycle.programme),
    )
    return render(request, "programmes/rosters/detail.html", context)


@require_safe
def roster_progress(request: HttpRequest, slug: str, code: str, uuid: UUID) -> HttpResponse:
    """The part of the page that htmx asks for again and again; when the work is over it loads the whole page."""
    cycle, row = _import(request, slug, code, uuid)
    response = render(
        request, "programmes/rosters/_progress.html", {"cycle": cycle, "programme": cycle.programme, "row": row}
    )
    if not row.is_working:
        response["HX-Refresh"] = "true"
    return response


@require_POST
def roster_check(request: HttpRequest, slug: str, code: str, uuid: UUID) -> HttpResponse:
    """Check a package once more, in another role."""
    cycle, row = _import(request, slug, code, uuid)
    form = RoleForm(request.POST, roster_import=row, programme=cycle.programme)
    role = form.cleaned_data["role"] if form.is_valid() else ""
    return _done(
        request,
        cycle,
        row,
        lambda: uploads.check_again(actor=request.user, import_id=row.pk, role=role, now=timezone.now()),
    )


@require_POST
def roster_import(request: HttpRequest, slug: str, code: str, uuid: UUID) -> HttpResponse:
    """Import what was checked."""
    cycle, row = _import(request, slug, code, uuid)
    form = ImportForm(request.POST)
    form.is_valid()
    return _done(
        request,
        cycle,
        row,
        lambda: uploads.start_import(
            actor=request.user,
            import_id=row.pk,
            form_key=once.key_from(request.POST),
            now=timezone.now(),
            **form.cleaned_data,
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def roster_undo(request: HttpRequest, slug: str, code: str, uuid: UUID) -> HttpResponse:
    """Take an import back, after saying what that means."""
    cycle, row = _import(request, slug, code, uuid)
    if request.method != "POST":
        if not (row.can_be_undone(now=timezone.now()) and row.may_be_undone_by(request.user)):
            return redirect("programmes:roster_detail", slug, code, uuid)
        return render(request, "programmes/rosters/undo.html", _context(cycle, row=row))
    key = once.key_from(request.POST)
    return _done(
        request,
        cycle,
        row,
        lambda: uploads.start_undo(actor=request.user, import_id=row.pk, form_key=key, now=timezone.now()),
    )


@require_POST
def roster_discard(request: HttpRequest, slug: str, code: str, uuid: UUID) -> HttpResponse:
    """Throw away what was never imported."""
    row = _import(request, slug, code, uuid)[1]
    try:
        uploads.discard_import(actor=request.user, import_id=row.pk, now=timezone.now())
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
        return redirect("programmes:roster_detail", slug, code, uuid)
    messages.success(request, _("The file was thrown away. Nothing of it was imported."))
    return redirect("programmes:roster_list", slug, code)


@require_safe
def roster_problems(request: HttpRequest, slug: str, code: str, uuid: UUID) -> HttpResponseBase:
    """Every problem that was kept, as a spreadsheet."""
    row = _import(request, slug, code, uuid)[1]
    return csv_response("problems.csv", problems.REPORT_HEADER, map(problems.as_row, problems.read(row.problems)))


def _cycle(request: HttpRequest, slug: str, code: str) -> Cycle:
    cycle = workspace_or_404(request.user, slug, code)
    require_perm(request.user, "programmes.import_roster", cycle)
    return cycle


def _import(request: HttpRequest, slug: str, code: str, uuid: UUID) -> tuple[Cycle, RosterImport]:
    """The cycle and one of its imports."""
    cycle = _cycle(request, slug, code)
    rows = RosterImport.objects.filter(cycle=cycle).select_related("created_by", "mapping")
    return cycle, get_object_or_404(rows, uuid=uuid)


def _context(cycle: Cycle, **more: Any) -> dict[str, Any]:
    return {"cycle": cycle, "programme": cycle.programme, "tab": "rosters", **more}


def _done(request: HttpRequest, cycle: Cycle, row: RosterImport, act: Any) -> HttpResponse:
    """Do one thing and show the import. A form sent twice is shown the same page."""
    try:
        act()
    except once.Repeated:
        pass
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
    return redirect("programmes:roster_detail", cycle.programme.slug, cycle.code, row.uuid)
