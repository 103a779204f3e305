"""Applying to lead: the advert, the form, what was sent and where it stands."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from peerhub.common.access import can
from peerhub.common.errors import DomainError
from programmes.views.join_steps import posted
from training.forms.applications import ApplicationForm, WithdrawForm
from training.models import Application, ApplicationState, RecruitmentRound
from training.queries.applications import own_application, where_it_stands
from training.queries.equality import takes_answers
from training.queries.rounds import advert_or_404
from training.services import applications

RELATED = ("slot", "round__cycle__programme__activity_type", "round__cycle__programme__owner_unit")


@login_not_required
@require_safe
def advert_detail(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Everything an applicant must know, for anybody who may know of the programme."""
    round_ = advert_or_404(request.user, slug, code)
    own = own_application(request.user, round_)
    context = _shared(round_) | {
        "own": own,
        "criteria": list(round_.criteria.order_by("position")),
        "questions": list(round_.questions.order_by("position")),
        "runs": can(request.user, "training.view_recruitment", round_.cycle),
    }
    return render(request, "training/applications/advert.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def application_edit(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Write an application: saved as often as wanted, by itself while typing where scripts run, and sent once."""
    round_ = advert_or_404(request.user, slug, code)
    own = own_application(request.user, round_)
    if own is not None and own.state not in {ApplicationState.DRAFT, ApplicationState.WITHDRAWN}:
        return redirect("training:application_detail", uuid=own.uuid)
    is_open = round_.takes_applications(now=timezone.now())
    if request.method != "POST" and not is_open:
        return redirect("training:advert_detail", slug=slug, code=code)
    form = ApplicationForm(posted(request), round_=round_, application=own)
    if request.method == "POST":
        return _save_or_send(request, round_, form)
    return render(request, "training/applications/edit.html", _shared(round_) | {"form": form, "own": own})


def _save_or_send(request: HttpRequest, round_: RecruitmentRound, form: ApplicationForm) -> HttpResponse:
    sends = request.POST.get("action") == "send"
    who: dict[str, Any] = {"actor": request.user, "round_id": round_.pk, "said": form.said(), "now": timezone.now()}
    try:
        if sends and form.is_valid():
            own = applications.submit_application(**who)
        else:
            by_itself = "HX-Request" in request.headers and "action" not in request.POST
            own = applications.save_application(**who, by_itself=by_itself)
    except DomainError as refusal:
        return _refused(request, round_, form, str(refusal.message))
    if request.headers.get("HX-Request"):
        return render(request, "training/applications/_saved.html", {"own": own})
    if sends and form.is_valid():
        return redirect("training:application_sent", uuid=own.uuid)
    if sends:
        return render(
            request, "training/applications/edit.html", _shared(round_) | {"form": form, "own": own}, status=422
        )
    messages.success(request, _("Saved. Only you can read it until you send it."))
    return redirect("training:application_edit", slug=round_.cycle.programme.slug, code=round_.cycle.code)


def _refused(request: HttpRequest, round_: RecruitmentRound, form: ApplicationForm, message: str) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return render(request, "training/applications/_saved.html", {"own": None, "refusal": message})
    context = _shared(round_) | {"form": form, "own": own_application(request.user, round_), "refusal": message}
    return render(request, "training/applications/edit.html", context, status=409)


@require_safe
def application_sent(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The end of applying: it has arrived, and what happens now."""
    own = _own_or_404(request, uuid)
    if own.submitted_at is None or own.is_over:
        return redirect("training:application_detail", uuid=uuid)
    context = _shared(own.round) | {"own": own, "asks_about_you": takes_answers(own)}
    return render(request, "training/applications/sent.html", context)


@require_safe
def application_detail(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Where one's application stands."""
    own = _own_or_404(request, uuid)
    context = _shared(own.round) | {"own": own, "asks_about_you": takes_answers(own)}
    context |= where_it_stands(own, now=timezone.now())
    return render(request, "training/applications/show.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def application_withdraw(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take it back."""
    own = _own_or_404(request, uuid)
    form = WithdrawForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            applications.withdraw_application(
                actor=request.user, application_id=own.pk, reason=form.cleaned_data["reason"], now=timezone.now()
            )
        except DomainError as refusal:
            messages.error(request, str(refusal.message))
        else:
            messages.success(request, _("Your application is withdrawn."))
        return redirect("training:application_detail", uuid=uuid)
    context = _shared(own.round) | {"own": own, "form": form}
    return render(request, "training/applications/withdraw.html", context, status=422 if form.errors else 200)


def _own_or_404(request: HttpRequest, uuid: UUID) -> Application:
    """One's own, and nobody else's, whatever one may see elsewhere."""
    found: Application = get_object_or_404(Application.objects.own(request.user).select_related(*RELATED), uuid=uuid)
    return found


def _shared(round_: RecruitmentRound) -> dict[str, Any]:
    return {
        "round": round_,
        "cycle": round_.cycle,
        "programme": round_.cycle.programme,
        "is_open": round_.takes_applications(now=timezone.now()),
    }
