"""The calendar: everybody reads it, institution leads keep it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from peerhub.common.access import can, require_perm
from peerhub.institution import services
from peerhub.institution.forms.calendar import ClosureForm, ClosureListForm, TermForm, YearForm
from peerhub.institution.models import AcademicYear, Closure, Term
from peerhub.institution.queries.calendar import Calendar, year_of
from peerhub.institution.views.pages import attempted, carried_out, show

PERM = "institution.change_calendar"
CALENDAR = "institution:calendar"


def calendar(request: HttpRequest) -> HttpResponse:
    """One academic year: its terms, teaching weeks and closures. `?year=` chooses another."""
    years = list(AcademicYear.objects.order_by("-starts_on", "pk"))
    today = timezone.localdate()
    wanted = request.GET.get("year", "")
    year = next((each for each in years if each.code == wanted), None) if wanted else year_of(today)
    if wanted and year is None:
        raise Http404
    context: dict[str, Any] = {"years": years, "year": year, "today": today, "may_change": can(request.user, PERM)}
    if year is not None:
        terms = list(year.terms.order_by("starts_on", "pk"))
        found = Calendar.of_year(year)
        context |= {"terms": terms, "closures": found.closures, "weeks": found.teaching_weeks()}
        context["this_week"] = found.week_number(today)
    return show(request, "institution/calendar/show.html", context)


def year_create(request: HttpRequest) -> HttpResponse:
    require_perm(request.user, PERM)
    return _year(request, None)


def year_edit(request: HttpRequest, code: str) -> HttpResponse:
    require_perm(request.user, PERM)
    return _year(request, get_object_or_404(AcademicYear, code=code))


def _year(request: HttpRequest, year: AcademicYear | None) -> HttpResponse:
    form = YearForm(request.POST or None, year=year)

    def act() -> Any:
        return services.save_year(actor=request.user, year=year, now=timezone.now(), **form.cleaned_data)

    if request.method == "POST" and carried_out(form, act):
        return _saved(request, form.cleaned_data["code"])
    return show(request, "institution/calendar/year.html", {"year": year}, form=form)


def term_create(request: HttpRequest, code: str) -> HttpResponse:
    require_perm(request.user, PERM)
    return _term(request, get_object_or_404(AcademicYear, code=code), None)


def term_edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    require_perm(request.user, PERM)
    term = get_object_or_404(Term.objects.select_related("year"), uuid=uuid)
    return _term(request, term.year, term)


def _term(request: HttpRequest, year: AcademicYear, term: Term | None) -> HttpResponse:
    form = TermForm(request.POST or None, instance=term)

    def act() -> Any:
        return services.save_term(actor=request.user, year=year, term=term, now=timezone.now(), **form.cleaned_data)

    if request.method == "POST" and carried_out(form, act):
        return _saved(request, year.code)
    return show(request, "institution/calendar/term.html", {"year": year, "term": term}, form=form)


def closure_create(request: HttpRequest) -> HttpResponse:
    """Adds one closure, or a pasted list of them."""
    require_perm(request.user, PERM)
    form = ClosureListForm(request.POST or None)
    added = 0

    def act() -> None:
        nonlocal added
        added = services.add_closures(actor=request.user, rows=form.cleaned_data["lines"], now=timezone.now())

    if request.method == "POST" and carried_out(form, act):
        said = ngettext("%(count)s closure was added.", "%(count)s closures were added.", added) % {"count": added}
        messages.success(request, said)
        return redirect(CALENDAR)
    return show(request, "institution/calendar/closures.html", {}, form=form)


def closure_edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    require_perm(request.user, PERM)
    closure = get_object_or_404(Closure, uuid=uuid)
    form = ClosureForm(request.POST or None, instance=closure)

    def act() -> Any:
        return services.save_closure(actor=request.user, closure=closure, now=timezone.now(), **form.cleaned_data)

    if request.method == "POST" and carried_out(form, act):
        messages.success(request, _("The calendar was changed."))
        return redirect(CALENDAR)
    return show(request, "institution/calendar/closure.html", {"closure": closure}, form=form)


def term_remove(request: HttpRequest, uuid: UUID) -> HttpResponse:
    require_perm(request.user, PERM)
    return _remove(request, get_object_or_404(Term, uuid=uuid))


def closure_remove(request: HttpRequest, uuid: UUID) -> HttpResponse:
    require_perm(request.user, PERM)
    return _remove(request, get_object_or_404(Closure, uuid=uuid))


def _remove(request: HttpRequest, entry: Term | Closure) -> HttpResponse:
    if request.method != "POST":
        return show(request, "institution/calendar/remove.html", {"entry": entry})

    def act() -> None:
        services.remove_entry(actor=request.user, entry=entry, now=timezone.now())

    return attempted(request, act, _("%(name)s was removed.") % {"name": entry.name}, CALENDAR)


def _saved(request: HttpRequest, code: str) -> HttpResponse:
    messages.success(request, _("The calendar was changed."))
    return redirect(f"{redirect(CALENDAR).url}?year={code}")
