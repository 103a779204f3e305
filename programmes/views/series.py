"""Series of sessions: planned with a look first, listed, and one with all its days."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from peerhub.common.access import can, require_perm
from peerhub.common.errors import DomainError
from peerhub.common.once import Repeated, key_from
from programmes.forms.series import SeriesForm, first_values
from programmes.models import Cycle, CycleState, SessionSeries
from programmes.queries.planning import planning_for
from programmes.queries.series import days_of_series, facts_of, series_of_cycle, series_or_none
from programmes.queries.series_coming import coming_of, stop_of
from programmes.queries.series_fit import fits_of, unfit_cycles
from programmes.queries.series_preview import Preview, preview_of
from programmes.queries.workspace import workspace_or_404
from programmes.services.series import days_of, plan_series, refuse_plan
from programmes.views.planning import back_to_sessions, cycle_or_404, wanted_group

# A refusal belongs to the field where it can be put right.
FIELD_OF = {
    "ends_before_start": "ends_on",
    "outside_cycle": "starts_on",
    "too_long": "minutes",
    "no_days": "weekdays",
    "nothing_left": "weekdays",
    "no_leader": "leaders",
    "not_cleared": "leaders",
    "too_many_hours": "leaders",
    "not_your_group": "groups",
    "wrong_group": "groups",
    "too_many": "groups",
}


def series_or_404(request: HttpRequest, uuid: UUID) -> SessionSeries:
    series = series_or_none(request.user, uuid)
    if series is None:
        raise Http404
    return series


@require_http_methods(["GET", "HEAD", "POST"])
def series_create(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Plan a series: what it would be is shown first, and saved when that is what somebody has seen."""
    cycle = cycle_or_404(request, slug, code)
    require_perm(request.user, "programmes.plan_session", cycle)
    planning, now = planning_for(request.user, cycle), timezone.now()
    if request.method != "POST":
        start = first_values(cycle, now=now, group=wanted_group(request, planning.groups))
        return _form(request, cycle, SeriesForm(cycle=cycle, planning=planning, initial=start))
    form = SeriesForm(request.POST, cycle=cycle, planning=planning)
    if not form.is_valid():
        return _form(request, cycle, form, status=422)
    plans = form.plans(user_id=request.user.pk)
    try:
        for plan in plans:
            refuse_plan(cycle, plan)
        preview = preview_of(cycle, plans, days_of(cycle, plans, now=now))
        if not preview.n or request.POST.get("seen") != preview.mark:
            return _form(request, cycle, form, preview=preview)
        made = plan_series(actor=request.user, cycle_id=cycle.pk, plans=plans, key=key_from(request.POST), now=now)
    except Repeated:
        return redirect(back_to_sessions(request, cycle))
    except DomainError as refusal:
        form.add_error(FIELD_OF.get(refusal.code), str(refusal.message))
        return _form(request, cycle, form, status=422)
    messages.success(request, _planned(preview))
    if len(made) == 1:
        return redirect("programmes:series_detail", uuid=made[0].uuid)
    return redirect(back_to_sessions(request, cycle))


def _planned(preview: Preview) -> str:
    text = ngettext("%(n)s date is planned.", "%(n)s dates are planned.", preview.n) % {"n": preview.n}
    return _("%(planned)s They are in the calendar of everyone concerned.") % {"planned": text}


def _form(request: HttpRequest, cycle: Cycle, form: SeriesForm, *, status: int = 200, **more: Any) -> HttpResponse:
    context = {"cycle": cycle, "programme": cycle.programme, "form": form, "back": back_to_sessions(request, cycle)}
    return render(request, "programmes/series/form.html", {**context, **more}, status=status)


@require_safe
def series_list(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """A cycle's series, those with something to come first."""
    cycle, now = workspace_or_404(request.user, slug, code), timezone.now()
    require_perm(request.user, "programmes.view_sessions", cycle)
    context = {
        "cycle": cycle,
        "programme": cycle.programme,
        "tab": "sessions",
        "page_obj": series_of_cycle(cycle, page=request.GET.get("page", "1"), now=now),
        "can_plan": can(request.user, "programmes.plan_session", cycle),
        "n_unfit": _unfit(request, cycle, now),
    }
    return render(request, "programmes/series/list.html", context)


def _unfit(request: HttpRequest, cycle: Cycle, now: datetime) -> int:
    """How many series no longer fit the calendar, for whoever may put it right."""
    if not can(request.user, "programmes.fit_series", cycle):
        return 0
    return len(fits_of(unfit_cycles([cycle.pk], today=cycle.today(now=now)), now=now))


@require_safe
def series_detail(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """On which days, what is left out and why, what was changed for one alone."""
    series, now = series_or_404(request, uuid), timezone.now()
    cycle = series.cycle
    facts, past = facts_of(series, on=cycle.today(now=now)), request.GET.get("show") == "past"
    context = {
        "series": series,
        "cycle": cycle,
        "programme": cycle.programme,
        "facts": facts,
        "past": past,
        "page_obj": days_of_series(series, facts, past=past, page=request.GET.get("page", "1"), now=now),
        "workspace": can(request.user, "programmes.view_sessions", cycle),
        **(_for_those_who_change(series, now) if can(request.user, "programmes.change_series", series) else {}),
    }
    return render(request, "programmes/series/detail.html", context)


def _for_those_who_change(series: SessionSeries, now: datetime) -> dict[str, Any]:
    is_open = series.cycle.state != CycleState.CLOSED
    stop = stop_of(series, now=now) if is_open else None
    has_more = is_open and coming_of(series, from_on=series.starts_on, now=now).exists()
    return {"can_change": has_more, "stop": stop}
