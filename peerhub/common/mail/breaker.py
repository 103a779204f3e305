"""The breaker of a channel: while the mail server is down or refuses us, all waits, and one a minute is tried."""

import logging
from datetime import datetime, timedelta
from enum import Enum

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import F

from peerhub.common.mail.outbox import Entry, queue_many
from peerhub.common.mail.outcomes import BREAKER_AFTER, PROBE_EVERY, Outcome
from peerhub.common.models.outbox import Breaker, Channel, ChannelHealth, OutcomeClass

log = logging.getLogger(__name__)
EMAIL = Channel.EMAIL.value
LONGEST_WAIT = timedelta(seconds=20)


class Gate(Enum):
    OPEN = "open"
    PROBE = "probe"
    SHUT = "shut"


def health() -> ChannelHealth:
    """The e-mail channel's row, as it is now."""
    return ChannelHealth.objects.filter(channel=EMAIL).first() or ChannelHealth.objects.get_or_create(channel=EMAIL)[0]


def gate(now: datetime) -> Gate:
    """May messages leave? While the breaker is open, one caller a minute may try one."""
    state = health()
    if state.state == Breaker.CLOSED:
        return Gate.OPEN
    won = ChannelHealth.objects.filter(channel=EMAIL, state=Breaker.OPEN, probe_at__lte=now).update(
        probe_at=now + PROBE_EVERY
    )
    return Gate.PROBE if won else Gate.SHUT


def note_success(now: datetime) -> None:
    """The server took or judged a message: the channel works, whatever was thought before."""
    ChannelHealth.objects.filter(channel=EMAIL).update(
        state=Breaker.CLOSED,
        failures_in_row=0,
        last_success_at=now,
        last_class="",
        last_code="",
        opened_at=None,
        probe_at=None,
    )


def note_failures(count: int, outcome: Outcome, now: datetime) -> bool:
    """Count transient failures in a row; at BREAKER_AFTER, or at once when it is our fault, stop. True: stopped."""
    rows = ChannelHealth.objects.filter(channel=EMAIL)
    rows.update(failures_in_row=F("failures_in_row") + count, last_class=outcome.kind, last_code=outcome.code)
    if outcome.kind == OutcomeClass.OUR_FAULT or rows.filter(failures_in_row__gte=BREAKER_AFTER).exists():
        _trip(outcome, now)
        return True
    return False


@transaction.atomic
def _trip(outcome: Outcome, now: datetime) -> None:
    won = ChannelHealth.objects.filter(channel=EMAIL, state=Breaker.CLOSED).update(
        state=Breaker.OPEN, opened_at=now, probe_at=now + PROBE_EVERY
    )
    if not won:
        return
    log.error("Mail is held back: %s %s.", outcome.kind, outcome.code)
    superusers = get_user_model().objects.filter(is_superuser=True, is_active=True)
    queue_many(
        (
            Entry(
                "common.mail_held_back", person, f"mail.held:{now:%Y%m%d%H%M%S}:{person.pk}", channels=(Channel.INAPP,)
            )
            for person in superusers
        ),
        now=now,
    )


def try_again_now(now: datetime) -> None:
    """An administrator mended something: the next round may probe at once."""
    ChannelHealth.objects.filter(channel=EMAIL, state=Breaker.OPEN).update(probe_at=now)


def is_ahead(now: datetime) -> bool:
    """True while the slots given out already reach further than a short wait: nobody should claim more."""
    if not settings.PEERHUB_MAIL_PER_SECOND:
        return False
    return ChannelHealth.objects.filter(channel=EMAIL, next_slot_at__gt=now + LONGEST_WAIT).exists()


def reserve_slots(count: int, now: datetime) -> datetime:
    """When the first of `count` messages may leave, so that all workers together keep PEERHUB_MAIL_PER_SECOND.

    Call inside the claiming transaction. Without a pace, now.
    """
    rate = settings.PEERHUB_MAIL_PER_SECOND
    if not rate or not count:
        return now
    state = ChannelHealth.objects.select_for_update().get(channel=EMAIL)
    start = max(now, state.next_slot_at or now)
    ChannelHealth.objects.filter(channel=EMAIL).update(next_slot_at=start + timedelta(seconds=count / rate))
    return start
