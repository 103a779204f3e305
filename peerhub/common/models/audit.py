"""The append-only record of who did what. It feeds timelines;
it never holds survey answers, concern text or equality data.
"""

from django.conf import settings
from django.db import models


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    def of_cycle(self, cycle_id: int) -> "AuditEventQuerySet":
        """The timeline of one cycle, newest first."""
        return self.filter(cycle_id=cycle_id).order_by("-at", "-pk")

    def about(self, target: models.Model) -> "AuditEventQuerySet":
        """Everything recorded about one row, newest first."""
        return self.filter(target_type=target._meta.label_lower, target_id=str(target.pk)).order_by("-at", "-pk")


class AuditEvent(models.Model):
    """One thing done. Targets are named by label and key, so that deleting a row never deletes its history."""

    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    action = models.CharField(max_length=80)
    target_type = models.CharField(max_length=80, blank=True)
    target_id = models.CharField(max_length=40, blank=True)
    cycle_id = models.BigIntegerField(null=True)
    detail = models.JSONField(default=dict)
    at = models.DateTimeField()

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["cycle_id", "-at"], name="audit_by_cycle"),
            models.Index(fields=["target_type", "target_id"], name="audit_by_target"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.target_type}:{self.target_id}"
