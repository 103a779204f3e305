"""The queue of a drop-in, as those who come see it: joining, leaving, and what happens to it at the end.

Everything that changes a queue waits for its session's row, so that tickets follow one another and nobody is taken
twice. Leaders' steps are in `queue_steps`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from peerhub.common import audit, dates, mail
from peerhub.common.errors import DomainError
from peerhub.common.failpoints import failpoint
from peerhub.common.keys import uuid_of
from programmes.models import (
    LIVE,
    DropIn,
    Membership,
    QueueEntry,
    QueueHow,
    QueueState,
    Role,
    Session,
    SessionLeader,
    SessionStatus,
    Topic,
)
from programmes.models.check_ins import CLOSES_AFTER, OPENS_BEFORE, is_logged
from programmes.models.queues import ABOUT_LENGTH, is_closed, is_drop_in, is_queue_on
from programmes.queries.queues import queues_to_settle
from programmes.queries.register import NEWCOMER
from programmes.services.letters import stamp
from programmes.services.walk_ins import admit_newcomers

UNDO_WITHIN = timedelta(minutes=2)  # a step, or closing, may be taken back for so long; letters wait as long

WISHES_KEPT = timedelta(days=30)


class QueueRefused(DomainError):
    """Codes: no_queue, called_off, saved, closed_cycle, too_early, over, closed, leader, not_in, being_helped,
    not_yours, busy, nobody, moved_on, too_late, rejoined.
    """


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants help with, if they say: a topic of the programme, or a few words."""

    topic_id: int | None = None
    about: str = ""


@dataclass(frozen=True, slots=True)
class Ticket:
    """A place in a queue. `is_repeat`: they had it already, and nothing changed."""

    entry: QueueEntry
    is_repeat: bool


NOTHING_SAID = Wish()


@transaction.atomic(durable=True)
def join_queue(*, actor: Any, session_id: int, wish: Wish = NOTHING_SAID, now: datetime) -> Ticket:
    """Queue by telephone, from wherever one is; again changes nothing. Refuses with `QueueRefused`."""
    session = locked_session(session_id)
    member = Membership.objects.active().filter(cycle=session.cycle_id, user=actor, role=Role.PARTICIPANT).first()
    if SessionLeader.objects.filter(session=session, membership__user=actor).exists():
        raise QueueRefused("leader", _("You lead here, so you do not queue."))
    if member is None:
        raise QueueRefused("not_in", _("You do not take part in this programme."))
    return enqueue(actor=actor, session=session, membership_id=member.pk, how=QueueHow.PHONE, wish=wish, now=now)


@transaction.atomic(durable=True)
def add_to_queue(*, actor: Any, session_id: int, who: str, wish: Wish = NOTHING_SAID, now: datetime) -> Ticket:
    """Whoever leads puts somebody at the end: a member's uuid, or "new:" and an account's where anybody may come.

    Refuses with `QueueRefused`, and with `WalkInRefused` for who has no place in the programme.
    """
    session = locked_session(session_id)
    refuse_join(session, now)
    key = uuid_of(who.removeprefix(NEWCOMER))
    if who.startswith(NEWCOMER) and key:
        joined = admit_newcomers(actor=actor, session=session, user_uuids=[key], now=now)
        key = joined[0] if joined else None
    members = Membership.objects.filter(cycle=session.cycle_id, role=Role.PARTICIPANT, uuid=key)
    leads = SessionLeader.objects.filter(session=session, membership__user=OuterRef("user"))
    member = members.filter(~Exists(leads), status__in=("active", "waiting")).exclude(user=actor).first()
    if member is None:
        raise QueueRefused("not_in", _("That person does not take part in this programme any more."))
    return enqueue(actor=actor, session=session, membership_id=member.pk, how=QueueHow.LEADER, wish=wish, now=now)


def enqueue(
    *, actor: Any, session: Session, membership_id: int, how: QueueHow, wish: Wish = NOTHING_SAID, now: datetime
) -> Ticket:
    """A step: the next ticket of a session that is locked, or the one they hold."""
    live = QueueEntry.objects.live().filter(session=session, membership=membership_id).first()
    if live and live.state == QueueState.HELPING:
        raise QueueRefused("being_helped", _("You are being helped now. Queue again afterwards if you need to."))
    if live:
        return Ticket(live, is_repeat=True)
    refuse_join(session, now)
    drop_in = _drop_in(session)
    drop_in.last_number += 1
    drop_in.last_turn += 1
    drop_in.save(update_fields=["last_number", "last_turn"])
    failpoint("queue.after_ticket")
    topics = Topic.objects.filter(programme=session.cycle.programme_id, is_active=True)
    entry = QueueEntry.objects.create(
        session=session,
        membership_id=membership_id,
        number=drop_in.last_number,
        turn=drop_in.last_turn,
        topic=topics.filter(pk=wish.topic_id).first() if wish.topic_id else None,
        about=" ".join(wish.about.split())[:ABOUT_LENGTH],
        how=how,
        joined_at=now,
    )
    record(actor, "queue_joined", entry, session, now, how=how)
    return Ticket(entry, is_repeat=False)


@transaction.atomic(durable=True)
def leave_queue(*, actor: Any, session_id: int, now: datetime) -> QueueEntry | None:
    """Give one's place up. Without one, nothing happens. Refuses with `being_helped`: that is for who helps to end."""
    session = locked_session(session_id)
    entry = QueueEntry.objects.live().filter(session=session, membership__user=actor).first()
    if entry is None:
        return None
    if entry.state == QueueState.HELPING:
        raise QueueRefused("being_helped", _("You are being helped now. Whoever helps you ends it."))
    end(entry, QueueState.LEFT, now)
    record(actor, "queue_left", entry, session, now)
    return entry


@transaction.atomic(durable=True)
def close_queue(*, actor: Any, session_id: int, now: datetime) -> int:
    """Take nobody any more: those who wait are told kindly, with when the next drop-in is; returns how many they were.

    Whoever is called or being helped stays with who helps them. Letters wait two minutes, for `reopen_queue`. Refuses
    with `QueueRefused` where no queue is on.
    """
    session = locked_session(session_id)
    refuse_time(session, now)
    drop_in = _drop_in(session)
    if drop_in.closed_at:
        return 0
    drop_in.closed_at, drop_in.closed_by = now, actor
    drop_in.save(update_fields=["closed_at", "closed_by"])
    waiting = list(QueueEntry.objects.filter(session=session, state=QueueState.WAITING).select_related("membership"))
    _send_home(session, waiting, now, told_at=now + UNDO_WITHIN)
    audit.record(
        actor=actor,
        action="programmes.queue_closed",
        target=session,
        cycle_id=session.cycle_id,
        detail={"waiting": len(waiting)},
        now=now,
    )
    return len(waiting)


@transaction.atomic(durable=True)
def reopen_queue(*, actor: Any, session_id: int, now: datetime) -> int:
    """Take people again; within two minutes of closing, those who were sent home are back where they stood.

    Returns how many are back. Not closed is no change.
    """
    session = locked_session(session_id)
    drop_in = _drop_in(session)
    if drop_in.closed_at is None:
        return 0
    refuse_time(session, now)
    closed_at, drop_in.closed_at, drop_in.closed_by = drop_in.closed_at, None, None
    back = 0
    if now - closed_at <= UNDO_WITHIN:
        # Nobody could join meanwhile, so nobody is there twice.
        gone = QueueEntry.objects.filter(session=session, state=QueueState.NOT_SERVED, ended_at=closed_at)
        back = gone.update(state=QueueState.WAITING, ended_at=None)
    drop_in.save(update_fields=["closed_at", "closed_by"])
    audit.record(actor=actor, action="programmes.queue_reopened", target=session, cycle_id=session.cycle_id, now=now)
    return back


def settle_queues(*, now: datetime) -> int:
    """End the queues of sessions that are over, saved or called off; returns how many. Safe to run at any time."""
    return sum(_settle(session_id, now) for session_id in queues_to_settle(now=now))


@transaction.atomic(durable=True)
def _settle(session_id: int, now: datetime) -> int:
    session = locked_session(session_id)
    if is_queue_on(session, now=now):
        return 0
    live = list(QueueEntry.objects.live().filter(session=session).select_related("membership"))
    helped = [one for one in live if one.state == QueueState.HELPING]
    for one in helped:
        end(one, QueueState.HELPED, max(one.started_at or now, min(now, session.ends_at)))
    _send_home(session, [one for one in live if one not in helped], now)
    if live:
        audit.record(
            actor=None,
            action="programmes.queue_ended",
            target=session,
            cycle_id=session.cycle_id,
            detail={"waiting": len(live) - len(helped)},
            now=now,
        )
    return int(bool(live))


@transaction.atomic(durable=True)
def forget_wishes(*, now: datetime) -> int:
    """Blank what tickets were about a month after they ended; returns how many. Safe to run at any time."""
    return QueueEntry.objects.filter(ended_at__lt=now - WISHES_KEPT).exclude(about="").update(about="")


# --- steps -------------------------------------------------------------------------------------------
def locked_session(session_id: int) -> Session:
    """A step: the session with its row held, so that whoever comes next sees what this one did."""
    locked = Session.objects.select_for_update(of=("self",), no_key=True)
    return locked.select_related("cycle__programme__activity_type").get(pk=session_id)


def _drop_in(session: Session) -> DropIn:
    """Read after the session is held, never joined to it: what is joined may be from before the wait."""
    return getattr(session, "drop_in", None) or DropIn.objects.create(session=session)


def refuse_join(session: Session, now: datetime) -> None:
    """A step: say why nobody may join at this moment."""
    refuse_time(session, now)
    if is_closed(session):
        raise QueueRefused("closed", _("The queue takes nobody any more today."))
    if now >= session.ends_at:
        raise QueueRefused("over", _("It has ended. Come to the next one."))


def refuse_time(session: Session, now: datetime) -> None:
    """A step: say why nobody is taken from the queue at this moment."""
    if is_queue_on(session, now=now):
        return
    if not is_drop_in(session):
        raise QueueRefused("no_queue", _("Nobody queues for this."))
    if session.status == SessionStatus.CANCELLED:
        raise QueueRefused("called_off", _("This was called off."))
    if is_logged(session):
        raise QueueRefused("saved", _("The register is saved already, so the queue is over."))
    opens = session.starts_at - OPENS_BEFORE
    if now < opens:
        raise QueueRefused("too_early", _("The queue opens at %(at)s.") % {"at": dates.clock(opens)})
    if now >= session.ends_at + CLOSES_AFTER:
        raise QueueRefused("over", _("It has ended. Come to the next one."))
    raise QueueRefused("closed_cycle", _("This cycle is closed; what happened in it stays as it is."))


def end(entry: QueueEntry, state: QueueState, at: datetime) -> None:
    """A step: the end of a place in the queue. Only what a leader did last may be taken back."""
    entry.state, entry.ended_at = state, at
    if state != QueueState.HELPED:
        entry.before = {}
    entry.save(update_fields=["state", "ended_at", "before"])


def record(actor: Any, action: str, entry: QueueEntry, session: Session, now: datetime, **detail: Any) -> None:
    """A step: one line of the record about a ticket."""
    audit.record(
        actor=actor,
        action=f"programmes.{action}",
        target=entry,
        cycle_id=session.cycle_id,
        detail={"session": session.pk, "ticket": entry.number, **detail},
        now=now,
    )


def _send_home(session: Session, entries: list[QueueEntry], now: datetime, told_at: datetime | None = None) -> None:
    """Those who are not seen any more, each with a letter."""
    if not entries:
        return
    going = QueueEntry.objects.filter(pk__in=[one.pk for one in entries], state__in=LIVE)
    going.update(state=QueueState.NOT_SERVED, ended_at=now, before={})
    failpoint("queue.before_letters")
    letters = (
        mail.Entry(
            "programmes.queue_not_served",
            to=one.membership.user_id,
            key=f"queue_not_served:{one.pk}:{now.timestamp():.0f}",
            about={"entry": one.pk, "session": session.pk, "cycle": session.cycle_id, "occasion": stamp(now)},
            not_before=told_at,
        )
        for one in entries
    )
    mail.queue_many(letters, now=now)
