"""Certification schemes as data: levels with what they ask for, and awards that a named person granted on a day."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from peerhub.institution.models import RoleGrant
from programmes.models import Cycle, Membership, Role
from training.models.modules import TRAINED, Module


class CertificationSchemeQuerySet(models.QuerySet["CertificationScheme"]):
    def open(self) -> "CertificationSchemeQuerySet":
        return self.filter(closed_at=None)

    def visible_to(self, user: Any) -> "CertificationSchemeQuerySet":
        """Whoever leads, coordinates or supervises somewhere, or holds a role in the institution."""
        if not user.is_authenticated:
            return self.none()
        mine = Membership.objects.active().filter(user=user, role__in=TRAINED)
        return self.filter(Exists(mine) | Exists(RoleGrant.objects.held_by(user)))


class CertificationScheme(models.Model):
    """A ladder of levels. `source` names where its numbers come from; the words are the institution's own."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(_("title"), max_length=120, unique=True)
    summary = models.CharField(_("in one sentence"), max_length=240, blank=True)
    source = models.CharField(_("where its requirements come from"), max_length=400)
    counts_log = models.BooleanField(_("leading elsewhere that people share from their own log counts"), default=False)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()

    objects = CertificationSchemeQuerySet.as_manager()

    class Meta:
        verbose_name = _("certification scheme")
        verbose_name_plural = _("certification schemes")
        constraints = [models.CheckConstraint(name="scheme_names_its_source", condition=~Q(source=""))]

    def __str__(self) -> str:
        return self.title


class CertificationLevel(models.Model):
    """One level. Hours are those in all, not on top of the level below; the level below comes first."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    scheme = models.ForeignKey(CertificationScheme, on_delete=models.PROTECT, related_name="levels")
    number = models.PositiveSmallIntegerField(_("level"))
    title = models.CharField(_("title"), max_length=120)
    hours = models.DecimalField(_("hours of training"), max_digits=5, decimal_places=1)
    live_hours = models.DecimalField(_("of these live, with others"), max_digits=5, decimal_places=1, default=0)
    experience_hours = models.DecimalField(_("hours of leading"), max_digits=6, decimal_places=1, default=0)
    valid_months = models.PositiveSmallIntegerField(_("months an award counts"), null=True, blank=True)

    class Meta:
        verbose_name = _("certification level")
        verbose_name_plural = _("certification levels")
        constraints = [
            models.UniqueConstraint(fields=["scheme", "number"], name="certification_level_once"),
            models.CheckConstraint(name="certification_level_from_one", condition=Q(number__gt=0)),
            models.CheckConstraint(
                name="certification_hours_not_below_zero",
                condition=Q(hours__gte=0, live_hours__gte=0, experience_hours__gte=0),
            ),
            models.CheckConstraint(
                name="certification_live_within_hours", condition=Q(live_hours__lte=models.F("hours"))
            ),
            models.CheckConstraint(
                name="certification_valid_some_months", condition=Q(valid_months=None) | Q(valid_months__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return self.title


class CertificationTopic(models.Model):
    """What a level asks to be covered, and the modules that cover it: one of them is enough."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    level = models.ForeignKey(CertificationLevel, on_delete=models.CASCADE, related_name="topics")
    title = models.CharField(_("topic"), max_length=120)
    position = models.PositiveSmallIntegerField(default=0)
    modules = models.ManyToManyField(Module, blank=True, related_name="certification_topics")

    class Meta:
        verbose_name = _("topic of a level")
        verbose_name_plural = _("topics of a level")
        constraints = [models.UniqueConstraint(fields=["level", "title"], name="certification_topic_once")]

    def __str__(self) -> str:
        return self.title


class CertificationAwardQuerySet(models.QuerySet["CertificationAward"]):
    def standing(self) -> "CertificationAwardQuerySet":
        """Not taken back. Whether it has run out is a matter of the day."""
        return self.filter(withdrawn_at=None)

    def visible_to(self, user: Any) -> "CertificationAwardQuerySet":
        """One's own, and those of people one coordinates or supervises as leaders."""
        if not user.is_authenticated:
            return self.none()
        mine = Membership.objects.active().filter(user=user, role__in=[Role.COORDINATOR, Role.SUPERVISOR])
        leads = Membership.objects.active().filter(
            user=OuterRef("user"), role__in=TRAINED, cycle__in=mine.values("cycle")
        )
        return self.filter(Q(user=user) | Exists(leads))


class CertificationAward(models.Model):
    """Somebody was granted a level on a day. `evidence` is what it rested on then, and stays as it was."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="certification_awards")
    level = models.ForeignKey(CertificationLevel, on_delete=models.PROTECT, related_name="awards")
    cycle = models.ForeignKey(Cycle, null=True, on_delete=models.SET_NULL, related_name="+")
    granted_on = models.DateField()
    expires_on = models.DateField(null=True, blank=True, help_text=_("The first day it does not count any more."))
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    granted_at = models.DateTimeField()
    evidence = models.JSONField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    withdrawn_why = models.CharField(max_length=240, blank=True)

    objects = CertificationAwardQuerySet.as_manager()

    class Meta:
        verbose_name = _("award of a level")
        verbose_name_plural = _("awards of levels")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "level", "granted_on"], condition=Q(withdrawn_at=None), name="award_once_a_day"
            ),
            models.CheckConstraint(
                name="award_expires_after", condition=Q(expires_on=None) | Q(expires_on__gt=models.F("granted_on"))
            ),
        ]
        indexes = [models.Index(fields=["level", "user"], name="award_by_level")]

    def __str__(self) -> str:
        return str(self.uuid)

    @property
    def code(self) -> str:
        """Short enough to be read out."""
        return f"{self.uuid.hex[:4]}-{self.uuid.hex[4:8]}".upper()
