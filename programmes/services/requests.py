"""A coordinator's answers to people who ask to join: approve, decline, defer, and take an answer back."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from peerhub.common import audit, once
from peerhub.common.errors import DomainError
from programmes.models import Cycle, Membership, MembershipStatus, Role
from programmes.queries.people import ANSWERED
from programmes.services import joining, letters, places
from programmes.services.letters import UNDO_WINDOW
from programmes.services.places import NoPlace

# A coordinator may also change their mind about somebody they put off or turned down.
ANSWERABLE = (MembershipStatus.REQUESTED, MembershipStatus.DEFERRED, MembershipStatus.DECLINED)


class DecisionRefused(DomainError):
    """Codes: not_asking, own_request, reason_missing, nothing_to_undo, too_late, nobody_chosen."""


@dataclass
class Approvals:
    """What became of several requests at once, each list holding memberships."""

    joined: list[Membership] = field(default_factory=list)
    waiting: list[Membership] = field(default_factory=list)
    no_place: list[Membership] = field(default_factory=list)
    not_asking: list[Membership] = field(default_factory=list)


@transaction.atomic(durable=True)
def approve_request(*, actor: Any, membership_id: int, reason: str = "", now: datetime) -> Membership:
    """Say yes. A participant gets a place, or waits when it is full. `reason` is an optional word of welcome.

    Refuses with `DecisionRefused`, `JoiningRefused` in a closed cycle, or `NoPlace` when it is full and keeps no
    waiting list.
    """
    cycle, membership = _lock_request(membership_id)
    _approve(actor, cycle, membership, reason=reason, now=now)
    return membership


@transaction.atomic(durable=True)
def approve_requests(
    *, actor: Any, cycle_id: int, membership_ids: Collection[int], form_key: UUID | None = None, now: datetime
) -> Approvals:
    """Say yes to several, in the order they asked. Those for whom there is no place stay in the queue and are named."""
    if not membership_ids:
        raise DecisionRefused("nobody_chosen", _("Choose at least one person first."))
    once.spend(user=actor, key=form_key, now=now)
    cycle = places.lock_cycle(cycle_id)
    rows = Membership.objects.filter(cycle=cycle, pk__in=membership_ids).select_related("user")
    outcome = Approvals()
    for membership in rows.order_by("waiting_since", "pk"):
        _sort_in(outcome, actor, cycle, membership, now=now)
    return outcome


@transaction.atomic(durable=True)
def decline_request(*, actor: Any, membership_id: int, reason: str, now: datetime) -> Membership:
    """Say no, with a reason the person will read."""
    cycle, membership = _lock_request(membership_id)
    _turn_away(actor, membership, MembershipStatus.DECLINED, reason=reason, now=now)
    audit.record(actor=actor, action="programmes.request_declined", target=membership, cycle_id=cycle.pk, now=now)
    letters.to_person("join_declined", membership, now=now, hold=UNDO_WINDOW)
    return membership


@transaction.atomic(durable=True)
def defer_request(*, actor: Any, membership_id: int, reason: str, now: datetime) -> Membership:
    """Say not yet, with what should change first. The person may ask again when it has."""
    cycle, membership = _lock_request(membership_id)
    _turn_away(actor, membership, MembershipStatus.DEFERRED, reason=reason, now=now)
    audit.record(actor=actor, action="programmes.request_deferred", target=membership, cycle_id=cycle.pk, now=now)
    letters.to_person("join_deferred", membership, now=now, hold=UNDO_WINDOW)
    return membership


@transaction.atomic(durable=True)
def undo_decision(*, actor: Any, membership_id: int, now: datetime) -> Membership:
    """Put a request back into the queue within ten minutes of an answer, whatever the answer was.

    Letters that wait are cancelled by their guard; somebody told that they were in is told that it was a mistake.
    """
    cycle, membership = _lock_request(membership_id)
    if membership.status == MembershipStatus.REQUESTED:
        return membership  # pressed twice
    if membership.decided_at is None or membership.status not in ANSWERED:
        raise DecisionRefused("nothing_to_undo", _("There is no decision to undo."))
    if now - membership.decided_at > UNDO_WINDOW:
        raise DecisionRefused("too_late", _("Ten minutes have passed. You can still change it on the person’s page."))
    was_told = membership.status in {MembershipStatus.ACTIVE, MembershipStatus.WAITING, MembershipStatus.OFFERED}
    asked_at = membership.waiting_since or membership.created_at
    places.end(membership, MembershipStatus.REQUESTED, now=now)
    membership.waiting_since, membership.ended_at, membership.joined_at = asked_at, None, None
    membership.decided_at = membership.decided_by = None
    membership.decision_reason = ""
    membership.save()
    audit.record(actor=actor, action="programmes.decision_undone", target=membership, cycle_id=cycle.pk, now=now)
    if was_told:
        letters.to_person("decision_undone", membership, now=now)
    places.settle(cycle, now=now)
    return membership


def _lock_request(membership_id: int) -> tuple[Cycle, Membership]:
    cycle_id = Membership.objects.values_list("cycle_id", flat=True).get(pk=membership_id)
    cycle = places.lock_cycle(cycle_id)
    return cycle, Membership.objects.select_related("user").get(pk=membership_id)


def _approve(actor: Any, cycle: Cycle, membership: Membership, *, reason: str = "", now: datetime) -> None:
    _refuse_unfit(actor, membership)
    joining.refuse_over(cycle)
    places.settle(cycle, now=now)
    _decide(actor, membership, reason=reason, now=now)
    if membership.role == Role.PARTICIPANT:
        places.place_or_wait(cycle, membership, now=now)
    else:
        places.activate(membership, now=now)
    kind = "join_approved" if membership.status == MembershipStatus.ACTIVE else "wait_listed"
    audit.record(actor=actor, action="programmes.request_approved", target=membership, cycle_id=cycle.pk, now=now)
    letters.to_person(kind, membership, now=now)


def _sort_in(outcome: Approvals, actor: Any, cycle: Cycle, membership: Membership, *, now: datetime) -> None:
    try:
        _approve(actor, cycle, membership, now=now)
    except NoPlace:
        outcome.no_place.append(membership)
    except DecisionRefused:
        outcome.not_asking.append(membership)
    else:
        (outcome.joined if membership.status == MembershipStatus.ACTIVE else outcome.waiting).append(membership)


def _refuse_unfit(actor: Any, membership: Membership) -> None:
    if membership.status not in ANSWERABLE:
        raise DecisionRefused("not_asking", _("This request has been answered already."))
    if membership.user_id == actor.pk:
        raise DecisionRefused("own_request", _("Nobody decides on their own request. Ask another coordinator."))


def _decide(actor: Any, membership: Membership, *, reason: str, now: datetime) -> None:
    membership.decided_by, membership.decided_at, membership.decision_reason = actor, now, reason


def _turn_away(actor: Any, membership: Membership, status: MembershipStatus, *, reason: str, now: datetime) -> None:
    _refuse_unfit(actor, membership)
    if not reason.strip():
        raise DecisionRefused("reason_missing", _("Write a reason. The person will read it."))
    _decide(actor, membership, reason=reason.strip(), now=now)
    membership.status = status
    membership.save()
