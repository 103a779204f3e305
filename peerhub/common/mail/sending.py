"""The round: claim a batch, write it, send it over one connection, write down each result before the next leaves."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from peerhub.common.failpoints import failpoint
from peerhub.common.mail import addresses, breaker, leases
from peerhub.common.mail.breaker import Gate
from peerhub.common.mail.kinds import NotWanted
from peerhub.common.mail.leases import Claim
from peerhub.common.mail.outcomes import BREAKER_AFTER, PROBE_EVERY, Outcome
from peerhub.common.mail.transports import Transport, transport_from_settings
from peerhub.common.mail.wire import Wire
from peerhub.common.mail.writing import Draft, write_letters
from peerhub.common.models.outbox import Message, OutcomeClass

log = logging.getLogger(__name__)
Clock = Callable[[], datetime]


@dataclass
class Tally:
    """What one call of `send_due` did."""

    sent: int = 0
    cancelled: int = 0
    failed: int = 0
    retried: int = 0
    claimed: int = 0
    is_drained: bool = False

    def count(self, result: Outcome | NotWanted) -> None:
        if isinstance(result, NotWanted):
            self.cancelled += 1
        elif result.is_sent:
            self.sent += 1
        elif result.kind in {OutcomeClass.BAD_ADDRESS, OutcomeClass.CONTENT}:
            self.failed += 1
        else:
            self.retried += 1


def never() -> bool:
    return False


def send_due(
    *,
    clock: Clock,
    limit: int = 5000,
    budget: timedelta = timedelta(seconds=60),
    transport: Transport | None = None,
    should_stop: Callable[[], bool] = never,
) -> Tally:
    """Send what is due: at most `limit` messages, for at most about `budget`, over one connection.

    Safe to run anywhere, any number of times, at once. `is_drained` is False when more may be due.
    """
    tally = Tally()
    post = transport or transport_from_settings()
    ends = time.monotonic() + budget.total_seconds()
    try:
        while tally.claimed < limit and time.monotonic() < ends and not should_stop():
            gate = breaker.gate(clock())
            if gate is Gate.SHUT:
                tally.is_drained = True
                break
            count = 1 if gate is Gate.PROBE else min(leases.batch_size(), limit - tally.claimed)
            if not Round(post, clock, tally, gate, should_stop).run(count):
                tally.is_drained = True
                break
    finally:
        post.close()
    return tally


@dataclass
class Round:
    """One claim, from taking it to having nothing of it left in hand."""

    post: Transport
    clock: Clock
    tally: Tally
    gate: Gate
    should_stop: Callable[[], bool] = never
    failures: int = 0
    has_success: bool = False
    last_failure: Outcome = field(default_factory=Outcome)

    def run(self, count: int) -> bool:
        """False when nothing was due, or the channel stopped."""
        started = time.monotonic()
        now = self.clock()
        claim = leases.claim(count, now)
        if not claim.messages:
            return False
        self.tally.claimed += len(claim.messages)
        failpoint("outbox.after_claim")
        deadline = started + _usable(leases.lease_time()).total_seconds()
        first_slot = started + (claim.starts_at - now).total_seconds()
        drafts = write_letters(claim.messages, now)
        done = self._send_all(drafts, claim, deadline, first_slot)
        leases.hand_back([message for message, _ in drafts[done:]], claim.lease)
        return not self._report()

    def _send_all(self, drafts: Sequence[tuple[Message, Draft]], claim: Claim, deadline: float, slot: float) -> int:
        """How many of the drafts are dealt with. Stops early where the lease, the caller or the channel says so."""
        pace = 1 / settings.PEERHUB_MAIL_PER_SECOND if settings.PEERHUB_MAIL_PER_SECOND else 0
        for number, (message, draft) in enumerate(drafts):
            if self.should_stop() or not _wait_for(slot + number * pace, deadline):
                return number
            result = draft
            if isinstance(draft, Wire):
                refused = self.post.open()
                if refused is not None:
                    return number + self._no_channel(drafts[number:], refused, claim)
                result = self._send(draft, message)
            self._record(message, result, deadline)
            if isinstance(draft, Wire) and self._is_channel_stopped(result):
                return number + 1
        return len(drafts)

    def _send(self, wire: Wire, message: Message) -> Outcome:
        failpoint("outbox.before_smtp")
        outcome = self.post.send(wire)
        failpoint("outbox.after_smtp")
        if outcome.kind == OutcomeClass.BAD_ADDRESS:
            addresses.flag_bad(wire.to, outcome.code, self.clock())
        elif outcome.is_sent and message.last_class == OutcomeClass.BAD_ADDRESS:
            addresses.trust_again(wire.to)
        return outcome

    def _record(self, message: Message, result: Draft, deadline: float) -> None:
        """Nothing else leaves before this is written: a lost database is waited for as long as we hold the lease."""
        assert not isinstance(result, Wire)  # noqa: S101 - sent by now
        while True:
            try:
                if not leases.finish(message, result, self.clock()):
                    log.warning("Message %s was finished too late; another worker has it.", message.pk)
                break
            except (OperationalError, InterfaceError):
                if connection.in_atomic_block or time.monotonic() > deadline:
                    raise
                connection.close()
                time.sleep(0.25)
        failpoint("outbox.after_finish")
        self.tally.count(result)

    def _is_channel_stopped(self, result: Draft) -> bool:
        """Keep the count of failures in a row, and stop where it is our fault or they are too many."""
        if not isinstance(result, Outcome):
            return False
        if result.proves_channel:
            self.failures, self.has_success = 0, True
            return False
        if result.kind == OutcomeClass.BROKEN:
            return False
        self.failures, self.last_failure = self.failures + 1, result
        return result.kind == OutcomeClass.OUR_FAULT or self.failures >= BREAKER_AFTER

    def _no_channel(self, drafts: Sequence[tuple[Message, Draft]], refused: Outcome, claim: Claim) -> int:
        """No connection. A probe and our own fault cost no message an attempt; else those at hand had a failed try."""
        self.last_failure = refused
        if self.gate is Gate.PROBE:
            leases.hand_back([message for message, _ in drafts], claim.lease, not_before=self.clock() + PROBE_EVERY)
            self.failures += 1
            return len(drafts)
        if refused.kind == OutcomeClass.OUR_FAULT:
            self.failures += 1
            return 0
        waiting = [(message, draft) for message, draft in drafts if isinstance(draft, Wire)][:BREAKER_AFTER]
        last = waiting[-1][0]
        tried = 1 + next(number for number, (message, _) in enumerate(drafts) if message is last)
        for message, draft in drafts[:tried]:
            result = refused if isinstance(draft, Wire) else draft
            leases.finish(message, result, self.clock())
            self.tally.count(result)
        self.failures += len(waiting)
        return tried

    def _report(self) -> bool:
        """Tell the breaker how the round went, in one statement. True: the channel is stopped now."""
        if self.has_success:
            breaker.note_success(self.clock())
        if self.failures:
            return breaker.note_failures(self.failures, self.last_failure, self.clock()) or self.gate is Gate.PROBE
        if self.gate is Gate.PROBE and not self.has_success:  # its message was not wanted any more: that told nothing
            breaker.try_again_now(self.clock())
        return False


def _usable(lease: timedelta) -> timedelta:
    """The part of a lease in which a message may be started: the rest is for its answer and for writing it down."""
    return lease - min(timedelta(seconds=settings.EMAIL_TIMEOUT * 4), lease / 3)


def _wait_for(slot: float, deadline: float) -> bool:
    """Sleep until the slot. False when it lies beyond what the lease allows."""
    now = time.monotonic()
    if max(now, slot) > deadline:
        return False
    if slot > now:
        time.sleep(slot - now)
    return True
