"""Joining and leaving, from the person's side: ask, withdraw, answer an offered place, leave."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from peerhub.common import audit, once
from peerhub.common.errors import DomainError
from peerhub.common.failpoints import failpoint
from programmes.models import HOLDS_PLACE, Cycle, CycleState, JoinPolicy, Membership, MembershipStatus, Role
from programmes.services import letters, places
from programmes.services.booking_pauses import pause_after_misses
from programmes.services.places import NoPlace
from programmes.services.seats import give_back_late

IN_THE_QUEUE = (MembershipStatus.REQUESTED, MembershipStatus.WAITING, MembershipStatus.DEFERRED)


class JoiningRefused(DomainError):
    """Codes: closed, by_invitation, from_list, already_in, already_asked, place_offered, leads_here, declined, removed,
    nothing_to_withdraw, no_offer, offer_expired, not_in, point_person, last_coordinator.
    """


@transaction.atomic(durable=True)
def ask_to_join(
    *, actor: Any, cycle_id: int, note: str = "", form_key: UUID | None = None, now: datetime
) -> Membership:
    """Ask for a participant's place. Open: it is theirs at once; by approval: a coordinator decides; full: they wait.

    Refuses with `JoiningRefused`, or `NoPlace` when it is full and keeps no waiting list.
    """
    once.spend(user=actor, key=form_key, now=now)
    cycle = places.lock_cycle(cycle_id)
    _refuse_closed(cycle, now=now)
    membership = places.own_row(cycle, actor, Role.PARTICIPANT, now=now)
    refuse_repeat(cycle, membership)
    came_from = membership.status if membership.pk else ""

    places.settle(cycle, now=now)
    places.start_over(membership, source="self", note=note)
    if cycle.join_policy == JoinPolicy.APPROVAL:
        request_place(cycle, membership, now=now)
    else:
        take_place(cycle, membership, now=now)
    action = entry_action(membership)
    audit.record(actor=actor, action=action, target=membership, cycle_id=cycle.pk, detail={"from": came_from}, now=now)
    return membership


@transaction.atomic(durable=True)
def withdraw_request(*, actor: Any, membership_id: int, now: datetime) -> Membership:
    """Take back one's own request, or leave the waiting list."""
    cycle, membership = _lock_own(actor, membership_id)
    if membership.status == MembershipStatus.LEFT:
        return membership  # pressed twice
    if membership.status not in IN_THE_QUEUE:
        raise JoiningRefused("nothing_to_withdraw", _("There is no open request to take back."))
    places.end(membership, MembershipStatus.LEFT, now=now)
    audit.record(actor=actor, action="programmes.request_withdrawn", target=membership, cycle_id=cycle.pk, now=now)
    return membership


@transaction.atomic(durable=True)
def accept_offer(*, actor: Any, membership_id: int, now: datetime) -> Membership:
    """Take the place that was offered. It has been held since, so it is always there until the offer runs out."""
    cycle, membership = _lock_own(actor, membership_id)
    if membership.status == MembershipStatus.ACTIVE:
        return membership  # pressed twice
    refuse_over(cycle)
    _refuse_no_offer(membership, now=now)
    places.activate(membership, now=now)
    audit.record(actor=actor, action="programmes.offer_accepted", target=membership, cycle_id=cycle.pk, now=now)
    letters.to_person("joined", membership, now=now)
    return membership


@transaction.atomic(durable=True)
def decline_offer(*, actor: Any, membership_id: int, now: datetime) -> Membership:
    """Say no to an offered place; it goes to the next in line at once."""
    cycle, membership = _lock_own(actor, membership_id)
    if membership.status == MembershipStatus.LEFT:
        return membership  # pressed twice, or run out in between
    if membership.status != MembershipStatus.OFFERED:
        raise JoiningRefused("no_offer", _("There is no offered place to answer."))
    places.end(membership, MembershipStatus.LEFT, now=now)
    audit.record(actor=actor, action="programmes.offer_declined", target=membership, cycle_id=cycle.pk, now=now)
    places.settle(cycle, now=now)
    return membership


@transaction.atomic(durable=True)
def leave_programme(*, actor: Any, membership_id: int, reason: str = "", now: datetime) -> Membership:
    """Leave. The reason is optional and private; the freed place goes to whoever has waited longest."""
    cycle, membership = _lock_own(actor, membership_id)
    if membership.status == MembershipStatus.LEFT:
        return membership  # pressed twice
    if membership.status != MembershipStatus.ACTIVE:
        raise JoiningRefused("not_in", _("You are not in this programme now."))
    refuse_unattended(membership)
    if give_back_late(membership, now=now):
        pause_after_misses(cycle, [membership.pk], now=now)
    places.end(membership, MembershipStatus.LEFT, reason=reason, now=now)
    audit.record(actor=actor, action="programmes.member_left", target=membership, cycle_id=cycle.pk, now=now)
    letters.to_coordinators("member_left", membership, now=now, channels=("inapp",))
    places.settle(cycle, now=now)
    return membership


@transaction.atomic(durable=True)
def settle_places(*, cycle_id: int, now: datetime) -> int:
    """What the sweep does for one cycle: take back offers that ran out, offer free places. Returns offers made."""
    made = places.settle(places.lock_cycle(cycle_id), now=now)
    failpoint("joining.before_commit")
    return made


def expire_offers(now: datetime) -> int:
    """Settle every cycle with a late offer, or with both free places and people waiting; one transaction each.

    Each may be settled twice, late, or by somebody's click in between: the outcome is the same. Returns offers made.
    """
    late = Membership.objects.filter(status=MembershipStatus.OFFERED, offer_expires_at__lte=now)
    waiting = Membership.objects.filter(cycle=OuterRef("pk"), role=Role.PARTICIPANT, status=MembershipStatus.WAITING)
    held = Count("memberships", filter=Q(memberships__role=Role.PARTICIPANT, memberships__status__in=HOLDS_PLACE))
    roomy = Cycle.objects.filter(Exists(waiting), state__in=places.TAKING_PART).annotate(held=held)
    roomy = roomy.filter(Q(capacity=None) | Q(capacity__gt=F("held")))
    due = {*late.values_list("cycle_id", flat=True), *roomy.values_list("pk", flat=True)}
    return sum(settle_places(cycle_id=cycle_id, now=now) for cycle_id in sorted(due))


def request_place(cycle: Cycle, membership: Membership, *, now: datetime) -> None:
    """A step: ask the coordinators. Refuses with `NoPlace` when there is neither place nor waiting list to give."""
    if membership.role == Role.PARTICIPANT and not cycle.waiting_list and places.free_places(cycle) == 0:
        raise NoPlace("full", _("Every place is taken, and there is no waiting list."))
    membership.status = MembershipStatus.REQUESTED
    membership.waiting_since = now
    membership.joined_at = membership.offer_expires_at = membership.ended_at = None
    membership.save()
    letters.to_coordinators("join_requested", membership, now=now)


def take_place(cycle: Cycle, membership: Membership, *, now: datetime) -> None:
    """A step: a place at once, or the waiting list, and the letter that says which."""
    places.place_or_wait(cycle, membership, now=now)
    letters.to_person("joined" if membership.status == MembershipStatus.ACTIVE else "wait_listed", membership, now=now)


def entry_action(membership: Membership) -> str:
    """What the record calls it when somebody has come in, by where they are then."""
    names = {MembershipStatus.REQUESTED: "join_requested", MembershipStatus.WAITING: "member_waits"}
    return f"programmes.{names.get(MembershipStatus(membership.status), 'member_joined')}"


def refuse_repeat(cycle: Cycle, membership: Membership) -> None:
    """A step: refuse who is in, has asked, was turned away, or leads here."""
    refusals = {
        MembershipStatus.ACTIVE: ("already_in", _("You are in this programme already.")),
        MembershipStatus.REQUESTED: ("already_asked", _("You have asked already. A coordinator will answer.")),
        MembershipStatus.WAITING: ("already_asked", _("You are on the waiting list already.")),
        MembershipStatus.OFFERED: ("place_offered", _("A place is waiting for you. Accept it under “My programmes”.")),
        MembershipStatus.DECLINED: (
            "declined",
            _("Your request was answered. Talk to the coordinator if something has changed."),
        ),
        MembershipStatus.REMOVED: ("removed", _("You cannot join again by yourself. Talk to the coordinator.")),
    }
    if membership.pk and membership.status in refusals:
        raise JoiningRefused(*refusals[MembershipStatus(membership.status)])
    if membership.role == Role.PARTICIPANT:
        runs_it = Membership.objects.active().filter(cycle=cycle, user=membership.user).exclude(role=Role.PARTICIPANT)
        if runs_it.exists():
            raise JoiningRefused(
                "leads_here", _("You have another role in this programme. Ask the coordinator to add you.")
            )


def refuse_over(cycle: Cycle) -> None:
    """A step: nobody comes into a cycle that is closed, whatever they asked or were offered before."""
    if cycle.state == CycleState.CLOSED:
        raise JoiningRefused("closed", _("This cycle is closed. Its people stay as they were."))


def refuse_unattended(membership: Membership) -> None:
    """A step: a running programme always has a point person and a coordinator."""
    if membership.is_point_person:
        raise JoiningRefused("point_person", _("Name another point person first."))
    if membership.role == Role.COORDINATOR:
        others = (
            Membership.objects.active().filter(cycle=membership.cycle, role=Role.COORDINATOR).exclude(pk=membership.pk)
        )
        if not others.exists():
            raise JoiningRefused("last_coordinator", _("This is the last coordinator. Add another first."))


def _refuse_closed(cycle: Cycle, *, now: datetime) -> None:
    if cycle.takes_joiners(today=cycle.today(now=now)):
        return
    if cycle.join_policy == JoinPolicy.INVITATION:
        raise JoiningRefused("by_invitation", _("People join this programme by invitation."))
    if cycle.join_policy == JoinPolicy.ROSTER:
        raise JoiningRefused("from_list", _("People come into this programme from a class list."))
    raise JoiningRefused("closed", _("This programme is not open to join now."))


def _lock_own(actor: Any, membership_id: int) -> tuple[Cycle, Membership]:
    """The cycle locked, then the actor's own membership read: whoever changed it before has finished."""
    cycle_id = Membership.objects.values_list("cycle_id", flat=True).get(pk=membership_id, user=actor)
    cycle = places.lock_cycle(cycle_id)
    return cycle, Membership.objects.get(pk=membership_id, user=actor)


def _refuse_no_offer(membership: Membership, *, now: datetime) -> None:
    expires_at = membership.offer_expires_at
    if membership.status != MembershipStatus.OFFERED or expires_at is None:
        raise JoiningRefused("no_offer", _("There is no offered place to answer."))
    if expires_at <= now:
        raise JoiningRefused("offer_expired", _("This offer has run out. You can ask again."))
