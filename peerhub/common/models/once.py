"""Form keys already used: a double submit has one effect (reference: docs/architecture.md, "Once")."""

from django.conf import settings
from django.db import models


class ProcessedForm(models.Model):
    """One use of one form by one person. Inserted in the same transaction as the effect."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="form_processed_once")]
        indexes = [models.Index(fields=["at"], name="processed_form_by_age")]

    def __str__(self) -> str:
        return str(self.key)
