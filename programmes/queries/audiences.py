"""Who belongs to a class of people in a cycle at the moment."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from peerhub.accounts.models import shown_name
from programmes.models import (
    Announcement,
    Attendance,
    Audience,
    Cycle,
    Group,
    GroupMember,
    Membership,
    MembershipStatus,
    Role,
)
from programmes.queries.quiet_ground import ground
from programmes.queries.quiet_groups import HERE
from programmes.queries.quiet_people import absent_people, late_with_logs

Members = QuerySet[Membership]


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody a message would go to."""

    user_id: int
    name: str
    first_name: str
    has_address: bool


def readers(cycle: Cycle, audience: str, group: Group | None, *, now: datetime) -> list[Reader]:
    """Different people, by name. At most five queries."""
    rows = (
        members(cycle, audience, group, now=now)
        .filter(user__is_active=True)
        .order_by("user__given_name", "user__family_name", "user_id")
        .values_list(
            "user_id", "user__preferred_name", "user__given_name", "user__family_name", "user__email"
        )
    )  # fmt: skip
    found = {}
    for user_id, preferred, given, family, email in rows:
        found[user_id] = Reader(user_id, shown_name(preferred, given, family), preferred or given, bool(email))
    return list(found.values())


def reader_ids(announcement: Announcement, *, now: datetime) -> set[int]:
    """User pks of those who belong to whom it was written. Load the cycle."""
    one = announcement
    return set(members(one.cycle, one.audience, one.group, now=now).values_list("user_id", flat=True))


def members(cycle: Cycle, audience: str, group: Group | None, *, now: datetime) -> Members:
    """Memberships of a class of people."""
    if audience == Audience.GROUP:
        return _of_group(group)
    return CLASSES[Audience(audience)](cycle, now)


def _active(cycle: Cycle, *roles: str) -> Members:
    return Membership.objects.active().filter(cycle=cycle, role__in=roles)


def _never_came(cycle: Cycle, _now: datetime) -> Members:
    came = Attendance.objects.filter(membership=OuterRef("pk"), status__in=HERE)
    return _active(cycle, Role.PARTICIPANT).filter(~Exists(came))


def _ungrouped(cycle: Cycle, _now: datetime) -> Members:
    placed = GroupMember.objects.filter(membership=OuterRef("pk"), ended_at=None, group__ended_at=None)
    return _active(cycle, Role.PARTICIPANT).filter(~Exists(placed))


def _absent(cycle: Cycle, now: datetime) -> Members:
    return _active(cycle, Role.PARTICIPANT).filter(
        pk__in=[one.key for one in absent_people(ground([cycle.pk], now=now))]
    )


def _late_logs(cycle: Cycle, now: datetime) -> Members:
    late = [one.key for one in late_with_logs(ground([cycle.pk], now=now))]
    return _active(cycle, Role.LEADER).filter(pk__in=late)


def _offered(cycle: Cycle, now: datetime) -> Members:
    unanswered = Q(status=MembershipStatus.OFFERED, offer_expires_at__gt=now)
    return Membership.objects.filter(unanswered, cycle=cycle, role=Role.PARTICIPANT)


def _of_group(group: Group | None) -> Members:
    placed = GroupMember.objects.filter(membership=OuterRef("pk"), group=group, ended_at=None, group__ended_at=None)
    return Membership.objects.active().filter(Exists(placed), role__in=[Role.LEADER, Role.PARTICIPANT])


CLASSES: dict[Audience, Callable[[Cycle, datetime], Members]] = {
    Audience.EVERYONE: lambda cycle, _now: _active(cycle, Role.LEADER, Role.PARTICIPANT),
    Audience.PARTICIPANTS: lambda cycle, _now: _active(cycle, Role.PARTICIPANT),
    Audience.LEADERS: lambda cycle, _now: _active(cycle, Role.LEADER),
    Audience.NEVER_CAME: _never_came,
    Audience.ABSENT: _absent,
    Audience.UNGROUPED: _ungrouped,
    Audience.OFFERED: _offered,
    Audience.LATE_LOGS: _late_logs,
}


def first_names(found: Sequence[Reader], most: int = 5) -> list[str]:
    """The first few, for a look before sending."""
    return [one.first_name for one in found[:most]]
