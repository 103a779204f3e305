"""Who holds which message: claim, finish, hand back, and find what a dead worker left behind.

A claim holds its rows in sending order and finishes them one by one in that order, so of an expired lease only the
first row left can have reached the mail server. It is uncertain; the others were never touched and lose nothing.
"""

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Case, DateTimeField, F, UUIDField, Value, When
from django.utils.translation import override

from peerhub.common.failpoints import failpoint
from peerhub.common.mail import breaker
from peerhub.common.mail.kinds import NotWanted, kind_of
from peerhub.common.mail.outcomes import MAX_ATTEMPTS, Outcome, backoff
from peerhub.common.models.outbox import Channel, Message, MessageState, OutcomeClass

log = logging.getLogger(__name__)
SENDING_ORDER = ("priority", "not_before", "pk")
BACK_IN_LINE = Case(When(attempts__lte=1, then=Value(MessageState.QUEUED)), default=Value(MessageState.RETRY))

_AT, _ID = DateTimeField(), UUIDField()
MARK_SENT = (
    "UPDATE common_message SET state = 'sent', finished_at = %s, lease = NULL, lease_until = NULL, last_class = '',"
    " last_code = '' WHERE id = %s AND lease = %s AND state = 'sending'"
)


@dataclass(frozen=True)
class Claim:
    """Messages in one worker's hands until `until`. `starts_at`: when the first may leave, where a pace is set."""

    lease: UUID
    messages: Sequence[Message]
    until: datetime
    starts_at: datetime


def lease_time() -> timedelta:
    return timedelta(seconds=settings.PEERHUB_MAIL_LEASE)


def batch_size() -> int:
    """A hundred and more at full speed; five seconds' worth where a pace is set: urgent mail never waits long."""
    rate = settings.PEERHUB_MAIL_PER_SECOND
    return min(settings.PEERHUB_MAIL_BATCH, max(1, math.ceil(rate * 5))) if rate else settings.PEERHUB_MAIL_BATCH


@transaction.atomic
def claim(count: int, now: datetime) -> Claim:
    """Take up to `count` due e-mails, most urgent first. Two workers never hold the same row."""
    lease, until = uuid4(), now + lease_time()
    if breaker.is_ahead(now):
        return Claim(lease, [], until, now)
    due = Message.objects.waiting().by_email().filter(not_before__lte=now).order_by(*SENDING_ORDER)
    messages = list(due.select_for_update(skip_locked=True)[:count])
    if messages:
        Message.objects.filter(pk__in=[message.pk for message in messages]).update(
            state=MessageState.SENDING, lease=lease, lease_until=until, attempts=F("attempts") + 1
        )
    for message in messages:
        message.state, message.lease, message.attempts = MessageState.SENDING, lease, message.attempts + 1
    starts_at = breaker.reserve_slots(len(messages), now)
    failpoint("outbox.in_claim")
    return Claim(lease, messages, until, starts_at)


def finish(message: Message, result: Outcome | NotWanted, now: datetime) -> bool:
    """Write down what became of a message we hold. False: the lease ran out meanwhile and somebody else has it."""
    if isinstance(result, Outcome) and result.is_sent:
        return _mark_sent(message, now)
    return _fenced(message, **_consequence(message, result, now))


def _consequence(message: Message, result: Outcome | NotWanted, now: datetime) -> dict[str, Any]:
    if isinstance(result, NotWanted):
        return {"state": MessageState.CANCELLED, "finished_at": now, "reason": reason_key(result.reason)}
    kind = kind_of(message.kind)
    known: dict[str, Any] = {"last_class": result.kind, "last_code": result.code[:60]}
    if result.kind == OutcomeClass.UNKNOWN:
        known["is_uncertain"] = True
    if result.kind == OutcomeClass.OUR_FAULT:  # not this message's fault: it keeps its attempts
        return {**known, "state": BACK_IN_LINE, "attempts": F("attempts") - 1, "not_before": message.not_before}
    is_over = result.kind in {OutcomeClass.BAD_ADDRESS, OutcomeClass.CONTENT} or message.attempts >= MAX_ATTEMPTS
    if is_over or (result.kind == OutcomeClass.UNKNOWN and kind is not None and kind.is_at_most_once):
        return {**known, "state": MessageState.DEAD, "finished_at": now}
    return {**known, "state": MessageState.RETRY, "not_before": now + backoff(message.attempts)}


def hand_back(messages: Sequence[Message], lease: UUID, not_before: datetime | None = None) -> None:
    """Return messages that were not tried, with their attempts."""
    values: dict[str, Any] = {"not_before": not_before} if not_before else {}
    if messages:
        _held(lease).filter(pk__in=[message.pk for message in messages]).update(
            state=BACK_IN_LINE, attempts=F("attempts") - 1, lease=None, lease_until=None, **values
        )


def recover(now: datetime, limit: int = 5000) -> int:
    """Take back what dead workers held. The first row of a lease may have left: it is uncertain, and waits."""
    with transaction.atomic():
        expired = list(
            Message.objects.filter(lease__isnull=False, lease_until__lte=now)
            .select_for_update(skip_locked=True)
            .order_by("lease", *SENDING_ORDER)[:limit]
        )
        for lease, held in groupby(expired, key=lambda message: message.lease):
            first, *untouched = held
            hand_back(untouched, lease)
            known = _consequence(first, Outcome(OutcomeClass.UNKNOWN, "lease_expired"), now)
            if first.attempts <= 1 and known["state"] == MessageState.RETRY:
                known["not_before"] = now  # it has waited for its lease; only one that keeps killing workers waits more
            _fenced(first, **known)
        failpoint("outbox.in_recover")
    if expired:
        log.warning("%d messages were taken back from workers that did not answer.", len(expired))
    return len(expired)


def _held(lease: UUID) -> Any:
    return Message.objects.filter(lease=lease, state=MessageState.SENDING)


def _fenced(message: Message, **values: Any) -> bool:
    return message.lease is not None and bool(
        _held(message.lease).filter(pk=message.pk).update(lease=None, lease_until=None, **values)
    )


def _mark_sent(message: Message, now: datetime) -> bool:
    """The one write that every message has: the same as `_fenced`, without composing its SQL anew each time.

    Half the cost of a message was Django building this statement.
    """
    values = [_AT.get_db_prep_value(now, connection), _ID.get_db_prep_value(message.pk, connection)]
    with connection.cursor() as cursor:
        cursor.execute(MARK_SENT, [*values, _ID.get_db_prep_value(message.lease, connection)])
        return bool(cursor.rowcount)


def reason_key(reason: Any) -> str:
    """A translatable reason as its msgid, so that each reader later sees it in their own language."""
    with override(None):
        return str(reason)[:300]


def is_anything_due(now: datetime) -> bool:
    """Could an e-mail leave now?"""
    return Message.objects.waiting().filter(channel=Channel.EMAIL, not_before__lte=now).exists()
