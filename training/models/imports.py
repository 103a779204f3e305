"""Completions that come in by file: from Canvas, Moodle or a table of one's own."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from peerhub.institution.models import RoleGrant
from programmes.models import Cycle, Programme


class FileKind(models.TextChoices):
    """What a file looks like."""

    CANVAS = "canvas", _("Canvas gradebook")
    MOODLE_GRADES = "moodle_grades", _("Moodle grades")
    MOODLE_PROGRESS = "moodle_progress", _("Moodle activity completion")
    TABLE = "table", _("Table")


class CompletionImportState(models.TextChoices):
    UPLOADED = "uploaded", _("Uploaded")
    CHECKED = "checked", _("Checked")
    APPLIED = "applied", _("Imported")
    UNDONE = "undone", _("Undone")


class CompletionImportQuerySet(models.QuerySet["CompletionImport"]):
    def visible_to(self, user: Any) -> "CompletionImportQuerySet":
        """A programme's: those who run it. The shared site's: those who hold a role in the institution."""
        if not user.is_authenticated:
            return self.none()
        runs = Cycle.objects.run_by(user).filter(programme=OuterRef("owner"))
        return self.filter(Q(owner=None) & Exists(RoleGrant.objects.held_by(user)) | Exists(runs))


class CompletionImport(models.Model):
    """One file on its way in: uploaded, checked, imported, perhaps undone. `owner` None: for shared modules.

    `columns` says which column is what (services.completion_imports); `lines` is the check, row by row, compressed.
    File and lines are forgotten after 30 days; counts and the digest stay.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(
        Programme, null=True, blank=True, on_delete=models.PROTECT, related_name="completion_imports"
    )
    cycle = models.ForeignKey(Cycle, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    kind = models.CharField(max_length=16, choices=FileKind, default=FileKind.TABLE)
    columns = models.JSONField(default=dict, blank=True)
    file = models.FileField(upload_to="completions/", blank=True)
    file_name = models.CharField(max_length=200)
    file_sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=CompletionImportState, default=CompletionImportState.UPLOADED)
    counts = models.JSONField(default=dict, blank=True)
    lines = models.BinaryField(default=bytes, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    applied_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = CompletionImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("import of completions")
        verbose_name_plural = _("imports of completions")
        constraints = [
            models.CheckConstraint(name="completion_import_kind_known", condition=Q(kind__in=FileKind.values)),
            models.CheckConstraint(
                name="completion_import_state_known", condition=Q(state__in=CompletionImportState.values)
            ),
            models.CheckConstraint(
                name="completion_import_applied_some_time",
                condition=Q(state__in=["uploaded", "checked"]) | Q(applied_at__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["owner", "-created_at"], name="completion_import_by_owner")]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_open(self) -> bool:
        """Nothing of it is written yet."""
        return self.state in {CompletionImportState.UPLOADED, CompletionImportState.CHECKED}
