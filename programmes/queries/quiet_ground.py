"""What the lists of quiet people stand on: running cycles, their settings, the days that count, and pages of rows."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from peerhub.common import clock
from peerhub.institution.queries.open_days import Calendars, OpenDays, open_days
from programmes.models import Cycle, CycleState, GroupMember, MembershipStatus, Role
from programmes.queries.contacts import FURTHEST

CHUNK = 1000
ENDS_SOON = timedelta(days=7)  # nobody is asked to start something in a cycle's last week

FIRST, SILENT, ABSENT, UNLOGGED, EMPTY, TAILING = "first", "silent", "absent", "unlogged", "empty", "tailing"
LEADER, PARTNER, NOBODY = "leader", "partner", "nobody"  # whose side is quiet


@dataclass(frozen=True, slots=True)
class Quiet:
    """Somebody, or a group, of whom too little has been heard. `on` is since when that is so, in the cycle's days.

    Pairs: `last_on` contact, `tried_on` attempt without an answer, `days` that count since, `side` who is quiet,
    `is_second` once the cadence has run out twice, `asked_on` when their leader was last due to try. Absent people and
    logs: `count`. Groups: `count` of sessions nobody came to, or `usual` and `lately`.
    """

    kind: str
    cycle_id: int
    key: int  # of the row it is about: place, membership or group
    name: str
    on: date
    group: str = ""
    leaders: str = ""
    group_uuid: UUID | None = None
    member_uuid: UUID | None = None
    group_id: int = 0
    leader_ids: tuple[int, ...] = ()
    side: str = ""
    last_on: date | None = None
    tried_on: date | None = None
    days: int = 0
    count: int = 0
    usual: float = 0
    lately: float = 0
    is_second: bool = False
    asked_on: date | None = None


@dataclass(frozen=True)
class Ground:
    """Running cycles by key with the days that count. `leader` narrows every list to what this person leads, and
    `groups` those of pairs to these groups.
    """

    cycles: Mapping[int, Cycle]
    calendars: Calendars
    now: datetime
    leader: Any = None
    groups: Collection[int] | None = None

    def days(self, cycle_id: int) -> OpenDays:
        return self.calendars.of(vacations_count=self.cycles[cycle_id].vacations_count)

    def today(self, cycle_id: int) -> date:
        return self.cycles[cycle_id].today(now=self.now)

    def local(self, moment: datetime, cycle_id: int) -> date:
        return clock.local(moment, self.cycles[cycle_id].time_zone).date()

    def is_ending(self, cycle_id: int) -> bool:
        return self.today(cycle_id) > self.cycles[cycle_id].ends_on - ENDS_SOON

    def led(self, group: str) -> Q:
        """Condition: the person these lists are for leads the group in that column. Nothing where they are for all."""
        if self.leader is None:
            return Q()
        mine = GroupMember.objects.filter(
            group=OuterRef(group), ended_at=None, membership__user=self.leader, membership__role=Role.LEADER,
            membership__status=MembershipStatus.ACTIVE,
        )  # fmt: skip
        return Q(Exists(mine))


def ground(
    cycle_ids: Collection[int], *, now: datetime, leader: Any = None, groups: Collection[int] | None = None
) -> Ground:
    """Those of the cycles that run. Two queries."""
    running = Cycle.objects.filter(pk__in=cycle_ids, state=CycleState.RUNNING)
    cycles = {one.pk: one for one in running.select_related("programme__activity_type")}
    today = now.date()
    first = max(min((one.starts_on for one in cycles.values()), default=today), today - FURTHEST)
    return Ground(cycles, open_days(min(first, today), today + FURTHEST), now, leader, groups)


def pages(rows: QuerySet[Any, Any], *, place: int = 0) -> Iterator[list[Any]]:
    """Rows in pages of a thousand by ascending key, which stands at `place` of each: memory does not grow."""
    after, ordered = 0, rows.order_by("pk")
    while page := list(ordered.filter(pk__gt=after)[:CHUNK]):
        yield page
        if len(page) < CHUNK:
            return
        after = page[-1][place]
