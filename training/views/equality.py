"""Equality monitoring: what applicants tell about themselves, and the funnel by group once a round is finished."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from peerhub.common.csvio import csv_response
from peerhub.common.errors import DomainError
from programmes.models import Cycle
from programmes.queries.workspace import runs
from programmes.services.memberships import record_export
from programmes.views.join_steps import posted
from training.forms.equality import EqualityForm
from training.models import Application, RecruitmentRound
from training.permissions import analyses_equality, finds_fairness, reads_fairness
from training.queries import fairness
from training.queries.equality import own_answers, questions_in_use, takes_answers
from training.queries.fairness_rounds import rounds_of_analyst
from training.queries.rounds import round_of
from training.services.equality import take_back, tell_about_oneself

PAGE = 25
RELATED = ("round__cycle__programme__activity_type", "round__cycle__programme__owner_unit")


# --- for whoever applied ---------------------------------------------------------------------------------------------
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def equality_edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Tell something about oneself, apart from the application; change it; see it."""
    own = _own_or_404(request, uuid)
    if request.method != "POST" and not takes_answers(own):
        return redirect("training:application_detail", uuid=uuid)
    given = own_answers(own)
    form = EqualityForm(posted(request), asked=questions_in_use(), given=given or {})
    if request.method == "POST" and form.is_valid():
        try:
            tell_about_oneself(actor=request.user, application_id=own.pk, given=form.given(), now=timezone.now())
        except DomainError as refusal:
            messages.error(request, str(refusal.message))
        else:
            messages.success(request, _("Kept, apart from your application and locked."))
        return redirect("training:application_detail", uuid=uuid)
    context = {
        "own": own,
        "round": own.round,
        "cycle": own.round.cycle,
        "programme": own.round.cycle.programme,
        "form": form,
        "has_told": given is not None,
        "fewest": fairness.FEWEST,
    }
    return render(request, "training/equality/edit.html", context, status=422 if form.errors else 200)


@require_POST
def equality_remove(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take back what one told."""
    own = _own_or_404(request, uuid)
    take_back(actor=request.user, application_id=own.pk, now=timezone.now())
    messages.success(request, _("Deleted. Your application stays as it is."))
    return redirect("training:application_detail", uuid=uuid)


def _own_or_404(request: HttpRequest, uuid: UUID) -> Application:
    found: Application = get_object_or_404(Application.objects.own(request.user).select_related(*RELATED), uuid=uuid)
    return found


# --- for the equality office, and who coordinates --------------------------------------------------------------------
@require_safe
def fairness_list(request: HttpRequest) -> HttpResponse:
    """Rounds of one's units that are counted."""
    _refuse_unless(analyses_equality(request.user))
    page_obj = Paginator(rounds_of_analyst(request.user), PAGE).get_page(request.GET.get("page"))
    return render(request, "training/equality/list.html", {"page_obj": page_obj})


@require_safe
def fairness_show(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """How far people of each group came, once the round is finished."""
    cycle, round_ = _cycle_or_404(request, slug, code)
    may_read = round_ is not None and reads_fairness(request.user, round_)
    is_over = round_ is not None and round_.finished_at is not None
    context: dict[str, Any] = {
        "cycle": cycle,
        "programme": cycle.programme,
        "tab": "prepare",
        "part": "fairness",
        "round": round_,
        "in_workspace": runs(request.user, cycle),
        "is_analyst": analyses_equality(request.user, cycle),
        "has_chosen": round_ is not None and not may_read,
        "is_over": is_over,
        "funnel": fairness.funnel_of(round_) if round_ is not None and may_read and is_over else None,
        "stages": fairness.STAGES,
        "fewest": fairness.FEWEST,
    }
    return render(request, "training/equality/show.html", context)


@require_safe
def fairness_export(request: HttpRequest, slug: str, code: str) -> HttpResponseBase:
    """The same as a file, and no more."""
    cycle, round_ = _cycle_or_404(request, slug, code)
    if round_ is None:
        raise Http404
    _refuse_unless(reads_fairness(request.user, round_))
    funnel = fairness.funnel_of(round_)
    if funnel is None:
        raise Http404
    lines: Sequence[Any] = list(fairness.lines(funnel))
    record_export(actor=request.user, cycle_id=cycle.pk, what="fairness", count=len(lines), now=timezone.now())
    return csv_response(f"fairness-{slug}-{code}.csv", fairness.header(), lines)


def _cycle_or_404(request: HttpRequest, slug: str, code: str) -> tuple[Cycle, RecruitmentRound | None]:
    """A cycle whose workspace one may open, or of a unit whose equality data one analyses."""
    rows = Cycle.objects.select_related("programme__activity_type", "programme__owner_unit")
    cycle = get_object_or_404(rows, programme__slug=slug, code=code)
    if not runs(request.user, cycle) and not analyses_equality(request.user, cycle):
        raise Http404
    _refuse_unless(finds_fairness(request.user, cycle))
    return cycle, round_of(cycle)


def _refuse_unless(may: bool) -> None:
    """403. Not by `require_perm`: a superuser has every permission, and reads nothing of this."""
    if not may:
        raise PermissionDenied
