"""Changes of memberships, gathered before they are written: who leaves, who comes in, who has to wait."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext as _

from programmes.models import Cycle, MembershipStatus, Role
from programmes.services.rosters.outcome import DEACTIVATED, MEMBERSHIPS, UNCHANGED, UPDATED, Outcome

CHANGEABLE: Final = ("status", "joined_at", "waiting_since", "offer_expires_at", "ended_at", "end_reason")
HOLDING: Final = frozenset({MembershipStatus.ACTIVE.value, MembershipStatus.OFFERED.value})


class KnownMember(NamedTuple):
    """A membership the cycle has."""

    user_id: int
    role: str
    id: int
    source: str
    status: str
    joined_at: datetime | None
    waiting_since: datetime | None
    offer_expires_at: datetime | None
    ended_at: datetime | None
    end_reason: str

    @property
    def holds_place(self) -> bool:
        return self.role == Role.PARTICIPANT and self.status in HOLDING


class MemberChanges:
    """Rows of `CHANGEABLE`, before and after. `ended` and `begun` are the memberships concerned."""

    def __init__(self, cycle: Cycle, known: Collection[KnownMember], outcome: Outcome, *, now: datetime) -> None:
        self.before: list[list[Any]] = []
        self.after: list[list[Any]] = []
        self.ended: list[int] = []
        self.begun: list[int] = []
        self._cycle, self._outcome, self._now = cycle, outcome, now
        self._free: int | None = None
        if cycle.capacity is not None:
            self._free = cycle.capacity - sum(member.holds_place for member in known)

    def end(self, member: KnownMember) -> None:
        """They are no longer on the list. Their place is free."""
        self.ended.append(member.id)
        if self._free is not None:
            self._free += member.holds_place
        self._change(member, "left", member.joined_at, None, None, self._now, _("No longer on the class list."))
        self._outcome.count(MEMBERSHIPS, DEACTIVATED)

    def bring_in(self, member: KnownMember) -> None:
        """They are on the list: active from now on, if there is a place."""
        if member.role == Role.PARTICIPANT and not member.holds_place and not self._take_place():
            self._outcome.count(MEMBERSHIPS, UNCHANGED)
            self._outcome.waiting += 1
            return
        self.begun.append(member.id)
        self._change(member, "active", self._now, member.waiting_since, None, None, "")
        self._outcome.count(MEMBERSHIPS, UPDATED)

    def status_for_new(self, role: str) -> str | None:
        """Active; waiting where places have run out; None where nobody can wait."""
        if role != Role.PARTICIPANT or self._take_place():
            return MembershipStatus.ACTIVE.value
        if self._cycle.waiting_list:
            self._outcome.waiting += 1
            return MembershipStatus.WAITING.value
        return None

    def _take_place(self) -> bool:
        if self._free is None:
            return True
        self._free -= 1
        return self._free >= 0

    def _change(self, member: KnownMember, *values: Any) -> None:
        self.before.append([member.id, *member[4:]])
        self.after.append([member.id, *values])
