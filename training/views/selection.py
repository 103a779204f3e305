"""Choosing, for who coordinates: who helps, one application, the shortlist, the names."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from peerhub.accounts.models import User
from peerhub.common.access import can
from programmes.queries.people import pick_people
from programmes.views.people import is_uuid
from training.forms.choosing import AgreeForm, CutForm
from training.models import Application, Criterion, HelperKind, RecruitmentRound, RoundHelper
from training.queries import choosing, scores
from training.queries.rounds import PAGE
from training.services import round_helpers, shortlist
from training.views.recruitment import attempt, round_for, shared


@require_safe
def helper_list(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Who assesses and who prepares copies; find somebody to do either."""
    cycle, round_ = round_for(request, slug, code)
    words = " ".join(request.GET.get("q", "").split())[:80]
    kind = request.GET.get("kind", "")
    helpers = RoundHelper.objects.filter(round=round_, released_at=None).select_related("user").order_by("kind", "pk")
    context = shared(cycle, round_) | {
        "helpers": list(helpers),
        "words": words,
        "kind": kind if kind in HelperKind.values else HelperKind.ASSESSOR.value,
        "found": pick_people(words) if words else None,
    }
    return render(request, "training/rounds/helpers.html", context)


@require_POST
def helper_add(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Name somebody."""
    _cycle, round_ = round_for(request, slug, code)
    who, kind = request.POST.get("who", ""), request.POST.get("kind", "")
    person = User.objects.active().filter(uuid=who).first() if is_uuid(who) else None
    if person is None or kind not in HelperKind.values:
        messages.error(request, _("Choose a person."))
    elif attempt(
        request,
        lambda: round_helpers.name_helper(
            actor=request.user, round_id=round_.pk, user_id=person.pk, kind=kind, now=timezone.now()
        ),
    ):
        messages.success(request, _("%(name)s helps to choose, and is told.") % {"name": person.display_name})
    return redirect("training:helper_list", slug=slug, code=code)


@require_POST
def helper_release(request: HttpRequest, slug: str, code: str, uuid: UUID) -> HttpResponse:
    """Somebody helps no longer."""
    _cycle, round_ = round_for(request, slug, code)
    helper = get_object_or_404(RoundHelper, round=round_, uuid=uuid)
    if attempt(
        request, lambda: round_helpers.release_helper(actor=request.user, helper_id=helper.pk, now=timezone.now())
    ):
        messages.success(request, _("They help no longer. What they have locked counts."))
    return redirect("training:helper_list", slug=slug, code=code)


@require_safe
def application_review(request: HttpRequest, slug: str, code: str, uuid: UUID) -> HttpResponse:
    """One application: where it is and how it came there; scores once all are locked; the name once it is shown."""
    cycle, round_ = round_for(request, slug, code)
    application = application_or_404(round_, uuid)
    outcome = scores.outcomes_of([application.pk])[application.pk]
    context = shared(cycle, round_) | {
        "application": application,
        "person": application.applicant if application.revealed_at else None,
        "assessors": choosing.who_assesses(application),
        "outcome": outcome,
        "scored": choosing.scored(application, outcome),
        "events": [
            (one, one.by is not None and one.by_id != application.applicant_id)
            for one in application.events.select_related("by").order_by("at", "pk")
            if one.to != "draft"
        ],
        "may_prepare": can(request.user, "training.prepare_application", round_),
        "points": scores.MOST,
    }
    return render(request, "training/rounds/application.html", context)


@require_POST
def score_agree(request: HttpRequest, slug: str, code: str, uuid: UUID) -> HttpResponse:
    """Record what assessors agreed on for a criterion."""
    _cycle, round_ = round_for(request, slug, code)
    application = application_or_404(round_, uuid)
    form = AgreeForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Give the score you agreed on, 0 to 4, and say in a sentence why."))
    elif attempt(
        request,
        lambda: shortlist.agree_score(
            actor=request.user,
            application_id=application.pk,
            criterion_id=form.cleaned_data["criterion"],
            value=form.cleaned_data["value"],
            reason=form.cleaned_data["reason"],
            now=timezone.now(),
        ),
    ):
        messages.success(request, _("Recorded, beside the scores as they were given."))
    return redirect("training:application_review", slug=slug, code=code, uuid=uuid)


@require_http_methods(["GET", "HEAD", "POST"])
def shortlist_decide(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Everybody by points, and one number for all."""
    cycle, round_ = round_for(request, slug, code)
    criteria = list(Criterion.objects.filter(round=round_).order_by("position"))
    form = CutForm(request.POST if request.method == "POST" else request.GET if "cut" in request.GET else None)
    cut = form.cleaned_data["cut"] if form.is_bound and form.is_valid() else None
    if request.method == "POST" and cut is not None:
        call = lambda: shortlist.decide_shortlist(  # noqa: E731
            actor=request.user, round_id=round_.pk, cut=cut, now=timezone.now()
        )
        if attempt(request, call):
            messages.success(request, _("The shortlist is decided, and everybody is told. You can see its names now."))
            return redirect("training:recruitment", slug=slug, code=code)
    ranking = scores.ranking_of(round_, criteria)
    # Nothing of an order, nor who is guaranteed a conversation, before the last score is locked.
    rows = ranking.rows if ranking.is_ready else []
    context = shared(cycle, round_) | {
        "ranking": ranking,
        "form": form,
        "cut": cut,
        "page_obj": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "chosen": sum(one.is_chosen(cut) for one in rows) if cut is not None else None,
        # Who asked for a guaranteed conversation is a number: beside a code it would say who is disabled.
        "marked": [one.application.pk for one in rows if cut is not None and one.is_chosen_by_points(cut)],
        "guaranteed": sum(one.is_chosen(cut) and not one.is_chosen_by_points(cut) for one in rows) if cut else 0,
    }
    return render(request, "training/rounds/shortlist.html", context, status=422 if form.errors else 200)


@require_POST
def identities_reveal(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Show the names of those on the shortlist; it is put on record."""
    _cycle, round_ = round_for(request, slug, code)
    keys = attempt(
        request, lambda: shortlist.reveal_identities(actor=request.user, round_id=round_.pk, now=timezone.now())
    )
    if keys:
        said = ngettext("%(n)s name is shown now.", "%(n)s names are shown now.", len(keys)) % {"n": len(keys)}
        messages.success(request, said)
    return redirect("training:recruitment", slug=slug, code=code)


def application_or_404(round_: RecruitmentRound, uuid: UUID) -> Application:
    rows = Application.objects.sent().filter(round=round_).select_related("applicant", "redacted_by")
    rows = rows.none() if round_.takes_applications(now=timezone.now()) else rows
    found: Application = get_object_or_404(rows, uuid=uuid)
    found.round = round_
    return found
