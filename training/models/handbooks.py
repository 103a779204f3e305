"""Handbooks, role agreements and briefings: documents in versions that people of a role read and acknowledge.

A draft is edited; publishing freezes it for good, in the database too (migration 0004). Who acknowledged, acknowledged
one version. The sections of a version are copies: a section keeps its `key` from version to version, which is how
two of them are compared.
"""

import uuid
from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from programmes.models import Cycle, Group, Membership, Role


class HandbookKind(models.TextChoices):
    HANDBOOK = "handbook", _("Handbook")
    AGREEMENT = "agreement", _("Role agreement")
    BRIEFING = "briefing", _("Briefing")


class Reader(models.TextChoices):
    """For whom a document is."""

    LEADER = "leader", _("Those who lead")
    PARTICIPANT = "participant", _("Those who take part")
    STAFF = "staff", _("Staff")


ROLES_OF: dict[str, tuple[str, ...]] = {
    Reader.LEADER: (Role.LEADER,),
    Reader.PARTICIPANT: (Role.PARTICIPANT,),
    Reader.STAFF: (Role.COORDINATOR, Role.SUPERVISOR, Role.PARTNER),
}
# Without these read, who leads is not cleared. A briefing is information; it blocks nobody.
CLEARS = (HandbookKind.HANDBOOK, HandbookKind.AGREEMENT)


class HandbookQuerySet(models.QuerySet["Handbook"]):
    def run_by(self, user: Any) -> "HandbookQuerySet":
        """Those of cycles that `user` coordinates or supervises."""
        if not user.is_authenticated:
            return self.none()
        runs = Membership.objects.active().filter(user=user, cycle=OuterRef("cycle"))
        return self.filter(Exists(runs.filter(role__in=[Role.COORDINATOR, Role.SUPERVISOR])))

    def visible_to(self, user: Any) -> "HandbookQuerySet":
        """What is published for somebody in the role, and everything for who runs the cycle."""
        if not user.is_authenticated:
            return self.none()
        mine = Membership.objects.active().filter(user=user, cycle=OuterRef("cycle"))
        runs = Exists(mine.filter(role__in=[Role.COORDINATOR, Role.SUPERVISOR]))
        published = Exists(HandbookVersion.objects.published().filter(handbook=OuterRef("pk")))
        reads: Any = Q()
        for reader, roles in ROLES_OF.items():
            reads |= Q(reader=reader) & Exists(mine.filter(role__in=roles))
        return self.filter(runs | (published & reads))


class Handbook(models.Model):
    """A document of a cycle for one role. What it says is in its versions."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="handbooks")
    kind = models.CharField(_("kind"), max_length=10, choices=HandbookKind)
    reader = models.CharField(_("for whom"), max_length=12, choices=Reader)
    title = models.CharField(_("title"), max_length=120)
    created_at = models.DateTimeField()
    nudged_at = models.DateTimeField(null=True, blank=True)

    objects = HandbookQuerySet.as_manager()

    class Meta:
        verbose_name = _("handbook")
        verbose_name_plural = _("handbooks")
        constraints = [
            models.UniqueConstraint(fields=["cycle", "kind", "reader"], name="handbook_once_for_each_role"),
            models.CheckConstraint(name="handbook_kind_known", condition=Q(kind__in=HandbookKind.values)),
            models.CheckConstraint(name="handbook_reader_known", condition=Q(reader__in=Reader.values)),
            models.CheckConstraint(name="handbook_has_a_title", condition=~Q(title="")),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def roles(self) -> tuple[str, ...]:
        return ROLES_OF[self.reader]


class HandbookVersionQuerySet(models.QuerySet["HandbookVersion"]):
    def published(self) -> "HandbookVersionQuerySet":
        return self.filter(published_at__isnull=False)

    def drafts(self) -> "HandbookVersionQuerySet":
        return self.filter(published_at=None)

    def newest_first(self) -> "HandbookVersionQuerySet":
        return self.order_by("-major", "-minor", "-pk")


class HandbookVersion(models.Model):
    """A draft, or version MAJOR.minor as it was published. A new major one asks everybody to read again by `due_on`."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    handbook = models.ForeignKey(Handbook, on_delete=models.PROTECT, related_name="versions")
    major = models.PositiveSmallIntegerField(null=True, blank=True)
    minor = models.PositiveSmallIntegerField(null=True, blank=True)
    summary = models.CharField(_("what is new"), max_length=300, blank=True)
    due_on = models.DateField(_("to be read again by"), null=True, blank=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    digest = models.CharField(max_length=64, blank=True, editable=False)  # SHA-256 of what was published

    objects = HandbookVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of a handbook")
        verbose_name_plural = _("versions of handbooks")
        constraints = [
            models.UniqueConstraint(fields=["handbook", "major", "minor"], name="handbook_version_once"),
            models.UniqueConstraint(fields=["handbook"], condition=Q(published_at=None), name="handbook_has_one_draft"),
            models.CheckConstraint(
                name="handbook_version_numbered_when_published",
                condition=Q(published_at=None, major=None, minor=None, digest="")
                | Q(published_at__isnull=False, major__isnull=False, minor__isnull=False, major__gte=1) & ~Q(digest=""),
            ),
            models.CheckConstraint(
                name="handbook_due_with_a_new_major_version",
                condition=Q(due_on=None) | Q(major__isnull=False, major__gte=2, minor=0),
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """As people say it: 2.1; "" for a draft."""
        return "" if self.major is None else f"{self.major}.{self.minor}"

    def is_late(self, *, today: date) -> bool:
        """Past the day by which it was to be read."""
        return self.due_on is not None and today > self.due_on


class HandbookSection(models.Model):
    """One section of one version, in Markdown."""

    version = models.ForeignKey(HandbookVersion, on_delete=models.CASCADE, related_name="sections")
    key = models.UUIDField(default=uuid.uuid4, editable=False)
    position = models.PositiveSmallIntegerField()
    title = models.CharField(_("heading"), max_length=120)
    text = models.TextField(_("text"), max_length=20000)

    class Meta:
        verbose_name = _("section")
        verbose_name_plural = _("sections")
        constraints = [
            models.UniqueConstraint(fields=["version", "key"], name="handbook_section_once"),
            models.CheckConstraint(name="handbook_section_says_something", condition=~Q(title="") & ~Q(text="")),
        ]

    def __str__(self) -> str:
        return self.title


class HandbookAcknowledgement(models.Model):
    """That somebody has read one version, and when."""

    version = models.ForeignKey(HandbookVersion, on_delete=models.PROTECT, related_name="acknowledgements")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("acknowledgement")
        verbose_name_plural = _("acknowledgements")
        constraints = [models.UniqueConstraint(fields=["version", "user"], name="handbook_acknowledged_once")]
        indexes = [models.Index(fields=["user", "version"], name="acknowledged_by")]

    def __str__(self) -> str:
        return f"{self.user_id} read {self.version_id}"


class BriefingGiven(models.Model):
    """That a briefing was given to a group, or (without one) to everybody of the role there was, on a day."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.ForeignKey(HandbookVersion, on_delete=models.PROTECT, related_name="given")
    group = models.ForeignKey(Group, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    on = models.DateField(_("day"))
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    noted_at = models.DateTimeField()

    class Meta:
        verbose_name = _("briefing given")
        verbose_name_plural = _("briefings given")
        constraints = [
            models.UniqueConstraint(fields=["version", "group", "on"], name="briefing_noted_once"),
            models.UniqueConstraint(
                fields=["version", "on"], condition=Q(group=None), name="briefing_noted_once_for_all"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} on {self.on}"
