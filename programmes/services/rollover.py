"""Rolling a cycle over: next year's is a copy to be read again, never last year's edited."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from peerhub.common import audit, stages
from peerhub.common.errors import DomainError
from programmes.models import CADENCE, BookingRules, BoundaryReferral, Cycle, Membership, MembershipStatus, Role
from programmes.models.bookings import RULES
from programmes.queries.checks import FRESH_LOOK
from programmes.services.documents import copy_documents
from programmes.services.programmes import RESERVED_CODES

# What the next cycle takes over as it is. Programme texts, words and topics live on the programme and simply stay.
COPIED = (
    "time_zone", "join_policy", "capacity", "waiting_list", "offer_days", "attendance_mode",
    *CADENCE,
    "expectations", "responsibilities", "boundaries",
)  # fmt: skip
STAYS_ON = (Role.COORDINATOR, Role.SUPERVISOR)


class RollOverRefused(DomainError):
    """Codes: dates, code_taken, code_reserved, overlaps."""


@dataclass(frozen=True)
class NextCycle:
    """Code and days of the new cycle; both days are inside."""

    code: str
    starts_on: date
    ends_on: date


def _check(cycle: Cycle, new: NextCycle) -> None:
    if new.ends_on <= new.starts_on:
        raise RollOverRefused("dates", _("The last day must be after the first."))
    if new.starts_on <= cycle.starts_on:
        raise RollOverRefused("overlaps", _("The next cycle starts after this one."))
    if new.code in RESERVED_CODES:
        raise RollOverRefused("code_reserved", _("This code is an address of its own. Choose another."))
    if Cycle.objects.filter(programme=cycle.programme_id, code=new.code).exists():
        raise RollOverRefused("code_taken", _("There is a cycle with this code already."))


def _copy_referrals(old: Cycle, new: Cycle) -> None:
    BoundaryReferral.objects.bulk_create(
        BoundaryReferral(cycle=new, task=row.task, service_id=row.service_id, position=row.position)
        for row in old.referrals.order_by("position", "pk")
    )


def _copy_booking(old: Cycle, new: Cycle) -> None:
    rules = BookingRules.objects.filter(cycle=old).values(*RULES).first()
    if rules:
        BookingRules.objects.create(cycle=new, **rules)


def _copy_team(old: Cycle, new: Cycle, now: datetime) -> None:
    staying = old.memberships.filter(role__in=STAYS_ON, status=MembershipStatus.ACTIVE, user__is_active=True)
    Membership.objects.bulk_create(
        Membership(
            cycle=new,
            user_id=row.user_id,
            role=row.role,
            is_point_person=row.is_point_person,
            source="rolled over",
            created_at=now,
            joined_at=now,
        )
        for row in staying.order_by("pk")
    )


def _next_of(cycle: Cycle) -> Cycle | None:
    return Cycle.objects.filter(previous=cycle).first()


@transaction.atomic(durable=True)
def roll_over(*, actor: Any, cycle_id: int, new: NextCycle, now: datetime) -> Cycle:
    """Make the next cycle of a programme, once: a second call answers with the one there is.

    Copied: texts, referrals, how people join and come, cadence, coordinators and supervisors, the documents of the
    design as drafts, and what other stages take over (training, handbooks). Not: participants, leaders, groups,
    sessions, bookings, waivers, join dates, design partners and what they signed, the ledger. Every copied part asks
    for a fresh look. Refuses with `RollOverRefused`.
    """
    # The programme too: of two cycles rolled over at once, the second sees the first one's code.
    cycle = Cycle.objects.select_for_update(of=("self", "programme")).select_related("programme").get(pk=cycle_id)
    existing = _next_of(cycle)
    if existing:
        return existing
    _check(cycle, new)
    copied = {name: getattr(cycle, name) for name in COPIED}
    try:
        with transaction.atomic():  # where rows cannot be locked, the one-to-one decides who was first
            made = Cycle.objects.create(
                programme=cycle.programme,
                previous=cycle,
                code=new.code,
                starts_on=new.starts_on,
                ends_on=new.ends_on,
                fresh_look=list(FRESH_LOOK),
                created_at=now,
                **copied,
            )
    except IntegrityError:
        existing = _next_of(cycle)
        if existing is None:
            raise RollOverRefused("code_taken", _("There is a cycle with this code already.")) from None
        return existing
    _fill(cycle, made, now)
    audit.record(
        actor=actor,
        action="programmes.cycle_rolled_over",
        target=made,
        cycle_id=made.pk,
        detail={"from": cycle.pk},
        now=now,
    )
    return made


def _fill(cycle: Cycle, made: Cycle, now: datetime) -> None:
    _copy_referrals(cycle, made)
    _copy_booking(cycle, made)
    _copy_team(cycle, made, now)
    copy_documents(cycle, made, now=now)
    stages.rolled_over(cycle.pk, made.pk, now)
