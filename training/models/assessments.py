"""Choosing without names: who helps, what each scored for themselves, and what they agreed on afterwards."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from training.models.applications import Application
from training.models.rounds import Criterion, RecruitmentRound, RoundState

CLEAR = 2  # "clear evidence": what an essential criterion needs
APART = 2  # a difference that has to be talked about


class HelperKind(models.TextChoices):
    ASSESSOR = "assessor", _("Assessor")
    REDACTOR = "redactor", _("Redactor")


class RoundHelper(models.Model):
    """Somebody who helps to choose, as one or the other and never both; it gives them no other right."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    round = models.ForeignKey(RecruitmentRound, on_delete=models.CASCADE, related_name="helpers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=8, choices=HelperKind)
    named_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    named_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "user"], name="helps_once"),
            models.CheckConstraint(name="helper_kind_known", condition=Q(kind__in=HelperKind.values)),
        ]
        indexes = [models.Index(fields=["user", "released_at"], name="helper_by_user")]

    def __str__(self) -> str:
        return f"{self.kind} {self.user_id} in {self.round_id}"


class AssessmentQuerySet(models.QuerySet["Assessment"]):
    def visible_to(self, user: Any) -> "AssessmentQuerySet":
        """Those a person was dealt, while they help and the round is not finished."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(
            helper__user=user,
            helper__released_at=None,
            application__round__state=RoundState.OPEN,
        ).exclude(application__state__in=["draft", "withdrawn", "ineligible"])

    def counting(self) -> "AssessmentQuerySet":
        """By people without a conflict: their scores are what is compared."""
        return self.filter(conflicted_at=None)


class Assessment(models.Model):
    """One application as one assessor has it: by code, in an order of their own, with nobody else's scores."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="assessments")
    helper = models.ForeignKey(RoundHelper, on_delete=models.CASCADE, related_name="assessments")
    position = models.PositiveIntegerField()
    conflict = models.CharField(_("conflict of interest"), max_length=300, blank=True)
    conflicted_at = models.DateTimeField(null=True, blank=True)
    locked_at = models.DateTimeField(null=True, blank=True)

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "helper"], name="dealt_once"),
            models.CheckConstraint(name="conflicted_never_locked", condition=Q(conflicted_at=None) | Q(locked_at=None)),
        ]
        indexes = [models.Index(fields=["helper", "position"], name="assessment_by_helper")]

    def __str__(self) -> str:
        return f"{self.application_id} by {self.helper_id}"

    @property
    def is_open(self) -> bool:
        return self.locked_at is None and self.conflicted_at is None


class Score(models.Model):
    """One assessor's own score of one criterion, with the sentence that shows why. Never changed once locked."""

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="scores")
    criterion = models.ForeignKey(Criterion, on_delete=models.CASCADE, related_name="+")
    value = models.PositiveSmallIntegerField(null=True, blank=True)
    evidence = models.CharField(_("why"), max_length=600, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assessment", "criterion"], name="scored_once"),
            models.CheckConstraint(name="score_0_to_4", condition=Q(value=None) | Q(value__range=(0, 4))),
        ]

    def __str__(self) -> str:
        return f"{self.criterion_id}: {self.value}"


class Consensus(models.Model):
    """What assessors agreed on after they had talked. It stands beside their own scores, never over them."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="agreed")
    criterion = models.ForeignKey(Criterion, on_delete=models.CASCADE, related_name="+")
    value = models.PositiveSmallIntegerField()
    reason = models.CharField(_("why"), max_length=400)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "criterion"], name="agreed_once"),
            models.CheckConstraint(name="agreed_0_to_4", condition=Q(value__range=(0, 4))),
            models.CheckConstraint(name="agreed_with_reason", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.criterion_id}: {self.value}"
