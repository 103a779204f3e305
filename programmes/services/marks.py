"""Marks of several sessions in one save: what a coordinator catches up on, or puts right, in the attendance grid.

The rules are those of the log (services/logs.py): nobody records themselves, a session begins before it is recorded, an
old log is changed for a reason, what it said before is kept. Marks in a session without a log are its log: whoever was
expected and has no mark and no check-in is down as not here, as on the log sheet.

Each session is its own register. One that somebody saved since the page was drawn stays as they saved it and is handed
back with both versions; the others are saved. A refusal saves nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from peerhub.common import audit
from peerhub.common.access import can
from peerhub.common.errors import DomainError
from peerhub.common.failpoints import failpoint
from peerhub.common.once import spend
from programmes.models import (
    LOGGED,
    Attendance,
    AttendanceStatus,
    Cycle,
    CycleState,
    LogRevision,
    Membership,
    RecordedBy,
    Session,
    SessionKind,
    SessionLog,
    SessionStatus,
)
from programmes.queries.attendance_grid import PEOPLE, SESSIONS
from programmes.queries.register import CAME, Listed, suggested_marks
from programmes.queries.registers import registers
from programmes.queries.revisions import state_of
from programmes.services.booking_pauses import follow_logs
from programmes.services.clearing import refuse_uncleared_leaders
from programmes.services.logs import REASON_AFTER

KNOWN = {"", *AttendanceStatus.values}
A_DAY = 1440


class MarksRefused(DomainError):
    """Codes: closed, nothing, too_many, unknown_choice, unknown_session, not_started, cancelled, not_held,
    unknown_person, own_attendance, nobody_marked, no_reason.
    """


@dataclass(frozen=True)
class Marked:
    """What somebody changed in one session: membership uuid to a mark, "" for not recorded. `version` is the session's
    `log_version` they saw.
    """

    version: int
    marks: Mapping[UUID, str]


@dataclass(frozen=True)
class Differs:
    """One person whose saved mark is not what was wanted. Marks as in `AttendanceStatus`, or ""."""

    name: str
    saved: str
    wanted: str


@dataclass(frozen=True)
class Clash:
    """A session somebody else saved meanwhile. It was left as it is."""

    session: Session
    differs: Sequence[Differs]


@dataclass(frozen=True)
class Recorded:
    """What a save did: sessions logged for the first time, logs corrected, marks changed; and what it left alone."""

    logged: int = 0
    corrected: int = 0
    marks: int = 0
    clashes: Sequence[Clash] = ()


@dataclass
class _Draft:
    """One session, what its register says, and what it is to say: membership pk to mark, "" for no row."""

    session: Session
    people: Sequence[Listed]
    said: Marked
    wanted: dict[int, str]
    log: SessionLog | None = field(default=None)

    @property
    def is_first(self) -> bool:
        return self.session.status == SessionStatus.PLANNED

    @property
    def changes(self) -> list[Listed]:
        return [one for one in self.people if self.wanted[one.membership_id] != one.status]

    @property
    def is_clash(self) -> bool:
        """Saved by somebody else since, and not to the same effect."""
        return self.session.log_version != self.said.version and bool(self.differs)

    @property
    def differs(self) -> list[Differs]:
        marks = self.said.marks
        asked = [one for one in self.people if one.uuid in marks and marks[one.uuid] != one.status]
        return [Differs(one.name, one.status, marks[one.uuid]) for one in asked]

    @property
    def outcome(self) -> str:
        came = any(mark in CAME for mark in self.wanted.values())
        return SessionStatus.HELD if came else SessionStatus.NOBODY_CAME


@transaction.atomic(durable=True)
def record_marks(
    *,
    actor: Any,
    cycle: Cycle,
    changes: Mapping[UUID, Marked],
    reason: str = "",
    key: UUID | None = None,
    now: datetime,
) -> Recorded:
    """Save marks in sessions of `cycle`, by session uuid.

    Refuses with `MarksRefused` or `NotCleared`, saving nothing; `Repeated` for the same form again. The same number of
    queries however many sessions and people.
    """
    spend(user=actor, key=key, now=now)
    _refuse_request(cycle, changes)
    sessions = _locked(actor, cycle, changes, now)
    refuse_uncleared_leaders(actor, sessions, now=now)
    drafts = _drafts(actor, sessions, changes)
    wanted = [one for one in drafts if not one.is_clash and one.session.log_version == one.said.version and one.changes]
    _with_logs(wanted)
    _refuse_drafts(wanted, reason, now)
    marks = _write(actor, wanted, reason, now) if wanted else 0
    first = sum(one.is_first for one in wanted)
    if wanted:
        audit.record(
            actor=actor,
            action="programmes.marks_recorded",
            target=cycle,
            cycle_id=cycle.pk,
            detail={"sessions": [one.session.pk for one in wanted], "logged": first, "marks": marks},
            now=now,
        )
    clashes = [Clash(one.session, one.differs) for one in drafts if one.is_clash]
    return Recorded(first, len(wanted) - first, marks, clashes)


# --- what is refused --------------------------------------------------------------------------------------------------
def _refuse_request(cycle: Cycle, changes: Mapping[UUID, Marked]) -> None:
    if cycle.state == CycleState.CLOSED:
        raise MarksRefused("closed", _("This cycle is closed; what happened in it stays as it is."))
    if not any(one.marks for one in changes.values()):
        raise MarksRefused("nothing", _("There is nothing to save: no mark was changed."))
    if len(changes) > SESSIONS or any(len(one.marks) > PEOPLE for one in changes.values()):
        raise MarksRefused("too_many", _("That is more than one page of the grid. Save it in parts."))
    if any(mark not in KNOWN for one in changes.values() for mark in one.marks.values()):
        raise MarksRefused("unknown_choice", _("Choose here, late, not here, excused or not recorded."))


def _locked(actor: Any, cycle: Cycle, changes: Mapping[UUID, Marked], now: datetime) -> list[Session]:
    """The sessions, locked in one order whoever asks, so that two saves wait for each other and never block."""
    rows = Session.objects.filter(cycle=cycle, uuid__in=list(changes), kind=SessionKind.SESSION).with_viewer(actor)
    found = list(rows.select_related("cycle").select_for_update(of=("self",)).order_by("pk"))
    if len(found) < len(changes) or not all(can(actor, "programmes.log_session", one) for one in found):
        raise MarksRefused("unknown_session", _("One of these sessions is not yours to record."))
    for one in found:
        _refuse_session(one, now)
    return found


def _refuse_session(session: Session, now: datetime) -> None:
    if session.cycle.state == CycleState.CLOSED:
        raise MarksRefused("closed", _("This cycle is closed; what happened in it stays as it is."))
    if session.status == SessionStatus.CANCELLED:
        raise MarksRefused("cancelled", _("One of these sessions was called off, so there is nothing to record."))
    if session.starts_at > now:
        raise MarksRefused("not_started", _("One of these sessions has not started yet."))
    if session.status == SessionStatus.NOT_HELD:
        raise MarksRefused("not_held", _("One of these sessions did not happen. Correct its log first."))


def _refuse_drafts(drafts: Sequence[_Draft], reason: str, now: datetime) -> None:
    for one in drafts:
        if not any(one.wanted.values()):
            raise MarksRefused("nobody_marked", _("Nobody would be left on a register. Say who was here."))
    is_old = any(one.log and now - one.log.logged_at > REASON_AFTER for one in drafts)
    if is_old and not reason:
        raise MarksRefused("no_reason", _("Say in a few words why you change a log that is more than a day old."))


# --- what it is to say ------------------------------------------------------------------------------------------------
def _drafts(actor: Any, sessions: Sequence[Session], changes: Mapping[UUID, Marked]) -> list[_Draft]:
    # A session open to all takes whoever takes part; one of a group takes those who were in it.
    walk_ins = {one.pk: set(changes[one.uuid].marks) for one in sessions if one.group_id is None}
    people = registers(sessions, viewer=actor, walk_ins=walk_ins)
    drafts = []
    for one in sessions:
        said = changes[one.uuid]
        _refuse_people(actor, people[one.pk], said)
        drafts.append(_Draft(one, people[one.pk], said, _wanted(one, people[one.pk], said)))
    return drafts


def _refuse_people(actor: Any, people: Sequence[Listed], said: Marked) -> None:
    unknown = set(said.marks) - {one.uuid for one in people}
    mine = any(one.is_viewer and said.marks.get(one.uuid, one.status) != one.status for one in people)
    if mine or (unknown and Membership.objects.filter(uuid__in=unknown, user=actor).exists()):
        raise MarksRefused(
            "own_attendance", _("Nobody records their own attendance. Ask another leader or the coordinator.")
        )
    if unknown:
        raise MarksRefused("unknown_person", _("Somebody you marked was not in that group then. Load the page again."))


def _wanted(session: Session, people: Sequence[Listed], said: Marked) -> dict[int, str]:
    if session.status in LOGGED:
        return {one.membership_id: said.marks.get(one.uuid, one.status) for one in people}
    entered = suggested_marks(people, session)
    wanted = {}
    for one in people:
        mark = said.marks[one.uuid] if one.uuid in said.marks else one.status or str(entered.get(one.uuid, ""))
        if one.is_viewer:
            mark = one.status  # somebody else records me
        elif not mark and one.is_expected:
            mark = str(AttendanceStatus.ABSENT)
        wanted[one.membership_id] = mark
    return wanted


def _with_logs(drafts: Sequence[_Draft]) -> None:
    """Give each draft the log of its session. Imported history has a register and no log: it gets one."""
    logged = {one.session.pk: one for one in drafts if not one.is_first}
    if not logged:
        return
    rows = SessionLog.objects.filter(session__in=logged).prefetch_related("topics")
    found = {log.session_id: log for log in rows}
    if len(found) < len(logged):
        bare = [one.session for pk, one in logged.items() if pk not in found]
        SessionLog.objects.bulk_create(
            SessionLog(session=one, minutes=_minutes(one), logged_at=one.ends_at) for one in bare
        )
        found = {log.session_id: log for log in rows.all()}
    for pk, draft in logged.items():
        draft.log = found[pk]
        draft.log.session = draft.session


def _minutes(session: Session) -> int:
    return min(int((session.ends_at - session.starts_at).total_seconds() // 60), A_DAY)


# --- saving -----------------------------------------------------------------------------------------------------------
def _write(actor: Any, drafts: Sequence[_Draft], reason: str, now: datetime) -> int:
    """Registers, logs and what they said before. The sessions' rows are ours already. How many marks changed."""
    corrected = [one for one in drafts if not one.is_first]
    LogRevision.objects.bulk_create(
        LogRevision(
            session=one.session,
            number=one.session.log_version,
            by=actor,
            at=now,
            reason=reason,
            before=state_of(one.session, one.people),
        )
        for one in corrected
    )
    SessionLog.objects.bulk_create(
        SessionLog(session=one.session, author=actor, minutes=_minutes(one.session), logged_at=now)
        for one in drafts
        if one.is_first
    )
    if corrected:
        SessionLog.objects.filter(session__in=[one.session for one in corrected]).update(changed_at=now)
    failpoint("marks.after_logs")
    _save_registers(drafts, now)
    failpoint("marks.after_registers")
    for outcome in (SessionStatus.HELD, SessionStatus.NOBODY_CAME):
        pks = [one.session.pk for one in drafts if one.outcome == outcome]
        if pks:
            Session.objects.filter(pk__in=pks).update(status=outcome, log_version=F("log_version") + 1)
    if open_ones := [one.session.pk for one in drafts if one.session.group_id is None]:
        follow_logs(drafts[0].session.cycle, open_ones, now=now)
    failpoint("marks.before_audit")
    return sum(len(one.changes) for one in drafts)


def _save_registers(drafts: Sequence[_Draft], now: datetime) -> None:
    rows, gone = [], Q()
    for draft in drafts:
        for one in draft.changes:
            if draft.wanted[one.membership_id]:
                rows.append(_row(draft, one, now))
        emptied = [one.membership_id for one in draft.changes if not draft.wanted[one.membership_id]]
        if emptied:
            gone |= Q(session=draft.session, membership__in=emptied)
    if rows:
        Attendance.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["session", "membership"],
            update_fields=["status", "recorded_how", "recorded_at"],
        )
    if gone:
        Attendance.objects.filter(gone).delete()


def _row(draft: _Draft, one: Listed, now: datetime) -> Attendance:
    mark = draft.wanted[one.membership_id]
    by_hand = RecordedBy.LEADER if draft.session.viewer_leads else RecordedBy.COORDINATOR  # type: ignore[attr-defined]
    return Attendance(
        session=draft.session,
        membership_id=one.membership_id,
        status=mark,
        is_walk_in=one.is_walk_in,
        recorded_how=one.entered_how if one.is_in and mark in CAME else by_hand,
        recorded_at=now,
    )
