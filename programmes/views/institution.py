"""What the lead of an institution, faculty or service sees: aggregates of their units, never people."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from peerhub.common.access import require_perm
from peerhub.common.csvio import csv_response
from peerhub.common.disclosure import Told, half_up, profile_in_use
from programmes.models import Context, CycleState
from programmes.queries import institution as overview
from programmes.queries import stage_health, trends
from programmes.queries.home_roles import LAST_ROLE
from programmes.queries.institution import Scope
from programmes.queries.stage_health import Wanted

SHOWN_GAPS = 12
ROLE = "institution"  # as programmes/queries/home_roles.py names it


def _scope(request: HttpRequest) -> Scope:
    require_perm(request.user, "institution.view_overview")
    scope = overview.scope_of(request.user)
    if not scope.roots:  # a superuser holds every permission, and leads nothing
        raise PermissionDenied("institution.view_overview")
    return scope


@require_safe
def home_institution(request: HttpRequest) -> HttpResponse:
    """The overview. htmx gets the list of programmes alone."""
    scope, now = _scope(request), timezone.now()
    if request.session.get(LAST_ROLE) != ROLE:
        request.session[LAST_ROLE] = ROLE
    today = timezone.localdate(now)
    wanted = Wanted.from_query(request.GET, scope)
    tallied = overview.tally(scope, today=today)
    health = stage_health.health_page(scope, wanted, tallied, page=request.GET.get("page"), today=today)
    context = {"scope": scope, "wanted": wanted, "page_obj": health, "silent": _silent(health.object_list)}
    context |= {"titles": stage_health.short_titles()}
    swapping = request.htmx and not request.htmx.history_restore_request  # type: ignore[attr-defined]
    if not swapping:
        context |= _whole_page(scope, tallied, today=today, now=now)
        context |= {"contexts": Context.choices, "states": CycleState.choices}
    template = "_programmes" if swapping else "home"
    response = render(request, f"programmes/institution/{template}.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _silent(rows: Iterable[stage_health.Health]) -> list[str]:
    """The stages that ask nothing of any programme shown."""
    asked = {one.title for row in rows for one in row.figures if one.total}
    return [title for title in stage_health.short_titles() if title not in asked]


def _whole_page(scope: Scope, tallied: overview.Tally, *, today: date, now: datetime) -> dict[str, Any]:
    people, profile = overview.people(scope), profile_in_use()
    grid = overview.coverage(scope, tallied, people, profile)
    calendar = trends.terms(today)
    kept = trends.figures(scope, calendar, today=today, now=now)
    charts = trends.charts(calendar, kept, profile, today=today)
    gaps = overview.grouped(overview.no_offer(scope, tallied))
    leaders = profile.count(people.leaders)
    return {
        "title": overview.finding(tallied, grid),
        "tally": tallied,
        "change": tallied.total - tallied.last_year,
        "students": grid.students,
        "leaders": leaders,
        "each": _students_each(grid.students, leaders),
        "rule": profile.rule,
        "grid": grid,
        "shades": overview.shade_key(),
        "calendar": calendar,
        "week": kept.of(trends.monday_of(today)),
        "term_held": sum(kept.of(monday).held for monday in (calendar.now.mondays if calendar.now else ())),
        "charts": charts,
        "came": next((chart for chart in charts[:1] if chart.now_words), None),
        "counted_at": kept.counted_at,
        "gaps": gaps[:SHOWN_GAPS],
        "more_gaps": len(gaps) - SHOWN_GAPS,
    }


def _students_each(students: Told, leaders: Told) -> int:
    """About how many students there are for a leader, from what is said of both; 0 where that is too little."""
    return int(half_up(students.number / leaders.number, 1)) if students.number and leaders.number else 0


# --- files ----------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Table:
    header: Sequence[str]
    rows: Iterable[Sequence[Any]]


def _coverage(scope: Scope, request: HttpRequest) -> Table:
    tallied = overview.tally(scope, today=timezone.localdate())
    grid = overview.coverage(scope, tallied, overview.people(scope), profile_in_use())
    header = [_("Unit"), _("Context"), _("Programmes running"), _("Programmes coming"), _("Students taking part")]
    rows = (
        (
            line.label,
            str(Context(cell.context).label),
            cell.programmes,
            cell.coming,
            cell.count,
        )
        for line, cells in grid.rows
        for cell in cells
    )
    return Table(header, rows)


def _programmes(scope: Scope, request: HttpRequest) -> Table:
    wanted = Wanted.from_query(request.GET, scope)
    header = [_("Programme"), _("Cycle"), _("Unit"), _("Context"), _("State"), *_stage_heads(), _("How it stands")]
    rows = (
        (
            row.name,
            row.code,
            row.unit,
            str(row.context.label),
            str(row.state.label),
            *(_("not asked yet") if one.percent is None else one.percent for one in row.figures),
            row.standing[1],
        )
        for row in stage_health.all_health(scope, wanted, today=timezone.localdate())
    )
    return Table(header, rows)


def _stage_heads() -> list[str]:
    return [_("%(stage)s, %%") % {"stage": title} for title in stage_health.short_titles()]


def _weeks(scope: Scope, request: HttpRequest) -> Table:
    now = timezone.now()
    today = timezone.localdate(now)
    calendar = trends.terms(today)
    kept, profile = trends.figures(scope, calendar, today=today, now=now), profile_in_use()
    header = [_("Trend"), _("Week"), *(term.year if term else "" for term in (calendar.now, calendar.before))]
    rows = ((chart.about, *row) for chart in trends.charts(calendar, kept, profile, today=today) for row in chart.table)
    return Table(header, rows)


def _gaps(scope: Scope, request: HttpRequest) -> Table:
    found = overview.no_offer(scope, overview.tally(scope, today=timezone.localdate()))
    header = [_("Unit"), _("Kind"), _("Part of"), _("Programmes coming"), _("Offered by")]
    rows = ((one.unit.name, one.unit.get_kind_display(), one.parent, one.coming, one.above) for one in found)
    return Table(header, rows)


TABLES: dict[str, Callable[[Scope, HttpRequest], Table]] = {
    "coverage": _coverage,
    "programmes": _programmes,
    "weeks": _weeks,
    "no-offer": _gaps,
}


@require_safe
def institution_download(request: HttpRequest, table: str) -> StreamingHttpResponse:
    """One table of the overview as CSV, as the page shows it; the programmes by the filters of the address."""
    scope = _scope(request)
    make = TABLES.get(table)
    if make is None:
        raise Http404
    made = make(scope, request)
    return csv_response(f"peerhub-{table}.csv", made.header, made.rows)
