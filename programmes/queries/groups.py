"""Groups as pages show them: lists with who leads and how many, one group for those who run it and for those in it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from programmes.models import Cycle, Group, GroupMember, Membership, Role, Session, Shape
from programmes.queries.joining import members_see_each_other, shares_addresses

PAGE = 50
OFFERED_AT_ONCE = 50


def groups_of(cycle: Cycle, *, words: str = "", ended: bool = False) -> QuerySet[Group]:
    """A cycle's groups with `leaders_now`, `taking_part` and `next_at`. Two queries a page."""
    here = Q(members__ended_at=None)
    leaders = GroupMember.objects.filter(ended_at=None, membership__role=Role.LEADER).select_related("membership__user")
    rows = Group.objects.filter(cycle=cycle, ended_at__isnull=not ended)
    for word in words.split()[:6]:
        rows = rows.filter(
            Q(name__icontains=word) | Q(subject__icontains=word) | Q(place__icontains=word) | Exists(_led_by(word))
        )
    counted = rows.annotate(taking_part=Count("members", filter=here & Q(members__membership__role=Role.PARTICIPANT)))
    return counted.prefetch_related(Prefetch("members", leaders.order_by("pk"), to_attr="leaders_now")).order_by(
        "name", "pk"
    )


def _led_by(word: str) -> QuerySet[GroupMember]:
    leads = GroupMember.objects.filter(group=OuterRef("pk"), ended_at=None, membership__role=Role.LEADER)
    return leads.filter(
        Q(membership__user__given_name__icontains=word) | Q(membership__user__family_name__icontains=word)
    )


@dataclass(frozen=True)
class GroupNumbers:
    """For the head of the list."""

    groups: int
    without_leader: int
    unplaced: int


def group_numbers(cycle: Cycle) -> GroupNumbers:
    """How many groups, how many without anybody who leads, how many people in none. Two queries."""
    leads = GroupMember.objects.filter(group=OuterRef("pk"), ended_at=None, membership__role=Role.LEADER)
    numbers = (
        Group.objects.active()
        .filter(cycle=cycle)
        .aggregate(groups=Count("pk"), without=Count("pk", filter=~Exists(leads)))
    )
    return GroupNumbers(numbers["groups"], numbers["without"], unplaced(cycle).count())


def unplaced(cycle: Cycle, role: str = Role.PARTICIPANT) -> QuerySet[Membership]:
    """Active members of this role in no running group, by name."""
    rows = Membership.objects.active().filter(cycle=cycle, role=role).exclude(Exists(_places(OuterRef("pk"))))
    return rows.select_related("user").order_by("user__family_name", "user__given_name", "pk")


def _places(membership: Any) -> QuerySet[GroupMember]:
    return GroupMember.objects.filter(membership=membership, ended_at=None, group__ended_at=None)


def people_to_place(group: Group, *, words: str = "") -> list[Membership]:
    """Who could be put in: without words those in no group, else anybody active. At most 50, with `groups_now`."""
    inside = GroupMember.objects.filter(group=group, ended_at=None, membership=OuterRef("pk"))
    peers = [Role.LEADER, Role.PARTICIPANT]
    rows = Membership.objects.active().filter(cycle=group.cycle_id, role__in=peers).exclude(Exists(inside))
    if words.strip():
        for word in words.split()[:6]:
            rows = rows.filter(
                Q(user__given_name__icontains=word)
                | Q(user__family_name__icontains=word)
                | Q(user__preferred_name__icontains=word)
                | Q(user__email__icontains=word)
            )
    else:
        # A group without anybody who leads needs one first, and leaders often have several groups.
        led = GroupMember.objects.filter(group=group, ended_at=None, membership__role=Role.LEADER)
        in_none = ~Exists(_places(OuterRef("pk")))
        rows = rows.filter(in_none if led.exists() else in_none | Q(role=Role.LEADER))
    running = GroupMember.objects.filter(ended_at=None, group__ended_at=None).select_related("group").order_by("pk")
    rows = rows.select_related("user").prefetch_related(Prefetch("group_places", running, to_attr="groups_now"))
    return list(rows.order_by("role", "user__family_name", "user__given_name", "pk")[:OFFERED_AT_ONCE])


def other_groups(group: Group) -> list[Group]:
    """Where people of this group could move to, at most 200."""
    return list(Group.objects.active().filter(cycle=group.cycle_id).exclude(pk=group.pk).order_by("name", "pk")[:200])


@dataclass(frozen=True)
class GroupPage:
    """One group for one viewer. What they may not see is not here: templates need not hide anything."""

    group: Group
    leaders: list[Membership]
    participants: list[Membership]
    first_names: list[str]
    hidden: int  # others whom this viewer is not told about
    coming: list[Session]
    shows_addresses: bool
    is_run: bool  # by somebody who runs the cycle
    is_led: bool


def group_page(group: Group, *, viewer: Any, runs: bool, now: datetime) -> GroupPage:
    """The page of `viewer`: who runs the cycle sees all, who leads sees whom, who takes part sees who leads."""
    places = GroupMember.objects.filter(group=group, ended_at=None).select_related("membership__user")
    inside = [
        place.membership
        for place in places.order_by("membership__user__family_name", "membership__user__given_name", "pk")
    ]
    leaders = [membership for membership in inside if membership.role == Role.LEADER]
    participants = [membership for membership in inside if membership.role == Role.PARTICIPANT]
    leads = any(membership.user_id == viewer.pk for membership in leaders)
    others = [membership.user.short_name for membership in participants if membership.user_id != viewer.pk]
    names_shown = not (runs or leads) and members_see_each_other(group.cycle) and group.shape == Shape.GROUP
    return GroupPage(
        group,
        leaders,
        participants if runs or leads else [],
        others if names_shown else [],
        0 if runs or leads or names_shown else len(others),
        list(Session.objects.upcoming(now=now).filter(group=group, kind="session").order_by("starts_at", "pk")[:5]),
        shares_addresses(group.cycle),
        runs,
        leads,
    )
