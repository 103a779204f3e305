"""The attendance grid: everybody's marks of a page of sessions, seen and put right in one place."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from peerhub.common import clock
from peerhub.common.access import can, require_perm
from peerhub.common.csvio import csv_response
from peerhub.common.errors import DomainError
from peerhub.common.once import Repeated, key_from
from programmes.forms.attendance import MarksForm, SpanForm
from programmes.models import AttendanceMode, Cycle, CycleState
from programmes.queries.attendance_grid import EVERY_GROUP, Grid, grid_cycle_or_404
from programmes.queries.attendance_grid import attendance_grid as grid_of
from programmes.queries.attendance_words import MARKS, cell_words
from programmes.queries.revisions import last_saves
from programmes.queries.workspace import runs
from programmes.services.marks import Clash, Marked, Recorded, record_marks

SHOWN_REFUSALS = {"no_reason": "reason"}


@require_http_methods(["GET", "HEAD", "POST"])
def attendance_grid(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Show a page of it; save every mark changed on it. Sessions saved by somebody else meanwhile come back."""
    cycle = grid_cycle_or_404(request.user, slug, code)
    require_perm(request.user, "programmes.view_attendance", cycle)
    if request.method != "POST":
        return _page(request, cycle)
    require_perm(request.user, "programmes.record_attendance", cycle)
    form = MarksForm(request.POST)
    if not form.is_valid():
        return _page(request, cycle, form, status=422)
    changes = form.cleaned_data["changes"]
    try:
        done = record_marks(
            actor=request.user,
            cycle=cycle,
            changes=changes,
            reason=form.cleaned_data["reason"],
            key=key_from(request.POST),
            now=timezone.now(),
        )
    except Repeated:
        return redirect(request.get_full_path())
    except DomainError as refusal:
        form.add_error(SHOWN_REFUSALS.get(refusal.code), str(refusal.message))
        return _page(request, cycle, form, pending=_marks_of(changes), status=422)
    if done.clashes:
        left = {one.session.uuid: changes[one.session.uuid] for one in done.clashes}
        return _page(request, cycle, MarksForm(), pending=_marks_of(left), clashes=done, status=409)
    messages.success(request, _saved_words(done))
    return redirect(request.get_full_path())


@require_safe
def grid_export(request: HttpRequest, slug: str, code: str) -> StreamingHttpResponse:
    """The page of the grid that the address names, as a spreadsheet."""
    cycle = grid_cycle_or_404(request.user, slug, code)
    require_perm(request.user, "programmes.export_attendance", cycle)
    grid = _grid(request, cycle)
    local = [clock.local(one.starts_at, cycle.time_zone) for one in grid.columns]
    heads = [f"{at:%Y-%m-%d %H:%M} {one.title}" for at, one in zip(local, grid.columns, strict=True)]
    filename = f"attendance-grid-{cycle.programme.slug}-{cycle.code}.csv"
    return csv_response(filename, [_("Person"), *heads, _("Came"), _("Of")], _lines(grid))


def _lines(grid: Grid) -> Iterator[list[Any]]:
    words = cell_words()
    for one in grid.lines:
        yield [one.name, *(words[cell] for cell in one.cells), one.came, one.listed]


def _grid(request: HttpRequest, cycle: Cycle) -> Grid:
    asked = SpanForm(request.GET).asked()
    return grid_of(cycle, viewer=request.user, asked=asked, now=timezone.now())


def _page(
    request: HttpRequest,
    cycle: Cycle,
    form: MarksForm | None = None,
    *,
    pending: Mapping[UUID, Mapping[UUID, str]] | None = None,
    clashes: Recorded | None = None,
    status: int = 200,
) -> HttpResponse:
    grid = _grid(request, cycle)
    context = {
        "cycle": cycle,
        "programme": cycle.programme,
        "tab": "sessions",
        "runs": runs(request.user, cycle),
        "member_url": _member_url(request, cycle),
        "grid": grid,
        "every_group": EVERY_GROUP,
        "query": request.GET.urlencode(),
        "here": request.get_full_path(),
        "form": form or MarksForm(),
        "marks": MARKS,
        "pending": pending or {},
        "saved": _saved_words(clashes) if clashes and (clashes.logged or clashes.corrected) else "",
        "clashes": _told(clashes.clashes) if clashes else [],
        "books": cycle.attendance_mode == AttendanceMode.BOOK,
        "is_closed": cycle.state == CycleState.CLOSED,
        "can_export": can(request.user, "programmes.export_attendance", cycle),
    }
    return render(request, "programmes/attendance/grid.html", context, status=status)


def _member_url(request: HttpRequest, cycle: Cycle) -> str:
    """The address of a member's page with a uuid of zeros in it, for those who may open it."""
    if not can(request.user, "programmes.view_people", cycle):
        return ""
    return reverse("programmes:member_detail", args=[cycle.programme.slug, cycle.code, UUID(int=0)])


def _marks_of(changes: Mapping[UUID, Marked]) -> dict[UUID, Mapping[UUID, str]]:
    return {key: one.marks for key, one in changes.items()}


def _told(clashes: Any) -> list[dict[str, Any]]:
    """Each session left alone, with who saved it and both versions, in words."""
    saves = last_saves([one.session for one in clashes])
    return [_clash(one, saves.get(one.session.pk)) for one in clashes]


def _clash(one: Clash, saved: Any) -> dict[str, Any]:
    words = cell_words()
    lines = [(differs.name, words[differs.saved], words[differs.wanted]) for differs in one.differs]
    return {"session": one.session, "saved": saved, "lines": lines}


def _saved_words(done: Recorded) -> str:
    said = ngettext("Saved. %(n)s mark was changed.", "Saved. %(n)s marks were changed.", done.marks)
    if not done.logged:
        return said % {"n": done.marks}
    more = ngettext(
        "%(n)s session has its log now; whoever was left blank is down as not here.",
        "%(n)s sessions have their logs now; whoever was left blank is down as not here.",
        done.logged,
    )
    return f"{said % {'n': done.marks}} {more % {'n': done.logged}}"
