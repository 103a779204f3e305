"""The log of a session: who was there and what it was about, first said and later corrected.

Every save is one request: the register in one upsert, the log, the history of a correction. Nobody records their own
attendance. The private reflection is its author's alone and never part of the history.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from peerhub.common import audit
from peerhub.common.errors import DomainError
from peerhub.common.failpoints import failpoint
from peerhub.common.once import spend
from peerhub.institution.models import SupportService
from programmes.models import (
    LOGGED,
    Attendance,
    AttendanceStatus,
    CycleState,
    LogRevision,
    Membership,
    RecordedBy,
    Session,
    SessionLog,
    SessionStatus,
    Technique,
    Topic,
)
from programmes.permissions import leads_session
from programmes.queries.register import CAME, Listed, register
from programmes.services.booking_pauses import follow_log
from programmes.services.clearing import refuse_uncleared_leader
from programmes.services.walk_ins import admit_newcomers

REASON_AFTER = timedelta(hours=24)
OUTCOMES = (SessionStatus.HELD, SessionStatus.NOBODY_CAME, SessionStatus.NOT_HELD)


class LogRefused(DomainError):
    """Codes: cancelled, not_started, closed, own_attendance, unknown_person, unknown_choice, no_reason, nobody_marked,
    too_long, more_came (somebody checked in since the form was opened: look before saving).
    """


class LogConflict(DomainError):
    """Codes: conflict. Somebody saved this log since the form was opened; nothing was changed."""


@dataclass(frozen=True)
class LogEntry:
    """What a leader says of a session. `marks` holds those who came or were excused; everybody else expected is absent.

    `version` is the session's `log_version` when the form was opened. `newcomers` are uuids of accounts to take in.
    `entered` are those whose check-in the form showed; None where it shows none.
    `recorded_at` is when it was written down, for logs kept while offline; bounded by the session's start and now.
    """

    outcome: str
    version: int
    marks: Mapping[UUID, str] = field(default_factory=dict)
    entered: frozenset[UUID] | None = None
    newcomers: Sequence[UUID] = ()
    minutes: int | None = None
    is_academic: bool = False
    is_social: bool = False
    is_emotional: bool = False
    topic_ids: frozenset[int] = frozenset()
    other_topic: str = ""
    technique_id: int | None = None
    service_id: int | None = None
    shared_note: str = ""
    private_reflection: str = ""
    status_note: str = ""
    reason: str = ""
    recorded_at: datetime | None = None


@transaction.atomic(durable=True)
def log_session(*, actor: Any, session: Session, entry: LogEntry, key: UUID | None, now: datetime) -> Session:
    """Save the log of `session` (as the caller read it, with its cycle), for the first time or as a correction.

    Refuses with `LogRefused`, `NotCleared`, `LogConflict` when somebody saved in between, `Repeated` for the same form
    again.
    """
    spend(user=actor, key=key, now=now)
    _refuse_time(session, entry, now)
    refuse_uncleared_leader(actor, session, now=now)
    is_first = _begin_first_log(session, entry)
    failpoint("log.after_begin")
    if is_first:
        return _write(actor, session, entry, log=None, now=now)
    log = _locked_log(session)
    if log.session.log_version != entry.version:
        if _says_already(log, entry, actor):
            return log.session
        raise LogConflict("conflict", _("Somebody else saved this log while you were writing."))
    return _correct(actor, log, entry, now)


def _refuse_time(session: Session, entry: LogEntry, now: datetime) -> None:
    if session.cycle.state == CycleState.CLOSED:
        raise LogRefused("closed", _("This cycle is closed; what happened in it stays as it is."))
    if session.status == SessionStatus.CANCELLED:
        raise LogRefused("cancelled", _("This was called off, so there is nothing to log."))
    if session.starts_at > now:
        raise LogRefused("not_started", _("It has not started yet. You can log it from its start."))
    if entry.outcome not in OUTCOMES:
        raise LogRefused("unknown_choice", _("Choose what happened."))
    if entry.outcome == SessionStatus.NOT_HELD and not entry.status_note:
        raise LogRefused("no_reason", _("Say in a few words why it did not happen."))
    if entry.minutes is not None and not 0 <= entry.minutes <= 1440:
        raise LogRefused("too_long", _("Write its length in minutes, up to a day."))


def _begin_first_log(session: Session, entry: LogEntry) -> bool:
    """Lock, look and move the session in one statement: true when nobody had logged it."""
    if session.status != SessionStatus.PLANNED or entry.version != 0:
        return False
    fresh = Session.objects.filter(pk=session.pk, status=SessionStatus.PLANNED, log_version=0)
    changes: dict[str, Any] = {"status": entry.outcome, "status_note": entry.status_note, "log_version": 1}
    if session.is_ad_hoc and entry.minutes:
        changes["ends_at"] = session.starts_at + timedelta(minutes=entry.minutes)
    return fresh.update(**changes) == 1


def _locked_log(session: Session) -> SessionLog:
    """The existing log behind the session's lock; refuses where the session was called off in the meantime."""
    locked = Session.objects.select_for_update(of=("self",)).select_related("cycle").get(pk=session.pk)
    if locked.status not in LOGGED:
        raise LogRefused("cancelled", _("This was called off, so there is nothing to log."))
    log = SessionLog.objects.filter(session=locked).prefetch_related("topics").first()
    if log is None:  # imported history: a register without a log
        minutes = int((locked.ends_at - locked.starts_at).total_seconds() // 60)
        log = SessionLog.objects.create(session=locked, minutes=minutes, logged_at=locked.ends_at)
    log.session = locked
    return log


def _says_already(log: SessionLog, entry: LogEntry, actor: Any) -> bool:
    """True when everything `entry` says is already saved: the second of two equal submits."""
    return _is_same(log, entry, register(log.session, viewer=actor, walk_ins=entry.marks), actor)


def _is_same(log: SessionLog, entry: LogEntry, people: Sequence[Listed], actor: Any) -> bool:
    outcome = (log.session.status, log.session.status_note)
    if entry.newcomers or outcome != (entry.outcome, entry.status_note) or _content(log, entry) != _saved_content(log):
        return False
    return _wanted(entry, people, actor) == {one.membership_id: one.status for one in people if one.status}


def _correct(actor: Any, log: SessionLog, entry: LogEntry, now: datetime) -> Session:
    people = register(log.session, viewer=actor, walk_ins=entry.marks)
    if _is_same(log, entry, people, actor):
        if log.author_id == actor.pk:  # one's own private words: no history, no line in the record
            SessionLog.objects.filter(pk=log.pk).update(private_reflection=entry.private_reflection)
        return log.session
    if now - log.logged_at > REASON_AFTER and not entry.reason:
        raise LogRefused("no_reason", _("Say in a few words why you change a log that is more than a day old."))
    before = _snapshot(log, people)
    LogRevision.objects.create(
        session=log.session, number=log.session.log_version, by=actor, at=now, reason=entry.reason, before=before
    )
    changes: dict[str, Any] = {"status": entry.outcome, "status_note": entry.status_note}
    Session.objects.filter(pk=log.session_id).update(log_version=F("log_version") + 1, **changes)
    return _write(actor, log.session, entry, log=log, now=now)


def _write(actor: Any, session: Session, entry: LogEntry, *, log: SessionLog | None, now: datetime) -> Session:
    """Register and log. The session's row is ours already."""
    if entry.newcomers:
        joined = admit_newcomers(actor=actor, session=session, user_uuids=entry.newcomers, now=now)
        entry = replace(entry, marks={**entry.marks, **dict.fromkeys(joined, AttendanceStatus.PRESENT)}, newcomers=())
    people = register(session, viewer=actor, walk_ins=entry.marks)
    if log is None:
        _refuse_unseen(entry, people)
    wanted = _wanted(entry, people, actor)
    _save_register(actor, session, people, wanted, _moment(session, entry, now))
    failpoint("log.after_register")
    _save_log(actor, session, entry, log, now)
    failpoint("log.before_audit")
    session.status, session.status_note = entry.outcome, entry.status_note
    if session.group_id is None:
        follow_log(session, now=now)
    audit.record(
        actor=actor,
        action="programmes.log_corrected" if log else "programmes.session_logged",
        target=session,
        cycle_id=session.cycle_id,
        detail={"outcome": entry.outcome, "here": sum(mark in CAME for mark in wanted.values()), "listed": len(people)},
        now=now,
    )
    return session


def _wanted(entry: LogEntry, people: Sequence[Listed], actor: Any) -> dict[int, str]:
    """What each membership's row is to say; memberships that are to have no row are left out."""
    _refuse_people(entry, people, actor)
    came = entry.marks if entry.outcome == SessionStatus.HELD else {}
    wanted = {}
    for one in people:
        if one.is_viewer:
            mark = one.status  # somebody else records me
        elif entry.outcome == SessionStatus.NOT_HELD:
            mark = ""
        else:
            was_listed = one.is_expected or one.status in {AttendanceStatus.ABSENT, AttendanceStatus.EXCUSED}
            mark = str(came.get(one.uuid) or (AttendanceStatus.ABSENT if was_listed else ""))
        if mark:
            wanted[one.membership_id] = mark
    if entry.outcome == SessionStatus.HELD and not any(mark in CAME for mark in wanted.values()):
        raise LogRefused("nobody_marked", _("Tick who was here, or choose “Nobody came”."))
    return wanted


def _refuse_people(entry: LogEntry, people: Sequence[Listed], actor: Any) -> None:
    listed = {one.uuid: one for one in people}
    unknown = set(entry.marks) - set(listed)
    mine = [one for one in people if one.is_viewer and entry.marks.get(one.uuid, one.status) != one.status]
    if mine or (unknown and Membership.objects.filter(uuid__in=unknown, user=actor).exists()):
        raise LogRefused(
            "own_attendance", _("Nobody records their own attendance. Ask another leader or the coordinator.")
        )
    if unknown:
        raise LogRefused("unknown_person", _("Somebody you ticked does not take part in this programme any more."))
    if set(entry.marks.values()) - _MARKS:
        raise LogRefused("unknown_choice", _("Choose here, late or excused."))


def _refuse_unseen(entry: LogEntry, people: Sequence[Listed]) -> None:
    """Whoever was told they are in is not written down as missing because a form was opened a minute too soon."""
    if entry.entered is None:
        return
    seen = {*entry.entered, *entry.marks}
    if any(one.is_in and one.uuid not in seen for one in people):
        raise LogRefused("more_came", _("Somebody has checked in since you opened this. Look, and save again."))


_MARKS = {AttendanceStatus.PRESENT, AttendanceStatus.LATE, AttendanceStatus.EXCUSED}


def _save_register(
    actor: Any, session: Session, people: Sequence[Listed], wanted: Mapping[int, str], recorded_at: datetime
) -> None:
    was = {one.membership_id: one for one in people}
    by_hand = RecordedBy.LEADER if leads_session(actor, session) else RecordedBy.COORDINATOR
    rows = [
        Attendance(
            session=session,
            membership_id=pk,
            status=mark,
            is_walk_in=was[pk].is_walk_in,
            recorded_how=was[pk].entered_how if was[pk].is_in and mark in CAME else by_hand,
            recorded_at=recorded_at,
        )
        for pk, mark in wanted.items()
        if was[pk].status != mark
    ]
    if rows:
        Attendance.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["session", "membership"],
            update_fields=["status", "recorded_how", "recorded_at"],
        )
    gone = [pk for pk, one in was.items() if one.status and pk not in wanted]
    if gone:
        Attendance.objects.filter(session=session, membership_id__in=gone).delete()


def _save_log(actor: Any, session: Session, entry: LogEntry, log: SessionLog | None, now: datetime) -> None:
    values = _content(log or SessionLog(session=session), entry)
    topics = values.pop("topics")
    _refuse_choices(session, entry, set(topics) - {one.pk for one in log.topics.all()} if log else set(topics))
    if log is None:
        mine = {"author": actor, "private_reflection": entry.private_reflection}
        log = SessionLog.objects.create(session=session, logged_at=_moment(session, entry, now), **mine, **values)
        links = [SessionLog.topics.through(sessionlog_id=log.pk, topic_id=pk) for pk in topics]
        if links:
            SessionLog.topics.through.objects.bulk_create(links)
        return
    if log.author_id == actor.pk:
        values["private_reflection"] = entry.private_reflection
    SessionLog.objects.filter(pk=log.pk).update(changed_at=now, **values)
    log.topics.set(topics)


def _refuse_choices(session: Session, entry: LogEntry, topic_ids: set[int]) -> None:
    """Topic, technique and service must be ones the form offered: one query, and only when something was chosen."""
    if not topic_ids and not entry.technique_id and not entry.service_id:
        return
    topics = Topic.objects.filter(programme=session.cycle.programme_id, pk__in=topic_ids)
    techniques = Technique.objects.filter(pk=entry.technique_id or 0)
    services = SupportService.objects.filter(pk=entry.service_id or 0)
    known = topics.values_list("pk").union(techniques.values_list("pk"), services.values_list("pk"), all=True)
    if known.count() != len(topic_ids) + bool(entry.technique_id) + bool(entry.service_id):
        raise LogRefused("unknown_choice", _("One of your choices is not offered any more. Choose again."))


def _moment(session: Session, entry: LogEntry, now: datetime) -> datetime:
    """When it was written down: never before the session began, never in the future."""
    return min(max(entry.recorded_at, session.starts_at), now) if entry.recorded_at else now


def _content(log: SessionLog, entry: LogEntry) -> dict[str, Any]:
    """What the team reads of a log, as `entry` says it."""
    session = log.session
    planned = int((session.ends_at - session.starts_at).total_seconds() // 60)
    minutes = entry.minutes if entry.minutes is not None else min(planned, 1440)
    happened = entry.outcome != SessionStatus.NOT_HELD
    return {
        "minutes": minutes if happened else 0,
        "is_academic": entry.is_academic and happened,
        "is_social": entry.is_social and happened,
        "is_emotional": entry.is_emotional and happened,
        "topics": sorted(entry.topic_ids) if happened else [],
        "other_topic": entry.other_topic if happened else "",
        "technique_id": entry.technique_id if happened else None,
        "signposted_to_id": entry.service_id if happened else None,
        "shared_note": entry.shared_note,
    }


def _saved_content(log: SessionLog) -> dict[str, Any]:
    names = [name for name in _content(log, LogEntry(outcome=log.session.status, version=0)) if name != "topics"]
    return {**{name: getattr(log, name) for name in names}, "topics": sorted(topic.pk for topic in log.topics.all())}


def _snapshot(log: SessionLog, people: Sequence[Listed]) -> dict[str, Any]:
    """What register and log said before a correction; never the private reflection."""
    saved = _saved_content(log)
    return {
        **saved,
        "outcome": log.session.status,
        "status_note": log.session.status_note,
        "register": {str(one.membership_id): one.status for one in people if one.status},
    }
