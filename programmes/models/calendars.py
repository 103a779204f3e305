"""Private links by which somebody's own calendar (Google, Outlook, Apple) reads their sessions."""

from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from programmes.models.groups import Group


class CalendarLanguage(models.TextChoices):
    """The languages a calendar can speak. Each names itself."""

    EN = "en", "English"
    CY = "cy", "Cymraeg"


def digest_of(token: str) -> str:
    """What is kept of a link's token: nobody who reads the database can make the link from it."""
    return sha256(token.encode()).hexdigest()


class CalendarFeedQuerySet(models.QuerySet["CalendarFeed"]):
    def visible_to(self, user: Any) -> "CalendarFeedQuerySet":
        """One's own, nobody else's."""
        return self.filter(user=user) if user.is_authenticated else self.none()


class CalendarFeed(models.Model):
    """One person's link: to all they lead or are expected at, or to one group's sessions.

    The token is random and kept as a digest, so the link can be shown only when it is made. Making it anew changes the
    digest, and the earlier link is unknown from then on; ending it deletes the row.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_feeds")
    group = models.ForeignKey(Group, null=True, blank=True, on_delete=models.CASCADE, related_name="calendar_feeds")
    token_digest = models.CharField(max_length=64, unique=True)
    language = models.CharField(_("language"), max_length=2, choices=CalendarLanguage, default=CalendarLanguage.EN)
    made_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True, help_text=_("When a calendar last asked, to the hour."))
    content_digest = models.CharField(max_length=64, blank=True, help_text=_("Of what it said last."))
    changed_at = models.DateTimeField(null=True, blank=True, help_text=_("When what it says last changed."))

    objects = CalendarFeedQuerySet.as_manager()

    class Meta:
        verbose_name = _("calendar link")
        verbose_name_plural = _("calendar links")
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(group=None), name="calendar_of_everything_once"),
            models.UniqueConstraint(
                fields=["user", "group"], condition=Q(group__isnull=False), name="calendar_of_group_once"
            ),
            models.CheckConstraint(name="calendar_language_known", condition=Q(language__in=CalendarLanguage.values)),
        ]

    def __str__(self) -> str:
        return f"calendar link {self.pk}"
