"""The registers of several sessions at once, six queries for any number: each what `register` says of that session."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q

from peerhub.accounts.models import shown_name
from programmes.models import (
    Attendance,
    Booking,
    BookingState,
    CheckIn,
    GroupMember,
    Membership,
    MembershipStatus,
    Role,
    Session,
    SessionLeader,
)
from programmes.queries.register import Listed

MAY_WALK_IN = (MembershipStatus.ACTIVE, MembershipStatus.WAITING)


Rows = dict[int, dict[int, tuple[Any, ...]]]  # session to membership to fields


@dataclass(frozen=True)
class _Facts:
    """All that registers are made of."""

    marks: Rows
    entered: Rows
    places: Mapping[int, Sequence[tuple[Any, ...]]]  # group to (membership, from, until)
    leaders: Mapping[int, set[int]]  # session to users
    seats: Mapping[int, set[int]]  # session open to all to the memberships that have booked it

    @property
    def member_ids(self) -> set[int]:
        rows = {pk for found in (*self.marks.values(), *self.entered.values()) for pk in found}
        return rows.union((place[0] for places in self.places.values() for place in places), *self.seats.values())

    def expected(self, session: Session) -> set[int]:
        """Those of its group at some moment of it; of what is open to all, those who have booked."""
        if session.group_id is None:
            return self.seats.get(session.pk, set())
        return {
            pk
            for pk, started_at, ended_at in self.places.get(session.group_id, ())
            if started_at < session.ends_at and (ended_at is None or ended_at > session.starts_at)
        }


def registers(
    sessions: Iterable[Session], *, viewer: Any, walk_ins: Mapping[int, Collection[UUID]]
) -> dict[int, list[Listed]]:
    """Session pk to its register by name. `walk_ins`: people besides, as `register` takes them, by session pk."""
    wanted = list(sessions)
    ids = [one.pk for one in wanted]
    facts = _Facts(
        _by_session(Attendance.objects.filter(session__in=ids), "status", "is_walk_in"),
        _by_session(CheckIn.objects.filter(session__in=ids), "at", "how", "is_same_device"),
        _places(wanted),
        _leaders(ids),
        _seats([one.pk for one in wanted if one.group_id is None]),
    )
    members = _members(wanted, facts.member_ids, {key for keys in walk_ins.values() for key in keys})
    return {one.pk: list(_of(one, members, facts, viewer, walk_ins.get(one.pk, ()))) for one in wanted}


def _by_session(rows: Any, *fields: str) -> Rows:
    found: Rows = defaultdict(dict)
    for session_id, membership_id, *values in rows.values_list("session_id", "membership_id", *fields):
        found[session_id][membership_id] = tuple(values)
    return found


def _places(sessions: Collection[Session]) -> dict[int, list[tuple[Any, ...]]]:
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    rows = GroupMember.objects.filter(group__in={one.group_id for one in sessions if one.group_id})
    for group_id, *place in rows.values_list("group_id", "membership_id", "started_at", "ended_at"):
        found[group_id].append(tuple(place))
    return found


def _leaders(session_ids: Sequence[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    rows = SessionLeader.objects.filter(session__in=session_ids).values_list("session_id", "membership__user_id")
    for session_id, user_id in rows:
        found[session_id].add(user_id)
    return found


def _seats(session_ids: Sequence[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    rows = Booking.objects.filter(session__in=session_ids, state=BookingState.BOOKED, membership__status="active")
    for session_id, membership_id in rows.values_list("session_id", "membership_id"):
        found[session_id].add(membership_id)
    return found


def _members(sessions: Collection[Session], inside: set[int], walk_ins: set[UUID]) -> list[Membership]:
    rows = Membership.objects.filter(
        Q(pk__in=inside) | Q(uuid__in=walk_ins, status__in=MAY_WALK_IN),
        cycle__in={one.cycle_id for one in sessions},
        role=Role.PARTICIPANT,
    )
    return list(rows.select_related("user").order_by("user__given_name", "user__family_name", "pk"))


def _of(
    session: Session, members: Iterable[Membership], facts: _Facts, viewer: Any, walk_ins: Collection[UUID]
) -> Iterator[Listed]:
    expected = facts.expected(session)
    seen = {*expected, *facts.marks[session.pk], *facts.entered[session.pk]}
    for one in members:
        if one.cycle_id != session.cycle_id or one.user_id in facts.leaders.get(session.pk, ()):
            continue
        if one.pk in seen or (one.uuid in walk_ins and one.status in MAY_WALK_IN):
            yield _listed(session, one, facts, viewer, is_expected=one.pk in expected)


def _listed(session: Session, member: Membership, facts: _Facts, viewer: Any, *, is_expected: bool) -> Listed:
    status, walked_in = facts.marks[session.pk].get(member.pk, ("", False))
    at, how, same_device = facts.entered[session.pk].get(member.pk, (None, "", False))
    user = member.user
    return Listed(
        membership_id=member.pk,
        uuid=member.uuid,
        user_id=user.pk,
        name=shown_name(user.preferred_name, user.given_name, user.family_name),
        status=status,
        is_expected=is_expected,
        is_walk_in=bool(walked_in) or not is_expected,
        is_viewer=user.pk == viewer.pk,
        entered_at=at,
        entered_how=how,
        is_same_device=bool(same_device),
    )
