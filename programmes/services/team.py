"""Who runs a cycle: its coordinators, and which of them is the point person."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from peerhub.common import audit
from peerhub.common.errors import DomainError
from programmes.models import Cycle, Membership, MembershipStatus, Role
from programmes.services.changes import locked_cycle, looked_at


class TeamRefused(DomainError):
    """Codes: inactive, point_person, not_coordinator."""


def _coordinator(cycle: Cycle, person: Any, actor: Any, now: datetime) -> tuple[Membership, bool]:
    """The person's active coordinator row, made or woken up; and whether it is new."""
    row, created = Membership.objects.get_or_create(
        cycle=cycle,
        user=person,
        role=Role.COORDINATOR,
        defaults={"created_at": now, "joined_at": now, "source": "appointed", "decided_by": actor, "decided_at": now},
    )
    if created or row.status == MembershipStatus.ACTIVE:
        return row, created
    Membership.objects.filter(pk=row.pk).update(
        status=MembershipStatus.ACTIVE, joined_at=now, ended_at=None, end_reason="", decided_by=actor, decided_at=now
    )
    row.refresh_from_db()
    return row, True


def _record(actor: Any, action: str, row: Membership, now: datetime) -> None:
    audit.record(actor=actor, action=action, target=row, cycle_id=row.cycle_id, detail={"user": row.user_id}, now=now)


@transaction.atomic(durable=True)
def appoint_coordinator(*, actor: Any, cycle_id: int, person: Any, now: datetime) -> Membership:
    """Make somebody a coordinator of this cycle. Naming them twice changes nothing. Refuses with `TeamRefused`."""
    if not person.is_active:
        raise TeamRefused("inactive", _("This account is switched off."))
    cycle = locked_cycle(cycle_id)
    row, appointed = _coordinator(cycle, person, actor, now)
    looked_at(cycle, "people")
    if appointed:
        _record(actor, "programmes.coordinator_appointed", row, now)
    return row


@transaction.atomic(durable=True)
def name_point_person(*, actor: Any, cycle_id: int, person: Any, now: datetime) -> Membership:
    """Make somebody the one point person, and a coordinator if they were none. Refuses with `TeamRefused`."""
    if not person.is_active:
        raise TeamRefused("inactive", _("This account is switched off."))
    cycle = locked_cycle(cycle_id)
    row, _appointed = _coordinator(cycle, person, actor, now)
    looked_at(cycle, "people")
    if row.is_point_person:
        return row
    Membership.objects.filter(cycle=cycle, is_point_person=True).update(is_point_person=False)
    Membership.objects.filter(pk=row.pk).update(is_point_person=True)
    row.is_point_person = True
    _record(actor, "programmes.point_person_named", row, now)
    return row


@transaction.atomic(durable=True)
def release_coordinator(*, actor: Any, cycle_id: int, membership_id: int, now: datetime) -> None:
    """End somebody's work as coordinator. The point person must be replaced first. Refuses with `TeamRefused`."""
    cycle = locked_cycle(cycle_id)
    row = Membership.objects.filter(pk=membership_id, cycle=cycle, role=Role.COORDINATOR).first()
    if row is None:
        raise TeamRefused("not_coordinator", _("They are not a coordinator of this cycle."))
    if row.is_point_person:
        raise TeamRefused("point_person", _("Name another point person first: there must always be one."))
    if row.status != MembershipStatus.ACTIVE:
        return
    Membership.objects.filter(pk=row.pk).update(status=MembershipStatus.LEFT, ended_at=now)
    _record(actor, "programmes.coordinator_released", row, now)
