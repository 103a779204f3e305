"""Taking in people who simply turned up, where a programme is open to anyone."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from peerhub.accounts.models import User
from peerhub.common import audit, clock, mail
from peerhub.common.errors import DomainError
from programmes.models import Cycle, JoinPolicy, Membership, MembershipStatus, Role, Session
from programmes.services import places

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
    """A step of logging, inside its transaction: gives each account a place in the cycle; the places' uuids.

    Refuses all when the cycle is not open to anyone, has too few places left, or when the actor names themselves.
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
    if place.status != MembershipStatus.OFFERED and places.free_places(cycle) == 0:
        raise WalkInRefused("full", _("There is no place left in this programme. The coordinator can add one."))
    places.start_over(place, source="walk-in")
    place.waiting_since = None
    places.activate(place, now=now)
    about = {"membership": place.pk, "cycle": cycle.pk}
    key = f"walk_in.joined:{place.pk}:{int(now.timestamp())}"
    mail.queue("programmes.walk_in_joined", to=user, key=key, about=about, now=now)
    audit.record(actor=actor, action="programmes.walk_in_joined", target=place, cycle_id=cycle.pk, now=now)
    return place
