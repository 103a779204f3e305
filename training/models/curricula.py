"""What is asked of whom in a cycle: modules in order, by role; and on which terms its leaders work."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from programmes.models import Cycle, Role
from training.models.modules import Module


class CurriculumQuerySet(models.QuerySet["Curriculum"]):
    def current(self) -> "CurriculumQuerySet":
        return self.filter(replaced_at=None)


class Curriculum(models.Model):
    """The modules a role needs in a cycle. Changing it makes a new version; the old one stays to be read."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    cycle = models.ForeignKey(Cycle, on_delete=models.CASCADE, related_name="curricula")
    role = models.CharField(_("role"), max_length=12, choices=Role, default=Role.LEADER)
    version = models.PositiveSmallIntegerField(default=1)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    replaced_at = models.DateTimeField(null=True, blank=True)

    objects = CurriculumQuerySet.as_manager()

    class Meta:
        verbose_name = _("curriculum")
        verbose_name_plural = _("curricula")
        constraints = [
            models.UniqueConstraint(fields=["cycle", "role", "version"], name="curriculum_version_once"),
            models.UniqueConstraint(
                fields=["cycle", "role"], condition=Q(replaced_at=None), name="curriculum_current_once"
            ),
            models.CheckConstraint(name="curriculum_role_known", condition=Q(role__in=Role.values)),
            models.CheckConstraint(
                name="curriculum_replaced_after",
                condition=Q(replaced_at=None) | Q(replaced_at__gte=F("created_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} of {self.cycle_id}, {self.version}"


class CurriculumModule(models.Model):
    """One module of a curriculum. What is mandatory is asked for from a day on, so that people have time."""

    curriculum = models.ForeignKey(Curriculum, on_delete=models.CASCADE, related_name="entries")
    module = models.ForeignKey(Module, on_delete=models.PROTECT, related_name="curriculum_entries")
    position = models.PositiveSmallIntegerField(default=0)
    is_mandatory = models.BooleanField(_("mandatory"), default=True)
    required_from = models.DateField(_("asked for from"))

    class Meta:
        verbose_name = _("module of a curriculum")
        verbose_name_plural = _("modules of a curriculum")
        constraints = [models.UniqueConstraint(fields=["curriculum", "module"], name="curriculum_module_once")]

    def __str__(self) -> str:
        return f"{self.module_id} in {self.curriculum_id}"


class LeaderTerms(models.Model):
    """On which terms those who lead in a cycle work. Paid: their right to work is checked first."""

    cycle = models.OneToOneField(Cycle, on_delete=models.CASCADE, related_name="leader_terms")
    is_paid = models.BooleanField(_("leading is paid"), default=False)
    paid_since = models.DateField(null=True, blank=True)
    paid_set_at = models.DateTimeField(null=True, blank=True, help_text=_("What was earlier that day was in order."))

    class Meta:
        verbose_name = _("terms of leaders")
        verbose_name_plural = _("terms of leaders")
        constraints = [
            models.CheckConstraint(name="paid_since_some_day", condition=Q(is_paid=False) | Q(paid_since__isnull=False))
        ]

    def __str__(self) -> str:
        return f"terms of {self.cycle_id}"
