"""Questions of a module's quiz, and people's tries at it."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from training.models.modules import Module

FEWEST_OPTIONS, MOST_OPTIONS = 2, 6


class QuizQuestionQuerySet(models.QuerySet["QuizQuestion"]):
    def in_use(self) -> "QuizQuestionQuerySet":
        return self.filter(retired_at=None)


class QuizQuestion(models.Model):
    """One question with its answers, one of them right. A question that was asked is retired, never changed under
    those who answered it: a change makes a new one.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    module = models.ForeignKey(Module, on_delete=models.CASCADE, related_name="questions")
    text = models.CharField(_("question"), max_length=400)
    options = models.JSONField(_("answers"), default=list)
    right = models.PositiveSmallIntegerField(_("the right one"), default=0)
    feedback = models.CharField(_("what to say afterwards"), max_length=600, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = QuizQuestionQuerySet.as_manager()

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        constraints = [
            models.CheckConstraint(name="quiz_question_has_text", condition=~Q(text="")),
            models.CheckConstraint(name="quiz_question_right_is_option", condition=Q(right__lt=MOST_OPTIONS)),
        ]

    def __str__(self) -> str:
        return self.text


class AttemptQuerySet(models.QuerySet["Attempt"]):
    def spent(self) -> "AttemptQuerySet":
        """Tries that count towards the limit."""
        return self.filter(submitted_at__isnull=False, is_forgiven=False)


class Attempt(models.Model):
    """One try at a quiz: the questions drawn for it, and what was answered. One at a time."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="quiz_attempts")
    module = models.ForeignKey(Module, on_delete=models.PROTECT, related_name="attempts")
    drawn = models.JSONField(default=list, help_text=_("Uuids of its questions, in order."))
    answers = models.JSONField(default=dict, blank=True, help_text=_("Uuid of a question to the number of the answer."))
    started_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    score = models.PositiveSmallIntegerField(null=True, blank=True, help_text=_("In percent, rounded down."))
    is_passed = models.BooleanField(default=False)
    is_forgiven = models.BooleanField(default=False, help_text=_("Does not count towards the limit any more."))

    objects = AttemptQuerySet.as_manager()

    class Meta:
        verbose_name = _("try at a quiz")
        verbose_name_plural = _("tries at quizzes")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "module"], condition=Q(submitted_at=None), name="attempt_open_once"
            ),
            models.CheckConstraint(name="attempt_closes_after_start", condition=Q(closes_at__gt=F("started_at"))),
            models.CheckConstraint(name="attempt_score_is_share", condition=Q(score=None) | Q(score__range=(0, 100))),
            models.CheckConstraint(
                name="attempt_score_when_over",
                condition=Q(submitted_at=None, score=None, is_passed=False)
                | (Q(submitted_at__isnull=False) & Q(score__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return str(self.uuid)
