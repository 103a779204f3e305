"""The support services directory: where peers point people to."""

import uuid
from datetime import date, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from peerhub.institution.models.units import OrgUnit

# A referral list nobody has checked for six months is a list nobody can rely on (domain.md, 6.4).
STALE_AFTER = timedelta(days=183)


class SupportServiceQuerySet(models.QuerySet["SupportService"]):
    def active(self) -> "SupportServiceQuerySet":
        return self.filter(is_active=True)

    def stale(self, *, today: date) -> "SupportServiceQuerySet":
        """Services not verified within six months of `today`, or never."""
        return self.active().exclude(last_verified_on__gte=today - STALE_AFTER)


class SupportService(models.Model):
    """One place to refer somebody to."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=120)
    what_for = models.CharField(_("what for"), max_length=300)
    hours = models.CharField(_("opening hours"), max_length=160, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    url = models.URLField(_("web page"), blank=True)
    place = models.CharField(_("place"), max_length=160, blank=True)
    is_urgent = models.BooleanField(_("for urgent help"), default=False)
    is_internal = models.BooleanField(_("part of the institution"), default=True)
    owner_unit = models.ForeignKey(
        OrgUnit, null=True, blank=True, on_delete=models.SET_NULL, related_name="services", verbose_name=_("owner")
    )
    last_verified_on = models.DateField(_("last verified"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    objects = SupportServiceQuerySet.as_manager()

    class Meta:
        verbose_name = _("support service")
        verbose_name_plural = _("support services")
        constraints = [
            models.CheckConstraint(
                name="support_service_reachable",
                condition=~models.Q(phone="", email="", url="", place=""),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def is_stale(self, *, today: date) -> bool:
        """True when nobody has verified it for six months."""
        return self.last_verified_on is None or self.last_verified_on < today - STALE_AFTER
