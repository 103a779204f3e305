"""Times to talk: those on the shortlist book one."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from training.models.rounds import RecruitmentRound


class InterviewSlot(models.Model):
    """A time with room for one conversation or several. Whoever books holds the slot's row first, then looks."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    round = models.ForeignKey(RecruitmentRound, on_delete=models.CASCADE, related_name="slots")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    where = models.CharField(_("where"), max_length=200)
    capacity = models.PositiveSmallIntegerField(_("people at once"), default=1)

    class Meta:
        verbose_name = _("time to talk")
        verbose_name_plural = _("times to talk")
        constraints = [
            models.CheckConstraint(name="talk_ends_after_start", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(name="talk_has_room", condition=Q(capacity__gt=0)),
            models.UniqueConstraint(fields=["round", "starts_at", "where"], name="talk_once"),
        ]
        indexes = [models.Index(fields=["round", "starts_at"], name="talk_by_round")]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M}"
