"""From due reminders to rows. Safe twice, at once, and days late: the reminder's key makes it one message."""

import logging
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice

from peerhub.common.failpoints import failpoint
from peerhub.common.mail.kinds import KINDS
from peerhub.common.mail.outbox import Entry, new_row, ring_after_commit, store
from peerhub.common.models.outbox import Channel, Message, MessageState
from peerhub.common.stages import Reminder

log = logging.getLogger(__name__)
CHUNK = 500


def plan(reminders: Iterable[Reminder], now: datetime) -> int:
    """Write a row for every due reminder that has none. Past its grace it is recorded as missed: shown, not sent.

    Streams: memory does not grow with the number of reminders. Returns how many rows were new to this planner.
    """
    planned = 0
    for chunk in _chunks(reminder for reminder in reminders if reminder.due_at <= now):
        rows = _without_known([row for reminder in chunk for row in _rows(reminder, now)])
        if rows:
            store(rows)
            planned += len(rows)
            ring_after_commit()
        failpoint("planner.after_chunk")
    return planned


def _chunks(reminders: Iterator[Reminder]) -> Iterator[list[Reminder]]:
    while chunk := list(islice(reminders, CHUNK)):
        yield chunk


def _rows(reminder: Reminder, now: datetime) -> list[Message]:
    kind = KINDS[reminder.kind]
    entry = Entry(
        reminder.kind, reminder.recipient_id, reminder.key, reminder.ids, reminder.due_at, cycle_id=reminder.cycle_id
    )
    rows = [new_row(kind, entry, reminder.recipient_id, Channel(channel), now) for channel in reminder.channels]
    if reminder.due_at + reminder.grace < now:
        for row in rows:
            row.state, row.finished_at = MessageState.MISSED, now
    return rows


def _without_known(rows: list[Message]) -> list[Message]:
    """Most reminders of a tick were planned by an earlier one: looking first keeps a tick almost free of writes."""
    known = set(
        Message.objects.filter(dedupe_key__in=[row.dedupe_key for row in rows]).values_list("dedupe_key", flat=True)
    )
    return [row for row in rows if row.dedupe_key not in known]
