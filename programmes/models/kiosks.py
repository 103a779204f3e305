"""A desk: a tablet at a centre's door on which people check in by their number, with nobody signed in on it."""

import uuid
from base64 import urlsafe_b64decode, urlsafe_b64encode

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from peerhub.common.seals import SEAL_LENGTH, is_seal, seal
from programmes.models.cycles import Cycle

KIOSK_PURPOSE = "programmes.kiosk"
_TOKEN_FACTS = 22  # 16 bytes as base64; the seal is over this spelling, so there is no second one


class KioskQuerySet(models.QuerySet["Kiosk"]):
    def by_token(self, token: str) -> "Kiosk | None":
        """The open desk a token was made for; None for anything we did not make, and for a desk that is closed."""
        facts, mark = token[:-SEAL_LENGTH], token[-SEAL_LENGTH:]
        if len(facts) != _TOKEN_FACTS or not is_seal(mark, KIOSK_PURPOSE, facts):
            return None
        opened = self.filter(uuid=uuid.UUID(bytes=urlsafe_b64decode(facts + "==")), closed_at=None)
        return opened.select_related("cycle__programme__activity_type").first()


class Kiosk(models.Model):
    """One desk of one cycle. Whoever has its link can check people in by their numbers, until it is closed."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    cycle = models.ForeignKey(Cycle, on_delete=models.CASCADE, related_name="kiosks")
    name = models.CharField(_("name of the desk"), max_length=60)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = KioskQuerySet.as_manager()

    class Meta:
        verbose_name = _("check-in desk")
        verbose_name_plural = _("check-in desks")
        constraints = [models.CheckConstraint(name="kiosk_has_name", condition=~Q(name=""))]

    def __str__(self) -> str:
        return self.name

    @property
    def token(self) -> str:
        """What stands in the desk's address: 44 characters, its id under a seal."""
        facts = urlsafe_b64encode(self.uuid.bytes).decode().rstrip("=")
        return facts + seal(KIOSK_PURPOSE, facts)
