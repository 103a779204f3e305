"""Training for the person who does it: all that is asked of them, one module, its quiz."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from peerhub.common import stages
from peerhub.common.access import can
from peerhub.common.errors import DomainError
from programmes.models import Role
from training.models import AssessmentKind, Attempt, Mode, Module
from training.queries.deliveries import dates_to_come, given_by, my_dates
from training.queries.learning import hours_in_words, my_training, questions_of, reading
from training.services import quizzes
from training.services.completions import complete_reading

ANSWER = "answer-"


def _module(request: HttpRequest, uuid: UUID) -> Module:
    seen = Module.objects.visible_to(request.user).select_related("owner__owner_unit")
    return get_object_or_404(seen, uuid=uuid)


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """My training: everything asked of me in all programmes, what is missing first."""
    now = timezone.now()
    found = my_training(request.user, now=now)
    led = [one for one in found.memberships if one.role == Role.LEADER]
    live = [one.module_id for one in found.lines if one.is_live and one.is_open]
    dates = my_dates(request.user, live, now=now)
    blockers = stages.clearance([one.pk for one in led], now) if led else {}
    context = {
        "mine": found,
        "open": [one for one in found.lines if one.is_open],
        "closed": [one for one in found.lines if not one.is_open],
        "blocked": [(one.cycle.programme, blockers[one.pk]) for one in led if blockers[one.pk]],
        "leads": bool(led),
        "hours": hours_in_words(found.hours),
        "my_dates": [one for one in dates if one.mine],
        "open_dates": [one for one in dates if not one.mine],
        "given": given_by(request.user, now=now),
    }
    return render(request, "training/learning/mine.html", context)


@require_safe
def module_detail(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A module to read, where I stand with it, and what to do next."""
    module = _module(request, uuid)
    now = timezone.now()
    found = reading(module, request.user, now=now)
    context = {
        "module": module,
        "reading": found,
        "hours": hours_in_words(module.hours),
        "outcomes": module.lines("outcomes"),
        "criteria": module.lines("criteria") if module.assessment == AssessmentKind.OBSERVED else [],
        "by_reading": module.assessment == AssessmentKind.NONE and module.mode == Mode.SELF_PACED,
        "can_change": can(request.user, "training.change_module", module),
        "dates": dates_to_come(module, request.user, now=now) if module.mode == Mode.LIVE else None,
    }
    return render(request, "training/learning/module.html", context)


@require_POST
def module_read(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """I have read this."""
    module = _module(request, uuid)
    try:
        complete_reading(actor=request.user, module_id=module.pk, now=timezone.now())
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
        return redirect("training:module_detail", uuid)
    messages.success(request, _("Done: %(module)s.") % {"module": module.title})
    return redirect("training:mine")


@require_POST
def quiz_start(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Begin a try at a module's quiz, or go on with the open one."""
    module = _module(request, uuid)
    try:
        attempt = quizzes.start_quiz(actor=request.user, module_id=module.pk, now=timezone.now())
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
        return redirect("training:module_detail", uuid)
    return redirect("training:quiz_answer", attempt.uuid)


@require_http_methods(["GET", "HEAD", "POST"])
def quiz_answer(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The questions of one's own try; once it is handed in, how it went."""
    mine = Attempt.objects.filter(user=request.user).select_related("module")
    attempt = get_object_or_404(mine, uuid=uuid)
    given, refusal = _given(request.POST), ""
    if request.method == "POST":
        try:
            quizzes.submit_quiz(actor=request.user, attempt_id=attempt.pk, answers=given, now=timezone.now())
        except DomainError as error:
            refusal = str(error.message)
        else:
            return redirect("training:quiz_answer", uuid)
    return _quiz_page(request, attempt, given, refusal)


def _given(data: Any) -> dict[str, int]:
    """Uuid of a question to the number of its answer, as posted. What is no number is no answer that was offered."""
    found = {}
    for name, value in data.items():
        if name.startswith(ANSWER):
            found[name.removeprefix(ANSWER)] = (
                int(value) if value.isascii() and value.isdecimal() and len(value) < 3 else -1
            )
    return found


def _quiz_page(request: HttpRequest, attempt: Attempt, given: dict[str, int], refusal: str) -> HttpResponse:
    is_over = attempt.submitted_at is not None
    said = attempt.answers if is_over else given
    context = {
        "attempt": attempt,
        "module": attempt.module,
        "is_over": is_over,
        "is_late": not is_over and timezone.now() >= attempt.closes_at,
        "questions": [(one, said.get(str(one.uuid))) for one in questions_of(attempt)],
        "name": ANSWER,
        "refusal": refusal,
    }
    return render(request, "training/learning/quiz.html", context, status=422 if refusal else 200)
