from collections.abc import Iterator

import pytest

from tests.common.mail.posts import Clock, FakePost, a_kind


@pytest.fixture
def post() -> FakePost:
    return FakePost()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def note() -> Iterator[str]:
    """A plain kind that can be switched off."""
    with a_kind() as code:
        yield code
