"""People in groups: putting them in, moving them, taking them out. A move ends one row and starts another."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from peerhub.common import audit, once, stages
from peerhub.common.errors import DomainError
from programmes.models import (
    Cycle,
    CycleState,
    Group,
    GroupMember,
    Membership,
    MembershipStatus,
    Role,
    SeriesLeader,
    SeriesPattern,
    Session,
    SessionLeader,
    SessionStatus,
    Shape,
)
from programmes.services import letters
from programmes.services.seats import end_bookings
from programmes.services.tickets import give_up_tickets

PLACEABLE = (Role.LEADER, Role.PARTICIPANT)


class PlacingRefused(DomainError):
    """Codes: cycle_closed, group_ended, nobody_chosen, not_in_cycle, full, one_leader, both_roles, not_cleared,
    same_group.
    """


@transaction.atomic(durable=True)
def place_people(
    *,
    actor: Any,
    group_id: int,
    membership_ids: Collection[int],
    from_group_id: int | None = None,
    form_key: UUID | None = None,
    now: datetime,
) -> list[Membership]:
    """Put active leaders and participants into a group; with `from_group_id` they leave that group in the same moment.

    Returns those newly in. Who is in already stays as they are. Refuses with `PlacingRefused`, then nobody is moved.
    """
    once.spend(user=actor, key=form_key, now=now)
    group, origin = _lock_groups(group_id, from_group_id)
    chosen = _chosen(group, membership_ids)
    inside = list(_in_group(group).select_related("membership"))
    there = {place.membership_id for place in inside}
    new = [membership for membership in chosen if membership.pk not in there]
    refuse_misfit(group, [place.membership for place in inside], new)
    refuse_uncleared([membership for membership in new if membership.role == Role.LEADER], now=now)

    if origin:
        end_places(GroupMember.objects.filter(group=origin, membership__in=chosen), now=now)
    start_places(group, new, now=now)
    detail = {"memberships": [membership.pk for membership in new], "from": origin.pk if origin else None}
    action = "programmes.people_moved" if origin else "programmes.people_placed"
    audit.record(actor=actor, action=action, target=group, cycle_id=group.cycle_id, detail=detail, now=now)
    return new


@transaction.atomic(durable=True)
def take_out(*, actor: Any, group_id: int, membership_ids: Collection[int], now: datetime) -> int:
    """End these people's time in the group; returns how many that were. Registers they are in stay as they are."""
    group, _origin = _lock_groups(group_id, None)
    places = GroupMember.objects.filter(group=group, membership__in=membership_ids)
    ended = end_places(places, now=now)
    if not ended:
        raise PlacingRefused("nobody_chosen", _("Choose at least one person first."))
    detail = {"memberships": ended}
    audit.record(
        actor=actor, action="programmes.people_taken_out", target=group, cycle_id=group.cycle_id, detail=detail, now=now
    )
    return len(ended)


def leave_groups(membership_ids: Iterable[int], *, now: datetime) -> list[int]:
    """A step of leaving: end every running group place of these memberships, and give up every coming session.

    Returns the memberships that had a group place.
    """
    leaving = list(membership_ids)
    ended = end_places(GroupMember.objects.filter(membership__in=leaving), now=now)
    give_up_sessions(leaving, now=now)
    return ended


def give_up_sessions(membership_ids: Iterable[int], *, now: datetime) -> None:
    """A step of leaving: these memberships lead none of the coming sessions, have no seat in one, and wait in no queue.
    The past keeps the leaders it had.
    """
    leaving = list(membership_ids)
    end_bookings(leaving, now=now)
    give_up_tickets(leaving, now=now)
    _coming_led(now).filter(membership__anyof=leaving).delete()
    SeriesLeader.objects.filter(membership__anyof=leaving).delete()


def take_up_sessions(place_ids: Iterable[int], *, now: datetime) -> None:
    """A step of undoing: leaders whose places in groups run again lead the groups' coming sessions again, if they are
    still cleared to.
    """
    places = GroupMember.objects.filter(pk__anyof=list(place_ids), ended_at=None, membership__role=Role.LEADER)
    active = places.filter(membership__status=MembershipStatus.ACTIVE).select_related("group", "membership")
    found = list(active.order_by("pk"))
    blocked = stages.clearance([one.membership_id for one in found], now) if found else {}
    for place in (one for one in found if not blocked[one.membership_id]):
        _lead_coming_sessions(place.group, [place.membership], now=now)


def end_all_places(group: Group, *, now: datetime) -> list[int]:
    """A step of ending a group: nobody is in it any more. Returns the memberships that were."""
    return end_places(GroupMember.objects.filter(group=group), now=now)


def rejoin_groups(membership: Membership, *, left_at: datetime, now: datetime) -> int:
    """A step of undoing: back into the groups left at exactly `left_at`, where they still run and have room. Who leads
    there must still be cleared to.
    """
    places = GroupMember.objects.filter(membership=membership, ended_at=left_at, group__ended_at=None)
    groups = [_lock_groups(pk, None)[0] for pk in sorted(places.values_list("group_id", flat=True))]
    back = 0
    for group in groups:
        inside = [place.membership for place in _in_group(group).select_related("membership")]
        try:
            refuse_misfit(group, inside, [membership])
            refuse_uncleared([membership] if membership.role == Role.LEADER else [], now=now)
        except PlacingRefused:
            continue
        start_places(group, [membership], now=now, tell=False)
        back += 1
    return back


def _lock_groups(group_id: int, from_group_id: int | None) -> tuple[Group, Group | None]:
    """Both rows locked in the same order whatever the direction, so that two moves cannot wait for each other.

    The cycle is locked before them, as whoever ends a membership does: nobody is placed who is just leaving.
    """
    if group_id == from_group_id:
        raise PlacingRefused("same_group", _("They are in this group already."))
    cycle = Cycle.objects.select_for_update(of=("self",)).get(groups=group_id)
    if cycle.state == CycleState.CLOSED:
        raise PlacingRefused("cycle_closed", _("This cycle is closed. Its people stay as they were."))
    wanted = [pk for pk in (group_id, from_group_id) if pk is not None]
    groups = {group.pk: group for group in Group.objects.select_for_update().filter(pk__in=wanted).order_by("pk")}
    group, origin = groups[group_id], groups.get(from_group_id or 0)
    if group.ended_at:
        raise PlacingRefused("group_ended", _("This group has ended."))
    if origin and origin.cycle_id != group.cycle_id:
        raise PlacingRefused("not_in_cycle", _("Some of these people are not part of this programme now."))
    return group, origin


def _chosen(group: Group, membership_ids: Collection[int]) -> list[Membership]:
    wanted = set(membership_ids)
    if not wanted:
        raise PlacingRefused("nobody_chosen", _("Choose at least one person first."))
    rows = Membership.objects.active().filter(pk__in=wanted, cycle=group.cycle_id, role__in=PLACEABLE)
    chosen = list(rows.select_related("user").order_by("pk"))
    if len(chosen) != len(wanted):
        raise PlacingRefused("not_in_cycle", _("Some of these people are not part of this programme now."))
    return chosen


def _in_group(group: Group) -> Any:
    return GroupMember.objects.filter(group=group, ended_at=None)


def refuse_misfit(group: Group, inside: Sequence[Membership], new: Sequence[Membership]) -> None:
    """A pair has one leader; nobody takes part in a group they lead; participants stay within the group's places."""
    after = [*inside, *new]
    leaders = {membership.user_id for membership in after if membership.role == Role.LEADER}
    participants = [membership.user_id for membership in after if membership.role == Role.PARTICIPANT]
    if group.shape == Shape.PAIR and len(leaders) > 1:
        raise PlacingRefused("one_leader", _("A pair has one person who leads. Take the other out first."))
    if leaders & set(participants):
        raise PlacingRefused("both_roles", _("Nobody can take part in a group that they lead."))
    limit = group.capacity or (1 if group.shape == Shape.PAIR else None)
    joining = any(membership.role == Role.PARTICIPANT for membership in new)
    if joining and limit is not None and len(participants) > limit:
        message = _("%(group)s has %(limit)s places, and this would make %(count)s.")
        raise PlacingRefused("full", message % {"group": group.name, "limit": limit, "count": len(participants)})


def refuse_uncleared(leaders: Sequence[Membership], *, now: datetime) -> None:
    """Nobody meets students before every stage has cleared them. Only public reasons are shown."""
    if not leaders:
        return
    answers = stages.clearance([leader.pk for leader in leaders], now)
    blocked = [(leader, answers[leader.pk]) for leader in leaders if answers[leader.pk]]
    if blocked:
        leader, blockers = blocked[0]
        reasons = " ".join(str(blocker.public_reason) for blocker in blockers)
        message = _("%(name)s cannot lead yet. %(reasons)s")
        raise PlacingRefused("not_cleared", message % {"name": leader.user.display_name, "reasons": reasons})


def start_places(group: Group, new: Sequence[Membership], *, now: datetime, tell: bool = True) -> None:
    rows = [GroupMember(group=group, membership=membership, started_at=now) for membership in new]
    places = GroupMember.objects.bulk_create(rows)
    leaders = [membership for membership in new if membership.role == Role.LEADER]
    _lead_coming_sessions(group, leaders, now=now)
    if tell:
        letters.to_placed("grouped", _of_role(places, Role.PARTICIPANT), group_id=group.pk, now=now)
        letters.to_placed("leads_group", _of_role(places, Role.LEADER), group_id=group.pk, now=now)


def _of_role(places: Iterable[GroupMember], role: Role) -> list[tuple[int, Membership]]:
    return [(place.pk, place.membership) for place in places if place.membership.role == role]


def _lead_coming_sessions(group: Group, leaders: Sequence[Membership], *, now: datetime) -> None:
    """Who leads a group leads its coming sessions; the past keeps the leaders it had."""
    if not leaders:
        return
    # Where somebody else was found for this one alone, they keep it.
    led = SessionLeader.objects.filter(session=OuterRef("pk"), membership__status=MembershipStatus.ACTIVE)
    coming = (
        Session.objects.filter(group=group, status=SessionStatus.PLANNED, starts_at__gt=now)
        .exclude(Q(has_own_leaders=True) & Exists(led))
        .values_list("pk", flat=True)
    )
    rows = [SessionLeader(session_id=pk, membership=leader) for pk in coming for leader in leaders]
    SessionLeader.objects.bulk_create(rows, ignore_conflicts=True)
    patterns = SeriesPattern.objects.filter(series__group=group).values_list("pk", flat=True)
    lead = [SeriesLeader(pattern_id=pk, membership=leader) for pk in patterns for leader in leaders]
    SeriesLeader.objects.bulk_create(lead, ignore_conflicts=True)


def end_places(places: Any, *, now: datetime) -> list[int]:
    """End the running ones of these places; returns their memberships. Leaders give up the group's coming sessions."""
    running = list(places.filter(ended_at=None).values_list("pk", "membership_id", "group_id", "membership__role"))
    GroupMember.objects.filter(pk__in=[pk for pk, *_rest in running]).update(ended_at=now)
    led = [(membership_id, group_id) for _pk, membership_id, group_id, role in running if role == Role.LEADER]
    for membership_id, group_id in led:
        _coming_led(now).filter(membership=membership_id, session__group=group_id).delete()
        SeriesLeader.objects.filter(membership=membership_id, pattern__series__group=group_id).delete()
    return [membership_id for _pk, membership_id, _group, _role in running]


def _coming_led(now: datetime) -> QuerySet[SessionLeader]:
    """Who leads what has not begun yet. What has begun keeps its leaders: it is history."""
    return SessionLeader.objects.filter(session__status=SessionStatus.PLANNED, session__starts_at__gt=now)
