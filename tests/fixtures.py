"""Fixtures by name. Personas and factories are in tests/personas.py and tests/factories/."""

from datetime import UTC, datetime

import pytest


@pytest.fixture
def now() -> datetime:
    """A Wednesday morning in the middle of the autumn term."""
    return datetime(2026, 11, 4, 10, 0, tzinfo=UTC)
