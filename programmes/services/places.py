"""A cycle's places: who holds one, who waits, who is next. Steps of use cases, run inside their transaction.

Every step expects the cycle locked by `lock_cycle`: whoever waited for the lock sees the places already taken. On
SQLite, where rows cannot be locked, IMMEDIATE transactions do the same for the whole database.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from peerhub.common import audit
from peerhub.common.errors import DomainError
from peerhub.common.failpoints import failpoint
from programmes.models import Cycle, CycleState, Membership, MembershipStatus, Role
from programmes.services import letters
from programmes.services.group_places import leave_groups

# While a cycle is in one of these states, free places are offered to people who wait.
TAKING_PART = (CycleState.PREPARING, CycleState.RUNNING)


class NoPlace(DomainError):
    """Codes: full (every place is taken and nobody can wait)."""


def lock_cycle(cycle_id: int) -> Cycle:
    """The cycle's row, held until the transaction ends."""
    return Cycle.objects.select_for_update(of=("self",)).select_related("programme__activity_type").get(pk=cycle_id)


def free_places(cycle: Cycle) -> int | None:
    """Places nobody holds, never below 0; None where places are not limited."""
    if cycle.capacity is None:
        return None
    return max(0, cycle.capacity - Membership.objects.filter(cycle=cycle).holding_place().count())


def settle(cycle: Cycle, *, now: datetime) -> int:
    """Take back offers that ran out and offer free places to those who have waited longest. Returns offers made.

    Safe to run at any time: every use case that frees or needs a place runs it, and so does a sweep, so that no place
    waits for a worker.
    """
    _take_back_offers(cycle, now=now)
    if cycle.state not in TAKING_PART:
        return 0
    waiting = Membership.objects.filter(cycle=cycle).waiting_in_order()
    free = free_places(cycle)
    next_in_line = list(waiting if free is None else waiting[:free])
    for membership in next_in_line:
        _offer(cycle, membership, now=now)
        failpoint("places.after_offer")
    return len(next_in_line)


def place_or_wait(cycle: Cycle, membership: Membership, *, now: datetime) -> None:
    """Give a participant a place, or put them on the waiting list. Refuses with `NoPlace` where there is none."""
    if free_places(cycle) != 0:
        activate(membership, now=now)
    elif cycle.waiting_list:
        wait(membership, now=now)
    else:
        raise NoPlace("full", _("Every place is taken, and there is no waiting list."))


def place_now(cycle: Cycle, membership: Membership, *, now: datetime) -> None:
    """Make somebody active; a participant needs a free place. Refuses with `NoPlace`."""
    if membership.role == Role.PARTICIPANT and free_places(cycle) == 0:
        raise NoPlace("full", _("Every place is taken. Raise the number of places in the settings first."))
    activate(membership, now=now)


def activate(membership: Membership, *, now: datetime) -> None:
    """From now on they take part. Whether there is a place has been looked at before."""
    membership.status = MembershipStatus.ACTIVE
    membership.joined_at = now
    membership.offer_expires_at = membership.ended_at = None
    membership.end_reason = ""
    membership.save()
    failpoint("places.after_activate")


def wait(membership: Membership, *, now: datetime) -> None:
    """To the end of the waiting list."""
    membership.status = MembershipStatus.WAITING
    membership.waiting_since = now
    membership.joined_at = membership.offer_expires_at = membership.ended_at = None
    membership.save()


def own_row(cycle: Cycle, user: Any, role: str, *, now: datetime) -> Membership:
    """The person's row in this role: the one they had before, or a new one that is not saved yet."""
    known = Membership.objects.filter(cycle=cycle, user=user, role=role).first()
    return known or Membership(cycle=cycle, user=user, role=role, status=MembershipStatus.LEFT, created_at=now)


def start_over(membership: Membership, *, source: str, note: str = "") -> None:
    """Forget what the row says of an earlier time; the record (audit) keeps it."""
    membership.source = source
    membership.join_note = note
    membership.decided_by = membership.decided_at = None
    membership.decision_reason = membership.end_reason = ""


def end(membership: Membership, status: MembershipStatus, *, reason: str = "", now: datetime) -> None:
    """Stop: out of the groups, off the coming sessions, out of the queue. The caller settles the cycle afterwards."""
    leave_groups([membership.pk], now=now)
    membership.status = status
    membership.ended_at = now
    membership.end_reason = reason
    membership.is_point_person = False
    membership.waiting_since = membership.offer_expires_at = None
    membership.save()
    failpoint("places.after_end")


def _take_back_offers(cycle: Cycle, *, now: datetime) -> None:
    late = Membership.objects.filter(cycle=cycle, status=MembershipStatus.OFFERED, offer_expires_at__lte=now)
    found = list(late.order_by(F("offer_expires_at").asc(), "pk"))
    offers = [letters.Offer(one.pk, one.user_id, one.offer_expires_at) for one in found]
    may_wait = offers and cycle.state in TAKING_PART
    untold = letters.untold("place_offered", "membership", offers, cycle_id=cycle.pk) if may_wait else {}
    for membership in found:
        if letter := untold.get(membership.pk):  # no mail left while it stood: it starts again
            _offer(cycle, membership, now=now, tell=letter.finished_at is not None)
            continue
        end(membership, MembershipStatus.LEFT, now=now)
        audit.record(actor=None, action="programmes.offer_expired", target=membership, cycle_id=cycle.pk, now=now)
        letters.to_person("offer_expired", membership, now=now)


def _offer(cycle: Cycle, membership: Membership, *, now: datetime, tell: bool = True) -> None:
    """`tell` is False where the letter about it waits in the outbox already: it is worded when it leaves."""
    membership.status = MembershipStatus.OFFERED
    membership.offer_expires_at = now + timedelta(days=max(1, cycle.offer_days))
    membership.save(update_fields=["status", "offer_expires_at"])
    audit.record(actor=None, action="programmes.place_offered", target=membership, cycle_id=cycle.pk, now=now)
    if tell:
        letters.to_person("place_offered", membership, now=now)
