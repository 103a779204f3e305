"""Rosters: saved column mappings, imports with their checks, and the journal that lets an import be undone."""

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from peerhub.institution.models import OrgUnit
from programmes.models.cycles import Cycle
from programmes.models.memberships import Role


class RosterMapping(models.Model):
    """Which column means what in the exports of one system. Shared within its owner unit; None: everywhere."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=80)
    source = models.CharField(
        _("system"), max_length=40, help_text=_("Whose numbers identify people, for example sits.")
    )
    columns = models.JSONField(_("columns"), help_text=_("Field and the heading of its column."))
    month_first = models.BooleanField(_("dates say the month first"), default=False)
    owner_unit = models.ForeignKey(
        OrgUnit, null=True, blank=True, on_delete=models.CASCADE, related_name="roster_mappings", verbose_name=_("unit")
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("column mapping")
        verbose_name_plural = _("column mappings")
        constraints = [
            models.UniqueConstraint(fields=["owner_unit", "name"], name="roster_mapping_once_in_unit"),
            models.UniqueConstraint(fields=["name"], condition=Q(owner_unit=None), name="roster_mapping_once_for_all"),
            models.CheckConstraint(name="roster_mapping_has_source", condition=~Q(source="")),
        ]

    def __str__(self) -> str:
        return self.name


class RosterKind(models.TextChoices):
    """What was uploaded."""

    LIST = "list", _("List of people")
    ONEROSTER = "oneroster", _("OneRoster")


class ImportState(models.TextChoices):
    """Checking, applying and undoing are a worker's turn; the others wait for a person, or are the end."""

    UPLOADED = "uploaded", _("Uploaded")
    CHECKING = "checking", _("Being checked")
    CHECKED = "checked", _("Checked")
    APPLYING = "applying", _("Being imported")
    APPLIED = "applied", _("Imported")
    UNDOING = "undoing", _("Being undone")
    UNDONE = "undone", _("Undone")
    FAILED = "failed", _("Stopped")


WORKING = (ImportState.CHECKING, ImportState.APPLYING, ImportState.UNDOING)


class RosterImportQuerySet(models.QuerySet["RosterImport"]):
    def visible_to(self, user: Any) -> "RosterImportQuerySet":
        """Imports into cycles whose workspace `user` may open. Those without a cycle belong to the administrators."""
        return self.filter(cycle__in=Cycle.objects.run_by(user).values("pk"))

    def due(self, *, now: datetime) -> "RosterImportQuerySet":
        """Waiting for a worker, or left by one that died."""
        return self.filter(state__in=WORKING).filter(Q(lease_until=None) | Q(lease_until__lt=now))


class RosterImport(models.Model):
    """One file on its way in: uploaded, checked, imported, perhaps undone. The row is the truth, not a worker's task.

    `counts` is {kind: {created, updated, unchanged, deactivated, rejected, …}}; `problems` is compressed (services).
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    cycle = models.ForeignKey(Cycle, null=True, blank=True, on_delete=models.CASCADE, related_name="roster_imports")
    role = models.CharField(_("role"), max_length=12, choices=Role, blank=True)
    kind = models.CharField(max_length=10, choices=RosterKind)
    source = models.CharField(max_length=40)
    mapping = models.ForeignKey(RosterMapping, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    columns = models.JSONField(default=dict, blank=True)
    month_first = models.BooleanField(default=False)
    is_complete = models.BooleanField(_("everybody is in this file"), default=False)
    deactivate_missing = models.BooleanField(_("end the places of people who are missing"), default=False)
    invite = models.BooleanField(_("tell the new people by e-mail"), default=False)

    file = models.FileField(upload_to="rosters/", blank=True)
    file_name = models.CharField(max_length=200)
    file_size = models.PositiveBigIntegerField(default=0)
    file_sha256 = models.CharField(max_length=64)

    state = models.CharField(max_length=10, choices=ImportState, default=ImportState.UPLOADED)
    counts = models.JSONField(default=dict, blank=True)
    problems = models.BinaryField(default=bytes, blank=True)
    failure = models.CharField(max_length=400, blank=True)
    progress_done = models.PositiveIntegerField(default=0)
    progress_total = models.PositiveIntegerField(default=0)
    lease = models.UUIDField(null=True, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0)

    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+",
        help_text=_("Who asked for what a worker does, or did last: not always who uploaded the file."),
    )  # fmt: skip
    with_authority = models.BooleanField(
        default=False, help_text=_("Imported as an administrator’s: it may have changed accounts, units and terms.")
    )
    checked_at = models.DateTimeField(null=True, blank=True)
    applied_at = models.DateTimeField(null=True, blank=True)
    undo_until = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = RosterImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("roster import")
        verbose_name_plural = _("roster imports")
        constraints = [
            models.CheckConstraint(name="roster_import_state_known", condition=Q(state__in=ImportState.values)),
            models.CheckConstraint(name="roster_import_kind_known", condition=Q(kind__in=RosterKind.values)),
            models.CheckConstraint(name="roster_import_role_known", condition=Q(role__in=["", *Role.values])),
            models.CheckConstraint(
                name="roster_applied_has_time", condition=~Q(state="applied") | Q(applied_at__isnull=False)
            ),
        ]
        indexes = [
            models.Index(fields=["state", "lease_until"], name="roster_import_due"),
            models.Index(fields=["cycle", "-created_at"], name="roster_import_by_cycle"),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_working(self) -> bool:
        """A worker has it, or will take it."""
        return self.state in WORKING

    @property
    def percent(self) -> int:
        """How far the worker is, 0 to 100."""
        return min(100, self.progress_done * 100 // self.progress_total) if self.progress_total else 0

    def can_be_undone(self, *, now: datetime) -> bool:
        """Imported less than a day ago."""
        return self.state == ImportState.APPLIED and self.undo_until is not None and now < self.undo_until

    def may_be_undone_by(self, user: Any) -> bool:
        """What an administrator imported reaches beyond the cycle: only an administrator takes it back."""
        return not (self.with_authority or self.created_by_id is None) or bool(user.is_superuser)


class JournalAction(models.TextChoices):
    CREATED = "created", _("Created")
    UPDATED = "updated", _("Updated")


class RosterJournal(models.Model):
    """What an import did to one kind of row, compressed: keys it made, or values before and after a change."""

    roster_import = models.ForeignKey(RosterImport, on_delete=models.CASCADE, related_name="journal")
    position = models.PositiveIntegerField()
    model = models.CharField(max_length=60)
    action = models.CharField(max_length=10, choices=JournalAction)
    rows = models.PositiveIntegerField()
    payload = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["roster_import", "position"], name="roster_journal_in_order"),
            models.CheckConstraint(name="roster_journal_action_known", condition=Q(action__in=JournalAction.values)),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.rows} {self.model}"
