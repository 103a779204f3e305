"""A person's own log of what they learned: private, unless they share an entry with those who run a programme."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from programmes.models import Membership


class DevelopmentKind(models.TextChoices):
    COURSE = "course", _("Course or workshop")
    READING = "reading", _("Reading, watching, listening")
    OBSERVING = "observing", _("Watching somebody lead")
    PRACTICE = "practice", _("Leading or helping elsewhere")
    TALK = "talk", _("Supervision or a conversation")
    OTHER = "other", _("Something else")


class DevelopmentEntryQuerySet(models.QuerySet["DevelopmentEntry"]):
    def of(self, user: Any) -> "DevelopmentEntryQuerySet":
        return self.filter(user=user)

    def current(self) -> "DevelopmentEntryQuerySet":
        return self.filter(deleted_at=None)

    def shared(self) -> "DevelopmentEntryQuerySet":
        return self.current().filter(shared_with__isnull=False)


class DevelopmentEntry(models.Model):
    """One thing somebody did to get better. `shared_with` is their place in the programme whose coordinators and
    supervisors may read it; `before` is what it said before its last change.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="development_entries")
    on = models.DateField(_("day"))
    what = models.CharField(_("what"), max_length=160)
    kind = models.CharField(_("kind"), max_length=12, choices=DevelopmentKind)
    hours = models.DecimalField(_("hours"), max_digits=4, decimal_places=1)
    learned = models.TextField(_("what I learned"), blank=True)
    will_do = models.TextField(_("what I will do"), blank=True)
    shared_with = models.ForeignKey(
        Membership, null=True, blank=True, on_delete=models.SET_NULL, related_name="development_entries"
    )
    before = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = DevelopmentEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("entry of a log")
        verbose_name_plural = _("entries of a log")
        constraints = [
            models.CheckConstraint(name="development_kind_known", condition=Q(kind__in=DevelopmentKind.values)),
            models.CheckConstraint(name="development_hours_of_a_day", condition=Q(hours__gt=0, hours__lte=24)),
        ]
        indexes = [models.Index(fields=["user", "-on"], name="development_by_user")]

    def __str__(self) -> str:
        return str(self.uuid)
