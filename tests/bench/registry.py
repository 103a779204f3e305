"""What a benchmark is: a function registered for a goal that yields results.

from tests.bench.registry import Result, at_least, at_most, register

@register("P11")
def mail_rate(bench: Bench) -> Iterator[Result]:
    ours, floor = ...
    yield at_least("P11", "5,000 mails against Django on one connection", ours / floor, "x", 0.6)
"""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.bench.stage import Bench

SLACK = 1.5  # a shared machine: a ratio this much over its bound is reported as over, and only beyond it fails the run


@dataclass(frozen=True)
class Result:
    """One measured value against its bound. `ok` is strict; `tolerable` grants the slack of a shared machine."""

    goal: str
    name: str
    value: float
    unit: str
    bound: float
    ok: bool
    tolerable: bool

    def as_json(self) -> dict[str, Any]:
        row = asdict(self)
        del row["tolerable"]
        return row


def at_most(goal: str, name: str, value: float, unit: str, bound: float, *, slack: float = SLACK) -> Result:
    """Smaller is better. Counts (queries, lost messages) have no slack: pass slack=1."""
    return Result(goal, name, round(value, 3), unit, bound, value <= bound, value <= bound * slack)


def at_least(goal: str, name: str, value: float, unit: str, bound: float, *, slack: float = SLACK) -> Result:
    """Larger is better."""
    return Result(goal, name, round(value, 3), unit, bound, value >= bound, value >= bound / slack)


Measurement = Callable[["Bench"], Iterable[Result]]
REGISTERED: list[tuple[str, Measurement]] = []


def register(*goals: str) -> Callable[[Measurement], Measurement]:
    """Announce what measures these goals; it runs once when any of them is wanted (ONLY=P5,R1)."""

    def add(measurement: Measurement) -> Measurement:
        REGISTERED.append((",".join(goals), measurement))
        return measurement

    return add


def wanted(only: set[str]) -> list[Measurement]:
    return [measurement for goals, measurement in REGISTERED if not only or only & set(goals.upper().split(","))]
