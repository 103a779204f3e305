"""One leader's training and clearance, and what those who run the programme record and decide about it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from peerhub.common.access import can, require_perm
from peerhub.common.errors import DomainError
from peerhub.common.once import Repeated, key_from
from programmes.models import Cycle, Membership, Role
from programmes.queries.workspace import workspace_or_404
from training.forms.people import ObservationForm, RightToWorkForm, SignOffForm, WaiverForm, WithdrawForm
from training.models import AssessmentKind, ClearanceWaiver, Completion, Module
from training.queries.clearance import lapses, members_of
from training.queries.deliveries import only_by_register
from training.queries.person import dossier
from training.services import clearances, completions, quizzes


def leader_or_404(request: HttpRequest, slug: str, code: str, uuid: UUID, permission: str) -> tuple[Cycle, Membership]:
    """Somebody who leads in a cycle, for those who may."""
    cycle = workspace_or_404(request.user, slug, code)
    require_perm(request.user, permission, cycle)
    leaders = Membership.objects.active().filter(cycle=cycle, role=Role.LEADER).select_related("user")
    membership = get_object_or_404(leaders, uuid=uuid)
    membership.cycle = cycle
    return cycle, membership


def _url(cycle: Cycle, membership: Membership) -> str:
    return reverse("training:person", args=[cycle.programme.slug, cycle.code, membership.uuid])


@require_safe
def person(request: HttpRequest, slug: str, code: str, uuid: UUID) -> HttpResponse:
    """Where somebody stands, what is on record, and what can be done about it."""
    cycle, membership = leader_or_404(request, slug, code, uuid, "training.view_board")
    is_open = cycle.state != "closed" and membership.user_id != request.user.pk
    context = {
        "cycle": cycle,
        "programme": cycle.programme,
        "membership": membership,
        "found": dossier(cycle, membership, now=timezone.now()),
        "can_record": is_open and can(request.user, "training.record_completion", cycle),
        "can_decide": is_open and can(request.user, "training.decide_clearance", cycle),
        "can_nudge": is_open and can(request.user, "training.nudge_people", cycle),
    }
    return render(request, "training/people/show.html", context)


def form_page(
    request: HttpRequest,
    where: tuple[Cycle, Membership],
    form: forms.Form,
    save: Callable[[], Any],
    words: dict[str, Any],
) -> HttpResponse:
    """One form about one person: shown, saved once, or shown again with what is wrong."""
    cycle, membership = where
    back = _url(cycle, membership)
    if request.method == "POST" and form.is_valid():
        try:
            save()
        except Repeated:
            return redirect(back)
        except DomainError as refusal:
            form.add_error(None, str(refusal.message))
        else:
            messages.success(request, _("Saved."))
            return redirect(back)
    context = {"cycle": cycle, "programme": cycle.programme, "membership": membership, "form": form, "back_url": back}
    return render(request, "training/people/form.html", {**context, **words}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def completion_record(request: HttpRequest, slug: str, code: str, uuid: UUID, module: UUID) -> HttpResponse:
    """Sign a module off, or record an observation, as the module asks."""
    where = cycle, membership = leader_or_404(request, slug, code, uuid, "training.record_completion")
    found = get_object_or_404(Module.objects.of_programme(cycle.programme), uuid=module)
    if found.assessment == AssessmentKind.QUIZ or only_by_register(found):
        raise Http404
    now, data = timezone.now(), request.POST if request.method == "POST" else None
    about: dict[str, Any] = {"actor": request.user, "membership": membership, "module_id": found.pk, "now": now}
    today = cycle.today(now=now)
    if found.assessment == AssessmentKind.OBSERVED:
        seen = ObservationForm(data, criteria=found.lines("criteria"), initial={"observed_on": today})
        words = {"title": _("Record an observation"), "lead": found.title, "button": _("Save the observation")}
        key = key_from(request.POST)
        return form_page(
            request, where, seen, lambda: completions.record_observation(**about, **seen.said(), key=key), words
        )
    form = SignOffForm(data, initial={"completed_on": today})
    words = {"title": _("Sign off"), "lead": found.title, "button": _("Sign off")}
    key = key_from(request.POST)
    return form_page(request, where, form, lambda: completions.sign_off(**about, **form.cleaned_data, key=key), words)


@require_http_methods(["GET", "HEAD", "POST"])
def completion_withdraw(request: HttpRequest, slug: str, code: str, uuid: UUID, completion: UUID) -> HttpResponse:
    """Take back a completion that was recorded by mistake."""
    where = cycle, membership = leader_or_404(request, slug, code, uuid, "training.record_completion")
    rows = Completion.objects.counting().filter(
        user=membership.user_id, module__in=Module.objects.of_programme(cycle.programme)
    )
    found = get_object_or_404(rows.select_related("module"), uuid=completion)
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    words = {"title": _("Take back a completion"), "lead": found.module.title, "button": _("Take it back")}
    return form_page(
        request,
        where,
        form,
        lambda: completions.withdraw_completion(
            actor=request.user,
            membership=membership,
            completion_id=found.pk,
            reason=form.cleaned_data["reason"],
            now=timezone.now(),
        ),
        words,
    )


@require_POST
def tries_forgive(request: HttpRequest, slug: str, code: str, uuid: UUID, module: UUID) -> HttpResponse:
    """Let somebody try a quiz again."""
    cycle, membership = leader_or_404(request, slug, code, uuid, "training.record_completion")
    found = get_object_or_404(Module.objects.of_programme(cycle.programme), uuid=module)
    try:
        quizzes.forgive_tries(
            actor=request.user,
            user_id=membership.user_id,
            module_id=found.pk,
            cycle_id=cycle.pk,
            now=timezone.now(),
        )
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("They can try again."))
    return redirect(_url(cycle, membership))


@require_http_methods(["GET", "HEAD", "POST"])
def waiver_create(request: HttpRequest, slug: str, code: str, uuid: UUID, blocker: str) -> HttpResponse:
    """Set something that is asked of somebody aside, for a time and with a reason."""
    where = _cycle, membership = leader_or_404(request, slug, code, uuid, "training.decide_clearance")
    now = timezone.now()
    asked = lapses(members_of(Membership.objects.filter(pk=membership.pk), now))
    found = next((one for one in asked if one.code == blocker and one.can_waive), None)
    if found is None:
        raise Http404
    form = WaiverForm(request.POST if request.method == "POST" else None)
    words = {"title": _("Set aside for a time"), "lead": found.title, "button": _("Set it aside")}
    key = key_from(request.POST)
    return form_page(
        request,
        where,
        form,
        lambda: clearances.waive_blocker(
            actor=request.user, membership_id=membership.pk, code=blocker, key=key, now=now, **form.cleaned_data
        ),
        words,
    )


@require_POST
def waiver_end(request: HttpRequest, slug: str, code: str, uuid: UUID, waiver: UUID) -> HttpResponse:
    """Ask for it again, from now on."""
    cycle, membership = leader_or_404(request, slug, code, uuid, "training.decide_clearance")
    found = get_object_or_404(ClearanceWaiver, membership=membership, uuid=waiver)
    clearances.end_waiver(actor=request.user, waiver_id=found.pk, now=timezone.now())
    messages.success(request, _("It is asked for again."))
    return redirect(_url(cycle, membership))


@require_http_methods(["GET", "HEAD", "POST"])
def right_to_work_record(request: HttpRequest, slug: str, code: str, uuid: UUID) -> HttpResponse:
    """Record that somebody's right to work was checked."""
    where = cycle, membership = leader_or_404(request, slug, code, uuid, "training.decide_clearance")
    now = timezone.now()
    data = request.POST if request.method == "POST" else None
    form = RightToWorkForm(data, initial={"checked_on": cycle.today(now=now)})
    lead = _("What was checked and when. Keep no copy of a document in PeerHub.")
    words = {"title": _("Right to work"), "lead": lead, "button": _("Save")}
    key = key_from(request.POST)
    return form_page(
        request,
        where,
        form,
        lambda: clearances.record_right_to_work(
            actor=request.user, membership=membership, key=key, now=now, **form.cleaned_data
        ),
        words,
    )
