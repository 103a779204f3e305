"""A recruitment round, for who coordinates: written, published, watched."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from peerhub.common.access import can, require_perm
from peerhub.common.csvio import csv_response
from peerhub.common.errors import DomainError
from programmes.models import Cycle
from programmes.queries.workspace import workspace_or_404
from programmes.services.memberships import record_export
from programmes.views.join_steps import posted
from training.forms.rounds import AdvertForm, ExtendForm, asked, closing_initial, question_sets, scored_by
from training.models import ApplicationState, RecruitmentRound, RoundHelper
from training.models.rounds import ADVERT
from training.queries import rounds as reads
from training.services import rounds


@require_safe
def recruitment(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """The round at a glance: where it is, what is next, how many are at each step."""
    cycle = workspace_for(request, slug, code)
    now, round_ = timezone.now(), reads.round_of(cycle)
    context = shared(cycle, round_)
    if round_ is not None:
        here = reads.states_in(round_)
        context |= {
            "steps": reads.steps_of(round_, here),
            "here": here,
            "assessors": RoundHelper.objects.filter(round=round_, kind="assessor", released_at=None).count(),
            "may_prepare": can(request.user, "training.prepare_application", round_),
            "hidden": round_.shortlisted_at is not None and reads.has_hidden_names(round_),
            "missing": reads.missing_from(round_) if round_.is_draft() else [],
            "questions": list(round_.questions.order_by("position")),
            "criteria": list(round_.criteria.order_by("position")),
            "is_taking": round_.takes_applications(now=now),
            "is_selecting": round_.is_selecting(now=now),
            "extend": ExtendForm(cycle=cycle, initial=closing_initial(round_.closes_at, cycle)),
        }
    return render(request, "training/rounds/show.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def advert_edit(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Write the advert; the first save begins the round."""
    cycle = workspace_for(request, slug, code)
    round_ = reads.round_of(cycle)
    form = AdvertForm.of(round_, posted(request), cycle=cycle)
    if request.method == "POST" and form.is_valid():
        said = {name: form.cleaned_data[name] for name in ADVERT}
        try:
            rounds.write_advert(actor=request.user, cycle_id=cycle.pk, said=said, now=timezone.now())
        except DomainError as refusal:
            form.add_error(None, str(refusal.message))
        else:
            messages.success(request, _("Saved."))
            return redirect("training:recruitment", slug=slug, code=code)
    context = shared(cycle, round_) | {"form": form}
    return render(request, "training/rounds/advert_edit.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def questions_edit(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """What is asked, and what it is scored by."""
    cycle, round_ = round_for(request, slug, code)
    questions, criteria = question_sets(round_, posted(request))
    refusal = ""
    if request.method == "POST" and questions.is_valid() and criteria.is_valid():
        try:
            rounds.set_questions(
                actor=request.user,
                round_id=round_.pk,
                questions=asked(questions),
                criteria=scored_by(criteria),
                now=timezone.now(),
            )
        except DomainError as error:
            refusal = str(error.message)
        else:
            messages.success(request, _("Saved."))
            return redirect("training:recruitment", slug=slug, code=code)
    wrong = bool(refusal or questions.total_error_count() or criteria.total_error_count())
    context = shared(cycle, round_) | {"questions": questions, "criteria": criteria, "refusal": refusal}
    return render(request, "training/rounds/questions_edit.html", context, status=422 if wrong else 200)


@require_POST
def round_publish(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Let people apply."""
    cycle, round_ = round_for(request, slug, code)
    if attempt(request, lambda: rounds.publish_round(actor=request.user, round_id=round_.pk, now=timezone.now())):
        messages.success(request, _("Published. People find it on the programme’s page."))
    return redirect("training:recruitment", slug=cycle.programme.slug, code=code)


@require_POST
def round_extend(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Give people more time."""
    cycle, round_ = round_for(request, slug, code)
    form = ExtendForm(request.POST, cycle=cycle)
    if not form.is_valid():
        messages.error(request, _("Say until which day and time."))
    elif attempt(
        request,
        lambda: rounds.extend_round(
            actor=request.user, round_id=round_.pk, closes_at=form.cleaned_data["closes_at"], now=timezone.now()
        ),
    ):
        messages.success(request, _("Applications stay open longer."))
    return redirect("training:recruitment", slug=slug, code=code)


@require_safe
def application_list(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Everybody who applied, by code."""
    cycle, round_ = round_for(request, slug, code)
    state = request.GET.get("state", "")
    state = state if state in ApplicationState.values else ""
    here = reads.states_in(round_)
    now = timezone.now()
    rows = reads.sent_to(round_, state=state, now=now)
    context = shared(cycle, round_) | {
        "page_obj": Paginator(rows, reads.PAGE).get_page(request.GET.get("page")),
        "state": state,
        "states": [(value, label, here[value]) for value, label in ApplicationState.choices if here.get(value)],
        "total": sum(here.values()),
        "is_taking": round_.takes_applications(now=now),
    }
    return render(request, "training/rounds/applications.html", context)


@require_safe
def applications_export(request: HttpRequest, slug: str, code: str) -> StreamingHttpResponse:
    """The same as CSV."""
    cycle, round_ = round_for(request, slug, code)
    now = timezone.now()
    count = reads.sent_to(round_, now=now).count()
    record_export(actor=request.user, cycle_id=cycle.pk, what="applications", count=count, now=now)
    header = [str(one) for one in reads.LIST_HEADER]
    return csv_response(
        f"applications-{cycle.programme.slug}-{cycle.code}.csv", header, reads.list_lines(round_, now=now)
    )


# --- steps -----------------------------------------------------------------------------------------------------------
def workspace_for(request: HttpRequest, slug: str, code: str) -> Cycle:
    cycle = workspace_or_404(request.user, slug, code)
    require_perm(request.user, "training.view_recruitment", cycle)
    return cycle


def round_for(request: HttpRequest, slug: str, code: str) -> tuple[Cycle, RecruitmentRound]:
    cycle = workspace_for(request, slug, code)
    round_ = reads.round_of(cycle)
    if round_ is None:
        raise Http404
    return cycle, round_


def shared(cycle: Cycle, round_: RecruitmentRound | None) -> dict[str, Any]:
    """What every page of the round needs."""
    return {
        "cycle": cycle,
        "programme": cycle.programme,
        "tab": "prepare",
        "part": "recruitment",
        "round": round_,
        "phase": reads.phase_words(round_, now=timezone.now()) if round_ else None,
    }


def attempt(request: HttpRequest, call: Any) -> Any:
    """Do one thing; a refusal is told, and gives None."""
    try:
        return call()
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
        return None
