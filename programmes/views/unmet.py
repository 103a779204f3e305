"""Unmet demand: of a cycle's drop-ins, for those who run it; of the catalogue, for those who plan what there is."""

from datetime import timedelta
from itertools import chain
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from peerhub.common.access import require_perm
from peerhub.common.csvio import csv_response
from programmes.models import AttendanceMode, Cycle
from programmes.queries import unmet
from programmes.queries.workspace import workspace_or_404


def _cycle(request: HttpRequest, slug: str, code: str) -> Cycle:
    cycle = workspace_or_404(request.user, slug, code)
    require_perm(request.user, "programmes.view_unmet", cycle)
    return cycle


def _weeks(request: HttpRequest) -> int:
    text = request.GET.get("weeks", "")
    return int(text) if text.isdecimal() and len(text) < 4 and int(text) in unmet.SPANS else unmet.USUAL


def _spans(chosen: int) -> list[tuple[int, Any, bool]]:
    return [(weeks, label, weeks == chosen) for weeks, label in unmet.SPANS.items()]


@require_safe
def unmet_demand(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Who queued and went without help, and who waited for a seat in vain: by week, and by weekday and hour."""
    cycle, weeks = _cycle(request, slug, code), _weeks(request)
    now = timezone.now()
    since = now - timedelta(weeks=weeks)
    tickets = unmet.tickets_of(cycle, since=since)
    found = unmet.by_week(tickets)
    seated = unmet.fullness(cycle, since=since, until=now)
    context = {
        "cycle": cycle,
        "programme": cycle.programme,
        "tab": "sessions",
        "spans": _spans(weeks),
        "weeks": weeks,
        "found": found,
        "hours": unmet.by_hour(tickets),
        "queued": sum(week.queued for week in found),
        "lost": sum(week.lost for week in found),
        "seats": unmet.seats_missed(cycle, since=since, until=now),
        "seated": len(seated),
        "full": sum(map(unmet.is_full, seated)),
        "is_queue": cycle.attendance_mode == AttendanceMode.QUEUE,
        "is_book": cycle.attendance_mode == AttendanceMode.BOOK,
    }
    return render(request, "programmes/unmet/demand.html", context)


@require_safe
def unmet_export(request: HttpRequest, slug: str, code: str) -> StreamingHttpResponse:
    """The same as a file: counts and waits by week, weekday and hour."""
    cycle = _cycle(request, slug, code)
    now = timezone.now()
    since = now - timedelta(weeks=_weeks(request))
    queued = unmet.unmet_rows(unmet.tickets_of(cycle, since=since))
    seats = unmet.seat_rows(unmet.seats_missed(cycle, since=since, until=now))
    full = unmet.full_rows(cycle, unmet.fullness(cycle, since=since, until=now))
    filename = f"unmet-{cycle.programme.slug}-{cycle.code}.csv"
    return csv_response(filename, unmet.unmet_header(), chain(queued, seats, full))


@require_safe
def empty_searches(request: HttpRequest) -> HttpResponse:
    """What people looked for in the catalogue and did not find."""
    require_perm(request.user, "programmes.view_searches")
    weeks = _weeks(request)
    since = timezone.localdate() - timedelta(weeks=weeks)
    context = {"spans": _spans(weeks), "weeks": weeks, "found": unmet.wanted_words(since=since), "few": unmet.FEWEST}
    return render(request, "programmes/unmet/searches.html", context)


@require_safe
def searches_export(request: HttpRequest) -> StreamingHttpResponse:
    """The same as a file, week by week."""
    require_perm(request.user, "programmes.view_searches")
    since = timezone.localdate() - timedelta(weeks=_weeks(request))
    header = [_("Words"), _("Week from"), _("People")]
    return csv_response("searched-and-not-found.csv", header, unmet.words_by_week(since=since))
