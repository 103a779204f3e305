"""What the spine holds on a person, for "My privacy"."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from peerhub.common.stages import Holding
from programmes.models import Attendance, CalendarFeed, GroupMember, Membership, Session, SessionKind, SessionLog
from programmes.queries.naming import session_title

KEPT = _("As long as the programme’s records are kept. If your account is erased, your name is no longer beside it.")


def delivery_holdings(user: Any) -> list[Holding]:
    """Places, groups, attendances, sessions led and logs written, with one's own private reflections."""
    places = list(Membership.objects.filter(user=user).select_related("cycle__programme").order_by("created_at", "pk"))
    return [
        Holding(
            _("Programmes"),
            _("So that you can take part and others can plan."),
            KEPT,
            _memberships(places),
            about=[("programmes.membership", str(row.pk)) for row in places],
        ),
        Holding(_("Groups"), _("So that the right people meet."), KEPT, _groups(user)),
        Holding(_("Attendance"), _("So that leaders see who comes, and that sessions help."), KEPT, _attendances(user)),
        Holding(_("Sessions you led"), _("So that your work is counted."), KEPT, _led(user)),
        Holding(
            _("Logs you wrote"),
            _("The note is read by the programme’s team. Your private reflection is read by you alone."),
            _("Notes: as long as the programme’s records. Private reflections: until you erase them or your account."),
            _logs(user),
        ),
        Holding(
            _("Calendar links"),
            _("So that your own calendar can read your sessions."),
            _("Until you stop the link, or your account is erased."),
            _calendar_links(user),
        ),
    ]


def _memberships(rows: Iterable[Membership]) -> list[dict[str, Any]]:
    return [
        {
            "programme": row.cycle.programme.name,
            "cycle": row.cycle.code,
            "role": str(row.get_role_display()),
            "status": str(row.get_status_display()),
            "since": _moment(row.joined_at or row.created_at),
            "until": _moment(row.ended_at),
            "away_until": row.paused_until.isoformat() if row.paused_until else "",
            "your_note": row.join_note,
            "reason_given": row.decision_reason,
            "reason_for_ending": row.end_reason,
        }
        for row in rows
    ]


def _groups(user: Any) -> list[dict[str, Any]]:
    rows = GroupMember.objects.filter(membership__user=user).select_related("group__cycle__programme", "membership")
    return [
        {
            "programme": row.group.cycle.programme.name,
            "group": row.group.name,
            "role": str(row.membership.get_role_display()),
            "since": _moment(row.started_at),
            "until": _moment(row.ended_at),
        }
        for row in rows.order_by("started_at", "pk")
    ]


def _attendances(user: Any) -> list[dict[str, Any]]:
    rows = (
        Attendance.objects.filter(membership__user=user)
        .select_related("session__cycle__programme__activity_type", "session__group")
        .order_by("session__starts_at", "pk")
    )
    return [
        {
            "programme": row.session.cycle.programme.name,
            "session": session_title(row.session),
            "at": _moment(row.session.starts_at),
            "attendance": str(row.get_status_display()),
            "recorded_by": str(row.get_recorded_how_display()),
            "recorded_at": _moment(row.recorded_at),
        }
        for row in rows.iterator(chunk_size=1000)
    ]


def _led(user: Any) -> list[dict[str, Any]]:
    rows = (
        Session.objects.led_by(user)
        .select_related("cycle__programme__activity_type", "group")
        .order_by("starts_at", "pk")
    )
    return [
        {
            "programme": row.cycle.programme.name,
            "session": session_title(row),
            "kind": str(row.get_kind_display()),
            "from": _moment(row.starts_at),
            "to": _moment(row.ends_at),
            "outcome": str(row.get_status_display()),
        }
        for row in rows.iterator(chunk_size=1000)
    ]


def _logs(user: Any) -> list[dict[str, Any]]:
    rows = (
        SessionLog.objects.filter(author=user)
        .select_related("session__cycle__programme__activity_type", "session__group")
        .order_by("logged_at", "pk")
    )
    return [
        {
            "programme": row.session.cycle.programme.name,
            "about": session_title(row.session) if row.session.kind == SessionKind.SESSION else str(_("Contact")),
            "at": _moment(row.session.starts_at),
            "logged_at": _moment(row.logged_at),
            "minutes": row.minutes,
            "note": row.shared_note,
            "private_reflection": row.private_reflection,
        }
        for row in rows.iterator(chunk_size=1000)
    ]


def _calendar_links(user: Any) -> list[dict[str, Any]]:
    rows = CalendarFeed.objects.filter(user=user).select_related("group").order_by("pk")
    return [
        {
            "to": row.group.name if row.group else str(_("All my sessions")),
            "language": str(row.get_language_display()),
            "made": _moment(row.made_at),
            "last_read": _moment(row.read_at),
        }
        for row in rows
    ]


def _moment(value: Any) -> str:
    return value.isoformat(timespec="seconds") if value else ""
