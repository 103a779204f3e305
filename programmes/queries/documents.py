"""Reading design documents: how each stands, one of them with its versions and signatures, and two compared."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
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


def documents_of(cycle: Cycle) -> list[Document]:
    """Every kind, written or not. Two queries."""
    found = {one.value: Document(one.value, str(one.label), one in REQUIRED) for one in DocumentKind}
    versions = DocumentVersion.objects.filter(Q(is_current=True) | Q(issued_at=None), document__cycle=cycle)
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


def document_or_404(cycle: Cycle, kind: str, *, version: str = "") -> Reading:
    """A kind with its versions, the newest first, and one of them: that asked for, else what holds, else the draft."""
    if kind not in DocumentKind.values:
        raise Http404
    rows = DocumentVersion.objects.filter(document__cycle=cycle, document__kind=kind).order_by("-number")
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


# --- comparing --------------------------------------------------------------------------------------------------------
KEPT, ADDED, REMOVED = "kept", "added", "removed"
WORDS = re.compile(r"\w+|\s+|[^\w\s]+")
ALIKE, NEAR = 0.6, 12
Part = tuple[str, str]  # kept, added or removed; the words


def compared(before: str, after: str) -> list[list[Part]]:
    """Line by line what stayed, came and went; in lines that changed, word by word."""
    old, new = before.splitlines(), after.splitlines()
    found: list[list[Part]] = []
    for what, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            found += [[(KEPT, line)] for line in old[i1:i2]]
        else:
            found += _changed(old[i1:i2], new[j1:j2])
    return found


def _changed(old: Sequence[str], new: Sequence[str]) -> Iterator[list[Part]]:
    """Lines that resemble one another are compared by words, in their order; the others came or went."""
    done = 0
    for line in new:
        twin = next((place for place in range(done, min(len(old), done + NEAR)) if _alike(old[place], line)), None)
        if twin is None:
            yield [(ADDED, line)]
            continue
        yield from ([(REMOVED, gone)] for gone in old[done:twin])
        yield list(_by_words(old[twin], line))
        done = twin + 1
    yield from ([(REMOVED, gone)] for gone in old[done:])


def _alike(before: str, after: str) -> bool:
    matcher = SequenceMatcher(None, re.findall(r"\w+", before), re.findall(r"\w+", after))
    return matcher.quick_ratio() >= ALIKE and matcher.ratio() >= ALIKE


def _by_words(before: str, after: str) -> Iterator[Part]:
    old, new = WORDS.findall(before), WORDS.findall(after)
    for what, i1, i2, j1, j2 in SequenceMatcher(None, old, new).get_opcodes():
        if what == "equal":
            yield KEPT, "".join(old[i1:i2])
            continue
        if i2 > i1:
            yield REMOVED, "".join(old[i1:i2])
        if j2 > j1:
            yield ADDED, "".join(new[j1:j2])
