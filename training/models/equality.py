"""Equality monitoring. Nothing here points to a person, an application or a round, and nothing points here (ADR 0015).

While a round runs, answers lie sealed under the round's own key, each by a mark that only the application can make from
what it is about. Once it is finished they are counted, what may be told is kept, and the key and the answers go.
"""

import uuid

from django.db import models
from django.db.models import Q


class EqualityBox(models.Model):
    """The answers of one round: first a key, then what may be told of them. `of` is a round's uuid, as plain bytes."""

    of = models.UUIDField(unique=True)
    kek = models.CharField(max_length=20, blank=True)  # which key of the ring the round's own is wrapped under
    wrapped = models.BinaryField(default=bytes)
    counted_on = models.DateField(null=True, blank=True)
    told = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="equality_key_until_counted",
                condition=Q(counted_on=None) & ~Q(kek="") | Q(counted_on__isnull=False, kek=""),
            )
        ]

    def __str__(self) -> str:
        return "answers of a round"


class EqualityAnswers(models.Model):
    """What one applicant told. The key says nothing of the order in which people did; there is no time."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    box = models.ForeignKey(EqualityBox, on_delete=models.CASCADE, related_name="+")
    mark = models.BinaryField(max_length=32, unique=True)
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return "sealed"
