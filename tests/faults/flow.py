"""What a flow is: see flows.py."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Ids = dict[str, Any]
Facts = dict[str, int]
Work = Callable[[Ids], object]


@dataclass(frozen=True)
class Flow:
    """`make` prepares fresh rows and returns ids; `act` is what dies, and what the person or the sweep does again."""

    name: str
    failpoints: tuple[str, ...]
    make: Callable[[], Ids]
    act: Work
    is_atomic: bool = True  # right after a death: all or nothing
    is_for_all: bool = False  # a sweep that may pass a failpoint for the rows of other flows, too
    doubles: tuple[str, ...] = ()  # failpoints where one mail may arrive twice
