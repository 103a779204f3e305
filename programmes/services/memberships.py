"""People and their roles, from the coordinator's side: appoint, name the point person, remove, take back in."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from peerhub.accounts.models import User
from peerhub.common import audit, once
from peerhub.common.errors import DomainError
from programmes.models import Cycle, CycleState, Membership, MembershipStatus, Role
from programmes.services import joining, letters, places
from programmes.services.group_places import rejoin_groups
from programmes.services.letters import UNDO_WINDOW

REMOVABLE = (MembershipStatus.ACTIVE, MembershipStatus.WAITING, MembershipStatus.OFFERED, MembershipStatus.INVITED)
GONE = (MembershipStatus.LEFT, MembershipStatus.REMOVED)


class MembershipRefused(DomainError):
    """Codes: cycle_closed, already_in, person_inactive, not_in, oneself, reason_missing, not_gone, not_coordinator."""


@transaction.atomic(durable=True)
def appoint_member(
    *, actor: Any, cycle_id: int, user_id: int, role: str, form_key: UUID | None = None, now: datetime
) -> Membership:
    """Give a person a role at once, whatever they were before. Participants need a free place (`NoPlace`)."""
    once.spend(user=actor, key=form_key, now=now)
    cycle = places.lock_cycle(cycle_id)
    _refuse_closed(cycle)
    person = User.objects.get(pk=user_id)
    if not person.is_active:
        raise MembershipRefused("person_inactive", _("This account is closed."))
    membership = places.own_row(cycle, person, role, now=now)
    if membership.pk and membership.status == MembershipStatus.ACTIVE:
        raise MembershipRefused("already_in", _("%(name)s has this role already.") % {"name": person.display_name})
    places.settle(cycle, now=now)
    held_place = membership.status == MembershipStatus.OFFERED
    places.start_over(membership, source="added")
    if held_place:
        places.activate(membership, now=now)
    else:
        places.place_now(cycle, membership, now=now)
    audit.record(
        actor=actor,
        action="programmes.member_appointed",
        target=membership,
        cycle_id=cycle.pk,
        detail={"role": role},
        now=now,
    )
    if person.pk != actor.pk:
        letters.to_person("appointed", membership, now=now)
    return membership


@transaction.atomic(durable=True)
def name_point_person(*, actor: Any, membership_id: int, now: datetime) -> Membership:
    """Make an active coordinator the cycle's named, reachable point person; the one before stays a coordinator."""
    cycle, membership = _lock_member(membership_id)
    if membership.is_point_person:
        return membership
    if membership.role != Role.COORDINATOR or membership.status != MembershipStatus.ACTIVE:
        raise MembershipRefused(
            "not_coordinator", _("The point person is one of the coordinators. Make them a coordinator first.")
        )
    Membership.objects.filter(cycle=cycle, is_point_person=True).update(is_point_person=False)
    membership.is_point_person = True
    membership.save(update_fields=["is_point_person"])
    audit.record(actor=actor, action="programmes.point_person_named", target=membership, cycle_id=cycle.pk, now=now)
    if membership.user_id != actor.pk:
        letters.to_person("point_person", membership, now=now)
    return membership


@transaction.atomic(durable=True)
def remove_member(*, actor: Any, membership_id: int, reason: str, now: datetime) -> Membership:
    """End somebody's part in the cycle. The reason is private to those who run it; registers and logs stay."""
    cycle, membership = _lock_member(membership_id)
    if membership.status == MembershipStatus.REMOVED:
        return membership  # pressed twice
    if membership.status not in REMOVABLE:
        raise MembershipRefused(
            "not_in", _("%(name)s is not in this programme now.") % {"name": membership.user.display_name}
        )
    if membership.user_id == actor.pk:
        raise MembershipRefused("oneself", _("You cannot remove yourself. Leave the programme under “My programmes”."))
    if not reason.strip():
        raise MembershipRefused("reason_missing", _("Write a reason. Only those who run the programme can read it."))
    joining.refuse_unattended(membership)
    places.end(membership, MembershipStatus.REMOVED, reason=reason.strip(), now=now)
    audit.record(actor=actor, action="programmes.member_removed", target=membership, cycle_id=cycle.pk, now=now)
    letters.to_person("removed", membership, now=now, hold=UNDO_WINDOW)
    places.settle(cycle, now=now)
    return membership


@transaction.atomic(durable=True)
def reinstate_member(*, actor: Any, membership_id: int, now: datetime) -> Membership:
    """Take somebody back in who left or was removed; within ten minutes also into the groups they were in.

    Participants need a free place (`NoPlace`).
    """
    cycle, membership = _lock_member(membership_id)
    if membership.status == MembershipStatus.ACTIVE:
        return membership  # pressed twice
    if membership.status not in GONE:
        raise MembershipRefused("not_gone", _("%(name)s has not left.") % {"name": membership.user.display_name})
    _refuse_closed(cycle)
    places.settle(cycle, now=now)
    left_at, removed = membership.ended_at, membership.status == MembershipStatus.REMOVED
    joined_at = membership.joined_at
    places.place_now(cycle, membership, now=now)
    soon = left_at is not None and now - left_at <= UNDO_WINDOW
    if left_at and soon:
        membership.joined_at = joined_at or now
        membership.save(update_fields=["joined_at"])
        rejoin_groups(membership, left_at=left_at, now=now)
    audit.record(actor=actor, action="programmes.member_reinstated", target=membership, cycle_id=cycle.pk, now=now)
    if not (soon and removed):
        letters.to_person("reinstated", membership, now=now)
    return membership


@transaction.atomic(durable=True)
def record_export(*, actor: Any, cycle_id: int, what: str, count: int, now: datetime) -> None:
    """Put on record that a list of people was taken out of PeerHub; `what` names the list."""
    cycle = Cycle.objects.get(pk=cycle_id)
    detail = {"what": what, "count": count}
    audit.record(
        actor=actor, action="programmes.people_exported", target=cycle, cycle_id=cycle_id, detail=detail, now=now
    )


def _lock_member(membership_id: int) -> tuple[Cycle, Membership]:
    cycle_id = Membership.objects.values_list("cycle_id", flat=True).get(pk=membership_id)
    cycle = places.lock_cycle(cycle_id)
    return cycle, Membership.objects.select_related("user").get(pk=membership_id)


def _refuse_closed(cycle: Cycle) -> None:
    if cycle.state == CycleState.CLOSED:
        raise MembershipRefused("cycle_closed", _("This cycle is closed. Its people stay as they were."))
