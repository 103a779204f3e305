"""The most that somebody leads in a week. A step of planning, changing and covering."""

from collections.abc import Collection, Sequence

from peerhub.common.errors import DomainError
from programmes.models import Cycle
from programmes.queries.leader_hours import Led, beyond_limit


class TooManyHours(DomainError):
    """Codes: too_many_hours."""


def refuse_too_many_hours(cycle: Cycle, wanted: Sequence[Led], *, changed: Collection[int] = ()) -> None:
    """Refuse where somebody would lead more in a week than the cycle sets as the most, over all they lead anywhere.
    `changed` are sessions, not saved yet, that `wanted` stands for.

    It refuses rather than warns: the limit stands for a contract, or the hours a visa allows, and a warning is clicked
    away on a telephone. Whoever coordinates can raise it in the settings, where it is on record. Two things do not ask:
    a leader who is with people already, and the calendar when it moves a series, which nobody chose.
    """
    if sentence := beyond_limit(cycle, wanted, changed=changed):
        raise TooManyHours("too_many_hours", sentence)
