"""What other systems call a person. Text always: leading zeros are part of the number."""

from django.db import models

from peerhub.accounts.models.users import User


class ExternalId(models.Model):
    """One name of one person in one source, for example ("sits", "00417733") or ("oneroster:sis", "user1")."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="external_ids")
    source = models.CharField(max_length=60)
    value = models.CharField(max_length=160)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "value"], name="external_id_once"),
            models.CheckConstraint(name="external_id_not_empty", condition=~models.Q(value="")),
        ]

    def __str__(self) -> str:
        return f"{self.source}:{self.value}"
