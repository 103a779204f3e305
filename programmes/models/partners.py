"""The partnership that designs a cycle: its student and staff partners, and the hours they give."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from programmes.models.cycles import Cycle


class Side(models.TextChoices):
    """Which side of the partnership somebody speaks for."""

    STUDENT = "student", _("Student")
    STAFF = "staff", _("Staff")


class DesignPartnerQuerySet(models.QuerySet["DesignPartner"]):
    def current(self) -> "DesignPartnerQuerySet":
        """Asked or in; not those who said no or have left."""
        return self.filter(left_at=None)

    def active(self) -> "DesignPartnerQuerySet":
        """Those who said yes and are still in."""
        return self.filter(left_at=None, joined_at__isnull=False)

    def visible_to(self, user: Any) -> "DesignPartnerQuerySet":
        """One's own partnerships that are not over. Of others, pages of the cycle tell what they may."""
        if not user.is_authenticated:
            return self.none()
        return self.current().filter(user=user)


class DesignPartner(models.Model):
    """Somebody asked to design a cycle with others. They are in once they said yes, without being a member of it.

    What they are paid or credited with is between them and the coordinators.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="design_partners")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="design_partnerships")
    side = models.CharField(_("side"), max_length=7, choices=Side)
    is_paid = models.BooleanField(_("paid"), default=False)
    reward = models.CharField(_("rate or credit, in words"), max_length=200, blank=True)
    hours_cap = models.PositiveSmallIntegerField(_("hours at most"), null=True, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    asked_at = models.DateTimeField()
    joined_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)

    objects = DesignPartnerQuerySet.as_manager()

    class Meta:
        verbose_name = _("design partner")
        verbose_name_plural = _("design partners")
        constraints = [
            models.UniqueConstraint(fields=["cycle", "user"], condition=Q(left_at=None), name="design_partner_once"),
            models.CheckConstraint(name="design_partner_side_known", condition=Q(side__in=Side.values)),
            models.CheckConstraint(name="design_partner_paid_says_how", condition=Q(is_paid=False) | ~Q(reward="")),
            models.CheckConstraint(
                name="design_partner_cap_positive", condition=Q(hours_cap=None) | Q(hours_cap__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return str(self.uuid)

    @property
    def is_active(self) -> bool:
        return self.left_at is None and self.joined_at is not None


class PartnerHours(models.Model):
    """Time a partner gave on one day. Taken back by who wrote it, never edited."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    partner = models.ForeignKey(DesignPartner, on_delete=models.PROTECT, related_name="hours")
    on = models.DateField(_("day"))
    minutes = models.PositiveSmallIntegerField(_("minutes"))
    what = models.CharField(_("what for"), max_length=200, blank=True)
    logged_at = models.DateTimeField()

    class Meta:
        verbose_name = _("hours of a partner")
        verbose_name_plural = _("hours of partners")
        constraints = [
            models.CheckConstraint(name="partner_minutes_of_one_day", condition=Q(minutes__gt=0, minutes__lte=24 * 60))
        ]

    def __str__(self) -> str:
        return str(self.uuid)
