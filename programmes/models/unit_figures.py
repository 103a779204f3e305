"""Figures of the organisation's units, counted ahead by the planner.

Counting different people over a million attendances takes a second (docs/scaling.md), and different people of two
units do not add up to those of both. So each unit's figures are counted for it and all below it. The rows repeat what
memberships, sessions and registers say; nothing is lost when they are thrown away.
"""

from django.db import models
from django.db.models import Q

from peerhub.institution.models import OrgUnit
from programmes.models.activity_types import Context


class UnitReach(models.Model):
    """Different people with a part in a running cycle of the unit and all below it; `is_own`: of the unit alone.

    `context` is empty for all contexts together.
    """

    unit = models.ForeignKey(OrgUnit, on_delete=models.CASCADE, related_name="+")
    context = models.CharField(max_length=10, choices=Context, blank=True)
    is_own = models.BooleanField(default=False)
    students = models.PositiveIntegerField(default=0)
    leaders = models.PositiveIntegerField(default=0)
    counted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "context", "is_own"], name="unit_reach_once"),
            models.CheckConstraint(
                name="unit_reach_context_known", condition=Q(context="") | Q(context__in=Context.values)
            ),
        ]

    def __str__(self) -> str:
        return f"reach of {self.unit_id} {self.context}"


class UnitWeek(models.Model):
    """One week (from Monday) of the unit and all below it."""

    unit = models.ForeignKey(OrgUnit, on_delete=models.CASCADE, related_name="+")
    starts_on = models.DateField()
    students = models.PositiveIntegerField(default=0)  # different people recorded as here at something held
    held = models.PositiveIntegerField(default=0)  # sessions held
    due = models.PositiveIntegerField(default=0)  # sessions that ended over a day ago and want a log
    prompt = models.PositiveIntegerField(default=0)  # of those, logged within a day
    counted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "starts_on"], name="unit_week_once"),
            models.CheckConstraint(name="unit_week_prompt_of_due", condition=Q(prompt__lte=models.F("due"))),
        ]
        indexes = [models.Index(fields=["starts_on", "counted_at"], name="unit_week_by_week")]

    def __str__(self) -> str:
        return f"{self.unit_id} in the week of {self.starts_on}"
