"""Who is expected at a session: the participants of its group at that time. Sessions open to all expect nobody."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from peerhub.common.statements import compiled
from programmes.models import Group, GroupMember, MembershipStatus, Role, Session, SessionLeader


def in_groups_between(group_ids: Sequence[int], starts_at: datetime, ends_at: datetime) -> Q:
    """Filter of `GroupMember`: in one of these groups at some moment of the time."""
    return Q(group_id__in=group_ids, started_at__lt=ends_at) & (Q(ended_at=None) | Q(ended_at__gt=starts_at))


def expected_user_ids(sessions: Iterable[Session]) -> dict[int, set[int]]:
    """For each session's pk, the pks of the people expected who still take part. One query for any number."""
    wanted = list(sessions)
    places: dict[int, list[list[Any]]] = {}
    for group_id, *place in _places(group_ids={one.group_id for one in wanted if one.group_id}):
        places.setdefault(group_id, []).append(place)
    return {
        one.pk: {
            user_id
            for user_id, started_at, ended_at in places.get(one.group_id or 0, [])
            if started_at < one.ends_at and (ended_at is None or ended_at > one.starts_at)
        }
        for one in wanted
    }


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
