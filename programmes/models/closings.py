"""How pairs and places in groups end, what the two sides say of it, and wishes for another match."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from programmes.models.groups import Group, GroupMember
from programmes.models.memberships import Membership, Role


def _coordinates(user: Any, cycle: str) -> Exists:
    return Exists(Membership.objects.active().filter(user=user, cycle=OuterRef(cycle), role=Role.COORDINATOR))


class EndedHow(models.TextChoices):
    COMPLETED = "completed", _("Completed")
    EARLY = "early", _("Ended early")


class EndingQuerySet(models.QuerySet["Ending"]):
    def visible_to(self, user: Any) -> "EndingQuerySet":
        """Those who coordinate the cycle, and whoever gave it. Nobody else reads a reason, nor does the other side."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(Q(given_by=user) | _coordinates(user, "group__cycle"))


class Ending(models.Model):
    """That a group or pair ended, or (with `place`) one person's time in it, and why, if somebody said.

    The reason stands here and nowhere else: not in mails, on the timeline, or in what others export.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="endings")
    place = models.ForeignKey(GroupMember, null=True, blank=True, on_delete=models.PROTECT, related_name="endings")
    how = models.CharField(_("how it ended"), max_length=10, choices=EndedHow, default=EndedHow.EARLY)
    reason = models.CharField(_("reason (private)"), max_length=400, blank=True)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    at = models.DateTimeField()

    objects = EndingQuerySet.as_manager()

    class Meta:
        verbose_name = _("ending")
        verbose_name_plural = _("endings")
        constraints = [models.CheckConstraint(name="ending_how_known", condition=Q(how__in=EndedHow.values))]

    def __str__(self) -> str:
        return str(self.uuid)


class Feeling(models.TextChoices):
    WELL = "well", _("It went well")
    MIXED = "mixed", _("Some of it did")
    HARD = "hard", _("It was hard")


class ClosingAnswerQuerySet(models.QuerySet["ClosingAnswer"]):
    def visible_to(self, user: Any) -> "ClosingAnswerQuerySet":
        """One's own, and those of cycles one coordinates."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(Q(place__membership__user=user) | _coordinates(user, "place__group__cycle"))


class ClosingAnswer(models.Model):
    """The short question at the end of somebody's time in a pair or group. Both answers may stay empty."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    place = models.OneToOneField(GroupMember, on_delete=models.PROTECT, related_name="closing")
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    feeling = models.CharField(_("how it was"), max_length=6, choices=Feeling, blank=True)
    helped = models.CharField(_("what would have helped"), max_length=600, blank=True)

    objects = ClosingAnswerQuerySet.as_manager()

    class Meta:
        verbose_name = _("closing answer")
        verbose_name_plural = _("closing answers")
        constraints = [
            models.CheckConstraint(name="closing_feeling_known", condition=Q(feeling__in=["", *Feeling.values])),
            models.CheckConstraint(
                name="closing_words_when_answered",
                condition=Q(answered_at__isnull=False) | Q(feeling="", helped=""),
            ),
        ]

    def __str__(self) -> str:
        return str(self.uuid)


class RematchState(models.TextChoices):
    OPEN = "open", _("Asked")
    MATCHED = "matched", _("Matched again")
    CLOSED = "closed", _("Closed without a change")
    WITHDRAWN = "withdrawn", _("Taken back")


class RematchRequestQuerySet(models.QuerySet["RematchRequest"]):
    def open(self) -> "RematchRequestQuerySet":
        return self.filter(state=RematchState.OPEN)

    def visible_to(self, user: Any) -> "RematchRequestQuerySet":
        """One's own, and those of cycles one coordinates. Never the other side's, nor a supervisor's."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(Q(place__membership__user=user) | _coordinates(user, "place__group__cycle"))


class RematchRequest(models.Model):
    """Somebody would like another match. No reason is asked; the other side is never told who wished it."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    place = models.ForeignKey(GroupMember, on_delete=models.PROTECT, related_name="rematches")
    state = models.CharField(_("state"), max_length=10, choices=RematchState, default=RematchState.OPEN)
    note = models.CharField(_("note to the coordinator"), max_length=400, blank=True)
    asked_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = RematchRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("wish for another match")
        verbose_name_plural = _("wishes for another match")
        constraints = [
            models.UniqueConstraint(fields=["place"], condition=Q(state="open"), name="rematch_open_once"),
            models.CheckConstraint(name="rematch_state_known", condition=Q(state__in=RematchState.values)),
            models.CheckConstraint(
                name="rematch_decided_when_over",
                condition=Q(state="open", decided_at=None) | (~Q(state="open") & Q(decided_at__isnull=False)),
            ),
        ]
        indexes = [models.Index(fields=["state", "asked_at"], name="rematch_by_state")]

    def __str__(self) -> str:
        return str(self.uuid)
