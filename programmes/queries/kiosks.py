"""What a check-in desk knows: what is on now, and who a number names in its own cycle. And the desks of a cycle."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from peerhub.accounts.queries.numbers import Number, has_number
from programmes.models import (
    Booking,
    BookingState,
    Cycle,
    CycleState,
    GroupMember,
    Kiosk,
    Membership,
    MembershipStatus,
    Mode,
    Role,
    Session,
    SessionKind,
    SessionLeader,
    SessionStatus,
)
from programmes.models.check_ins import CLOSES_AFTER, OPENS_BEFORE
from programmes.queries.expected import in_groups_between

SHOWN = 12


def kiosks_of(cycle: Cycle) -> QuerySet[Kiosk]:
    """The cycle's open desks and screens, the newest first."""
    return Kiosk.objects.filter(cycle=cycle, closed_at=None).select_related("opened_by").order_by("-opened_at", "-pk")


def sessions_on_now(cycle: Cycle, *, now: datetime) -> list[Session]:
    """Sessions of the cycle that take check-ins now. One query."""
    if cycle.state == CycleState.CLOSED:
        return []
    rows = Session.objects.filter(
        ~Q(mode=Mode.ASYNC),
        cycle=cycle,
        kind=SessionKind.SESSION,
        status=SessionStatus.PLANNED,
        starts_at__lte=now + OPENS_BEFORE,
        ends_at__gt=now - CLOSES_AFTER,
    )
    found = list(rows.select_related("group", "drop_in").order_by("starts_at", "pk")[:SHOWN])
    for one in found:
        one.cycle = cycle
    return found


def member_by_number(cycle: Cycle, number: Number) -> Membership | None:
    """The one participant of this cycle whom the number names; None for nobody, and for two."""
    rows = Membership.objects.filter(
        has_number(number),
        cycle=cycle,
        role=Role.PARTICIPANT,
        status__in=[MembershipStatus.ACTIVE, MembershipStatus.WAITING],
        user__is_active=True,
    )
    found = list(rows.select_related("user").order_by("pk")[:2])
    return found[0] if len(found) == 1 else None


def expected_in(member: Membership, sessions: list[Session]) -> list[Session]:
    """Those of `sessions` whose group the person is in, or at which they have a seat. Two queries."""
    groups = {one.group_id for one in sessions if one.group_id}
    first, last = min(one.starts_at for one in sessions), max(one.ends_at for one in sessions)
    within = in_groups_between(list(groups), first, last)
    mine = set(GroupMember.objects.filter(within, membership=member).values_list("group_id", flat=True))
    seats = Booking.objects.filter(membership=member, state=BookingState.BOOKED, session__in=sessions)
    booked = set(seats.values_list("session_id", flat=True))
    return [one for one in sessions if one.group_id in mine or one.pk in booked]


def is_leader_of(member: Any, session: Session) -> bool:
    return SessionLeader.objects.filter(session=session, membership__user=member.user_id).exists()
