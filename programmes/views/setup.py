"""Setting a programme up, step by step, and changing any part of it later. A step can be left half-done at any time."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from peerhub.accounts.models import User
from peerhub.common.access import require_perm
from peerhub.common.errors import DomainError
from peerhub.common.once import Repeated, key_from
from programmes.forms import setup as setup_forms
from programmes.models import Cycle, Membership, Role, Visibility
from programmes.permissions import owns_any_unit
from programmes.queries.setup import (
    ASIDE,
    STEPS,
    find_staff,
    last_created,
    next_step,
    previous_step,
    step_stamp,
    steps_of,
    units_for,
)
from programmes.queries.workspace import workspace_or_404
from programmes.services import memberships
from programmes.services import programmes as services
from programmes.services.changes import EditConflict, Seen

TITLES = {**STEPS, **ASIDE}


def programme_create(request: HttpRequest) -> HttpResponse:
    """The first step of a new programme."""
    require_perm(request.user, "programmes.create_programme")
    if not owns_any_unit(request.user):  # a superuser holds every permission, but owns no unit to set one up in
        raise PermissionDenied
    initial = setup_forms.BasicsForm.suggested(timezone.localdate())
    form = setup_forms.BasicsForm(
        request.POST if request.method == "POST" else None, units=units_for(request.user), initial=initial
    )
    if request.method == "POST" and form.is_valid():
        try:
            key = key_from(request.POST)
            cycle = services.create_programme(actor=request.user, basics=form.basics(), key=key, now=timezone.now())
        except Repeated:
            cycle = last_created(request.user)
            return redirect("programmes:cycle_setup", slug=cycle.programme.slug, code=cycle.code, step="people")
        except DomainError as error:
            form.refuse(error)
        else:
            return redirect("programmes:cycle_setup", slug=cycle.programme.slug, code=cycle.code, step="people")
    context = {"form": form, "steps": list(STEPS.values())}
    return render(request, "programmes/setup/create.html", context, status=422 if form.is_bound else 200)


# --- one step ---------------------------------------------------------------------------------------------------------
Save = Callable[[HttpRequest, Cycle, Any], Cycle]


def _about(request: HttpRequest, cycle: Cycle, step: str) -> dict[str, Any]:
    """Who changes what, when, and what they had before them (the form's `seen`)."""
    stamp = request.POST.get("seen", "")
    seen = Seen(step, stamp) if stamp else None
    return {"actor": request.user, "cycle_id": cycle.pk, "seen": seen, "now": timezone.now()}


def _after_refusal(request: HttpRequest, cycle: Cycle, error: DomainError) -> Cycle:
    """The cycle as it is now, when somebody else saved this part: the next save is on top of theirs."""
    if not isinstance(error, EditConflict):
        return cycle
    request.seen_anew = True  # type: ignore[attr-defined]
    return workspace_or_404(request.user, cycle.programme.slug, cycle.code)


def _save_basics(request: HttpRequest, cycle: Cycle, form: Any) -> Cycle:
    return services.change_basics(basics=form.basics(), **_about(request, cycle, "basics"))


def _save_purpose(request: HttpRequest, cycle: Cycle, form: Any) -> Cycle:
    return services.change_purpose(purpose=form.purpose(), **_about(request, cycle, "purpose"))


def _save_work(request: HttpRequest, cycle: Cycle, form: Any) -> Cycle:
    return services.change_work(**form.cleaned_data, **_about(request, cycle, "leaders"))


def _save_joining(request: HttpRequest, cycle: Cycle, form: Any) -> Cycle:
    return services.change_joining(joining=form.joining(), **_about(request, cycle, "joining"))


def _save_words(request: HttpRequest, cycle: Cycle, form: Any) -> Cycle:
    return services.change_words(words=form.cleaned_data, **_about(request, cycle, "words"))


def _save_cadence(request: HttpRequest, cycle: Cycle, form: Any) -> Cycle:
    return services.change_cadence(**form.cleaned_data, **_about(request, cycle, "cadence"))


FORMS: dict[str, tuple[type[forms.Form], Save]] = {
    "basics": (setup_forms.BasicsForm, _save_basics),
    "purpose": (setup_forms.PurposeForm, _save_purpose),
    "leaders": (setup_forms.WorkForm, _save_work),
    "joining": (setup_forms.JoiningForm, _save_joining),
    "words": (setup_forms.WordsForm, _save_words),
    "cadence": (setup_forms.CadenceForm, _save_cadence),
}


def cycle_setup(request: HttpRequest, slug: str, code: str, step: str) -> HttpResponse:
    """One step of the set-up, or one part changed from the settings (?from=settings)."""
    cycle = workspace_or_404(request.user, slug, code)
    require_perm(request.user, "programmes.change_cycle", cycle)
    if step not in TITLES:
        raise Http404
    if step == "people":
        return _people(request, cycle)
    if step == "boundaries":
        return _boundaries(request, cycle)
    if step == "check":
        return _check(request, cycle)
    return _simple(request, cycle, step)


def _context(request: HttpRequest, cycle: Cycle, step: str, **more: Any) -> dict[str, Any]:
    from_settings = request.GET.get("from") == "settings" or step in ASIDE
    steps, checks = steps_of(cycle, step)
    back = previous_step(step)
    workspace = reverse("programmes:cycle_workspace", args=[cycle.programme.slug, cycle.code])
    back_url = reverse("programmes:cycle_setup", args=[cycle.programme.slug, cycle.code, back]) if back else workspace
    return {
        "cycle": cycle,
        "programme": cycle.programme,
        "step": step,
        "title": TITLES[step],
        "steps": steps,
        "number": list(TITLES).index(step) + 1,
        "missing": [check for check in checks if not check.done],
        "from_settings": from_settings,
        "seen": _seen(request, cycle, step),
        "back_url": reverse("programmes:cycle_settings", args=[cycle.programme.slug, cycle.code])
        if from_settings
        else back_url,
        **more,
    }


def _seen(request: HttpRequest, cycle: Cycle, step: str) -> str:
    """What the form was opened on; a form shown again with its faults keeps it, until its writer is told of others."""
    kept = "" if getattr(request, "seen_anew", False) else request.POST.get("seen", "")
    return kept or step_stamp(cycle, step)


def _onward(request: HttpRequest, cycle: Cycle, step: str) -> HttpResponse:
    """Where a saved step leads: back to the settings, out for now, or to the next step."""
    where = (cycle.programme.slug, cycle.code)
    if request.GET.get("from") == "settings" or step in ASIDE:
        messages.success(request, _("Saved."))
        return redirect("programmes:cycle_settings", *where)
    if request.POST.get("then") == "later":
        messages.success(request, _("Saved. You can go on whenever you like."))
        return redirect("programmes:cycle_workspace", *where)
    return redirect("programmes:cycle_setup", *where, next_step(step))


def _simple(request: HttpRequest, cycle: Cycle, step: str) -> HttpResponse:
    form_class, save = FORMS[step]
    extra: dict[str, Any] = {}
    if step == "basics":
        extra = {"units": units_for(request.user, cycle.programme.owner_unit), "current": cycle.programme}
    form = form_class(request.POST if request.method == "POST" else None, initial=form_class.from_cycle(cycle), **extra)  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        try:
            return _onward(request, save(request, cycle, form), step)
        except DomainError as error:
            cycle = _after_refusal(request, cycle, error)
            form.refuse(error) if hasattr(form, "refuse") else form.add_error(None, str(error.message))
    context = _context(request, cycle, step, form=form)
    return render(request, "programmes/setup/step.html", context, status=422 if form.is_bound else 200)


def _boundaries(request: HttpRequest, cycle: Cycle) -> HttpResponse:
    posted = request.POST if request.method == "POST" else None
    services_there = {"services": setup_forms.services_by_key(cycle)}
    form = setup_forms.BoundariesForm(posted, initial={"boundaries": cycle.boundaries})
    rows = setup_forms.ReferralFormSet(
        posted, prefix="rows", initial=setup_forms.referral_rows(cycle), form_kwargs=services_there
    )
    if request.method == "POST" and form.is_valid() and rows.is_valid():
        try:
            services.change_boundaries(
                boundaries=form.cleaned_data["boundaries"],
                referrals=setup_forms.referrals_from(rows),
                **_about(request, cycle, "boundaries"),
            )
        except DomainError as error:
            cycle = _after_refusal(request, cycle, error)
            form.add_error(None, str(error.message))
        else:
            if request.POST.get("then") == "more":
                return redirect(request.get_full_path())
            return _onward(request, cycle, "boundaries")
    context = _context(request, cycle, "boundaries", form=form, rows=rows)
    return render(request, "programmes/setup/boundaries.html", context, status=422 if form.is_bound else 200)


# --- who runs it ------------------------------------------------------------------------------------------------------
def _people(request: HttpRequest, cycle: Cycle) -> HttpResponse:
    if request.method == "POST":
        return _onward(request, cycle, "people")
    team = cycle.memberships.active().filter(role=Role.COORDINATOR).select_related("user")
    q = " ".join(request.GET.get("q", "").split())[:80]
    context = _context(
        request, cycle, "people", team=team.order_by("-is_point_person", "pk"), q=q, found=find_staff(q) if q else []
    )
    return render(request, "programmes/setup/people.html", context)


def _back_to_people(request: HttpRequest, cycle: Cycle) -> HttpResponse:
    url = reverse("programmes:cycle_setup", args=[cycle.programme.slug, cycle.code, "people"])
    return redirect(f"{url}?from=settings" if request.GET.get("from") == "settings" else url)


@require_POST
def team_appoint(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Make somebody a coordinator, or the point person."""
    cycle = workspace_or_404(request.user, slug, code)
    require_perm(request.user, "programmes.appoint_coordinator", cycle)
    person = get_object_or_404(User.objects.active(), uuid=_uuid(request.POST.get("person")))
    about = {"actor": request.user, "cycle_id": cycle.pk, "user_id": person.pk, "now": timezone.now()}
    try:
        if request.POST.get("as") == "point":
            memberships.name_point_person(**about)
        else:
            memberships.appoint_member(role=Role.COORDINATOR, **about)
    except DomainError as error:
        messages.error(request, str(error.message))
    return _back_to_people(request, cycle)


@require_POST
def team_release(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """End somebody's work as coordinator."""
    cycle = workspace_or_404(request.user, slug, code)
    require_perm(request.user, "programmes.appoint_coordinator", cycle)
    row = get_object_or_404(Membership, cycle=cycle, role=Role.COORDINATOR, uuid=_uuid(request.POST.get("member")))
    try:
        memberships.release_coordinator(actor=request.user, membership_id=row.pk, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error.message))
    return _back_to_people(request, cycle)


def _uuid(text: str | None) -> str:
    """The text when it is a UUID; 404 otherwise."""
    try:
        return str(forms.UUIDField().clean(text))
    except forms.ValidationError as error:
        raise Http404 from error


# --- check and publish ------------------------------------------------------------------------------------------------
def _check(request: HttpRequest, cycle: Cycle) -> HttpResponse:
    context = _context(request, cycle, "check", visibilities=Visibility.choices, today=timezone.localdate())
    return render(request, "programmes/setup/check.html", context)


@require_POST
def visibility_set(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Publish the programme, or take it back."""
    cycle = workspace_or_404(request.user, slug, code)
    require_perm(request.user, "programmes.change_cycle", cycle)
    wanted = request.POST.get("visibility", "")
    if wanted not in Visibility.values:
        raise Http404
    try:
        services.set_visibility(actor=request.user, cycle_id=cycle.pk, visibility=wanted, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("Who can find it is now: %(who)s") % {"who": Visibility(wanted).label})
    return redirect("programmes:cycle_settings", slug=slug, code=code)
