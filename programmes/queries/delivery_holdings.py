"""What the spine holds on a person, for "My privacy"."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Case, Q, Value, When
from django.utils.translation import gettext_lazy as _

from peerhub.common.stages import Holding
from programmes.models import (
    Attendance,
    AttendanceStatus,
    CheckIn,
    CheckInHow,
    CoverRequest,
    Membership,
    RecordedBy,
    Role,
    Session,
    SessionKind,
    SessionLeader,
    SessionLog,
)
from programmes.queries.group_holdings import group_holdings, moment
from programmes.queries.naming import session_title
from programmes.queries.seat_holdings import seat_holdings

CAME_TO, ENTERED, LED, LOG = "came", "entered", "led", "log"
KEPT = _("As long as the programme’s records are kept. If your account is erased, your name is no longer beside it.")


def delivery_holdings(user: Any) -> list[Holding]:
    """Places, groups, attendances, check-ins, sessions led and logs written, with one's own private reflections."""
    places = list(Membership.objects.filter(user=user).select_related("cycle__programme").order_by("created_at", "pk"))
    at_sessions = _at_sessions(user)
    groups, closings, links = group_holdings(user, KEPT)
    return [
        Holding(
            _("Programmes"),
            _("So that you can take part and others can plan."),
            KEPT,
            _memberships(places),
            about=[("programmes.membership", str(row.pk)) for row in places],
        ),
        groups,
        Holding(
            _("Attendance"),
            _("So that leaders see who comes, and that sessions help."),
            KEPT,
            _attendances(*at_sessions),
        ),
        Holding(
            _("Check-ins"),
            _("So that registers are right. Of your browser we keep a mark that tells it from others in one session."),
            _("The same as attendance; the mark for 30 days."),
            _check_ins(*at_sessions),
        ),
        Holding(_("Sessions you led"), _("So that your work is counted."), KEPT, _led(*at_sessions)),
        *seat_holdings(user, KEPT),
        *_cover_holdings(user, places),
        Holding(
            _("Logs you wrote"),
            _("The note is read by the programme’s team. Your private reflection is read by you alone."),
            _("Notes: as long as the programme’s records. Private reflections: until you erase them or your account."),
            _logs(*at_sessions),
        ),
        closings,
        links,
    ]


def _memberships(rows: Iterable[Membership]) -> list[dict[str, Any]]:
    return [
        {
            "programme": row.cycle.programme.name,
            "cycle": row.cycle.code,
            "role": str(row.get_role_display()),
            "status": str(row.get_status_display()),
            "since": moment(row.joined_at or row.created_at),
            "until": moment(row.ended_at),
            "away_until": row.paused_until.isoformat() if row.paused_until else "",
            "your_note": row.join_note,
            "reason_given": row.decision_reason,
            "reason_for_ending": row.end_reason,
        }
        for row in rows
    ]


def _at_sessions(user: Any) -> tuple[list[tuple[Any, ...]], dict[int, Session]]:
    """(what, session's pk, two codes, moment) of every attendance, check-in, session led and log written; and those
    sessions with their logs. Two queries for four sections: the page has many.
    """
    came = Attendance.objects.filter(membership__user=user).order_by()
    entered = CheckIn.objects.filter(membership__user=user).order_by()
    led = SessionLeader.objects.filter(membership__user=user).order_by()
    logs = SessionLog.objects.filter(author=user).order_by()
    shared = Case(When(is_same_device=True, then=Value("shared")), default=Value(""))
    rows = list(
        came.values_list(Value(CAME_TO), "session_id", "status", "recorded_how", "recorded_at").union(
            entered.values_list(Value(ENTERED), "session_id", "how", shared, "at"),
            led.values_list(Value(LED), "session_id", Value(""), Value(""), "session__starts_at"),
            logs.values_list(Value(LOG), "session_id", Value(""), Value(""), "logged_at"),
            all=True,
        )
    )
    wanted = Session.objects.select_related("cycle__programme__activity_type", "group", "log")
    sessions = wanted.in_bulk({row[1] for row in rows})
    return sorted(rows, key=lambda row: (sessions[row[1]].starts_at, row[1])), sessions


def _of(what: str, rows: Iterable[tuple[Any, ...]], sessions: dict[int, Session]) -> Iterator[tuple[Any, ...]]:
    for kind, session_id, first, second, at in rows:
        if kind == what:
            session = sessions[session_id]
            names = {"programme": session.cycle.programme.name, "session": session_title(session)}
            yield names, session, first, second, moment(at)


def _attendances(rows: Iterable[tuple[Any, ...]], sessions: dict[int, Session]) -> list[dict[str, Any]]:
    return [
        {
            **names,
            "at": moment(session.starts_at),
            "attendance": str(AttendanceStatus(status).label),
            "recorded_by": str(RecordedBy(how).label),
            "recorded_at": at,
        }
        for names, session, status, how, at in _of(CAME_TO, rows, sessions)
    ]


def _check_ins(rows: Iterable[tuple[Any, ...]], sessions: dict[int, Session]) -> list[dict[str, Any]]:
    not_counted = str(_("Not counted: this browser had checked somebody else in."))
    return [
        {**names, "at": at, "how": str(CheckInHow(how).label), "note": not_counted if shared else ""}
        for names, _session, how, shared, at in _of(ENTERED, rows, sessions)
    ]


def _led(rows: Iterable[tuple[Any, ...]], sessions: dict[int, Session]) -> list[dict[str, Any]]:
    return [
        {
            **names,
            "kind": str(session.get_kind_display()),
            "from": moment(session.starts_at),
            "to": moment(session.ends_at),
            "outcome": str(session.get_status_display()),
        }
        for names, session, _first, _second, _at in _of(LED, rows, sessions)
    ]


def _cover_holdings(user: Any, places: Iterable[Membership]) -> list[Holding]:
    """Only whoever has led can have asked for cover, or given it."""
    if not any(place.role == Role.LEADER for place in places):
        return []
    return [Holding(_("Cover you asked for or gave"), _("So that sessions are led."), KEPT, _covers(user))]


def _covers(user: Any) -> list[dict[str, Any]]:
    rows = CoverRequest.objects.filter(Q(asked_by__user=user) | Q(taken_by__user=user)).select_related(
        "session__cycle__programme__activity_type", "session__group", "asked_by"
    )
    return [
        {
            "programme": row.session.cycle.programme.name,
            "session": session_title(row.session),
            "at": moment(row.session.starts_at),
            "asked_at": moment(row.asked_at),
            "you": str(_("asked")) if row.asked_by.user_id == user.pk else str(_("took it")),
            "your_reason": row.reason if row.asked_by.user_id == user.pk else "",
            "outcome": str(row.get_state_display()),
        }
        for row in rows.order_by("asked_at", "pk")
    ]


def _logs(rows: Iterable[tuple[Any, ...]], sessions: dict[int, Session]) -> list[dict[str, Any]]:
    return [
        {
            "programme": names["programme"],
            "about": names["session"] if session.kind == SessionKind.SESSION else str(_("Contact")),
            "at": moment(session.starts_at),
            "logged_at": at,
            "minutes": session.log.minutes,
            "note": session.log.shared_note,
            "private_reflection": session.log.private_reflection,
        }
        for names, session, _first, _second, at in _of(LOG, rows, sessions)
    ]
