"""The queue of a drop-in, as those who lead see it: taking the next, starting, ending, and taking a step back.

Every step waits for the session's row: two leaders never get the same person, and whoever is second sees that.
Taking somebody on refuses a leader who is not cleared (`NotCleared`); what has begun can be ended.
Starting to help somebody checks them in, so that the register has them.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from peerhub.common.failpoints import failpoint
from peerhub.common.once import spend
from programmes.models import (
    CheckIn,
    CheckInHow,
    DropIn,
    Membership,
    QueueEntry,
    QueueState,
    Role,
    Session,
    SessionLeader,
)
from programmes.models.queues import WITH_SOMEBODY
from programmes.queries.clearing import missing_at
from programmes.services.clearing import refuse_missing
from programmes.services.queues import UNDO_WITHIN, QueueRefused, end, locked_session, record, refuse_time

KEPT = ("state", "turn", "misses", "called_by_id", "called_at", "started_at", "ended_at")  # for taking a step back
DOUBTED = "doubted"  # and the browser, where a check-in was doubtful before
MOMENTS = {"called_at", "started_at", "ended_at"}


@transaction.atomic(durable=True)
def take_next(*, actor: Any, session_id: int, also: bool = False, key: UUID | None, now: datetime) -> QueueEntry:
    """Call whoever waits longest. `also`: although one has somebody. Refuses with `QueueRefused`, `Repeated`."""
    spend(user=actor, key=key, now=now)
    session = locked_session(session_id)
    refuse_time(session, now)
    me = _me(actor, session, now)
    waiting = QueueEntry.objects.filter(session=session, state=QueueState.WAITING).exclude(membership__user=actor)
    entry = waiting.order_by("turn").first()
    if entry is None:
        raise QueueRefused("nobody", _("Nobody waits."))
    entry.session = session
    _call(actor, entry, me, also=also, now=now)
    return entry


@transaction.atomic(durable=True)
def call_person(*, actor: Any, entry_id: int, also: bool = False, now: datetime) -> QueueEntry:
    """Call somebody out of turn. Called by oneself already is no change."""
    session, entry = _held(entry_id)
    refuse_time(session, now)
    me = _me(actor, session, now)
    if entry.state == QueueState.CALLED and entry.called_by_id == me.pk:
        return entry
    _refuse_moved(entry, QueueState.WAITING)
    _call(actor, entry, me, also=also, now=now)
    return entry


@transaction.atomic(durable=True)
def start_helping(*, actor: Any, entry_id: int, also: bool = False, now: datetime) -> QueueEntry:
    """They came: from now on they are being helped, and on the register. Again is no change."""
    session, entry = _held(entry_id)
    refuse_time(session, now)
    me = _me(actor, session, now)
    if entry.state == QueueState.HELPING:
        return entry
    _refuse_moved(entry, QueueState.CALLED)
    if entry.called_by_id != me.pk:
        _refuse_busy(session, me, also)
    _keep(entry, now)
    entry.state, entry.started_at, entry.called_by = QueueState.HELPING, now, me
    _check_in(entry, now)
    entry.save()
    record(actor, "queue_started", entry, session, now)
    return entry


@transaction.atomic(durable=True)
def finish_helping(*, actor: Any, entry_id: int, now: datetime) -> QueueEntry:
    """They were helped. Again is no change. Possible also after the end, so that nobody stays open."""
    session, entry = _held(entry_id)
    _me(actor, session)
    if entry.state == QueueState.HELPED:
        return entry
    _refuse_moved(entry, QueueState.HELPING)
    _keep(entry, now)
    entry.save(update_fields=["stepped_at"])
    end(entry, QueueState.HELPED, now)
    record(actor, "queue_finished", entry, session, now)
    return entry


@transaction.atomic(durable=True)
def note_missed(*, actor: Any, entry_id: int, now: datetime) -> QueueEntry:
    """Called, and did not come: back to the end once, the second time that was it."""
    session, entry = _held(entry_id)
    _me(actor, session)
    _refuse_moved(entry, QueueState.CALLED)
    _keep(entry, now)
    entry.misses += 1
    if entry.misses == 1:
        drop_in = DropIn.objects.get(session=session)
        drop_in.last_turn += 1
        drop_in.save(update_fields=["last_turn"])
        failpoint("queue.after_turn")
        _to_wait(entry, drop_in.last_turn)
    else:
        entry.state, entry.ended_at = QueueState.NO_ANSWER, now
    entry.save()
    record(actor, "queue_missed", entry, session, now)
    return entry


@transaction.atomic(durable=True)
def put_back(*, actor: Any, entry_id: int, now: datetime) -> QueueEntry:
    """Somebody else should help them: they wait again where they stood, which is in front."""
    session, entry = _held(entry_id)
    refuse_time(session, now)
    _me(actor, session)
    if entry.state == QueueState.WAITING:
        return entry
    _refuse_moved(entry, *WITH_SOMEBODY)
    _keep(entry, now)
    _to_wait(entry, entry.turn)
    entry.save()
    record(actor, "queue_put_back", entry, session, now)
    return entry


@transaction.atomic(durable=True)
def undo_step(*, actor: Any, entry_id: int, now: datetime) -> QueueEntry:
    """Take the last step with a person back, within two minutes of it. Refuses with `too_late`, `rejoined`."""
    session, entry = _held(entry_id)
    refuse_time(session, now)
    _me(actor, session)
    if not entry.before or entry.stepped_at is None or now - entry.stepped_at > UNDO_WITHIN:
        raise QueueRefused("too_late", _("That cannot be taken back any more."))
    again = QueueEntry.objects.live().filter(session=session, membership=entry.membership_id).exclude(pk=entry.pk)
    if again.exists():
        raise QueueRefused("rejoined", _("They have joined the queue again since."))
    if entry.state == QueueState.HELPING:  # the check-in that came of starting goes with it
        CheckIn.objects.filter(
            session=session, membership=entry.membership_id, how=CheckInHow.QUEUE, at=entry.started_at
        ).delete()
        if device := entry.before.pop(DOUBTED, ""):
            CheckIn.objects.filter(session=session, membership=entry.membership_id).update(
                is_same_device=True, device=device
            )
    for name, value in entry.before.items():
        setattr(entry, name, parse_datetime(value) if name in MOMENTS and value else value)
    entry.before, entry.stepped_at = {}, None
    entry.save()
    record(actor, "queue_step_undone", entry, session, now)
    return entry


# --- steps of steps ----------------------------------------------------------------------------------
def _held(entry_id: int) -> tuple[Session, QueueEntry]:
    """The session, held; and the entry as it is since."""
    session = locked_session(QueueEntry.objects.values_list("session_id", flat=True).get(pk=entry_id))
    entry = QueueEntry.objects.get(pk=entry_id)
    entry.session = session
    return session, entry


def _me(actor: Any, session: Session, now: datetime | None = None) -> Membership:
    """As whom the actor helps: one of its leaders, or a coordinator. With `now`: a leader must be cleared to."""
    mine = Membership.objects.active().filter(cycle=session.cycle_id, user=actor)
    leads = SessionLeader.objects.filter(session=session, membership__user=actor).values("membership")
    me = mine.filter(role=Role.LEADER, pk__in=leads).first() or mine.filter(role=Role.COORDINATOR).first()
    if me is None:
        raise QueueRefused("not_yours", _("You do not lead this."))
    if now and me.role == Role.LEADER:
        refuse_missing(missing_at(me.pk, session.starts_at, now))
    return me


def _refuse_moved(entry: QueueEntry, *states: str) -> None:
    if entry.state not in states:
        raise QueueRefused("moved_on", _("That has changed meanwhile. Look at the queue again."))


def _refuse_busy(session: Session, me: Membership, also: bool) -> None:
    mine = QueueEntry.objects.filter(session=session, called_by=me, state__in=WITH_SOMEBODY)
    if not also and mine.exists():
        raise QueueRefused("busy", _("You have somebody already. Finish first, or take one more as well."))


def _call(actor: Any, entry: QueueEntry, me: Membership, *, also: bool, now: datetime) -> None:
    _refuse_busy(entry.session, me, also)
    _keep(entry, now)
    entry.state, entry.called_by, entry.called_at = QueueState.CALLED, me, now
    entry.save()
    failpoint("queue.after_call")
    record(actor, "queue_called", entry, entry.session, now)


def _keep(entry: QueueEntry, now: datetime) -> None:
    """Note what the row says, for taking the step back."""
    entry.before = {name: getattr(entry, name) for name in KEPT}
    entry.stepped_at = now


def _to_wait(entry: QueueEntry, turn: int) -> None:
    entry.state, entry.turn = QueueState.WAITING, turn
    entry.called_by = entry.called_at = entry.started_at = None


def _check_in(entry: QueueEntry, now: datetime) -> None:
    """Whoever is helped was there, also where a shared telephone had made their check-in doubtful."""
    row, is_new = CheckIn.objects.get_or_create(
        session_id=entry.session_id,
        membership_id=entry.membership_id,
        defaults={"at": now, "how": CheckInHow.QUEUE},
    )
    failpoint("queue.before_check_in")
    if not is_new and row.is_same_device:
        entry.before[DOUBTED] = row.device  # for taking the step back
        row.is_same_device, row.device = False, ""
        row.save(update_fields=["is_same_device", "device"])
