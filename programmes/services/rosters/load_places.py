"""Who is in which group: a move ends one place and starts another, so registers and history stay."""

from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from peerhub.common import stages
from programmes.models import Cycle, GroupMember, Role
from programmes.rosters.errors import WARNING, Problem
from programmes.services.rosters.load_groups import GroupLoader
from programmes.services.rosters.load_members import MemberLoader
from programmes.services.rosters.outcome import CREATED, DEACTIVATED, PLACES, UNCHANGED, Outcome
from programmes.services.rosters.run import Run

COLUMNS: Final = ("group", "membership", "started_at")

Place = tuple[int, int]


class PlaceLoader:
    """Starts and ends places as the file says, and ends those of memberships and groups that are over."""

    def __init__(self, run: Run, cycle: Cycle, members: MemberLoader, groups: GroupLoader) -> None:
        self._run, self._members, self._groups = run, members, groups
        rows = GroupMember.objects.filter(group__cycle=cycle, ended_at=None).values_list("pk", "group", "membership")
        self._there: dict[Place, int] = {(group, membership): pk for pk, group, membership in rows}
        self._wanted: dict[Place, bool] = {}
        self._leaders: set[int] = set()
        for (group_id, who), is_in in members.in_groups.items():
            membership_id = members.ids.get(who)
            if membership_id is not None:
                self._wanted[group_id, membership_id] = is_in and membership_id in members.active
                if who[1] == Role.LEADER:
                    self._leaders.add(membership_id)
        self._has_group = {membership_id for (_group, membership_id), is_in in self._wanted.items() if is_in}

    def load(self) -> None:
        run, now = self._run, self._run.options.now
        kept = sum(is_in and place in self._there for place, is_in in self._wanted.items())
        new = [place for place, is_in in self._wanted.items() if is_in and place not in self._there]
        new = _without_uncleared(new, self._leaders, run.outcome, now)
        ended = [key for place, key in self._there.items() if self._is_over(place)]
        run.hand.create(GroupMember, COLUMNS, [(*place, now) for place in new])
        before: list[list[Any]] = [[key, None] for key in ended]
        run.hand.update(GroupMember, ("ended_at",), before, [[key, now] for key in ended])
        run.outcome.count(PLACES, UNCHANGED, kept)
        run.outcome.count(PLACES, CREATED, len(new))
        run.outcome.count(PLACES, DEACTIVATED, len(ended))

    def _is_over(self, place: Place) -> bool:
        """Ended by name; by the end of its membership or group; or by a place elsewhere in a file that is no delta."""
        group_id, membership_id = place
        if self._wanted.get(place):
            return False
        if membership_id not in self._members.active or group_id in self._groups.ended:
            return True
        if membership_id not in self._members.ours:
            return False
        has_moved = not self._run.roster.is_delta and membership_id in self._has_group
        return place in self._wanted or (has_moved and group_id in self._groups.of_source)


def _without_uncleared(places: list[Place], leaders: set[int], outcome: Outcome, now: datetime) -> list[Place]:
    """Leaders who are not cleared to meet students are in the cycle, but not yet in a group (mission: clearance)."""
    asked = sorted({membership for _group, membership in places if membership in leaders and membership > 0})
    blocked = {key for key, blockers in stages.clearance(asked, now).items() if blockers} if asked else set()
    if blocked:
        message = _("%(count)s leaders are not cleared to meet students yet. They were not put into groups.")
        outcome.problems.once(Problem(0, "role", "not_cleared", message % {"count": len(blocked)}, WARNING))
    return [place for place in places if place[1] not in blocked]
