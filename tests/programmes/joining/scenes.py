"""Small scenes the tests of joining start from."""

from typing import Any

from peerhub.common.models.outbox import Message
from programmes.models import Cycle, JoinPolicy, Membership, MembershipStatus, Role
from tests import factories as make
from tests.factories import in_days


def cycle(policy: str = JoinPolicy.OPEN, places: int | None = None, **more: Any) -> Cycle:
    """A running cycle with Rhian as its point person."""
    made = make.CycleFactory(join_policy=policy, capacity=places, **more)
    rhian = make.UserFactory(given_name="Rhian", family_name="Pugh", kind="staff")
    make.MembershipFactory(cycle=made, user=rhian, role=Role.COORDINATOR, is_point_person=True)
    return made


def coordinator(of: Cycle) -> Any:
    return Membership.objects.get(cycle=of, is_point_person=True).user


def asked(of: Cycle, *, days_ago: float = 1, role: str = Role.PARTICIPANT, **user: Any) -> Membership:
    """Somebody who waits for an answer."""
    return make.MembershipFactory(
        cycle=of,
        role=role,
        user=make.UserFactory(**user),
        status=MembershipStatus.REQUESTED,
        waiting_since=in_days(-days_ago),
        joined_at=None,
    )


def waiting(of: Cycle, *, days_ago: float = 1, **user: Any) -> Membership:
    """Somebody on the waiting list."""
    return make.MembershipFactory(
        cycle=of,
        user=make.UserFactory(**user),
        status=MembershipStatus.WAITING,
        waiting_since=in_days(-days_ago),
        joined_at=None,
    )


def taking_part(of: Cycle, count: int = 1, role: str = Role.PARTICIPANT) -> list[Membership]:
    return [make.MembershipFactory(cycle=of, role=role) for _ in range(count)]


def letters(kind: str, channel: str = "email") -> list[Message]:
    """What waits in the outbox or has gone, of one kind."""
    return list(Message.objects.filter(kind=f"programmes.{kind}", channel=channel).order_by("created_at", "pk"))


def held(of: Cycle) -> int:
    return Membership.objects.filter(cycle=of).holding_place().count()
