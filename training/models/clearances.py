"""What clearance asks for beside training: the right to work; and what a coordinator set aside, with the reason."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from programmes.models import Membership


class RightToWorkKind(models.TextChoices):
    """The checks an employer in the United Kingdom may make (Home Office guidance); elsewhere "other"."""

    PASSPORT = "passport", _("British or Irish passport")
    SHARE_CODE = "share_code", _("Share code, checked online")
    DOCUMENT = "document", _("Other document of the lists")
    OTHER = "other", _("Checked by the personnel office")


class RightToWork(models.Model):
    """That somebody may be paid for work here was checked. No copy of a document is kept in PeerHub."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="right_to_work_checks")
    kind = models.CharField(_("what was checked"), max_length=10, choices=RightToWorkKind)
    checked_on = models.DateField(_("checked on"))
    checked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    recorded_at = models.DateTimeField()

    class Meta:
        verbose_name = _("right-to-work check")
        verbose_name_plural = _("right-to-work checks")
        constraints = [
            models.CheckConstraint(name="right_to_work_kind_known", condition=Q(kind__in=RightToWorkKind.values)),
            models.CheckConstraint(
                name="right_to_work_valid_after", condition=Q(valid_until=None) | Q(valid_until__gte=F("checked_on"))
            ),
        ]
        indexes = [models.Index(fields=["user", "checked_on"], name="right_to_work_by_user")]

    def __str__(self) -> str:
        return str(self.uuid)


class ClearanceWaiverQuerySet(models.QuerySet["ClearanceWaiver"]):
    def standing(self) -> "ClearanceWaiverQuerySet":
        """Not ended by hand. Whether its last day has passed is a matter of the day."""
        return self.filter(ended_at=None)


class ClearanceWaiver(models.Model):
    """One blocker of one leader, set aside until a day: by whom and why. It stays visible."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="clearance_waivers")
    code = models.CharField(max_length=80, help_text=_("The blocker's code, such as right_to_work."))
    reason = models.CharField(_("reason"), max_length=400)
    until = models.DateField(_("until"), help_text=_("The last day."))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = ClearanceWaiverQuerySet.as_manager()

    class Meta:
        verbose_name = _("waiver of clearance")
        verbose_name_plural = _("waivers of clearance")
        constraints = [
            models.UniqueConstraint(
                fields=["membership", "code"], condition=Q(ended_at=None), name="clearance_waived_once"
            ),
            models.CheckConstraint(name="clearance_waiver_has_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="clearance_waiver_ends_after", condition=Q(ended_at=None) | Q(ended_at__gte=F("at"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} of {self.membership_id}"
