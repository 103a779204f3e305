"""Handbooks: a draft is written, publishing freezes it for good. What changes later is a new version."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from peerhub.common import audit, once
from peerhub.common.errors import DomainError
from programmes.models import Cycle, CycleState
from training.models import Handbook, HandbookSection, HandbookVersion
from training.queries.handbooks import newest_of, section_stamp
from training.services.handbook_letters import tell_of_version

MOST_SECTIONS = 60
LONGEST_NOTICE = timedelta(days=200)


class HandbookRefused(DomainError):
    """Codes: closed, exists, published, conflict, gone, full, empty, unchanged, changed, due."""


@dataclass(frozen=True)
class NewHandbook:
    """What kind of document, for whom, and its title."""

    kind: str
    reader: str
    title: str


@dataclass(frozen=True)
class Words:
    """A section as somebody wrote it. `seen` is the stamp of what they began from; "" for a new section."""

    title: str
    text: str
    seen: str = ""


@dataclass(frozen=True)
class Publication:
    """How a draft is published. The first version is 1.0 either way; `due_on` is for a new major one. `seen` is the
    digest of the words that were looked at; None where nobody looked.
    """

    is_major: bool
    summary: str = ""
    due_on: date | None = None
    seen: str | None = None


@transaction.atomic(durable=True)
def create_handbook(*, actor: Any, cycle_id: int, new: NewHandbook, form_key: UUID | None, now: datetime) -> Handbook:
    """A document with an empty draft. Refuses with `HandbookRefused` (closed, exists) and `Repeated`."""
    once.spend(user=actor, key=form_key, now=now)
    refuse_closed(Cycle.objects.select_for_update(of=("self",)).get(pk=cycle_id))
    try:
        with transaction.atomic():
            made = Handbook.objects.create(
                cycle_id=cycle_id, kind=new.kind, reader=new.reader, title=new.title, created_at=now
            )
    except IntegrityError:
        raise HandbookRefused("exists", _("There is such a document already. Write a new version of it.")) from None
    HandbookVersion.objects.create(handbook=made, created_at=now, changed_at=now)
    _record(actor, "training.handbook_created", made, now)
    return made


@transaction.atomic(durable=True)
def start_draft(*, actor: Any, handbook_id: int, now: datetime) -> HandbookVersion:
    """A copy of the newest version to work on; the draft there is, where there is one."""
    handbook = lock_handbook(handbook_id)
    draft = handbook.versions.drafts().first()
    if draft is None:
        draft = copy_version(newest_of(handbook.pk), handbook, now=now)
        _record(actor, "training.handbook_draft_started", handbook, now)
    return draft


@transaction.atomic(durable=True)
def discard_draft(*, actor: Any, handbook_id: int, now: datetime) -> bool:
    """Throw the draft away; without a published version the document goes with it. True when it did."""
    handbook = lock_handbook(handbook_id)
    draft = handbook.versions.drafts().first()
    if draft is None:
        return False
    draft.delete()
    _record(actor, "training.handbook_draft_discarded", handbook, now)
    if handbook.versions.exists():
        return False
    handbook.delete()
    return True


@transaction.atomic(durable=True)
def write_section(*, actor: Any, handbook_id: int, key: UUID | None, words: Words, now: datetime) -> HandbookSection:
    """Add a section to the draft (`key` None), or change one. Refuses with `HandbookRefused`: published, gone, full,
    conflict (somebody else saved the section in between).
    """
    draft = _draft(lock_handbook(handbook_id))
    if key is None:
        return _add_section(actor, draft, words, now)
    section = _section(draft, key)
    same = (section.title, section.text) == (words.title, words.text)
    if not same and words.seen != section_stamp(section.title, section.text):
        raise HandbookRefused(
            "conflict",
            _("Somebody saved this section while you were writing. Yours is below: save again to put it in its place."),
        )
    if not same:
        section.title, section.text = words.title, words.text
        section.save(update_fields=["title", "text"])
        _touch(actor, draft, now)
    return section


@transaction.atomic(durable=True)
def move_section(*, actor: Any, handbook_id: int, key: UUID, up: bool, now: datetime) -> None:
    """One place up or down; at the end it stays where it is."""
    draft = _draft(lock_handbook(handbook_id))
    section = _section(draft, key)
    keys = list(draft.sections.order_by("position", "pk").values_list("pk", flat=True))
    here = keys.index(section.pk)
    there = max(0, min(len(keys) - 1, here - 1 if up else here + 1))
    if here == there:
        return
    keys[here], keys[there] = keys[there], keys[here]
    HandbookSection.objects.bulk_update(
        [HandbookSection(pk=pk, position=place) for place, pk in enumerate(keys, 1)], ["position"]
    )
    _touch(actor, draft, now)


@transaction.atomic(durable=True)
def remove_section(*, actor: Any, handbook_id: int, key: UUID, now: datetime) -> None:
    """Take a section out of the draft. Versions that were published keep it. Pressed twice, it is gone once."""
    draft = _draft(lock_handbook(handbook_id))
    if draft.sections.filter(key=key).delete()[0]:
        _touch(actor, draft, now)


@transaction.atomic(durable=True)
def publish_version(*, actor: Any, handbook_id: int, how: Publication, now: datetime, today: date) -> HandbookVersion:
    """Number the draft and freeze it. Refuses with `HandbookRefused`: published, empty, unchanged, changed (somebody
    saved since it was looked at), due (a new major version names the day by which it is to be read, today or later).

    A new major version asks all readers again and tells them; a minor one asks and tells nobody.
    """
    handbook = lock_handbook(handbook_id)
    draft, newest = _draft(handbook), newest_of(handbook.pk)
    digest = digest_of(draft)
    if not digest:
        raise HandbookRefused("empty", _("Write at least one section first."))
    if how.seen is not None and how.seen != digest:
        raise HandbookRefused(
            "changed", _("Somebody changed the draft while you were looking. It is shown as it is now: look again.")
        )
    if newest and newest.digest == digest:
        raise HandbookRefused("unchanged", _("Nothing is different from the version people have."))
    is_new_major = how.is_major or newest is None
    is_asked_again = is_new_major and newest is not None
    if is_asked_again and (how.due_on is None or not today <= how.due_on <= today + LONGEST_NOTICE):
        raise HandbookRefused("due", _("Say by which day it is to be read again: today or later, within 200 days."))
    last_major, last_minor = (newest.major or 0, newest.minor or 0) if newest else (0, 0)
    draft.major, draft.minor = (last_major + 1, 0) if is_new_major else (last_major, last_minor + 1)
    draft.summary, draft.due_on = how.summary, how.due_on if is_asked_again else None
    draft.published_at, draft.published_by, draft.digest = now, actor, digest
    draft.save(update_fields=["major", "minor", "summary", "due_on", "published_at", "published_by", "digest"])
    if is_new_major:
        tell_of_version(handbook, draft, but=actor, now=now)
    _record(actor, "training.handbook_published", handbook, now, version=draft.label)
    return draft


# --- steps ------------------------------------------------------------------------------------------------------------
def lock_handbook(handbook_id: int) -> Handbook:
    """A step: the document, held. Refuses where its cycle is closed."""
    handbook = Handbook.objects.select_for_update(of=("self",)).select_related("cycle").get(pk=handbook_id)
    refuse_closed(handbook.cycle)
    return handbook


def refuse_closed(cycle: Cycle) -> None:
    if cycle.state == CycleState.CLOSED:
        raise HandbookRefused("closed", _("This cycle is closed. Its record stays as it is."))


def copy_version(old: HandbookVersion | None, handbook: Handbook, *, now: datetime) -> HandbookVersion:
    """A step: a draft of `handbook` with the sections of another version; they keep their keys."""
    draft = HandbookVersion.objects.create(handbook=handbook, created_at=now, changed_at=now)
    sections = old.sections.order_by("position", "pk") if old else ()
    HandbookSection.objects.bulk_create(
        HandbookSection(version=draft, key=one.key, position=place, title=one.title, text=one.text)
        for place, one in enumerate(sections, 1)
    )
    return draft


def digest_of(version: HandbookVersion) -> str:
    """A step: SHA-256 over headings and texts in their order; "" where there is none."""
    rows = list(version.sections.order_by("position", "pk").values_list("key", "title", "text"))
    whole = "\x1e".join("\x1f".join((str(key), title, text)) for key, title, text in rows)
    return hashlib.sha256(whole.encode()).hexdigest() if rows else ""


def _draft(handbook: Handbook) -> HandbookVersion:
    draft = handbook.versions.drafts().first()
    if draft is None:
        raise HandbookRefused("published", _("It was published and stays as it is. Start a new version."))
    return draft


def _section(draft: HandbookVersion, key: UUID) -> HandbookSection:
    section = draft.sections.filter(key=key).first()
    if section is None:
        raise HandbookRefused("gone", _("Somebody took this section out in the meantime."))
    return section


def _add_section(actor: Any, draft: HandbookVersion, words: Words, now: datetime) -> HandbookSection:
    if draft.sections.count() >= MOST_SECTIONS:
        raise HandbookRefused("full", _("A document has at most %(most)s sections.") % {"most": MOST_SECTIONS})
    last = draft.sections.aggregate(last=Max("position"))["last"] or 0
    section = HandbookSection.objects.create(version=draft, position=last + 1, title=words.title, text=words.text)
    _touch(actor, draft, now)
    return section


def _touch(actor: Any, draft: HandbookVersion, now: datetime) -> None:
    draft.changed_at = now
    draft.save(update_fields=["changed_at"])
    _record(actor, "training.handbook_changed", draft.handbook, now)


def _record(actor: Any, action: str, handbook: Handbook, now: datetime, **detail: Any) -> None:
    kind = {"kind": handbook.kind, "reader": handbook.reader}
    audit.record(actor=actor, action=action, target=handbook, cycle_id=handbook.cycle_id, detail=kind | detail, now=now)
