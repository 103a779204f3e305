"""Who is expected at a session: the participants of its group at that time, or where it is open to all, those who
have booked a seat.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from peerhub.common.statements import compiled
from programmes.models import Booking, BookingState, Group, GroupMember, MembershipStatus, Role, Session, SessionLeader


def in_groups_between(group_ids: Sequence[int], starts_at: datetime, ends_at: datetime) -> Q:
    """Filter of `GroupMember`: in one of these groups at some moment of the time."""
    return Q(group_id__in=group_ids, started_at__lt=ends_at) & (Q(ended_at=None) | Q(ended_at__gt=starts_at))


def expected_user_ids(sessions: Iterable[Session]) -> dict[int, set[int]]:
    """For each session's pk, the pks of the people expected who still take part. One query for any number of groups',
    and one for those that are open to all.
    """
    wanted = list(sessions)
    booked = booked_user_ids([one.pk for one in wanted if not one.group_id])
    places: dict[int, list[list[Any]]] = {}
    for group_id, *place in _places(group_ids={one.group_id for one in wanted if one.group_id}):
        places.setdefault(group_id, []).append(place)
    return {
        one.pk: {
            user_id
            for user_id, started_at, ended_at in places.get(one.group_id, [])
            if started_at < one.ends_at and (ended_at is None or ended_at > one.starts_at)
        }
        if one.group_id
        else booked.get(one.pk, set())
        for one in wanted
    }


def booked_user_ids(session_ids: Sequence[int]) -> dict[int, set[int]]:
    """Session pk to the users who have a seat there and still take part. One query, none for no sessions."""
    found: dict[int, set[int]] = {}
    for session_id, user_id in _booked(session_ids=session_ids):
        found.setdefault(session_id, set()).add(user_id)
    return found


@compiled
def _booked(*, session_ids: Sequence[int]) -> QuerySet[Booking, tuple[int, int]]:
    rows = Booking.objects.filter(
        session__in=session_ids, state=BookingState.BOOKED, membership__status=MembershipStatus.ACTIVE
    )
    return rows.values_list("session_id", "membership__user_id")


def waiting_user_ids(sessions: Iterable[Session]) -> dict[int, set[int]]:
    """Session pk to who waits for a seat or was offered one: nobody expects them, but they hear of changes."""
    listed = list(sessions)
    found: dict[int, set[int]] = {one.pk: set() for one in listed}
    open_to_all = [one.pk for one in listed if not one.group_id]
    if not open_to_all:
        return found
    rows = Booking.objects.filter(
        session__anyof=open_to_all,
        state__in=[BookingState.WAITING, BookingState.OFFERED],
        membership__status=MembershipStatus.ACTIVE,
    )
    for session_id, user_id in rows.values_list("session_id", "membership__user_id"):
        found[session_id].add(user_id)
    return found


@compiled
def _places(*, group_ids: set[int]) -> QuerySet[GroupMember, tuple[Any, ...]]:
    return GroupMember.objects.filter(
        group_id__in=group_ids, membership__role=Role.PARTICIPANT, membership__status=MembershipStatus.ACTIVE
    ).values_list("group_id", "membership__user_id", "started_at", "ended_at")


def leader_user_ids(sessions: Iterable[Session]) -> dict[int, set[int]]:
    """For each session's pk, the pks of its active leaders. One query for any number of sessions."""
    found: dict[int, set[int]] = {one.pk: set() for one in sessions}
    rows = SessionLeader.objects.filter(session_id__in=list(found), membership__status=MembershipStatus.ACTIVE)
    for session_id, user_id in rows.values_list("session_id", "membership__user_id"):
        found[session_id].add(user_id)
    return found


def groups_led_by(user_id: int, cycle_id: int) -> "list[Group]":
    """Groups that are still going in which this person leads, by name."""
    within = GroupMember.objects.filter(
        ended_at=None,
        membership__user_id=user_id,
        membership__role=Role.LEADER,
        membership__status=MembershipStatus.ACTIVE,
    )
    return list(Group.objects.active().filter(cycle_id=cycle_id, pk__in=within.values("group")).order_by("name", "pk"))
