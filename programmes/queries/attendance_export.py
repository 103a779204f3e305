"""Every attendance of a cycle as lines of CSV, streamed: memory holds its sessions and names, never the rows.

What repeats (a session, a name, a status) is written once and joined, so that a hundred thousand lines cost little more
than reading them.
"""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from peerhub.accounts.models import shown_name
from peerhub.common import clock
from peerhub.common.csvio import csv_text
from programmes.models import Attendance, AttendanceStatus, Cycle, Membership, Session, SessionKind
from programmes.queries.naming import session_title

LINES = 1000


def attendance_header() -> list[str]:
    return [_("Date"), _("From"), _("To"), _("Session"), _("Outcome"), _("Person"), _("Attendance"), _("Walk-in")]


def attendance_lines(cycle: Cycle) -> Iterator[str]:
    """Lines in the order of the sessions. Two queries and a cursor. Load the programme with its type."""
    sessions, people = _sessions(cycle), _people(cycle)
    ends = {
        (status, walk_in): csv_text([label, _("yes") if walk_in else ""]) + "\r\n"
        for status, label in AttendanceStatus.choices
        for walk_in in (False, True)
    }
    rows = (
        Attendance.objects.filter(session__cycle=cycle, session__kind=SessionKind.SESSION)
        .order_by("session__starts_at", "session_id", "membership_id")
        .values_list("session_id", "membership_id", "status", "is_walk_in")
    )
    lines: list[str] = []
    for session, membership, status, is_walk_in in rows.iterator(chunk_size=5000):
        lines.append(f"{sessions[session]},{people[membership]},{ends[status, is_walk_in]}")
        if len(lines) == LINES:
            yield "".join(lines)
            lines.clear()
    yield "".join(lines)


def _sessions(cycle: Cycle) -> dict[int, str]:
    found = {}
    rows = Session.objects.filter(cycle=cycle, kind=SessionKind.SESSION).select_related("group")
    for one in rows.iterator(chunk_size=2000):
        one.cycle = cycle
        starts, ends = clock.local(one.starts_at, cycle.time_zone), clock.local(one.ends_at, cycle.time_zone)
        cells: list[Any] = [starts.date().isoformat(), f"{starts:%H:%M}", f"{ends:%H:%M}"]
        found[one.pk] = csv_text([*cells, session_title(one), one.get_status_display()])
    return found


def _people(cycle: Cycle) -> dict[int, str]:
    """Names as CSV. Whoever has an attendance in the cycle has a membership in it."""
    rows = Membership.objects.filter(cycle=cycle).values_list(
        "pk", "user__preferred_name", "user__given_name", "user__family_name"
    )
    return {pk: csv_text([shown_name(*names)]) for pk, *names in rows.iterator(chunk_size=5000)}
