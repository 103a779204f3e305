"""Institution roles: what a person may do on a part of the organisation tree."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from peerhub.institution.models.units import OrgUnit


class GrantRole(models.TextChoices):
    """`lead` reads aggregates of the subtree; `programme_owner` creates programmes there.

    None opens a case by itself.
    """

    LEAD = "lead", _("Institution, faculty or service lead")
    PROGRAMME_OWNER = "programme_owner", _("Programme owner")
    SAFEGUARDING_LEAD = "safeguarding_lead", _("Safeguarding lead")
    DEPUTY_SAFEGUARDING_LEAD = "deputy_safeguarding_lead", _("Deputy safeguarding lead")
    PAYROLL = "payroll", _("Payroll")
    EQUALITY_ANALYST = "equality_analyst", _("Equality analyst")


class RoleGrantQuerySet(models.QuerySet["RoleGrant"]):
    def active(self) -> "RoleGrantQuerySet":
        return self.filter(ended_at=None)

    def held_by(self, user: Any) -> "RoleGrantQuerySet":
        """The active grants of one person."""
        return self.active().filter(user=user)


class RoleGrant(models.Model):
    """One role of one person on one unit and all below it. Ended, never deleted."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="role_grants", verbose_name=_("person")
    )
    role = models.CharField(_("role"), max_length=30, choices=GrantRole)
    unit = models.ForeignKey(OrgUnit, on_delete=models.PROTECT, related_name="role_grants", verbose_name=_("unit"))
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    granted_at = models.DateTimeField(_("granted"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects = RoleGrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        constraints = [
            models.CheckConstraint(name="role_grant_role_known", condition=Q(role__in=GrantRole.values)),
            models.UniqueConstraint(
                fields=["user", "role", "unit"], condition=Q(ended_at=None), name="role_granted_once"
            ),
            models.CheckConstraint(
                name="role_grant_ends_after_start", condition=Q(ended_at=None) | Q(ended_at__gte=models.F("granted_at"))
            ),
        ]

    def __str__(self) -> str:
        return self.get_role_display()
