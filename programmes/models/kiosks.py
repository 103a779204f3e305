"""Browsers with nobody signed in: a desk, on which people check in by their number; a screen, which shows the queue."""

import uuid
from base64 import urlsafe_b64decode, urlsafe_b64encode

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from peerhub.common.seals import SEAL_LENGTH, is_seal, seal
from programmes.models.cycles import Cycle

KIOSK_PURPOSE = "programmes.kiosk"
SCREEN_PURPOSE = "programmes.screen"
_TOKEN_FACTS = 22  # 16 bytes as base64; the seal is over this spelling, so there is no second one


class KioskKind(models.TextChoices):
    DESK = "desk", _("Desk")
    SCREEN = "screen", _("Screen")


PURPOSE: dict[str, str] = {KioskKind.DESK: KIOSK_PURPOSE, KioskKind.SCREEN: SCREEN_PURPOSE}


class KioskQuerySet(models.QuerySet["Kiosk"]):
    def by_token(self, token: str, kind: KioskKind = KioskKind.DESK) -> "Kiosk | None":
        """The open desk or screen a token was made for; None for anything we did not make, and for one closed since."""
        facts, mark = token[:-SEAL_LENGTH], token[-SEAL_LENGTH:]
        if len(facts) != _TOKEN_FACTS or not is_seal(mark, PURPOSE[kind], facts):
            return None
        opened = self.filter(uuid=uuid.UUID(bytes=urlsafe_b64decode(facts + "==")), kind=kind, closed_at=None)
        return opened.select_related("cycle__programme__activity_type").first()


class Kiosk(models.Model):
    """One desk or screen of one cycle. Whoever has a desk's link can check people in by their numbers, whoever has a
    screen's can see the queue: ticket numbers, or (`shows_names`) first names with an initial. Until it is closed.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    cycle = models.ForeignKey(Cycle, on_delete=models.CASCADE, related_name="kiosks")
    kind = models.CharField(max_length=6, choices=KioskKind, default=KioskKind.DESK)
    shows_names = models.BooleanField(default=False)
    name = models.CharField(_("name of the desk"), max_length=60)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = KioskQuerySet.as_manager()

    class Meta:
        verbose_name = _("check-in desk")
        verbose_name_plural = _("check-in desks")
        constraints = [
            models.CheckConstraint(name="kiosk_has_name", condition=~Q(name="")),
            models.CheckConstraint(name="kiosk_kind_known", condition=Q(kind__in=KioskKind.values)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def token(self) -> str:
        """What stands in its address: 44 characters, its id under a seal. A desk's opens no screen, and the reverse."""
        facts = urlsafe_b64encode(self.uuid.bytes).decode().rstrip("=")
        return facts + seal(PURPOSE[self.kind], facts)
