"""Putting messages into the outbox, and the doorbell. The only place that talks to Celery about mail."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from celery import current_app
from django.conf import settings
from django.db import transaction

from peerhub.common.failpoints import failpoint
from peerhub.common.mail.kinds import KINDS, Kind
from peerhub.common.models.outbox import Channel, MailPreference, Message, MessageState

log = logging.getLogger(__name__)
BOTH = (Channel.EMAIL.value, Channel.INAPP.value)
DELIVER_TASK = "peerhub.common.tasks.deliver"


@dataclass(frozen=True)
class Entry:
    """One message to queue: see `queue`. `to` is a user, a user's pk, or None for somebody outside."""

    kind: str
    to: Any
    key: str
    about: Mapping[str, Any] = field(default_factory=dict)
    not_before: datetime | None = None
    priority: int | None = None
    channels: Sequence[str] = BOTH
    cycle_id: int | None = None


def queue(
    kind: str,
    *,
    to: Any,
    key: str,
    about: Mapping[str, Any],
    now: datetime,
    priority: int | None = None,
    not_before: datetime | None = None,
    channels: Sequence[str] = BOTH,
    cycle_id: int | None = None,
) -> None:
    """Queue one message in the caller's transaction. The same `key` again changes nothing, whoever calls and how often.

    `key` names the occasion ("waitlist.offer:{entry}:{n}"); a wanted repeat needs a new key. `about` holds ids only.
    `cycle_id` (or `about["cycle"]`) lets that cycle's coordinators see what became of it.
    """
    queue_many([Entry(kind, to, key, about, not_before, priority, channels, cycle_id)], now=now)


def queue_many(entries: Iterable[Entry], *, now: datetime) -> None:
    """Queue many messages in a few statements, in the caller's transaction. Keys already there are left alone."""
    rows = [row for entry in entries for row in _rows(entry, now)]
    if not rows:
        return
    store(rows)
    if any(row.state == MessageState.QUEUED for row in rows):
        ring_after_commit()


def store(rows: list[Message]) -> None:
    """Insert rows, leaving known keys alone; people who switched a topic off in PeerHub get no notification row."""
    Message.objects.bulk_create(_without_unwanted(rows), ignore_conflicts=True, batch_size=1000)
    failpoint("outbox.after_queue")


def _rows(entry: Entry, now: datetime) -> list[Message]:
    kind = KINDS[entry.kind]
    recipient_id = getattr(entry.to, "pk", entry.to)
    channels = entry.channels if recipient_id else (Channel.EMAIL,)
    return [new_row(kind, entry, recipient_id, Channel(channel), now) for channel in channels]


def new_row(kind: Kind, entry: Entry, recipient_id: int | None, channel: Channel, now: datetime) -> Message:
    """An unsaved row. A notification that is due is delivered by being written."""
    not_before = entry.not_before or now
    pk = uuid4()
    is_there = channel == Channel.INAPP and not_before <= now
    return Message(
        id=pk,
        dedupe_key=fitting_key(f"{entry.key}|{channel}"),
        kind=kind.code,
        topic=kind.topic,
        about=dict(entry.about),
        recipient_id=recipient_id,
        cycle_id=entry.cycle_id or entry.about.get("cycle"),
        channel=channel,
        state=MessageState.SENT if is_there else MessageState.QUEUED,
        priority=kind.priority if entry.priority is None else entry.priority,
        not_before=not_before,
        message_id=f"<{pk}@{site_host()}>" if channel == Channel.EMAIL else "",
        created_at=now,
        finished_at=now if is_there else None,
    )


def _without_unwanted(rows: list[Message]) -> list[Message]:
    """Drops notifications on topics switched off in PeerHub. Wishes about e-mail are read when it leaves."""
    optional = [row for row in rows if row.channel == Channel.INAPP and not KINDS[row.kind].is_essential]
    if not optional:
        return rows
    off = set(
        MailPreference.objects.filter(
            user__in={row.recipient_id for row in optional}, topic__in={row.topic for row in optional}, inapp=False
        ).values_list("user_id", "topic")
    )
    unwanted = {row.pk for row in optional if (row.recipient_id, row.topic) in off}
    return [row for row in rows if row.pk not in unwanted]


def fitting_key(key: str) -> str:
    """Keys longer than the column keep their readable start and a digest of the whole."""
    return key if len(key) <= 200 else f"{key[:130]}#{sha256(key.encode()).hexdigest()}"


def site_host() -> str:
    return urlsplit(settings.SITE_URL).hostname or "localhost"


def ring_after_commit() -> None:
    """Ring once this transaction is in, however many messages it queued. A lost ring costs seconds, never a message."""
    connection = transaction.get_connection()
    if not any(callback[1] is ring for callback in connection.run_on_commit):
        transaction.on_commit(ring, robust=True)


def ring() -> None:
    """Tell a worker that something is due. A dead broker neither fails nor holds the caller: the sweep finds it."""
    failpoint("outbox.before_ring")
    try:
        current_app.send_task(DELIVER_TASK, retry=False, ignore_result=True, expires=60)
    except Exception as error:  # noqa: BLE001 - whatever the broker's driver raises, the rows are safe
        log.warning("The doorbell did not ring (%s); the sweep will deliver.", type(error).__name__)
