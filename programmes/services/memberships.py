"""People and their roles, from the side of those who run it: appoint, name the point person, remove, take back in."""

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
from programmes.services.changes import looked_at
from programmes.services.group_places import rejoin_groups
from programmes.services.letters import UNDO_WINDOW
from programmes.services.seats import take_back_bookings

REMOVABLE = (MembershipStatus.ACTIVE, MembershipStatus.WAITING, MembershipStatus.OFFERED, MembershipStatus.INVITED)
GONE = (MembershipStatus.LEFT, MembershipStatus.REMOVED)


class MembershipRefused(DomainError):
    """Codes: cycle_closed, already_in, person_inactive, not_in, oneself, reason_missing, not_gone."""


@transaction.atomic(durable=True)
def appoint_member(
    *, actor: Any, cycle_id: int, user_id: int, role: str, form_key: UUID | None = None, now: datetime
) -> Membership:
    """Give a person a role at once, whatever they were before. Participants need a free place (`NoPlace`)."""
    once.spend(user=actor, key=form_key, now=now)
    cycle, membership = _lock_or_make(cycle_id, user_id, role, now=now)
    if membership.status == MembershipStatus.ACTIVE:
        name = {"name": membership.user.display_name}
        raise MembershipRefused("already_in", _("%(name)s has this role already.") % name)
    _take_in(actor, cycle, membership, now=now)
    if membership.user_id != actor.pk:
        letters.to_person("appointed", membership, now=now)
    return membership


def take_on(*, actor: Any, cycle_id: int, user_id: int, role: str, now: datetime) -> Membership:
    """A step of another stage's use case, in its transaction: from now on they have this role. The stage tells them.

    Whoever has it already keeps it as it is.
    """
    cycle, membership = _lock_or_make(cycle_id, user_id, role, now=now)
    if membership.status != MembershipStatus.ACTIVE:
        _take_in(actor, cycle, membership, now=now)
    return membership


@transaction.atomic(durable=True)
def name_point_person(*, actor: Any, cycle_id: int, user_id: int, now: datetime) -> Membership:
    """Make somebody the cycle's named, reachable point person, and a coordinator if they were none.

    The one before stays a coordinator.
    """
    cycle, membership = _lock_or_make(cycle_id, user_id, Role.COORDINATOR, now=now)
    if membership.is_point_person:
        return membership  # pressed twice
    if membership.status != MembershipStatus.ACTIVE:
        _take_in(actor, cycle, membership, now=now)
    looked_at(cycle, "people")
    Membership.objects.filter(cycle=cycle, is_point_person=True).update(is_point_person=False)
    membership.is_point_person = True
    membership.save(update_fields=["is_point_person"])
    audit.record(actor=actor, action="programmes.point_person_named", target=membership, cycle_id=cycle.pk, now=now)
    if membership.user_id != actor.pk:
        letters.to_person("point_person", membership, now=now)
    return membership


@transaction.atomic(durable=True)
def release_coordinator(*, actor: Any, membership_id: int, now: datetime) -> Membership:
    """End somebody's work as a coordinator, for which no reason is asked. The point person must be replaced first."""
    cycle, membership = _lock_member(membership_id)
    if membership.status == MembershipStatus.REMOVED:
        return membership  # pressed twice
    if membership.role != Role.COORDINATOR or membership.status != MembershipStatus.ACTIVE:
        raise MembershipRefused("not_in", _("They are not a coordinator of this cycle."))
    _refuse_closed(cycle)
    _remove(actor, cycle, membership, "programmes.coordinator_released", now=now)
    return membership


@transaction.atomic(durable=True)
def remove_member(*, actor: Any, membership_id: int, reason: str, now: datetime) -> Membership:
    """End somebody's part in the cycle. Those who run it read the reason, the person finds it in their own export.

    Registers and logs stay.
    """
    cycle, membership = _lock_member(membership_id)
    if membership.status == MembershipStatus.REMOVED:
        return membership  # pressed twice
    if membership.status not in REMOVABLE:
        raise MembershipRefused(
            "not_in", _("%(name)s is not in this programme now.") % {"name": membership.user.display_name}
        )
    if not reason.strip():
        raise MembershipRefused("reason_missing", _("Write a reason. Those who run the programme read it."))
    _remove(actor, cycle, membership, "programmes.member_removed", reason=reason.strip(), now=now)
    return membership


@transaction.atomic(durable=True)
def reinstate_member(*, actor: Any, membership_id: int, now: datetime) -> Membership:
    """Take somebody back in who left or was removed; within ten minutes also into the groups they were in and the
    seats they had.

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
        take_back_bookings(membership, left_at=left_at, now=now)
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


def _lock_or_make(cycle_id: int, user_id: int, role: str, *, now: datetime) -> tuple[Cycle, Membership]:
    """The cycle locked, and the person's row in this role, saved or not: they are about to be given it."""
    cycle = places.lock_cycle(cycle_id)
    _refuse_closed(cycle)
    person = User.objects.get(pk=user_id)
    if not person.is_active:
        raise MembershipRefused("person_inactive", _("This account is closed."))
    return cycle, places.own_row(cycle, person, role, now=now)


def _take_in(actor: Any, cycle: Cycle, membership: Membership, *, now: datetime) -> None:
    """Make them active at once. Coordinators are named on the timeline, others only to those who see the people."""
    places.settle(cycle, now=now)
    held_place = membership.status == MembershipStatus.OFFERED
    places.start_over(membership, source="added")
    if held_place:
        places.activate(membership, now=now)
    else:
        places.place_now(cycle, membership, now=now)
    action = "programmes.member_appointed"
    if membership.role == Role.COORDINATOR:
        action = "programmes.coordinator_appointed"
        looked_at(cycle, "people")
    detail = {"role": membership.role}
    audit.record(actor=actor, action=action, target=membership, cycle_id=cycle.pk, detail=detail, now=now)


def _remove(actor: Any, cycle: Cycle, membership: Membership, action: str, *, reason: str = "", now: datetime) -> None:
    """End it, tell the person once it can no longer be undone, and pass the place on."""
    if membership.user_id == actor.pk:
        raise MembershipRefused("oneself", _("You cannot remove yourself. Leave the programme under “My programmes”."))
    joining.refuse_unattended(membership)
    places.end(membership, MembershipStatus.REMOVED, reason=reason, now=now)
    audit.record(actor=actor, action=action, target=membership, cycle_id=cycle.pk, now=now)
    letters.to_person("removed", membership, now=now, hold=UNDO_WINDOW)
    places.settle(cycle, now=now)


def _refuse_closed(cycle: Cycle) -> None:
    if cycle.state == CycleState.CLOSED:
        raise MembershipRefused("cycle_closed", _("This cycle is closed. Its people stay as they were."))
