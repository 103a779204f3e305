"""What stands in the cells of the attendance grid: a code of one character each, so that 1,740 of them cost little more
than reading the marks.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from peerhub.common.statements import compiled
from programmes.models import LOGGED, Attendance, AttendanceStatus, CheckIn, Cycle, GroupMember, SessionLeader
from programmes.queries.expected import booked_user_ids

NOBODY_YET, NOT_THEN, LEADS = "", "-", "+"
IS_IN, IS_IN_LATE, IS_BOOKED = "i", "j", "b"  # checked in, booked a seat: and nobody has logged the session yet
CODES = {
    str(AttendanceStatus.PRESENT): "p",
    str(AttendanceStatus.LATE): "l",
    str(AttendanceStatus.ABSENT): "a",
    str(AttendanceStatus.EXCUSED): "e",
}
ByPerson = dict[int, dict[int, str]]  # membership to session to code


@dataclass(frozen=True, slots=True)
class Column:
    """A session. `takes_marks`: this viewer may change its marks now. `came` of `listed` are on its register."""

    pk: int
    uuid: UUID
    starts_at: datetime
    ends_at: datetime
    title: str
    status: str
    group_id: int | None
    version: int
    logged_at: datetime | None
    takes_marks: bool
    came: int = 0
    listed: int = 0

    @property
    def is_logged(self) -> bool:
        return self.status in LOGGED


class Cells:
    """All that a page of people is shown with. Four queries; one more where a session without a log is open to all."""

    def __init__(
        self, columns: Sequence[Column], member_ids: Sequence[int], user_ids: Sequence[int], cycle: Cycle
    ) -> None:
        session_ids, members = [one.pk for one in columns], list(member_ids)
        unlogged = [one for one in columns if not one.is_logged]
        groups = sorted({one.group_id for one in columns if one.group_id})
        self.columns = columns
        self.marks: ByPerson = defaultdict(dict)
        for session_id, membership_id, status in _marks(session_ids=session_ids, member_ids=members):
            self.marks[membership_id][session_id] = CODES[status]
        self.entered = _entered_of(unlogged, members, cycle)
        self.places: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
        for membership_id, *place in _places(group_ids=groups, member_ids=members):
            self.places[membership_id].append(tuple(place))
        self.booked = booked_user_ids([one.pk for one in unlogged if one.group_id is None])
        # Nobody is on the register of a session they lead.
        self.leads = set(_leaders(session_ids=session_ids, user_ids=list(user_ids)))

    def of(self, pk: int, user_id: int, *, is_active: bool) -> list[str]:
        """One person's codes, a code for each column."""
        marks, entered, places = self.marks.get(pk, {}), self.entered.get(pk, {}), self.places.get(pk, ())
        cells = []
        for column in self.columns:
            code = marks.get(column.pk)
            if self.leads and (column.pk, user_id) in self.leads:
                code = LEADS
            elif code is None:
                code = entered.get(column.pk) or self._unmarked(column, user_id, places, is_active)
            cells.append(code)
        return cells

    def _unmarked(self, column: Column, user_id: int, places: Sequence[tuple[Any, ...]], is_active: bool) -> str:
        """In its group at some moment of it; a session open to all is open to whoever takes part."""
        if column.group_id is None:
            is_booked = user_id in self.booked.get(column.pk, ())
            return IS_BOOKED if is_booked else NOBODY_YET if is_active else NOT_THEN
        for group_id, started_at, ended_at in places:
            if (
                group_id == column.group_id
                and started_at < column.ends_at
                and (ended_at is None or ended_at > column.starts_at)
            ):
                return NOBODY_YET
        return NOT_THEN


@compiled
def _marks(*, session_ids: list[int], member_ids: list[int]) -> QuerySet[Attendance, tuple[Any, ...]]:
    rows = Attendance.objects.filter(session_id__in=session_ids, membership_id__in=member_ids)
    return rows.values_list("session_id", "membership_id", "status")


@compiled
def _places(*, group_ids: list[int], member_ids: list[int]) -> QuerySet[GroupMember, tuple[Any, ...]]:
    rows = GroupMember.objects.filter(group_id__in=group_ids, membership_id__in=member_ids)
    return rows.values_list("membership_id", "group_id", "started_at", "ended_at")


def _entered_of(columns: Sequence[Column], member_ids: list[int], cycle: Cycle) -> ByPerson:
    """Check-ins to sessions nobody has logged."""
    late_from = {one.pk: one.starts_at + timedelta(minutes=cycle.late_after_minutes) for one in columns}
    found: ByPerson = defaultdict(dict)
    for session_id, membership_id, at in _entered(session_ids=list(late_from), member_ids=member_ids):
        found[membership_id][session_id] = IS_IN_LATE if at >= late_from[session_id] else IS_IN
    return found


@compiled
def _entered(*, session_ids: list[int], member_ids: list[int]) -> QuerySet[CheckIn, tuple[Any, ...]]:
    rows = CheckIn.objects.filter(session_id__in=session_ids, membership_id__in=member_ids, is_same_device=False)
    return rows.values_list("session_id", "membership_id", "at")


@compiled
def _leaders(*, session_ids: list[int], user_ids: list[int]) -> QuerySet[SessionLeader, tuple[Any, ...]]:
    rows = SessionLeader.objects.filter(session_id__in=session_ids, membership__user_id__in=user_ids)
    return rows.values_list("session_id", "membership__user_id")
