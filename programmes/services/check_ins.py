"""Checking in to a session: by its code, by the person who is signed in, on a browser that has not done it for another.

What is refused, and why it is hard to cheat: a code lives a minute and cannot be worked out from another; guesses are
counted per person and per session before they are looked at; one browser checks in one person per session. Somebody in
the room who passes the code on at once, to a friend who is signed in elsewhere, is not caught: nothing on a screen is.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from peerhub.common import audit, clock, dates, devices, limits
from peerhub.common.errors import DomainError
from peerhub.common.failpoints import failpoint
from programmes.models import CheckIn, CheckInHow, MembershipStatus, Session, SessionStatus
from programmes.models.check_ins import CLOSES_AFTER, OPENS_BEFORE, is_logged, takes_check_ins
from programmes.queries.check_ins import match_code, plain_code, session_elsewhere, sessions_near
from programmes.queries.register import takes_walk_ins

TRIES, TRIES_WITHIN = 10, 300  # of one person, whatever they type
WRONG, WRONG_WITHIN = 60, 300  # codes typed wrong for one session, by everybody: many in a full hall, few for a guesser
MARKS_KEPT = timedelta(days=30)
SCAN_KEPT = timedelta(minutes=10)  # time to sign in after scanning


class CheckInRefused(DomainError):
    """Codes: too_many, paused, wrong, too_old, not_on, called_off, saved, leader, other_role, offered, not_in,
    same_device. `session` is the one the code belongs to, where it does.
    """

    def __init__(self, code: str, message: str, session: Session | None = None) -> None:
        super().__init__(code, message)
        self.session = session


@dataclass(frozen=True, slots=True)
class Entry:
    """What became of it. `is_repeat`: they were in already, and nothing changed."""

    check_in: CheckIn
    session: Session
    is_repeat: bool


@dataclass(frozen=True, slots=True)
class Arrival:
    """Whom to write down, where, how and when. `mark` is the browser's seal for this session; "" at a desk."""

    session: Session
    membership_id: int
    how: CheckInHow
    at: datetime
    mark: str = ""
    kiosk_id: int | None = None


def check_in(*, actor: Any, code: str, how: CheckInHow, device: str, seen_at: datetime, now: datetime) -> Entry:
    """Check `actor` in to the session whose code they saw at `seen_at` (when they scanned it; else now).

    `device` is the number in their browser's cookie. Guesses are counted outside the transaction: a refusal must not
    undo the count. Refuses with `CheckInRefused`.
    """
    if limits.tries(f"check-in:{actor.pk}", seconds=TRIES_WITHIN) > TRIES:
        raise CheckInRefused(
            "too_many", _("You have tried many codes. Wait five minutes, or ask whoever leads to tick you.")
        )
    session = _session_of(actor, plain_code(code), seen_at, now)
    refuse_time(session, seen_at)
    _refuse_place(session, now)
    mark = devices.seal_of(device, session.uuid) if device else ""
    arrival = Arrival(session, session.place_id, how, seen_at, mark)  # type: ignore[attr-defined]
    failpoint("check_in.after_counting")
    entry = record_arrival(actor=actor, arrival=arrival, now=now)
    if entry.check_in.is_same_device:
        raise CheckInRefused(
            "same_device",
            _("This browser has already checked somebody else in. Whoever leads can see that and tick you."),
            session,
        )
    return entry


def _session_of(actor: Any, code: str, seen_at: datetime, now: datetime) -> Session:
    """The session the code belongs to, with what `sessions_near` says of the actor's place in it."""
    near = sessions_near(actor, moment=seen_at)
    match = match_code(code, near, moment=seen_at) if code else None
    asked = [match.session] if match else [one for one in near if takes_check_ins(one, now=seen_at)]
    if any(limits.tried(f"check-in-wrong:{one.pk}") >= WRONG for one in asked):
        raise CheckInRefused(
            "paused",
            _("Too many wrong codes were typed here. Wait five minutes, or ask whoever leads to tick you."),
        )
    if match and match.is_fresh and now - seen_at <= SCAN_KEPT:
        return match.session
    if match:
        raise CheckInRefused("too_old", _("That code has changed since. Use the one on the screen now."), match.session)
    for one in asked:
        limits.tries(f"check-in-wrong:{one.pk}", seconds=WRONG_WITHIN)
    elsewhere = session_elsewhere(code, moment=seen_at) if code else None
    if elsewhere:
        raise CheckInRefused("not_in", _("You do not take part in this programme."), elsewhere)
    raise CheckInRefused("wrong", _("No session that is on now shows this code. Compare it with the screen."))


@transaction.atomic(durable=True)
def forget_marks(*, now: datetime) -> int:
    """Blank the marks of browsers once nobody asks about them any more; returns how many. Safe to run at any time."""
    old = CheckIn.objects.filter(at__lt=now - MARKS_KEPT).exclude(device="")
    return old.update(device="")


def refuse_time(session: Session, moment: datetime) -> None:
    """A step: say why a session takes no check-ins at that moment."""
    if takes_check_ins(session, now=moment):
        return
    word = session.cycle.programme.word("session")
    if session.status == SessionStatus.CANCELLED:
        raise CheckInRefused("called_off", _("This %(session)s was called off.") % {"session": word}, session)
    if is_logged(session):
        raise CheckInRefused("saved", _("The register is saved already. Ask whoever leads to add you."), session)
    opens, closed = session.starts_at - OPENS_BEFORE, session.ends_at + CLOSES_AFTER
    if moment < opens:
        message = _("This %(session)s is not on yet. Check-in opens at %(at)s.") % {
            "session": word,
            "at": dates.clock(opens),
        }
    elif moment >= closed:
        message = _("This %(session)s is over. Ask whoever leads to add you.") % {"session": word}
    else:
        message = _("This %(session)s takes no check-ins now.") % {"session": word}
    raise CheckInRefused("not_on", message, session)


def _refuse_place(session: Any, now: datetime) -> None:
    """Only those who take part are counted: not leaders, not who watches (`place_status` comes with the session)."""
    if session.is_leader:
        raise CheckInRefused(
            "leader", _("You lead here, and nobody records their own attendance. Show the code instead."), session
        )
    if session.place_status == MembershipStatus.ACTIVE or _waits_at_an_open_door(session, now):
        return
    if session.place_status is None:
        raise CheckInRefused(
            "other_role", _("You have another role in this programme. Only those who take part are counted."), session
        )
    if session.place_status == MembershipStatus.OFFERED:
        raise CheckInRefused("offered", _("A place is waiting for you. Accept it first, then check in."), session)
    raise CheckInRefused("not_in", _("You do not take part in this programme."), session)


def _waits_at_an_open_door(session: Any, now: datetime) -> bool:
    """On the waiting list of a programme anyone may turn up to: whoever was there is on the register."""
    today = clock.local(now, session.cycle.time_zone).date()
    return session.place_status == MembershipStatus.WAITING and takes_walk_ins(session.cycle, today=today)


@transaction.atomic(durable=True)
def record_arrival(*, actor: Any, arrival: Arrival, now: datetime) -> Entry:
    """Write it down, once. The session is locked: whoever saves its log sees every check-in, or comes before it.

    Who may come in, and that they showed it, has been looked at. Refuses with `CheckInRefused` when the session has
    been logged or called off since.
    """
    locked = Session.objects.select_for_update(of=("self",), no_key=True).get(pk=arrival.session.pk)
    locked.cycle = arrival.session.cycle
    return write_arrival(actor=actor, locked=locked, arrival=arrival, now=now)


def write_arrival(*, actor: Any, locked: Session, arrival: Arrival, now: datetime) -> Entry:
    """A step: the same, where the session is held already."""
    session, mark = arrival.session, arrival.mark
    refuse_time(locked, arrival.at)
    mine = Q(membership=arrival.membership_id)
    known = list(CheckIn.objects.filter(mine | (Q(device=mark) & ~Q(device="")), session=locked))
    own = next((row for row in known if row.membership_id == arrival.membership_id), None)
    is_taken = any(not row.is_same_device and row is not own for row in known)
    if own and (is_taken or not own.is_same_device):
        return Entry(own, session, is_repeat=True)
    row = own or CheckIn(session=locked, membership_id=arrival.membership_id)
    row.at, row.how, row.device, row.is_same_device = arrival.at, arrival.how, mark, is_taken
    row.save()
    failpoint("check_in.after_row")
    more = {"why": "same_device"} if is_taken else {"kiosk": arrival.kiosk_id} if arrival.kiosk_id else {}
    audit.record(
        actor=actor,
        action="programmes.check_in_refused" if is_taken else "programmes.checked_in",
        target=row,
        cycle_id=session.cycle_id,
        detail={"session": session.pk, "how": arrival.how, **more},
        now=now,
    )
    return Entry(row, session, is_repeat=False)
