"""How long somebody will wait, as honestly as anybody can say: a range in steps of five minutes, never a moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil, floor
from statistics import median

from django.utils.translation import gettext as _

DEFAULT = 12.0  # minutes somebody is helped, until a cycle has told its own
FEWEST = 4  # helped people before the median says anything
SHORTEST, LONGEST = 3.0, 45.0  # what a median is bounded to: forgotten "finish" buttons, and taps by mistake
STEP = 5
MOST = 120  # minutes; above it nobody is told a number
LOW, HIGH = 0.6, 1.4  # of what is expected


@dataclass(frozen=True, slots=True)
class Wait:
    """From `low` to `high` minutes; both 0 when it is their turn now."""

    low: int
    high: int

    @property
    def words(self) -> str:
        """In a sentence: "about 10 to 20 minutes"."""
        if self.high == 0:
            return _("no wait")
        if self.low >= MOST:
            return _("more than %(hours)s hours") % {"hours": MOST // 60}
        if self.low == 0:
            return _("up to %(high)s minutes") % {"high": self.high}
        return _("about %(low)s to %(high)s minutes") % {"low": self.low, "high": self.high}


def usual_minutes(durations: Sequence[timedelta]) -> float:
    """How long somebody is usually helped: the median of recent times, within bounds; a default while there are few."""
    if len(durations) < FEWEST:
        return DEFAULT
    return min(max(median(one.total_seconds() for one in durations) / 60, SHORTEST), LONGEST)


def estimated_wait(*, ahead: int, busy: int, leaders: int, usual: float) -> Wait:
    """`ahead` wait before them, `busy` are with a leader now, `leaders` are at work, each `usual` minutes a person.

    A free leader takes one of the line at once; everybody else waits until so many have been helped as stand between
    them and a leader. Nobody at work counts as one, who is to come.
    """
    leaders = max(leaders, 1)
    to_finish = ahead + 1 - max(leaders - busy, 0)
    if to_finish <= 0:
        return Wait(0, 0)
    expected = usual * to_finish / leaders
    low = floor(expected * LOW / STEP) * STEP
    return Wait(low, max(ceil(expected * HIGH / STEP) * STEP, low + STEP))
