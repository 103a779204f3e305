"""Scoring without names, for assessors: what they were dealt, one sheet, a conflict."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from peerhub.common.errors import DomainError
from programmes.views.join_steps import posted
from training.forms.choosing import POINTS, ConflictForm, ScoreForm
from training.models import Assessment
from training.queries import choosing
from training.queries.rounds import PAGE
from training.services import assessing


@require_safe
def assess_list(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Everything one was dealt in a round, in an order of one's own."""
    round_ = choosing.round_to_assess_or_404(request.user, uuid)
    rows = choosing.own_assessments(request.user, round_)
    context = {
        "round": round_,
        "programme": round_.cycle.programme,
        "page_obj": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "far": choosing.how_far(request.user, round_),
        "following": rows.filter(locked_at=None, conflicted_at=None).first(),
    }
    return render(request, "training/assessing/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def assess_application(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One application by code, redacted, with one's own scores; others' once everybody has locked."""
    assessment, context = _sheet(request, uuid)
    form = ScoreForm(posted(request), criteria=[one.criterion for one in context["sheet"].lines])
    if request.method == "POST" and form.is_valid():
        locks = request.POST.get("action") == "lock"
        use_case = assessing.lock_scores if locks else assessing.save_scores
        try:
            use_case(actor=request.user, assessment_id=assessment.pk, given=form.given(), now=timezone.now())
        except DomainError as refusal:
            form.add_error(None, str(refusal.message))
        else:
            messages.success(request, _("Locked.") if locks else _("Saved. Lock it when you are sure."))
            return redirect(*_onward(request, assessment, locks=locks))
    context |= {"form": form, "lines": _lines(context["sheet"].lines, form)}
    return render(request, "training/assessing/show.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def conflict_declare(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """They know the person, or have another stake in it."""
    assessment, context = _sheet(request, uuid)
    form = ConflictForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            assessing.declare_conflict(
                actor=request.user,
                assessment_id=assessment.pk,
                reason=form.cleaned_data["reason"],
                now=timezone.now(),
            )
        except DomainError as refusal:
            form.add_error(None, str(refusal.message))
        else:
            messages.success(request, _("Thank you. Somebody else scores it."))
            return redirect("training:assess_list", uuid=context["round"].uuid)
    return render(
        request, "training/assessing/conflict.html", context | {"form": form}, status=422 if form.errors else 200
    )


# --- steps -----------------------------------------------------------------------------------------------------------
def _sheet(request: HttpRequest, uuid: UUID) -> tuple[Assessment, dict[str, Any]]:
    rows = Assessment.objects.visible_to(request.user)
    rows = rows.select_related("application__round__cycle__programme")
    of_round = ("application__round__uuid", "application__round__state", "application__round__closes_at",
                "application__round__shortlisted_at", "application__round__cycle__code",
                "application__round__cycle__programme__name")  # fmt: skip
    found: Assessment = get_object_or_404(rows.only(*choosing.OF_ASSESSMENT, *of_round), uuid=uuid)
    round_ = found.application.round
    dealt = list(choosing.own_assessments(request.user, round_).filter(position__gte=found.position)[:6])
    return found, {
        "assessment": found,
        "round": round_,
        "programme": round_.cycle.programme,
        "sheet": choosing.sheet_of(found),
        "dealt": dealt,
        "far": choosing.how_far(request.user, round_),
        "is_over": round_.shortlisted_at is not None,
        "points": POINTS,
    }


def _lines(lines: list[choosing.Line], form: ScoreForm) -> list[dict[str, Any]]:
    """Each criterion with what stands in its fields: what was posted, else what was saved."""
    found = []
    for one in lines:
        value, evidence = one.value, one.evidence
        if form.is_bound:
            value, evidence = form[f"value_{one.criterion.pk}"].value(), form[f"evidence_{one.criterion.pk}"].value()
        found.append({"line": one, "value": str(value) if value is not None else "", "evidence": evidence or ""})
    return found


def _onward(request: HttpRequest, assessment: Assessment, *, locks: bool) -> tuple[Any, ...]:
    """After locking to the next that is open; after saving back to this one."""
    if not locks:
        return ("training:assess_application", assessment.uuid)
    rows = choosing.own_assessments(request.user, assessment.application.round)
    following = rows.filter(locked_at=None, conflicted_at=None, position__gt=assessment.position).first()
    if following is not None:
        return ("training:assess_application", following.uuid)
    return ("training:assess_list", assessment.application.round.uuid)
