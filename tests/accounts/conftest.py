"""What tests of accounts share: letters as they would leave, and their links."""

import re
from collections.abc import Callable
from datetime import datetime

import pytest

from peerhub.common.mail.kinds import Rendered
from peerhub.common.mail.writing import say_now, write_letters
from peerhub.common.models import Message
from tests.factories import NOW


@pytest.fixture
def letters(db: None) -> Callable[..., list[Message]]:
    """The e-mails waiting, by kind."""

    def find(kind: str = "") -> list[Message]:
        rows = Message.objects.filter(channel="email").order_by("created_at", "pk")
        return list(rows.filter(kind=kind) if kind else rows)

    return find


@pytest.fixture
def link_in() -> Callable[..., str]:
    """The path a letter's button leads to, as it would be written `now`; "" when it would not be sent."""

    def link(message: Message, now: datetime = NOW) -> str:
        [(_row, said)] = say_now([message], now)
        return said.url if isinstance(said, Rendered) else ""

    return link


@pytest.fixture
def written() -> Callable[..., object]:
    """The whole mail as it would be sent."""

    def write(message: Message, now: datetime = NOW) -> object:
        [(_row, wire)] = write_letters([message], now)
        return wire

    return write


def links_of(text: str) -> list[str]:
    return re.findall(r"https?://[^\s<>\"]+", text)
