"""Who and what a person may plan sessions with in a cycle."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef

from programmes.models import Cycle, Group, GroupMember, Membership, MembershipStatus, Role
from programmes.permissions import roles_in


@dataclass(frozen=True)
class Planning:
    """Groups and leaders on offer. `usual` names each group's own leaders (membership pks)."""

    groups: list[Group]
    leaders: list[Membership]
    usual: dict[int, list[int]]
    is_coordinator: bool


def planning_for(user: Any, cycle: Cycle) -> Planning:
    """A coordinator plans for every group and leader; a leader for their own groups, with whom they lead those.

    Three queries.
    """
    is_coordinator = Role.COORDINATOR in roles_in(user, cycle.pk)
    groups = Group.objects.active().filter(cycle=cycle, shape="group")
    places = GroupMember.objects.filter(
        ended_at=None,
        group__cycle=cycle,
        group__shape="group",
        membership__role=Role.LEADER,
        membership__status=MembershipStatus.ACTIVE,
    )
    if not is_coordinator:
        mine = places.filter(membership__user=user, group=OuterRef("group"))
        groups = groups.filter(pk__in=places.filter(membership__user=user).values("group"))
        places = places.filter(Exists(mine))
    usual: dict[int, list[int]] = {}
    for group_id, membership_id in places.order_by("pk").values_list("group_id", "membership_id"):
        usual.setdefault(group_id, []).append(membership_id)
    leaders = Membership.objects.active().filter(cycle=cycle, role=Role.LEADER).select_related("user")
    if not is_coordinator:
        beside = {pk for members in usual.values() for pk in members}
        leaders = leaders.filter(pk__in=beside) | leaders.filter(user=user)
    return Planning(
        groups=list(groups.order_by("name", "pk")),
        leaders=list(leaders.order_by("user__given_name", "user__family_name", "pk")),
        usual=usual,
        is_coordinator=is_coordinator,
    )
