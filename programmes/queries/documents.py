"""Reading design documents: how each stands, and one of them with its versions and signatures."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404

from programmes.models import REQUIRED, Cycle, DesignPartner, DesignSignature, DocumentKind, DocumentVersion, Side

MOST_VERSIONS = 50
MOST_SIGNED = 200


@dataclass
class Document:
    """How one kind stands. `current` is what is signed, `draft` what is being written."""

    kind: str
    title: str
    is_required: bool
    current: DocumentVersion | None = None
    draft: DocumentVersion | None = None
    students: list[DesignSignature] = field(default_factory=list)
    staff: list[DesignSignature] = field(default_factory=list)

    @property
    def is_signed(self) -> bool:
        """By a student and by a member of staff."""
        return bool(self.students and self.staff)

    def is_signed_by(self, partner: DesignPartner | None) -> bool:
        return partner is not None and any(one.partner_id == partner.pk for one in (*self.students, *self.staff))


def documents_of(cycle: Cycle, *, with_drafts: bool = True) -> list[Document]:
    """Every kind, written or not. Two queries. Drafts are for those who are in, not for those who are only asked."""
    found = {one.value: Document(one.value, str(one.label), one in REQUIRED) for one in DocumentKind}
    wanted = Q(is_current=True) | Q(issued_at=None) if with_drafts else Q(is_current=True)
    versions = DocumentVersion.objects.filter(wanted, document__cycle=cycle)
    for version in versions.select_related("document").order_by("pk"):
        document = found[version.document.kind]
        if version.is_current:
            document.current = version
        else:
            document.draft = version
    signed = DesignSignature.objects.filter(version__is_current=True, version__document__cycle=cycle)
    for one in signed.select_related("version__document", "partner__user").order_by("signed_at", "pk"):
        document = found[one.version.document.kind]
        (document.students if one.partner.side == Side.STUDENT else document.staff).append(one)
    return list(found.values())


@dataclass
class Reading:
    """One document open at one version."""

    kind: str
    title: str
    is_required: bool
    versions: list[DocumentVersion]
    shown: DocumentVersion | None
    authors: list[Any]
    signed: list[DesignSignature]

    @property
    def current(self) -> DocumentVersion | None:
        return next((one for one in self.versions if one.is_current), None)

    @property
    def draft(self) -> DocumentVersion | None:
        return next((one for one in self.versions if one.issued_at is None), None)

    def numbered(self, text: str) -> DocumentVersion | None:
        return next((one for one in self.versions if str(one.number) == text), None)


def document_or_404(cycle: Cycle, kind: str, *, version: str = "", with_drafts: bool = True) -> Reading:
    """A kind with its versions, the newest first, and one of them: that asked for, else what holds, else the draft."""
    if kind not in DocumentKind.values:
        raise Http404
    rows = DocumentVersion.objects.filter(document__cycle=cycle, document__kind=kind).order_by("-number")
    rows = rows if with_drafts else rows.exclude(issued_at=None)
    reading = Reading(kind, str(DocumentKind(kind).label), kind in REQUIRED, list(rows[:MOST_VERSIONS]), None, [], [])
    reading.shown = reading.numbered(version) if version else reading.current or reading.draft
    if version and reading.shown is None:
        raise Http404
    if reading.shown is not None:
        signed = DesignSignature.objects.filter(version=reading.shown).select_related("partner__user")
        reading.signed = list(signed.order_by("signed_at", "pk")[:MOST_SIGNED])
        reading.authors = list(reading.shown.authors.order_by("kind", "family_name", "pk"))
    return reading


# --- the gate ---------------------------------------------------------------------------------------------------------
def signed_by(side: str) -> Coalesce:
    """To annotate cycles: of how many of the required documents the version that holds is signed by this side."""
    rows = DesignSignature.objects.filter(
        version__is_current=True,
        version__document__cycle=OuterRef("pk"),
        version__document__kind__in=list(REQUIRED),
        partner__side=side,
    )
    counted = rows.order_by().values("version__document__cycle").annotate(n=Count("version", distinct=True))
    return Coalesce(Subquery(counted.values("n"), output_field=IntegerField()), 0)
