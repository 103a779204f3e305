"""Observed practice: somebody watched, said how it went by the module's criteria, and whether it is enough."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from programmes.models import Cycle
from training.models.modules import Module

LOWEST_MARK, HIGHEST_MARK = 1, 4


class Observation(models.Model):
    """One observation, such as a simulated session. `marks`: a pair of criterion and 1 to 4 each, in order."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="observations")
    module = models.ForeignKey(Module, on_delete=models.PROTECT, related_name="observations")
    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="observations")
    observer = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    observed_on = models.DateField(_("on"))
    occasion = models.CharField(_("what was observed"), max_length=160, blank=True)
    marks = models.JSONField(default=list)
    is_enough = models.BooleanField(_("good enough to lead"))
    feedback = models.TextField(_("feedback"), max_length=2000)
    recorded_at = models.DateTimeField()

    class Meta:
        verbose_name = _("observation")
        verbose_name_plural = _("observations")
        indexes = [models.Index(fields=["user", "module"], name="observation_by_user")]

    def __str__(self) -> str:
        return str(self.uuid)
