"""The queue of a drop-in as pages show it: to one who waits, to those who lead, and to the room."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2s
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery

from peerhub.common.statements import compiled
from programmes.models import (
    LIVE,
    AttendanceMode,
    CycleState,
    MembershipStatus,
    Mode,
    QueueEntry,
    QueueState,
    Session,
    SessionKind,
    SessionLeader,
    SessionStatus,
    Topic,
)
from programmes.models.check_ins import CLOSES_AFTER, OPENS_BEFORE
from programmes.models.queues import WITH_SOMEBODY, is_drop_in, takes_queue
from programmes.queries.register import session_to_log
from programmes.queries.waits import Wait, estimated_wait, usual_minutes

RECENT = 40  # people helped, of whom the usual time is taken
AT_WORK = timedelta(minutes=45)  # whoever called somebody within that is at work
UNDO_SHOWN = timedelta(minutes=2)
SETTLED_AT_ONCE = 200


def drop_in_or_none(viewer: Any, uuid: UUID) -> Session | None:
    """A session that people queue for, if `viewer` may know of it."""
    session = session_to_log(viewer, uuid)
    return session if session is not None and is_drop_in(session) else None


# --- where everybody stands ------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Standing:
    """A queue in numbers: the turns of those who wait, how many are with somebody, how many lead, the usual minutes."""

    waiting: tuple[int, ...]
    busy: int
    leaders: int
    usual: float

    def ahead_of(self, turn: int) -> int:
        return sum(one < turn for one in self.waiting)

    def wait(self, ahead: int) -> Wait:
        return estimated_wait(ahead=ahead, busy=self.busy, leaders=self.leaders, usual=self.usual)

    @property
    def next_wait(self) -> Wait:
        """Of whoever would join now."""
        return self.wait(len(self.waiting))


def standing(session: Session, *, now: datetime) -> Standing:
    """Three queries, however long the queue."""
    return standings([session], now=now)[session.pk]


def standings(sessions: Sequence[Session], *, now: datetime) -> dict[int, Standing]:
    """By session, all of one cycle: three queries, however many and however long."""
    if not sessions:
        return {}
    ids = [one.pk for one in sessions]
    rows = _turns(session_ids=ids, called_after=now - AT_WORK)
    leads = _leaders(session_ids=ids)
    usual = usual_minutes([ended - started for started, ended in _helped(cycle_id=sessions[0].cycle_id)])
    return {pk: _standing([row for row in rows if row[0] == pk], leads.count(pk), usual) for pk in ids}


def _standing(rows: Sequence[tuple[int, str, int, int | None]], leaders: int, usual: float) -> Standing:
    """Whoever called somebody lately is at work; before anybody did, those who are to lead."""
    at_work = {caller for _session, _state, _turn, caller in rows if caller}
    return Standing(
        waiting=tuple(turn for _session, state, turn, _caller in rows if state == QueueState.WAITING),
        busy=sum(state in WITH_SOMEBODY for _session, state, _turn, _caller in rows),
        leaders=len(at_work) or leaders,
        usual=usual,
    )


@compiled
def _turns(*, session_ids: list[int], called_after: datetime) -> QuerySet[QueueEntry, tuple[int, str, int, int | None]]:
    rows = QueueEntry.objects.filter(Q(state__in=LIVE) | Q(called_at__gt=called_after), session__in=session_ids)
    return rows.order_by("turn", "pk").values_list("session_id", "state", "turn", "called_by_id")


@compiled
def _leaders(*, session_ids: list[int]) -> QuerySet[SessionLeader, int]:
    leads = SessionLeader.objects.filter(session__in=session_ids, membership__status=MembershipStatus.ACTIVE)
    return leads.values_list("session_id", flat=True)


@compiled
def _helped(*, cycle_id: int) -> QuerySet[QueueEntry, tuple[Any, ...]]:
    rows = QueueEntry.objects.filter(session__cycle=cycle_id, state=QueueState.HELPED)
    return rows.order_by("-ended_at", "-pk").values_list("started_at", "ended_at")[:RECENT]


# --- one who waits ----------------------------------------------------------------------------------
def own_entry(user: Any, session: Session) -> QueueEntry | None:
    """The person's latest ticket of this session. One query."""
    return next(iter(_own(user=user, session=session)), None)


@compiled
def _own(*, user: Any, session: Session) -> QuerySet[QueueEntry, QueueEntry]:
    mine = QueueEntry.objects.filter(session=session, membership__user=user)
    return mine.select_related("topic", "called_by__user").order_by("-number")[:1]


def own_ticket(user: Any) -> Any:
    """For a queryset of sessions: the number of the ticket `user` holds in each, None where none."""
    live = QueueEntry.objects.live().filter(session=OuterRef("pk"), membership__user=user)
    return Subquery(live.values("number")[:1])


def next_drop_ins(cycle_ids: Iterable[int], *, now: datetime) -> dict[int, Session]:
    """The next session each cycle's people may queue for. One query, two rows a cycle at most read."""
    coming = Session.objects.filter(
        ~Q(mode=Mode.ASYNC),
        cycle__in=list(cycle_ids),
        cycle__attendance_mode=AttendanceMode.QUEUE,
        group=None,
        kind=SessionKind.SESSION,
        status=SessionStatus.PLANNED,
        starts_at__gt=now,
        starts_at__lt=now + timedelta(days=60),
        drop_in__closed_at=None,  # whose queue is closed already is no next one
    )
    found: dict[int, Session] = {}
    related = ("cycle__programme__activity_type", "group")
    for one in coming.select_related(*related).order_by("starts_at", "pk")[:100]:
        found.setdefault(one.cycle_id, one)
    return found


def topics_to_choose(session: Session) -> list[tuple[int, str]]:
    """What one may say one needs help with. One query."""
    return _topics(programme_id=session.cycle.programme_id)


@compiled
def _topics(*, programme_id: int) -> QuerySet[Topic, tuple[int, str]]:
    found = Topic.objects.filter(programme=programme_id, is_active=True)
    return found.order_by("position", "name", "pk").values_list("pk", "name")


# --- those who lead ---------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Line:
    """One ticket as those who lead see it. `caller` is whoever called or helps them."""

    uuid: UUID
    number: int
    name: str
    about: str
    state: str
    how: str
    misses: int
    joined_at: datetime
    called_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    caller: str
    is_mine: bool
    can_undo: bool
    is_viewer: bool

    @property
    def word(self) -> str:
        return str(QueueState(self.state).label)


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue as those who lead see it."""

    waiting: list[Line]
    here: list[Line]  # called or being helped
    done: list[Line]  # of the last minutes, newest first
    helped: int
    lost: int  # who left, did not come or was not seen

    @property
    def mine(self) -> list[Line]:
        return [one for one in self.here if one.is_mine]

    @property
    def others(self) -> list[Line]:
        return [one for one in self.here if not one.is_mine]


def queue_of(session: Session, *, viewer: Any, now: datetime) -> Queue:
    """Everybody of a session's queue, in order. One query."""
    rows = list(_lines(session=session))
    lines = [_line(row, viewer, now) for row in rows]
    recent = [one for one in lines if one.can_undo and one.state not in LIVE]
    return Queue(
        waiting=[one for one in lines if one.state == QueueState.WAITING],
        here=[one for one in lines if one.state in WITH_SOMEBODY],
        done=sorted(recent, key=lambda one: (one.ended_at or now, one.number), reverse=True),
        helped=sum(one.state == QueueState.HELPED for one in lines),
        lost=sum(one.state not in (*LIVE, QueueState.HELPED) for one in lines),
    )


@compiled
def _lines(*, session: Session) -> QuerySet[QueueEntry, QueueEntry]:
    rows = QueueEntry.objects.filter(session=session)
    return rows.select_related("membership__user", "topic", "called_by__user").order_by("turn", "pk")


def _line(row: QueueEntry, viewer: Any, now: datetime) -> Line:
    caller = row.called_by.user if row.called_by else None
    words = [row.topic.name if row.topic else "", row.about]
    return Line(
        uuid=row.uuid,
        number=row.number,
        name=row.membership.user.display_name,
        about=": ".join(filter(None, words)),
        state=row.state,
        how=row.how,
        misses=row.misses,
        joined_at=row.joined_at,
        called_at=row.called_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        caller=caller.short_name if caller else "",
        is_mine=caller is not None and caller.pk == viewer.pk,
        can_undo=bool(row.before) and row.stepped_at is not None and now - row.stepped_at <= UNDO_SHOWN,
        is_viewer=row.membership.user_id == viewer.pk,
    )


def entry_of(session: Session, uuid: UUID) -> QueueEntry | None:
    return QueueEntry.objects.filter(session=session, uuid=uuid).first()


# --- the room ----------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Shown:
    """One ticket on the screen in the room: its number, or a first name with an initial."""

    label: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class Room:
    """A queue as strangers may see it."""

    session: Session
    called: list[Shown]
    helping: int
    waiting: list[Shown]
    wait: Wait
    takes: bool

    @property
    def more(self) -> int:
        return max(0, len(self.waiting) - SHOWN)


SHOWN = 8


def rooms_of(sessions: Sequence[Session], *, names: bool, now: datetime) -> list[Room]:
    """What a screen shows of the drop-ins among `sessions`, all of one cycle. Four queries, however many."""
    wanted = [one for one in sessions if is_drop_in(one)]
    if not wanted:
        return []
    ranks, rows = standings(wanted, now=now), _on_screen(session_ids=[one.pk for one in wanted])
    return [_room(one, [row[1:] for row in rows if row[0] == one.pk], ranks[one.pk], names, now=now) for one in wanted]


def _room(session: Session, rows: Sequence[tuple[Any, ...]], rank: Standing, names: bool, *, now: datetime) -> Room:
    shown = [(state, Shown(label_of(row, names), caller or given or "")) for state, caller, given, *row in rows]
    return Room(
        session=session,
        called=[one for state, one in shown if state == QueueState.CALLED],
        helping=sum(state == QueueState.HELPING for state, _one in shown),
        waiting=[one for state, one in shown if state == QueueState.WAITING],
        wait=rank.next_wait,
        takes=takes_queue(session, now=now),
    )


def label_of(row: Sequence[Any], names: bool) -> str:
    """`row`: number, preferred, given and family name. A name is never shown in full."""
    number, preferred, given, family = row
    return f"{preferred or given} {family[:1]}." if names and family else (preferred or given) if names else str(number)


@compiled
def _on_screen(*, session_ids: list[int]) -> QuerySet[QueueEntry, tuple[Any, ...]]:
    user = ("preferred_name", "given_name", "family_name")
    return (
        QueueEntry.objects.filter(session__in=session_ids, state__in=LIVE)
        .order_by("turn", "pk")
        .values_list(
            "session_id", "state", "called_by__user__preferred_name", "called_by__user__given_name", "number",
            *(f"membership__user__{name}" for name in user),
        )
    )  # fmt: skip


# --- what is on, and what is over --------------------------------------------------------------------
def queues_to_settle(*, now: datetime) -> list[int]:
    """Sessions with people in their queues that are over, saved, called off or put off, or for which nobody queues any
    more: their cycle is closed, or people come otherwise since.
    """
    over = Q(session__ends_at__lte=now - CLOSES_AFTER) | Q(session__starts_at__gt=now + OPENS_BEFORE)
    other = ~Q(session__cycle__attendance_mode=AttendanceMode.QUEUE) | Q(session__group__isnull=False)
    gone = ~Q(session__status=SessionStatus.PLANNED) | Q(session__cycle__state=CycleState.CLOSED)
    live = QueueEntry.objects.live().filter(over | other | gone)
    return list(live.order_by("session_id").values_list("session_id", flat=True).distinct()[:SETTLED_AT_ONCE])


def mark_of(*parts: Any) -> str:
    """A short mark of what a page shows, so that asking again for the same costs an empty answer."""
    return blake2s(repr(parts).encode(), digest_size=8).hexdigest()
