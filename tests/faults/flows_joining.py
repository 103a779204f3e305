"""Places: asked for, given up and passed on, answered, run out."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from peerhub.accounts.models import User
from programmes.models import JoinPolicy, Membership, MembershipStatus
from programmes.services import joining, requests
from tests.faults import world
from tests.faults.flow import Flow

WAITING, OFFERED = MembershipStatus.WAITING, MembershipStatus.OFFERED
LETTER = ("outbox.after_queue", "outbox.before_ring")


def open_place() -> dict[str, Any]:
    here = world.cycle(join_policy=JoinPolicy.OPEN, capacity=1)
    [ben] = world.people(1)
    return world.ids(here, users=[ben.pk])


def ask(given: dict[str, Any]) -> None:
    actor = User.objects.get(pk=given["users"][0])
    joining.ask_to_join(actor=actor, cycle_id=given["cycle"], form_key=UUID(given["key"]), now=world.now())


def full_with_a_queue() -> dict[str, Any]:
    """One place, taken; two wait for it."""
    here, now = world.cycle(join_policy=JoinPolicy.OPEN, capacity=1), world.now()
    ben = world.member(here)
    for days in (3, 2):
        world.member(here, status=WAITING, waiting_since=now - timedelta(days=days))
    return world.ids(here, membership=ben.pk)


def leave(given: dict[str, Any]) -> None:
    membership = Membership.objects.select_related("user").get(pk=given["membership"])
    joining.leave_programme(actor=membership.user, membership_id=membership.pk, now=world.now())


def offered(*, hours: float) -> dict[str, Any]:
    """One place, offered until then; one more waits."""
    here, now = world.cycle(join_policy=JoinPolicy.OPEN, capacity=1), world.now()
    until = now + timedelta(hours=hours)
    ines = world.member(here, status=OFFERED, waiting_since=now - timedelta(days=5), offer_expires_at=until)
    world.member(here, status=WAITING, waiting_since=now - timedelta(days=2))
    return world.ids(here, membership=ines.pk)


def accept(given: dict[str, Any]) -> None:
    membership = Membership.objects.select_related("user").get(pk=given["membership"])
    joining.accept_offer(actor=membership.user, membership_id=membership.pk, now=world.now())


def expire(given: dict[str, Any]) -> None:
    joining.expire_offers(world.now())


def several_ask() -> dict[str, Any]:
    here, now = world.cycle(join_policy=JoinPolicy.APPROVAL, capacity=2), world.now()
    asking = [
        world.member(here, status=MembershipStatus.REQUESTED, waiting_since=now - timedelta(days=days)).pk
        for days in (3, 2, 1)
    ]
    return world.ids(here, asking=asking, users=[world.coordinator(here.pk).pk])


def approve(given: dict[str, Any]) -> None:
    requests.approve_requests(
        actor=world.coordinator(given["cycle"]),
        cycle_id=given["cycle"],
        membership_ids=given["asking"],
        form_key=UUID(given["key"]),
        now=world.now(),
    )


FLOWS = [
    Flow("joining: ask", ("once.after_spend", "places.after_activate", *LETTER), open_place, ask),
    Flow("joining: leave", ("places.after_end", "places.after_offer", *LETTER), full_with_a_queue, leave),
    Flow("joining: accept", ("places.after_activate", *LETTER), lambda: offered(hours=9), accept),
    Flow(
        "joining: run out",
        ("places.after_end", "places.after_offer", "joining.before_commit", *LETTER),
        lambda: offered(hours=-1),
        expire,
    ),
    Flow("joining: approve three", ("once.after_spend", "places.after_activate", *LETTER), several_ask, approve),
]
