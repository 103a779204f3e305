"""What an attempt told us, and what follows from it (reference/trust.md §5.4)."""

import random
import re
from dataclasses import dataclass
from datetime import timedelta

from peerhub.common.models.outbox import OutcomeClass

MAX_ATTEMPTS = 8
BREAKER_AFTER = 20
PROBE_EVERY = timedelta(seconds=60)
BACKOFF = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(hours=8),
    timedelta(hours=24),
)
_ENHANCED = re.compile(rb"\s*([245]\.\d{1,3}\.\d{1,3})\b")
AUTH_CODES = {530, 534, 535, 538}
NO_SUCH_ADDRESS = {550, 551, 553}


@dataclass(frozen=True)
class Outcome:
    """`kind` "" is success. `code` is the server's number ("550 5.1.1") or our word; its text would quote addresses."""

    kind: str = ""
    code: str = ""

    @property
    def is_sent(self) -> bool:
        return not self.kind

    @property
    def proves_channel(self) -> bool:
        """The server dealt with this very message: whatever it said, the channel works."""
        return self.kind in {"", OutcomeClass.BAD_ADDRESS, OutcomeClass.CONTENT}


SENT = Outcome()


def reply_code(code: int, text: bytes | str = b"") -> str:
    """ "550 5.1.1" from a reply: number and enhanced status, nothing that could name a person."""
    raw = text.encode(errors="replace") if isinstance(text, str) else text
    found = _ENHANCED.match(raw)
    return f"{code} {found[1].decode()}" if found else str(code)


def refused_sender(code: int, text: bytes) -> Outcome:
    """The server's answer at sign-in or MAIL FROM: 4xx passes, 5xx is our fault."""
    if code in AUTH_CODES or code >= 500:
        return Outcome(OutcomeClass.OUR_FAULT, reply_code(code, text))
    return Outcome(OutcomeClass.TRANSIENT, reply_code(code, text))


def refused_recipient(code: int, text: bytes) -> Outcome:
    """The server's answer at RCPT TO. 550 5.7.x is policy (sender or relay refused): it says nothing of the address."""
    enhanced = reply_code(code, text)
    if code in AUTH_CODES:
        return Outcome(OutcomeClass.OUR_FAULT, enhanced)
    if code in NO_SUCH_ADDRESS:
        return Outcome(OutcomeClass.OUR_FAULT if " 5.7." in enhanced else OutcomeClass.BAD_ADDRESS, enhanced)
    if code >= 500:
        return Outcome(OutcomeClass.CONTENT, enhanced)
    return Outcome(OutcomeClass.TRANSIENT, enhanced)


def refused_data(code: int, text: bytes) -> Outcome:
    """The server's answer to DATA or the final dot. A 4xx here means it did not take the message."""
    if code in AUTH_CODES:
        return Outcome(OutcomeClass.OUR_FAULT, reply_code(code, text))
    return Outcome(OutcomeClass.CONTENT if code >= 500 else OutcomeClass.TRANSIENT, reply_code(code, text))


def backoff(attempts: int) -> timedelta:
    """How long to wait after that attempt: 1 m, 5 m, 15 m, 1 h, 3 h, 8 h, 24 h; each ± 20 %, to spread a crowd."""
    base = BACKOFF[min(max(attempts, 1), len(BACKOFF)) - 1]
    return base * random.uniform(0.8, 1.2)  # noqa: S311 - spreading load, not a secret
