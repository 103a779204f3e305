"""Who saved a log and when, what each correction changed, and where two people's versions differ."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from peerhub.accounts.models import User
from programmes.models import AttendanceStatus, LogRevision, Membership, Session, SessionLog, SessionStatus
from programmes.queries.register import Listed

HERE = {"": "", **dict(AttendanceStatus.choices)}


@dataclass(frozen=True)
class Saved:
    """The last save of a log."""

    by: User | None
    at: datetime


def last_saved(session: Session) -> Saved | None:
    """Who said what the log says now. Load the log with the session."""
    last = LogRevision.objects.filter(session=session).select_related("by").order_by("-number").first()
    if last:
        return Saved(last.by, last.at)
    log = getattr(session, "log", None)
    return Saved(log.author, log.logged_at) if log else None


def last_saves(sessions: Iterable[Session]) -> dict[int, Saved]:
    """The same for several, by session pk: two queries."""
    keys = [one.pk for one in sessions]
    logs = SessionLog.objects.filter(session__in=keys).select_related("author")
    found = {log.session_id: Saved(log.author, log.logged_at) for log in logs}
    for row in LogRevision.objects.filter(session__in=keys).select_related("by").order_by("number"):
        found[row.session_id] = Saved(row.by, row.at)
    return found


@dataclass(frozen=True)
class Change:
    """One thing that was one way and is another, in words."""

    what: str
    before: str
    after: str


@dataclass(frozen=True)
class Revision:
    """One correction as the coordinator reads it."""

    by: User | None
    at: datetime
    reason: str
    changes: Sequence[Change]


def history(session: Session, people: Iterable[Listed]) -> list[Revision]:
    """Every correction, newest first. Two queries. Load the log with its topics; `people` is the register now."""
    rows = list(LogRevision.objects.filter(session=session).select_related("by").order_by("number"))
    if not rows:
        return []
    states = [row.before for row in rows] + [state_of(session, people)]
    ids = {int(pk) for state in states for pk in state["register"]}
    members = Membership.objects.filter(pk__in=ids).select_related("user")
    names = {str(one.pk): one.user.display_name for one in members}
    return [
        Revision(row.by, row.at, row.reason, list(_changes(states[n], states[n + 1], names)))
        for n, row in enumerate(rows)
    ][::-1]


def state_of(session: Session, people: Iterable[Listed]) -> dict[str, Any]:
    """What register and log say now, in the shape of a revision's `before`."""
    log = session.log
    names = (
        "minutes",
        "is_academic",
        "is_social",
        "is_emotional",
        "other_topic",
        "technique_id",
        "signposted_to_id",
        "shared_note",
    )
    return {
        **{name: getattr(log, name) for name in names},
        "topics": sorted(topic.pk for topic in log.topics.all()),
        "outcome": session.status,
        "status_note": session.status_note,
        "register": {str(one.membership_id): one.status for one in people if one.status},
    }


def _changes(before: Mapping[str, Any], after: Mapping[str, Any], names: Mapping[str, str]) -> Iterable[Change]:
    """Differences in words: people by name, numbers as they are; long texts and choices only as "changed"."""
    if before["outcome"] != after["outcome"]:
        words = dict(SessionStatus.choices)
        yield Change(_("What happened"), str(words[before["outcome"]]), str(words[after["outcome"]]))
    was, now = before["register"], after["register"]
    for pk in sorted(set(was) | set(now), key=lambda one: names.get(one, "")):
        if was.get(pk, "") != now.get(pk, ""):
            yield Change(names.get(pk, _("Someone")), _mark(was.get(pk, "")), _mark(now.get(pk, "")))
    if before["minutes"] != after["minutes"]:
        yield Change(_("Length in minutes"), str(before["minutes"]), str(after["minutes"]))
    for field, what in _parts():
        if before.get(field) != after.get(field):
            yield Change(what, "", _("Changed"))


def _parts() -> list[tuple[str, str]]:
    return [
        ("shared_note", _("Note for the programme team")),
        ("topics", _("Topics")),
        ("other_topic", _("Something else worked on")),
        ("technique_id", _("How you worked")),
        ("signposted_to_id", _("Pointed to another service")),
        ("status_note", _("Why it did not happen")),
    ]


def _mark(status: str) -> str:
    return str(HERE.get(status, status)) or _("Not listed")


def differences(people: Iterable[Listed], marks: Mapping[UUID, str], *, is_held: bool) -> list[Change]:
    """Where the saved register and a form's ticks differ: `before` is saved, `after` is on the form."""
    found = []
    for one in people:
        mine = (str(marks.get(one.uuid, "")) if is_held else "") or (AttendanceStatus.ABSENT if one.is_expected else "")
        if mine != one.status and not one.is_viewer:
            found.append(Change(one.name, _mark(one.status), _mark(mine)))
    return found
