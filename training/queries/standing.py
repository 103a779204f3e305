"""Where a person stands with a module on a day: pure rules. The rows they are about come from completions.py."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from peerhub.common.stages import Text

SOON = timedelta(days=30)


class State(StrEnum):
    NOT_STARTED = "not_started"
    IN_PROGRESS = "in_progress"
    COMPLETE = "complete"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    EXEMPT = "exempt"


# What a tag says: its kind, words and icon.
LOOKS: dict[State, tuple[str, Text, str]] = {
    State.NOT_STARTED: ("todo", _("Not started"), "circle"),
    State.IN_PROGRESS: ("progress", _("In progress"), "circle-half"),
    State.COMPLETE: ("done", _("Complete"), "check-circle-fill"),
    State.EXPIRING: ("turn", _("Runs out soon"), "clock-history"),
    State.EXPIRED: ("late", _("Ran out"), "exclamation-triangle-fill"),
    State.EXEMPT: ("hidden", _("Exempt"), "slash-circle"),
}
CURRENT = frozenset({State.COMPLETE, State.EXPIRING, State.EXEMPT})


@dataclass(frozen=True, slots=True)
class Done:
    """What a person's completions of a module come to: the last day, and the first on which none counts any more."""

    last_on: date
    expires_on: date | None


def state_on(today: date, done: Done | None, *, exempt_until: date | None = None, has_begun: bool = False) -> State:
    """The state on a day. `exempt_until` is the last day of an exemption."""
    if done and (done.expires_on is None or today < done.expires_on):
        is_soon = done.expires_on is not None and done.expires_on - today <= SOON
        return State.EXPIRING if is_soon else State.COMPLETE
    if exempt_until and today <= exempt_until:
        return State.EXEMPT
    if done:
        return State.EXPIRED
    return State.IN_PROGRESS if has_begun else State.NOT_STARTED


def lapses_on(done: Done | None, *, required_from: date, exempt_until: date | None = None) -> date | None:
    """The first day from which what is asked for is missing, in the past or to come; None where nothing runs out.

    Missing on a day is therefore: a day on or after it. What is asked for later than it ran out is missing from then.
    """
    if done and done.expires_on is None:
        return None
    missing = done.expires_on if done and done.expires_on else date.min
    if exempt_until:
        missing = max(missing, exempt_until + timedelta(days=1))
    return max(missing, required_from)
