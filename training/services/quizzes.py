"""Tries at a quiz: begun, handed in once, in time, with answers to the questions that were drawn and no others."""

import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from peerhub.common import audit
from peerhub.common.errors import DomainError
from training.models import AssessmentKind, Attempt, Completion, CompletionSource, Mode, Module, QuizQuestion
from training.queries.deliveries import has_attended
from training.queries.standing import SOON
from training.services.completions import record_completion


class QuizRefused(DomainError):
    """Codes: closed, no_quiz, passed, no_tries, not_there, late, unknown_question, unknown_answer, unanswered."""


@transaction.atomic(durable=True)
def start_quiz(*, actor: Any, module_id: int, now: datetime, draw: random.Random | None = None) -> Attempt:
    """Begin a try, or go on with the one that is open. One that ran out of time is used up."""
    # Whoever begins twice at once waits here, and goes on with what the first began.
    module = Module.objects.select_for_update(no_key=True).get(pk=module_id)
    _refuse_module(module)
    held = Attempt.objects.filter(user=actor, module=module, submitted_at=None).first()
    if held and now < held.closes_at:
        return held
    if held:
        _use_up(held)
    _refuse_again(actor, module, now)
    if module.mode == Mode.LIVE and not has_attended(actor, module, timezone.localdate(now)):
        raise QuizRefused("not_there", _("Come to one of its dates first. The quiz is about what you do there."))
    drawn = _drawn(module, draw or random.SystemRandom())
    if not drawn:
        raise QuizRefused("no_quiz", _("There are no questions yet. Ask your coordinator."))
    attempt = Attempt.objects.create(
        user=actor, module=module, drawn=drawn, started_at=now, closes_at=now + timedelta(minutes=module.minutes)
    )
    audit.record(actor=actor, action="training.quiz_started", target=attempt, now=now)
    return attempt


@transaction.atomic(durable=True)
def submit_quiz(*, actor: Any, attempt_id: int, answers: Mapping[str, int], now: datetime) -> Attempt:
    """Hand in a try: uuids of questions to numbers of answers. Handed in already, nothing changes: it counts once.

    Refuses with `QuizRefused`, and then nothing was handed in: `late` (its time is over), `closed` (the module is),
    `unknown_question` (one that was not drawn), `unknown_answer`, `unanswered`. Passing completes the module.
    """
    attempt = Attempt.objects.select_for_update(of=("self",)).select_related("module").get(pk=attempt_id, user=actor)
    if attempt.submitted_at:
        return attempt
    _refuse_module(attempt.module)
    if now >= attempt.closes_at:
        raise QuizRefused("late", _("The time for this try is over. Begin another."))
    questions = {
        str(one.uuid): one for one in QuizQuestion.objects.filter(module=attempt.module, uuid__in=attempt.drawn)
    }
    _refuse_answers(attempt, questions, answers)
    right = sum(one.right == answers[key] for key, one in questions.items())
    attempt.answers, attempt.submitted_at = dict(answers), now
    attempt.score = right * 100 // len(questions)
    attempt.is_passed = right * 100 >= attempt.module.pass_mark * len(questions)
    attempt.save(update_fields=["answers", "submitted_at", "score", "is_passed"])
    detail = {"score": attempt.score, "passed": attempt.is_passed}
    audit.record(actor=actor, action="training.quiz_submitted", target=attempt, detail=detail, now=now)
    if attempt.is_passed:
        today = timezone.localdate(now)
        record_completion(actor, actor.pk, attempt.module, today, CompletionSource.QUIZ, score=attempt.score, now=now)
    return attempt


@transaction.atomic(durable=True)
def forgive_tries(*, actor: Any, user_id: int, module_id: int, cycle_id: int, now: datetime) -> int:
    """Let somebody try again who has no tries left; returns how many do not count any more. Never for oneself."""
    if user_id == actor.pk:
        raise QuizRefused("own", _("Nobody decides on their own training. Ask another coordinator."))
    count = Attempt.objects.spent().filter(user=user_id, module=module_id, is_passed=False).update(is_forgiven=True)
    if count:
        module = Module.objects.get(pk=module_id)
        detail = {"user": user_id, "tries": count}
        audit.record(
            actor=actor, action="training.tries_forgiven", target=module, cycle_id=cycle_id, detail=detail, now=now
        )
    return count


# --- steps ------------------------------------------------------------------------------------------------------------
def _refuse_module(module: Module) -> None:
    if module.closed_at:
        raise QuizRefused("closed", _("This module is closed. Ask your coordinator what takes its place."))
    if module.assessment != AssessmentKind.QUIZ:
        raise QuizRefused("no_quiz", _("This module has no quiz."))


def _refuse_again(actor: Any, module: Module, now: datetime) -> None:
    """Who has passed, and whose pass lasts for a good while yet, need not; who has used all tries may not."""
    lasting = timezone.localdate(now) + SOON
    done = Completion.objects.counting().filter(user=actor, module=module)
    if done.filter(expires_on=None).exists() or done.filter(expires_on__gt=lasting).exists():
        raise QuizRefused("passed", _("You have passed this already."))
    since = done.order_by("-recorded_at").values_list("recorded_at", flat=True).first()
    spent = Attempt.objects.spent().filter(user=actor, module=module)
    if since:
        spent = spent.filter(submitted_at__gt=since)
    if module.tries and spent.count() >= module.tries:
        raise QuizRefused(
            "no_tries", _("You have used all your tries. Speak to your coordinator, who can give you more.")
        )


def _use_up(attempt: Attempt) -> None:
    attempt.submitted_at, attempt.score = attempt.closes_at, 0
    attempt.save(update_fields=["submitted_at", "score"])


def _drawn(module: Module, draw: random.Random) -> list[str]:
    keys = list(
        QuizQuestion.objects.in_use().filter(module=module).order_by("position", "pk").values_list("uuid", flat=True)
    )
    if module.questions_drawn and module.questions_drawn < len(keys):
        keys = draw.sample(keys, module.questions_drawn)
    return [str(key) for key in keys]


def _refuse_answers(attempt: Attempt, questions: Mapping[str, QuizQuestion], answers: Mapping[str, int]) -> None:
    if set(answers) - set(attempt.drawn) or len(questions) < len(attempt.drawn):
        raise QuizRefused("unknown_question", _("The form names a question that was not asked. Load the page again."))
    if any(not 0 <= number < len(questions[key].options) for key, number in answers.items()):
        raise QuizRefused("unknown_answer", _("One of the answers was not offered. Load the page again."))
    if len(answers) < len(questions):
        raise QuizRefused("unanswered", _("Answer every question, then hand it in."))
