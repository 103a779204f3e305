"""Importing files in tests."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from programmes.models import Cycle
from programmes.services.rosters.applying import Wanted
from programmes.services.rosters.from_path import check_path, import_path
from programmes.services.rosters.outcome import Outcome
from tests import factories as make

Put = Callable[..., Outcome]


@pytest.fixture
def cycle() -> Cycle:
    return make.CycleFactory(capacity=None)


@pytest.fixture
def put(tmp_path: Path, now: datetime) -> Put:
    """Import text or bytes as a file; `later` moves the clock on."""

    def put(
        content: str | bytes | Path, *, later: int = 0, name: str = "", dry: bool = False, **wanted: Any
    ) -> Outcome:
        at = now + timedelta(hours=later)
        path = (
            content
            if isinstance(content, Path)
            else tmp_path / (name or ("list.csv" if isinstance(content, str) else "pack.zip"))
        )
        if not isinstance(content, Path):
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        full = Wanted(path=path, name=path.name, now=at, **wanted)
        return check_path(full) if dry else import_path(actor=None, wanted=full, now=at)[0]

    return put
