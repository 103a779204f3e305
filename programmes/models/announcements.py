"""Messages a coordinator writes to a class of people in a cycle. The outbox holds ids only: their text is here."""

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from programmes.models.cycles import Cycle
from programmes.models.groups import Group
from programmes.models.memberships import HOLDS_PLACE, Membership, Role


class Audience(models.TextChoices):
    """To whom: classes of people, never lists. Who belongs is asked again when a message leaves."""

    EVERYONE = "everyone", _("Everyone who leads or takes part")
    PARTICIPANTS = "participants", _("Everyone who takes part")
    LEADERS = "leaders", _("Everyone who leads")
    NEVER_CAME = "never_came", _("Those who have not come at all")
    ABSENT = "absent", _("Those absent in a row")
    UNGROUPED = "ungrouped", _("Those without a group")
    OFFERED = "offered", _("Those who have not answered an offered place")
    LATE_LOGS = "late_logs", _("Leaders with missing logs")
    GROUP = "group", _("One group")


class AnnouncementQuerySet(models.QuerySet["Announcement"]):
    def visible_to(self, user: Any) -> "AnnouncementQuerySet":
        """Those of cycles `user` coordinates, and those written to them for as long as they have a place there."""
        if not user.is_authenticated:
            return self.none()
        mine = Membership.objects.filter(user=user, cycle=OuterRef("cycle"))
        runs = mine.active().filter(role=Role.COORDINATOR)
        written_to = AnnouncementRecipient.objects.filter(announcement=OuterRef("pk"), user=user)
        return self.filter(Exists(runs) | Exists(written_to) & Exists(mine.filter(status__in=HOLDS_PLACE)))


class Announcement(models.Model):
    """One message. It is held until `sends_at` and can be taken back until then."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="announcements")
    sender = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    audience = models.CharField(_("to"), max_length=12, choices=Audience)
    group = models.ForeignKey(Group, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    subject = models.CharField(_("subject"), max_length=120)
    text = models.TextField(_("text"), max_length=5000)
    created_at = models.DateTimeField()
    sends_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True, blank=True)

    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        verbose_name = _("message to people")
        verbose_name_plural = _("messages to people")
        constraints = [
            models.CheckConstraint(name="announcement_audience_known", condition=Q(audience__in=Audience.values)),
            models.CheckConstraint(
                name="announcement_names_its_group",
                condition=Q(audience="group", group__isnull=False) | ~Q(audience="group") & Q(group=None),
            ),
            models.CheckConstraint(name="announcement_says_something", condition=~Q(subject="") & ~Q(text="")),
        ]
        indexes = [
            models.Index(fields=["cycle", "-created_at"], name="announcement_by_cycle"),
            models.Index(fields=["sender", "created_at"], name="announcement_by_sender"),
        ]

    def __str__(self) -> str:
        return self.subject

    def is_held(self, *, now: datetime) -> bool:
        """True while it can be taken back."""
        return self.cancelled_at is None and now < self.sends_at


class AnnouncementRecipient(models.Model):
    """Somebody a message was written to. What became of it is in the outbox."""

    announcement = models.ForeignKey(Announcement, on_delete=models.CASCADE, related_name="recipients")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["announcement", "user"], name="written_to_once")]

    def __str__(self) -> str:
        return f"{self.announcement_id} to {self.user_id}"
