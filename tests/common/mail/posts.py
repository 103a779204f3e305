"""A post office for tests: answers as it is told, keeps what it took."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from peerhub.common import mail
from peerhub.common.mail.kinds import KINDS
from peerhub.common.mail.outcomes import SENT, Outcome
from peerhub.common.mail.wire import Wire

TEMPLATE = "common/test_message"


class FakePost:
    """A transport. `answers`: outcomes of the next sends; then everything is taken. `door`: what open() says."""

    def __init__(self, *answers: Outcome, door: Outcome | None = None) -> None:
        self.answers = deque(answers)
        self.door = door
        self.sent: list[Wire] = []
        self.opened = 0
        self.on_send: Callable[[Wire], None] = lambda wire: None

    def open(self) -> Outcome | None:
        self.opened += 1
        return self.door

    def send(self, wire: Wire) -> Outcome:
        self.on_send(wire)
        outcome = self.answers.popleft() if self.answers else SENT
        if outcome.is_sent:
            self.sent.append(wire)
        return outcome

    def close(self) -> None:
        pass


class Clock:
    """A clock that stands still until told. `Clock()` starts at the real now, so that leases are in the future."""

    def __init__(self, now: datetime | None = None) -> None:
        self.now = now or timezone.now()

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> datetime:
        self.now += timedelta(**span)
        return self.now


@contextmanager
def a_kind(code: str = "tests.note", **options: Any) -> Iterator[str]:
    """Registers a kind for the test. Options: `write`, and those of mail.kind."""
    write = options.pop("write", None) or (lambda letter, now: mail.Rendered(TEMPLATE, url="/somewhere/"))
    mail.kind(code, **{"title": "A note", "topic": "sessions"} | options)(write)
    try:
        yield code
    finally:
        del KINDS[code]
