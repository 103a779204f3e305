"""Preparing applications: eligible or not, and the copy that says nothing of who wrote it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from peerhub.common.access import can, require_perm
from peerhub.common.errors import DomainError
from training.forms.choosing import CopyForm, IneligibleForm
from training.models import Answer, Application, ApplicationState, RecruitmentRound
from training.queries.choosing import TO_PREPARE, rounds_to_prepare, to_prepare
from training.queries.rounds import PAGE
from training.services import preparing


@require_safe
def prepare_list(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What is to prepare, by code."""
    round_: RecruitmentRound = get_object_or_404(rounds_to_prepare(request.user), uuid=uuid)
    require_perm(request.user, "training.prepare_application", round_)
    is_open = round_.is_selecting(now=timezone.now())
    rows = to_prepare(round_) if is_open else Application.objects.none()
    context = _shared(request, round_) | {
        "page_obj": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "is_selecting": is_open,
        "waiting": rows.filter(state=ApplicationState.SUBMITTED).count() if is_open else 0,
    }
    return render(request, "training/preparing/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def prepare_application(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One application: what was written beside the copy, then on to those who score, or not eligible."""
    application = _application_or_404(request, uuid)
    round_ = application.round
    require_perm(request.user, "training.prepare_application", round_)
    rows = Answer.objects.filter(application=application).select_related("question")
    answers = list(rows.order_by("question__position"))
    fails = request.method == "POST" and request.POST.get("action") == "ineligible"
    posted = request.POST if request.method == "POST" else None
    copy = CopyForm(None if fails else posted, answers=answers)
    reason = IneligibleForm(posted if fails else None)
    is_sound = request.method == "POST" and (reason if fails else copy).is_valid()
    if is_sound and (done := _decide(request, application, copy, reason, fails=fails)):
        return done
    context = _shared(request, round_) | {
        "application": application,
        "copy": copy,
        "reason": reason,
        "pairs": [(one, copy[f"copy_{one.pk}"]) for one in answers],
        "is_selecting": round_.is_selecting(now=timezone.now()),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "training/preparing/show.html", context, status=status)


def _decide(
    request: HttpRequest, application: Application, copy: CopyForm, reason: IneligibleForm, *, fails: bool
) -> HttpResponse | None:
    """Do it and go on to the list; a refusal is told on the form."""
    now = timezone.now()
    try:
        if fails:
            preparing.find_ineligible(
                actor=request.user, application_id=application.pk, reason=reason.cleaned_data["reason"], now=now
            )
            messages.success(request, _("Not eligible. They are told why."))
        else:
            preparing.release_copy(actor=request.user, application_id=application.pk, texts=copy.texts(), now=now)
            messages.success(request, _("Prepared. Assessors have it now."))
    except DomainError as refusal:
        (reason if fails else copy).add_error(None, str(refusal.message))
        return None
    return redirect("training:prepare_list", uuid=application.round.uuid)


def _application_or_404(request: HttpRequest, uuid: UUID) -> Application:
    mine = Application.objects.filter(round__in=rounds_to_prepare(request.user).values("pk"), state__in=TO_PREPARE)
    rows = mine.select_related("round__cycle__programme__activity_type", "round__cycle__programme__owner_unit")
    found: Application = get_object_or_404(rows, uuid=uuid)
    return found


def _shared(request: HttpRequest, round_: RecruitmentRound) -> dict[str, Any]:
    return {
        "round": round_,
        "cycle": round_.cycle,
        "programme": round_.cycle.programme,
        "runs": can(request.user, "training.view_recruitment", round_.cycle),
    }
