"""Design documents: write a draft, put it up for signature, sign it. Each signature is to one version's words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from peerhub.common import audit, mail, once
from peerhub.common.errors import DomainError
from programmes.models import (
    Cycle,
    CycleState,
    DesignDocument,
    DesignPartner,
    DesignSignature,
    DocumentKind,
    DocumentVersion,
)
from programmes.services.changes import locked_cycle, put


class DocumentRefused(DomainError):
    """Codes: unknown, empty, conflict, changed, closed, issued, same, not_current, not_in."""


@dataclass(frozen=True)
class Draft:
    """What somebody wrote. `seen` is when the draft they began from was changed last, None where there was none."""

    text: str
    note: str = ""
    authors: Sequence[Any] = ()
    seen: datetime | None = None


@transaction.atomic(durable=True)
def write_draft(
    *, actor: Any, cycle_id: int, kind: str, draft: Draft, form_key: UUID | None = None, now: datetime
) -> DocumentVersion:
    """Write the draft of a document, or begin its next version. Refuses `conflict` where somebody wrote meanwhile."""
    once.spend(user=actor, key=form_key, now=now)
    if kind not in DocumentKind.values:
        raise DocumentRefused("unknown", _("There is no such document."))
    text = draft.text.replace("\r\n", "\n").strip()
    if not text:
        raise DocumentRefused("empty", _("Write something first."))
    cycle = locked_cycle(cycle_id)
    document, _is_new = DesignDocument.objects.get_or_create(cycle=cycle, kind=kind)
    version = DocumentVersion.objects.filter(document=document, issued_at=None).first()
    if version is None and draft.seen is not None:
        raise DocumentRefused("issued", _("This was put up for signature while you were writing. Yours is below."))
    if version is not None and version.changed_at != draft.seen and version.text != text:
        raise DocumentRefused(
            "conflict", _("Somebody saved this while you were writing. Yours is below: save again to put it in place.")
        )
    if version is None:
        number = (document.versions.aggregate(last=Max("number"))["last"] or 0) + 1
        version = DocumentVersion.objects.create(
            document=document, number=number, text=text, note=draft.note.strip(), changed_at=now
        )
        _record(actor, "document_begun", version, cycle, now)
    elif put(version, text=text, note=draft.note.strip()):
        put(version, changed_at=now)
    version.authors.set([one.pk for one in draft.authors] or [actor.pk])
    return version


@transaction.atomic(durable=True)
def issue_version(*, actor: Any, version_id: int, seen: datetime | None = None, now: datetime) -> DocumentVersion:
    """Put a draft up for signature: its words stay, it takes the place of the version before, partners are told.
    `seen` is when the words that were looked at had been saved (`changed` where somebody saved since); None: any.
    """
    version = _locked(version_id)
    cycle = version.document.cycle
    if version.issued_at is not None:
        return version
    if seen is not None and seen != version.changed_at:
        raise DocumentRefused(
            "changed", _("Somebody changed the draft while you were looking. It is shown as it is now: look again.")
        )
    before = DocumentVersion.objects.filter(document=version.document, is_current=True).first()
    if before is not None and before.text == version.text:
        raise DocumentRefused("same", _("It says what the version before says: nobody needs to sign again."))
    if before is not None:
        put(before, is_current=False)
    put(version, issued_at=now, is_current=True)
    _record(actor, "document_issued", version, cycle, now)
    partners = DesignPartner.objects.active().filter(cycle=cycle).exclude(user=actor)
    mail.queue_many(
        [
            mail.Entry(
                "programmes.signature_wanted",
                partner.user_id,
                f"signature_wanted:{version.pk}:{partner.pk}",
                {"version": version.pk, "partner": partner.pk, "cycle": cycle.pk},
            )
            for partner in partners.order_by("pk")
        ],
        now=now,
    )
    return version


@transaction.atomic(durable=True)
def sign_version(*, actor: Any, version_id: int, now: datetime) -> DesignSignature:
    """Sign the version that holds now. Twice is once. Refuses `not_current` when another was put up meanwhile."""
    version = _locked(version_id)
    if not version.is_current:
        raise DocumentRefused("not_current", _("There is another version now. Read that one and sign it."))
    cycle = version.document.cycle
    partner = DesignPartner.objects.active().filter(cycle=cycle, user=actor).first()
    if partner is None:
        raise DocumentRefused("not_in", _("Partners sign; you are not one."))
    signature, is_new = DesignSignature.objects.get_or_create(
        version=version, partner=partner, defaults={"signed_at": now}
    )
    if is_new:
        _record(actor, "document_signed", version, cycle, now, side=str(partner.side))
    return signature


# --- steps ------------------------------------------------------------------------------------------------------------
def copy_documents(old: Cycle, new: Cycle, *, now: datetime) -> None:
    """A step of rolling over: what held last year is this year's draft. Nobody has signed it."""
    held = DocumentVersion.objects.filter(document__cycle=old, is_current=True).select_related("document")
    for version in held.order_by("pk"):
        document = DesignDocument.objects.create(cycle=new, kind=version.document.kind)
        DocumentVersion.objects.create(
            document=document,
            number=1,
            text=version.text,
            note=str(_("Copied from %(code)s") % {"code": old.code}),
            changed_at=now,
        )


def _locked(version_id: int) -> DocumentVersion:
    """The version, and all others of its document with it: who signs and who puts up a new one wait for one another."""
    document = DesignDocument.objects.select_for_update(of=("self",)).select_related("cycle").get(versions=version_id)
    if document.cycle.state == CycleState.CLOSED:
        raise DocumentRefused("closed", _("This cycle is closed. Its record stays as it is."))
    version = DocumentVersion.objects.get(pk=version_id)
    version.document = document
    return version


def _record(actor: Any, action: str, version: DocumentVersion, cycle: Cycle, now: datetime, **detail: Any) -> None:
    audit.record(
        actor=actor,
        action=f"programmes.{action}",
        target=version,
        cycle_id=cycle.pk,
        detail={"document": str(version.document.kind), "version": version.number, **detail},
        now=now,
    )
