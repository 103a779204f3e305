"""Who has gone quiet: for those who run a cycle, and for a leader's own groups and pairs."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from peerhub.common.access import can, require_perm
from peerhub.common.csvio import csv_response
from programmes.models import CycleState, Role
from programmes.permissions import current_roles
from programmes.queries import quiet
from programmes.queries.quiet_groups import weeks_of
from programmes.queries.workspace import workspace_or_404

PER_PAGE = 25


@require_safe
def quiet_list(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """One kind at a time; the first that holds anybody unless one is named."""
    cycle = workspace_or_404(request.user, slug, code)
    require_perm(request.user, "programmes.view_quiet", cycle)
    here, found = quiet.quiet_in([cycle.pk], now=timezone.now())
    counts = quiet.counted(found)
    show = request.GET.get("show", "")
    if show not in counts:
        show = next((kind for kind, count in counts.items() if count), quiet.FIRST)
    page = Paginator([one for one in found if one.kind == show], PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "cycle": cycle,
        "programme": cycle.programme,
        "tab": "quiet",
        "show": show,
        "title": quiet.TITLES[show],
        "tabs": [(title, f"?show={kind}", kind == show, counts[kind]) for kind, title in quiet.TITLES.items()],
        "page_obj": page,
        "lines": [quiet.line(one, cycle) for one in page],
        "total": len(found),
        "is_running": cycle.state == CycleState.RUNNING,
        "is_early": show == quiet.TAILING and bool(here.cycles) and weeks_of(here, cycle.pk) is None,
        "can_export": can(request.user, "programmes.export_quiet", cycle),
        "can_change": can(request.user, "programmes.change_cycle", cycle),
    }
    return render(request, "programmes/quiet/list.html", context)


@require_safe
def quiet_export(request: HttpRequest, slug: str, code: str) -> StreamingHttpResponse:
    """All lists as one spreadsheet."""
    cycle = workspace_or_404(request.user, slug, code)
    require_perm(request.user, "programmes.export_quiet", cycle)
    here, found = quiet.quiet_in([cycle.pk], now=timezone.now())
    filename = f"quiet-{cycle.programme.slug}-{cycle.code}.csv"
    return csv_response(filename, quiet.quiet_header(), quiet.quiet_rows(here, found))


@require_safe
def my_quiet(request: HttpRequest) -> HttpResponse:
    """What is quiet among those a leader leads."""
    cycles = current_roles(request.user).get(Role.LEADER, set())
    if not cycles:
        raise Http404
    here, found = quiet.quiet_in(cycles, now=timezone.now(), leader=request.user)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    lines = [quiet.line(one, here.cycles[one.cycle_id], leads=True) for one in page]
    return render(request, "programmes/quiet/mine.html", {"page_obj": page, "lines": lines})
