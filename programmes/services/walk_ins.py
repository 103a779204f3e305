"""Taking in people who simply turned up, where a programme is open to anyone.

The rule where it is full: whoever was there is on the register, and nobody is let past those who wait. A walk-in goes
to the end of the waiting list, or keeps their turn in it; a place they were offered is theirs. Where the cycle keeps no
waiting list the log is refused until the leader leaves them out.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from peerhub.accounts.models import User
from peerhub.common import audit, clock
from peerhub.common.errors import DomainError
from programmes.models import Cycle, JoinPolicy, Membership, MembershipStatus, Role, Session
from programmes.services import letters, places

# Whoever left or never got further than asking may come in by turning up; a coordinator's no stays a no.
MAY_COME = {
    MembershipStatus.LEFT,
    MembershipStatus.REQUESTED,
    MembershipStatus.WAITING,
    MembershipStatus.INVITED,
    MembershipStatus.OFFERED,
}


class WalkInRefused(DomainError):
    """Codes: not_open, full, not_welcome, own_attendance."""


def admit_newcomers(*, actor: Any, session: Session, user_uuids: Sequence[UUID], now: datetime) -> list[UUID]:
    """A step of logging, inside its transaction: gives each account a place in the cycle, or one on its waiting list;
    returns their uuids.

    Refuses all when the cycle is not open to anyone, is full and keeps no waiting list, or when the actor names
    themselves.
    """
    cycle = places.lock_cycle(session.cycle_id)
    today = clock.local(now, cycle.time_zone).date()
    if cycle.join_policy != JoinPolicy.OPEN or not cycle.takes_joiners(today=today):
        raise WalkInRefused("not_open", _("This programme is not open to everyone. The coordinator can add people."))
    places.settle(cycle, now=now)
    people = list(User.objects.active().filter(uuid__in=user_uuids).order_by("pk"))
    if any(one.pk == actor.pk for one in people):
        raise WalkInRefused(
            "own_attendance", _("Nobody records their own attendance. Ask another leader or the coordinator.")
        )
    return [_admit(actor, cycle, one, now).uuid for one in people]


def _admit(actor: Any, cycle: Cycle, user: User, now: datetime) -> Membership:
    place = places.own_row(cycle, user, Role.PARTICIPANT, now=now)
    if place.status == MembershipStatus.ACTIVE:
        return place
    if place.status not in MAY_COME:
        raise WalkInRefused(
            "not_welcome", _("The coordinator decides about one of the people you ticked. Leave them out for now.")
        )
    if place.status == MembershipStatus.WAITING:
        return place  # free places have just been offered, and it was not their turn
    held_place = place.status == MembershipStatus.OFFERED
    places.start_over(place, source="walk-in")
    if held_place:
        places.activate(place, now=now)
    else:
        _place_or_wait(cycle, place, now=now)
    came_in = place.status == MembershipStatus.ACTIVE
    action = "programmes.walk_in_joined" if came_in else "programmes.member_waits"
    audit.record(actor=actor, action=action, target=place, cycle_id=cycle.pk, now=now)
    letters.to_person("walk_in_joined" if came_in else "wait_listed", place, now=now)
    return place


def _place_or_wait(cycle: Cycle, place: Membership, *, now: datetime) -> None:
    try:
        places.place_or_wait(cycle, place, now=now)
    except places.NoPlace as refusal:
        message = _("Every place is taken, and there is no waiting list. Leave out who has no place yet.")
        raise WalkInRefused("full", message) from refusal
