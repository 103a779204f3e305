"""Wishes to be forgotten."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ErasureOutcome(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    ERASED = "erased", _("Erased")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    REFUSED = "refused", _("Refused")


class ErasureRequest(models.Model):
    """One person's wish that PeerHub forgets them. What became of it stays: a restored backup is checked by it."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="erasure_requests", verbose_name=_("person")
    )
    asked_at = models.DateTimeField(_("asked"))
    outcome = models.CharField(_("outcome"), max_length=10, choices=ErasureOutcome, default=ErasureOutcome.WAITING)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+",
        verbose_name=_("decided by"),
    )  # fmt: skip

    class Meta:
        verbose_name = _("erasure request")
        verbose_name_plural = _("erasure requests")
        constraints = [
            models.CheckConstraint(name="erasure_outcome_known", condition=Q(outcome__in=ErasureOutcome.values)),
            models.UniqueConstraint(fields=["user"], condition=Q(outcome="waiting"), name="erasure_asked_once"),
            models.CheckConstraint(
                name="erasure_decided_when_over",
                condition=Q(outcome="waiting", decided_at=None) | (~Q(outcome="waiting") & Q(decided_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return self.get_outcome_display()
