"""A person's own log: write, change, delete, and take the last step back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from peerhub.common import audit
from peerhub.common.errors import DomainError
from peerhub.common.once import spend
from programmes.models import Membership, Role
from training.models import DevelopmentEntry
from training.models.modules import TRAINED

UNDO_FOR: Final = timedelta(days=30)
FIELDS: Final = ("on", "what", "kind", "hours", "learned", "will_do", "shared_with_id")


Step = Callable[..., DevelopmentEntry]


class DevelopmentRefused(DomainError):
    """Codes: in_future, hours, not_with, deleted, nothing_before."""


@dataclass(frozen=True, slots=True)
class EntryText:
    """What an entry says. `shared_with`: uuid of one's own place in the programme that may read it, or None."""

    on: date
    what: str
    kind: str
    hours: Decimal
    learned: str = ""
    will_do: str = ""
    shared_with: UUID | None = None


def places_to_share_with(user: Any) -> Any:
    """Where there is somebody to share with: the person's own active places, with the programme's name."""
    rows = Membership.objects.active().filter(user=user, role__in=TRAINED).exclude(role=Role.COORDINATOR)
    return rows.select_related("cycle__programme").order_by("cycle__programme__name", "-cycle__starts_on", "pk")


@transaction.atomic(durable=True)
def write_entry(*, actor: Any, text: EntryText, key: UUID | None = None, now: datetime) -> DevelopmentEntry:
    """Write down what one did. Private unless it is shared."""
    spend(user=actor, key=key, now=now)
    values = _values(actor, text, now)
    entry = DevelopmentEntry.objects.create(user=actor, created_at=now, **values)
    _note(actor, "training.log_written", entry, now)
    return entry


@transaction.atomic(durable=True)
def change_entry(*, actor: Any, entry_id: int, text: EntryText, now: datetime) -> DevelopmentEntry:
    """Change an entry; what it said before is kept, once, so that the change can be undone."""
    entry = _own(actor, entry_id)
    if entry.deleted_at:
        raise DevelopmentRefused("deleted", _("This entry was deleted. Put it back first."))
    values = _values(actor, text, now)
    if values == {name: getattr(entry, name) for name in FIELDS}:
        return entry
    entry.before = _said(entry)
    for name, value in values.items():
        setattr(entry, name, value)
    entry.changed_at = now
    entry.save()
    _note(actor, "training.log_changed", entry, now)
    return entry


@transaction.atomic(durable=True)
def undo_change(*, actor: Any, entry_id: int, now: datetime) -> DevelopmentEntry:
    """Put back what it said before its last change; once more brings the change back."""
    entry = _own(actor, entry_id)
    if entry.before is None or entry.deleted_at:
        raise DevelopmentRefused("nothing_before", _("There is no change to undo."))
    before, entry.before = entry.before, _said(entry)
    entry.on, entry.hours = date.fromisoformat(before["on"]), Decimal(before["hours"])
    entry.what, entry.kind = before["what"], before["kind"]
    entry.learned, entry.will_do = before["learned"], before["will_do"]
    wanted = places_to_share_with(actor).filter(pk=before["shared_with_id"]).first()
    entry.shared_with, entry.changed_at = wanted, now
    entry.save()
    _note(actor, "training.log_changed", entry, now)
    return entry


@transaction.atomic(durable=True)
def delete_entry(*, actor: Any, entry_id: int, now: datetime) -> DevelopmentEntry:
    """Take an entry out of the log. It can be put back for 30 days; nobody else sees it meanwhile."""
    entry = _own(actor, entry_id)
    if entry.deleted_at is None:
        entry.deleted_at = now
        entry.save(update_fields=["deleted_at"])
        _note(actor, "training.log_deleted", entry, now)
    return entry


@transaction.atomic(durable=True)
def restore_entry(*, actor: Any, entry_id: int, now: datetime) -> DevelopmentEntry:
    """Put a deleted entry back."""
    entry = _own(actor, entry_id)
    if entry.deleted_at is not None:
        entry.deleted_at = None
        entry.save(update_fields=["deleted_at"])
        _note(actor, "training.log_restored", entry, now)
    return entry


@transaction.atomic(durable=True)
def forget_deleted_entries(*, now: datetime) -> int:
    """Entries deleted 30 days ago, for good. Returns how many."""
    return DevelopmentEntry.objects.filter(deleted_at__lt=now - UNDO_FOR).delete()[0]


# --- steps ------------------------------------------------------------------------------------------------------------
def _own(actor: Any, entry_id: int) -> DevelopmentEntry:
    return DevelopmentEntry.objects.select_for_update().get(pk=entry_id, user=actor)


def _values(actor: Any, text: EntryText, now: datetime) -> dict[str, Any]:
    if text.on > timezone.localdate(now):
        raise DevelopmentRefused("in_future", _("That day has not come yet."))
    if not 0 < text.hours <= 24:
        raise DevelopmentRefused("hours", _("Say how many hours of that day, up to 24."))
    place = None
    if text.shared_with:
        place = places_to_share_with(actor).filter(uuid=text.shared_with).values_list("pk", flat=True).first()
        if place is None:
            raise DevelopmentRefused("not_with", _("You do not take part there any more."))
    return {
        "on": text.on,
        "what": text.what.strip(),
        "kind": text.kind,
        "hours": text.hours,
        "learned": text.learned.strip(),
        "will_do": text.will_do.strip(),
        "shared_with_id": place,
    }


def _said(entry: DevelopmentEntry) -> dict[str, Any]:
    """What an entry says, as JSON."""
    plain = {name: getattr(entry, name) for name in FIELDS}
    return {**plain, "on": entry.on.isoformat(), "hours": str(entry.hours)}


def _note(actor: Any, action: str, entry: DevelopmentEntry, now: datetime) -> None:
    """Not what it says: it is the person's own."""
    audit.record(actor=actor, action=action, target=entry, now=now)
