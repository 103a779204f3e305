"""The documents of a design: versions, who wrote them, and signatures, each to one version.

A version is a draft until it is put up for signature; then the database refuses other words in it (migration 0031).
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from programmes.models.cycles import Cycle
from programmes.models.partners import DesignPartner


class DocumentKind(models.TextChoices):
    """In the order in which pages list them."""

    AGREEMENT = "agreement", _("Partnership agreement")
    MISSION = "mission", _("Mission")
    ROLE = "role", _("Role description")
    EXPECTATIONS = "expectations", _("Expectations and boundaries")
    TRAINING = "training", _("Training outline")
    EVALUATION = "evaluation", _("Evaluation plan")
    PARTICIPANTS = "participants", _("Information for participants")


# What a student and a staff partner have both signed before a cycle is prepared (docs/co-design.md says why these).
REQUIRED = (DocumentKind.AGREEMENT, DocumentKind.ROLE, DocumentKind.EXPECTATIONS)
LONGEST_DOCUMENT = 20_000


class DesignDocument(models.Model):
    """One kind of document of a cycle; its words are in its versions."""

    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="design_documents")
    kind = models.CharField(_("kind"), max_length=12, choices=DocumentKind)

    class Meta:
        verbose_name = _("design document")
        verbose_name_plural = _("design documents")
        constraints = [
            models.UniqueConstraint(fields=["cycle", "kind"], name="design_document_once"),
            models.CheckConstraint(name="design_document_kind_known", condition=Q(kind__in=DocumentKind.values)),
        ]

    def __str__(self) -> str:
        return self.kind


class DocumentVersion(models.Model):
    """Words of a document. One draft at most, and one that holds now: the last that was put up for signature."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    document = models.ForeignKey(DesignDocument, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    text = models.TextField(_("text"), max_length=LONGEST_DOCUMENT)
    note = models.CharField(_("what is new"), max_length=240, blank=True)
    authors = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="+", verbose_name=_("written by")
    )
    changed_at = models.DateTimeField()
    issued_at = models.DateTimeField(_("put up for signature"), null=True, blank=True)
    is_current = models.BooleanField(_("holds now"), default=False)

    class Meta:
        verbose_name = _("version of a design document")
        verbose_name_plural = _("versions of design documents")
        constraints = [
            models.UniqueConstraint(fields=["document", "number"], name="document_version_number_once"),
            models.UniqueConstraint(fields=["document"], condition=Q(issued_at=None), name="document_has_one_draft"),
            models.UniqueConstraint(fields=["document"], condition=Q(is_current=True), name="document_has_one_current"),
            models.CheckConstraint(
                name="document_current_is_issued", condition=Q(is_current=False) | Q(issued_at__isnull=False)
            ),
            models.CheckConstraint(name="document_version_has_text", condition=~Q(text="")),
        ]

    def __str__(self) -> str:
        return f"{self.number}"


class DesignSignature(models.Model):
    """A partner signed one version. A new version asks again."""

    version = models.ForeignKey(DocumentVersion, on_delete=models.PROTECT, related_name="signatures")
    partner = models.ForeignKey(DesignPartner, on_delete=models.PROTECT, related_name="signatures")
    signed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        constraints = [models.UniqueConstraint(fields=["version", "partner"], name="version_signed_once")]

    def __str__(self) -> str:
        return f"{self.version_id}"
