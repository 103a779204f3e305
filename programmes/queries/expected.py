"""Who is expected at a session: the participants of its group at that time. Sessions open to all expect nobody."""

from collections.abc import Iterable

from django.db.models import Q

from programmes.models import Group, GroupMember, MembershipStatus, Role, Session, SessionLeader


def in_group_during(session: Session) -> Q:
    """Filter of `GroupMember`: in the session's group at some moment of it."""
    return Q(group_id=session.group_id, started_at__lt=session.ends_at) & (
        Q(ended_at=None) | Q(ended_at__gt=session.starts_at)
    )


def expected_user_ids(sessions: Iterable[Session]) -> dict[int, set[int]]:
    """For each session's pk, the pks of the people expected who still take part. One query for any number."""
    wanted = list(sessions)
    places: dict[int, list[GroupMember]] = {}
    rows = GroupMember.objects.filter(
        group_id__in={one.group_id for one in wanted if one.group_id},
        membership__role=Role.PARTICIPANT,
        membership__status=MembershipStatus.ACTIVE,
    ).select_related("membership")
    for row in rows:
        places.setdefault(row.group_id, []).append(row)
    return {
        one.pk: {
            place.membership.user_id
            for place in places.get(one.group_id or 0, [])
            if place.started_at < one.ends_at and (place.ended_at is None or place.ended_at > one.starts_at)
        }
        for one in wanted
    }


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
