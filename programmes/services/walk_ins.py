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

# Whoever left or never got further than asking may come back by turning up; a coordinator's no stays a no.
MAY_RETURN = {MembershipStatus.LEFT, MembershipStatus.REQUESTED, MembershipStatus.WAITING, MembershipStatus.INVITED}


class WalkInRefused(DomainError):
    """Codes: not_open, full, not_welcome, own_attendance."""


def admit_newcomers(*, actor: Any, session: Session, user_uuids: Sequence[UUID], now: datetime) -> list[UUID]:
    """A step of logging, inside its transaction: gives each account a place in the cycle; the places' uuids.

    Refuses all when the cycle is not open to anyone, has too few places left, or when the actor names themselves.
    """
    cycle = Cycle.objects.select_for_update().get(pk=session.cycle_id)  # places run out: lock, then count
    today = clock.local(now, cycle.time_zone).date()
    if cycle.join_policy != JoinPolicy.OPEN or not cycle.takes_joiners(today=today):
        raise WalkInRefused("not_open", _("This programme is not open to everyone. The coordinator can add people."))
    people = list(User.objects.active().filter(uuid__in=user_uuids))
    if any(one.pk == actor.pk for one in people):
        raise WalkInRefused(
            "own_attendance", _("Nobody records their own attendance. Ask another leader or the coordinator.")
        )
    known = {row.user_id: row for row in cycle.memberships.filter(user__in=people, role=Role.PARTICIPANT)}
    wanted = [one for one in people if one.pk not in known or known[one.pk].status != MembershipStatus.ACTIVE]
    holding = cycle.memberships.holding_place().exclude(user__in=wanted).count()
    if cycle.capacity is not None and holding + len(wanted) > cycle.capacity:
        raise WalkInRefused("full", _("There is no place left in this programme. The coordinator can add one."))
    for one in wanted:
        known[one.pk] = _admit(actor, cycle, one, known.get(one.pk), now)
    return [known[one.pk].uuid for one in people]


def _admit(actor: Any, cycle: Cycle, user: User, was: Membership | None, now: datetime) -> Membership:
    if was and was.status not in MAY_RETURN:
        raise WalkInRefused(
            "not_welcome", _("The coordinator decides about one of the people you ticked. Leave them out for now.")
        )
    place = was or Membership(cycle=cycle, user=user, role=Role.PARTICIPANT, created_at=now, source="walk-in")
    place.status, place.joined_at, place.ended_at = MembershipStatus.ACTIVE, now, None
    place.waiting_since = place.offer_expires_at = None
    place.save()
    about = {"membership": place.pk, "cycle": cycle.pk}
    mail.queue(
        "programmes.walk_in_joined",
        to=user,
        key=f"walk_in.joined:{place.pk}:{int(now.timestamp())}",
        about=about,
        now=now,
    )
    audit.record(actor=actor, action="programmes.walk_in_joined", target=place, cycle_id=cycle.pk, now=now)
    return place
