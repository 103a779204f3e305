"""Changing a series: otherwise from a day on, the rest called off, and put back."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from peerhub.common.access import require_perm
from peerhub.common.errors import DomainError
from peerhub.common.once import Repeated, key_from
from programmes.forms.series import ChangeSeriesForm, StopForm, current_values
from programmes.models import SessionSeries
from programmes.queries.planning import planning_for
from programmes.queries.series import SeriesFacts, facts_of, latest_facts_of
from programmes.queries.series_coming import change_preview, coming_of, stop_of
from programmes.queries.series_fit import fits_of, seen_mark
from programmes.queries.workspace import workspace_or_404
from programmes.services.series_calendar import refit_series
from programmes.services.series_changes import cancel_rest, change_series, restore_rest
from programmes.views.series import series_or_404

FITS = 40  # series on a page
FIELD_OF = {
    "too_long": "minutes",
    "past": "from_on",
    "nothing_left": "from_on",
    "no_leader": "leaders",
    "not_cleared": "leaders",
    "too_many_hours": "leaders",
    "no_reason": "reason",
}


@require_http_methods(["GET", "HEAD", "POST"])
def series_change(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """How it is from a day on: what would change is shown first."""
    series, now = series_or_404(request, uuid), timezone.now()
    require_perm(request.user, "programmes.change_series", series)
    facts, planning = latest_facts_of(series), planning_for(request.user, series.cycle)
    if request.method != "POST":
        start = current_values(facts.pattern, facts.leader_ids, from_on=_wanted_day(request, series, now))
        form = ChangeSeriesForm(series=series, planning=planning, initial=start)
        return _change_page(request, series, facts, form)
    form = ChangeSeriesForm(request.POST, series=series, planning=planning)
    if not form.is_valid():
        return _change_page(request, series, facts, form, status=422)
    from_on, pattern = form.cleaned_data["from_on"], form.pattern(series.group, user_id=request.user.pk)
    preview = change_preview(series, pattern, from_on=from_on, now=now)
    if not preview.n or request.POST.get("seen") != preview.mark:
        return _change_page(request, series, facts, form, preview=preview)
    try:
        done = change_series(
            actor=request.user,
            series_id=series.pk,
            from_on=from_on,
            pattern=pattern,
            key=key_from(request.POST),
            now=now,
        )
    except Repeated:
        return redirect("programmes:series_detail", uuid=series.uuid)
    except DomainError as refusal:
        form.add_error(FIELD_OF.get(refusal.code), str(refusal.message))
        return _change_page(request, series, facts, form, status=422)
    text = ngettext("%(n)s date is changed.", "%(n)s dates are changed.", done.n) % {"n": done.n}
    messages.success(request, _("%(done)s Everyone concerned is told once.") % {"done": text} if done.told else text)
    return redirect("programmes:series_detail", uuid=series.uuid)


def _change_page(
    request: HttpRequest, series: SessionSeries, facts: SeriesFacts, form: Any, *, status: int = 200, **more: Any
) -> HttpResponse:
    context = {"series": series, "cycle": series.cycle, "programme": series.cycle.programme, "facts": facts}
    return render(request, "programmes/series/change.html", {**context, "form": form, **more}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def series_cancel(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Call off all that is to come from a day on, with the reason everyone expected will read."""
    series, now = series_or_404(request, uuid), timezone.now()
    require_perm(request.user, "programmes.change_series", series)
    from_on = _wanted_day(request, series, now)
    form = StopForm(request.POST if request.method == "POST" else None, initial={"from_on": from_on})
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            said = form.cleaned_data
            cancel_rest(actor=request.user, series_id=series.pk, key=key_from(request.POST), now=now, **said)
        except Repeated:
            return redirect("programmes:series_detail", uuid=series.uuid)
        except DomainError as refusal:
            form.add_error(FIELD_OF.get(refusal.code), str(refusal.message))
        else:
            messages.success(request, _("Called off. Everyone expected is told once, with the reason."))
            return redirect("programmes:series_detail", uuid=series.uuid)
    if form.errors:
        status = 422
    context = {
        "series": series,
        "programme": series.cycle.programme,
        "facts": facts_of(series, on=series.cycle.today(now=now)),
        "form": form,
        "n": coming_of(series, from_on=from_on, now=now).count(),
        "from_on": from_on,
    }
    return render(request, "programmes/series/cancel.html", context, status=status)


@require_POST
def series_restore(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Put back what the last calling-off of the rest took away."""
    series = series_or_404(request, uuid)
    require_perm(request.user, "programmes.change_series", series)
    now = timezone.now()
    stop = stop_of(series, now=now)
    try:
        n = restore_rest(actor=request.user, stop_id=stop.pk, now=now) if stop else 0
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
    else:
        if n:
            messages.success(request, _("It is on again. Everyone expected is told once."))
    return redirect("programmes:series_detail", uuid=series.uuid)


@require_http_methods(["GET", "HEAD", "POST"])
def series_fit(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """The calendar changed: what every series would do, and one button that does it."""
    cycle, now = workspace_or_404(request.user, slug, code), timezone.now()
    require_perm(request.user, "programmes.fit_series", cycle)
    if request.method == "POST":
        try:
            n = refit_series(
                actor=request.user,
                cycle_id=cycle.pk,
                seen=request.POST.get("seen", ""),
                key=key_from(request.POST),
                now=now,
            )
        except Repeated:
            return redirect("programmes:series_list", slug, code)
        except DomainError as refusal:
            messages.error(request, str(refusal.message))
            return redirect("programmes:series_fit", slug, code)
        said = ngettext("%(n)s date follows the calendar now.", "%(n)s dates follow the calendar now.", n) % {"n": n}
        messages.success(request, said)
        return redirect("programmes:series_list", slug, code)
    fits = fits_of([cycle.pk], now=now)
    context = {
        "cycle": cycle,
        "programme": cycle.programme,
        "tab": "sessions",
        "page_obj": Paginator(fits, FITS).get_page(request.GET.get("page", "1")),
        "n_series": len(fits),
        "n": sum(fit.n for fit in fits),
        "seen": seen_mark(fits),
    }
    return render(request, "programmes/series/fit.html", context)


def _wanted_day(request: HttpRequest, series: SessionSeries, now: datetime) -> date:
    """The day the link named, else the first on which something of it is to come, else today."""
    today = series.cycle.today(now=now)
    try:
        named = parse_date(request.GET.get("from", ""))
    except ValueError:
        named = None
    if named and series.starts_on <= named <= series.ends_on:
        return named
    first = coming_of(series, from_on=today, now=now).values_list("slot_on", flat=True).first()
    return first or today
