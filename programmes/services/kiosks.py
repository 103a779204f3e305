"""Check-in desks and screens: opened and closed by a coordinator; people check in at a desk by card or number, and at a
drop-in they queue by it.

Nobody is signed in on a desk, so it says as little as possible: a first name to whoever knows a number of this very
cycle, and to every other number the same sentence. Numbers are counted before they are looked up.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from peerhub.accounts.queries.numbers import read_number
from peerhub.common import audit, clock, limits
from peerhub.common.errors import DomainError
from programmes.models import (
    CheckInHow,
    Cycle,
    CycleState,
    Kiosk,
    KioskKind,
    Membership,
    MembershipStatus,
    QueueHow,
    Session,
)
from programmes.models.queues import is_drop_in
from programmes.queries.kiosks import expected_in, is_leader_of, member_by_number, sessions_on_now
from programmes.queries.queues import standing
from programmes.queries.register import takes_walk_ins
from programmes.services.check_ins import Arrival, CheckInRefused, record_arrival, write_arrival
from programmes.services.queues import QueueRefused, enqueue, locked_session

TRIES, TRIES_WITHIN = 60, 60  # a quick queue
UNKNOWN, UNKNOWN_WITHIN = 20, 300  # somebody who tries numbers
NAME_LENGTH = 60
MOST_OPEN = 20


class KioskRefused(DomainError):
    """Codes: closed (the cycle), no_name, too_many."""


class DeskRefused(DomainError):
    """Codes: too_many, unknown, choose, nothing_on, and those of `CheckInRefused` and `QueueRefused` about time."""


@dataclass(frozen=True, slots=True)
class Welcome:
    """What a desk says to somebody: their first name, and whether they were in already; at a drop-in their ticket, how
    many are ahead, and how long that may take.
    """

    first_name: str
    is_repeat: bool
    ticket: int | None = None
    ahead: int = 0
    wait: str = ""


@transaction.atomic(durable=True)
def open_kiosk(
    *,
    actor: Any,
    cycle: Cycle,
    name: str,
    kind: KioskKind = KioskKind.DESK,
    shows_names: bool = False,
    now: datetime,
) -> Kiosk:
    """Open a desk or a screen for a cycle. Refuses with `KioskRefused`."""
    name = " ".join(name.split())[:NAME_LENGTH]
    if cycle.state == CycleState.CLOSED:
        raise KioskRefused("closed", _("This cycle is closed. Nobody checks in to it."))
    if not name:
        raise KioskRefused("no_name", _("Give it a name: where it stands."))
    already = Kiosk.objects.filter(cycle=cycle, kind=kind, closed_at=None)
    if same := already.filter(name=name, shows_names=shows_names).first():
        return same  # pressed twice
    if already.count() >= MOST_OPEN:
        raise KioskRefused("too_many", _("There are many open already. Close those nobody uses."))
    kiosk = Kiosk.objects.create(
        cycle=cycle, kind=kind, shows_names=shows_names, name=name, opened_by=actor, opened_at=now
    )
    audit.record(actor=actor, action=f"programmes.{_noun(kiosk)}_opened", target=kiosk, cycle_id=cycle.pk, now=now)
    return kiosk


@transaction.atomic(durable=True)
def close_kiosk(*, actor: Any, kiosk_id: int, now: datetime) -> Kiosk:
    """Close a desk or a screen: its link opens nothing from the next request on. Closed already is no change."""
    kiosk = Kiosk.objects.select_for_update().get(pk=kiosk_id)
    if kiosk.closed_at is None:
        kiosk.closed_at = now
        kiosk.save(update_fields=["closed_at"])
        action = f"programmes.{_noun(kiosk)}_closed"
        audit.record(actor=actor, action=action, target=kiosk, cycle_id=kiosk.cycle_id, now=now)
    return kiosk


def _noun(kiosk: Kiosk) -> str:
    return "screen" if kiosk.kind == KioskKind.SCREEN else "kiosk"


def check_in_at_desk(*, actor: Any, kiosk: Kiosk, text: str, session_uuid: UUID | None, now: datetime) -> Welcome:
    """Check in whoever the card or number names, to the chosen session or the one they are expected at.

    At a drop-in they join the queue as well.

    `actor` is None: a desk is nobody. Refuses with `DeskRefused`.
    """
    _count(kiosk)
    number = read_number(text)
    member = member_by_number(kiosk.cycle, number) if number.value else None
    if member is None or not _may_come(member, kiosk.cycle, now):
        raise _unknown(kiosk)
    session = _session_for(member, kiosk.cycle, session_uuid, now)
    if is_leader_of(member, session):
        raise _unknown(kiosk)
    how = CheckInHow.CARD if number.is_card else CheckInHow.KIOSK
    arrival = Arrival(session, member.pk, how, now, kiosk_id=kiosk.pk)
    try:
        if is_drop_in(session):
            return _queue(actor=actor, arrival=arrival, first_name=member.user.short_name, now=now)
        entry = record_arrival(actor=actor, arrival=arrival, now=now)
    except (CheckInRefused, QueueRefused) as refusal:
        raise DeskRefused(refusal.code, refusal.message) from refusal
    return Welcome(member.user.short_name, entry.is_repeat)


@transaction.atomic(durable=True)
def _queue(*, actor: Any, arrival: Arrival, first_name: str, now: datetime) -> Welcome:
    """Being at the desk of a drop-in is being there, and being in its queue."""
    session = locked_session(arrival.session.pk)
    ticket = enqueue(actor=actor, session=session, membership_id=arrival.membership_id, how=QueueHow.DESK, now=now)
    write_arrival(actor=actor, locked=session, arrival=arrival, now=now)
    rank = standing(session, now=now)
    ahead = rank.ahead_of(ticket.entry.turn)
    return Welcome(first_name, ticket.is_repeat, ticket.entry.number, ahead, rank.wait(ahead).words)


def _count(kiosk: Kiosk) -> None:
    is_paused = limits.tried(f"desk-unknown:{kiosk.pk}") >= UNKNOWN
    if is_paused or limits.tries(f"desk:{kiosk.pk}", seconds=TRIES_WITHIN) > TRIES:
        raise DeskRefused("too_many", _("Too many numbers that are not known here. Ask at the desk."))


def _unknown(kiosk: Kiosk) -> DeskRefused:
    """The same for a number nobody has, one of somebody elsewhere and one of somebody who left."""
    limits.tries(f"desk-unknown:{kiosk.pk}", seconds=UNKNOWN_WITHIN)
    return DeskRefused("unknown", _("That number is not known here. Ask at the desk."))


def _may_come(member: Membership, cycle: Cycle, now: datetime) -> bool:
    """Those who take part; and where turning up is enough, those who wait for a place."""
    today = clock.local(now, cycle.time_zone).date()
    return member.status == MembershipStatus.ACTIVE or takes_walk_ins(cycle, today=today)


def _session_for(member: Membership, cycle: Cycle, chosen: UUID | None, now: datetime) -> Session:
    on_now = sessions_on_now(cycle, now=now)
    if not on_now:
        raise DeskRefused("nothing_on", _("Nothing is on now."))
    if chosen:
        found = [one for one in on_now if one.uuid == chosen]
    else:
        found = on_now if len(on_now) == 1 else expected_in(member, on_now)
    if len(found) != 1:
        raise DeskRefused("choose", _("Choose what you came for, then try again."))
    return found[0]
