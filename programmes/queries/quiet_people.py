"""People who were expected and did not come, and leaders whose logs are missing: at most two queries a thousand."""

from collections.abc import Collection, Iterator
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, QuerySet

from peerhub.accounts.models import shown_name
from programmes.models import (
    Attendance,
    AttendanceStatus,
    GroupMember,
    Membership,
    MembershipStatus,
    Role,
    Session,
    SessionKind,
    SessionLeader,
    SessionStatus,
)
from programmes.queries.overdue import log_overdue
from programmes.queries.quiet_ground import ABSENT, CHUNK, UNLOGGED, Ground, Quiet, pages

REGISTERED = (SessionStatus.HELD, SessionStatus.NOBODY_CAME)
NAMES = ("user__preferred_name", "user__given_name", "user__family_name")


def absent_people(here: Ground) -> Iterator[Quiet]:
    """Participants who missed the last sessions they were expected at, as many in a row as their cycle sets."""
    most = max((one.absences_in_row for one in here.cycles.values()), default=0)
    for page in pages(_participants(here)):
        last = _last_marks([row[0] for row in page], most)
        for key, cycle_id, uuid, paused_until, *name in page:
            found = _missed(here, cycle_id, last.get(key, []), paused_until)
            if found:
                on, group = found
                wanted = here.cycles[cycle_id].absences_in_row
                yield Quiet(ABSENT, cycle_id, key, shown_name(*name), on, group, member_uuid=uuid, count=wanted)


def _participants(here: Ground) -> QuerySet[Membership, tuple[Any, ...]]:
    """Those taking part who were absent at least once and are not away now."""
    missed = Attendance.objects.filter(membership=OuterRef("pk"), status=AttendanceStatus.ABSENT)
    people = Membership.objects.active().filter(Exists(missed), cycle__in=list(here.cycles), role=Role.PARTICIPANT)
    if here.leader is not None:
        places = GroupMember.objects.filter(membership=OuterRef("pk"), ended_at=None, group__in=_led_groups(here))
        people = people.filter(Exists(places))
    return people.values_list("pk", "cycle_id", "uuid", "paused_until", *NAMES)


def _led_groups(here: Ground) -> QuerySet[Any, Any]:
    leads = GroupMember.objects.filter(
        ended_at=None,
        membership__user=here.leader,
        membership__role=Role.LEADER,
        membership__status=MembershipStatus.ACTIVE,
    )
    return leads.values("group")


def _last_marks(membership_ids: Collection[int], most: int) -> dict[int, list[tuple[str, datetime, str]]]:
    """(mark, when, group) of the last `most` sessions each was expected at and not excused from, newest first.

    Whole registers of a thousand people: a window in the database read every register there is (SQLite: 8 s a page).
    """
    marks = Attendance.objects.filter(membership_id__in=membership_ids).values_list(
        "membership_id", "session__starts_at", "session_id", "status", "session__group__name", "session__kind",
        "session__status",
    )  # fmt: skip
    found: dict[int, list[tuple[datetime, int, str, str]]] = {}
    for key, at, session_id, mark, group, kind, outcome in marks:
        counts = kind == SessionKind.SESSION and outcome in REGISTERED and mark != AttendanceStatus.EXCUSED
        if counts and group is not None:
            found.setdefault(key, []).append((at, session_id, mark, group))
    return {
        key: [(mark, at, group) for at, _id, mark, group in sorted(rows, reverse=True)[:most]]
        for key, rows in found.items()
    }


def _missed(
    here: Ground, cycle_id: int, marks: list[tuple[str, datetime, str]], paused_until: date | None
) -> tuple[date, str] | None:
    """The day of the absence that made it too many, and the group; None where somebody came, or is or was away."""
    if paused_until and paused_until > here.today(cycle_id):
        return None
    wanted = marks[: here.cycles[cycle_id].absences_in_row]
    if len(wanted) < here.cycles[cycle_id].absences_in_row or any(m[0] != AttendanceStatus.ABSENT for m in wanted):
        return None
    if paused_until and any(here.local(mark[1], cycle_id) < paused_until for mark in wanted):
        return None
    return here.local(wanted[0][1], cycle_id), wanted[0][2]


def late_with_logs(here: Ground) -> Iterator[Quiet]:
    """Leaders with sessions whose log is past due. One query for a thousand of them."""
    late = log_overdue(Session.objects.filter(cycle__in=list(here.cycles)), now=here.now)
    led = SessionLeader.objects.filter(
        session__in=late.values("pk"), membership__role=Role.LEADER, membership__status=MembershipStatus.ACTIVE
    )
    if here.leader is not None:
        led = led.filter(membership__user=here.leader)
    people = f"membership__{NAMES[0]}", f"membership__{NAMES[1]}", f"membership__{NAMES[2]}"
    columns = ("membership_id", "membership__cycle_id", "membership__uuid", "membership__paused_until", *people)
    counted = led.values_list(*columns).annotate(n=Count("pk"), oldest=Min("session__ends_at"))
    after = 0
    while page := list(counted.filter(membership_id__gt=after).order_by("membership_id")[:CHUNK]):
        for key, cycle_id, uuid, paused_until, *name, count, oldest in page:
            if not paused_until or paused_until <= here.today(cycle_id):
                on = here.local(oldest, cycle_id)
                yield Quiet(UNLOGGED, cycle_id, key, shown_name(*name), on, member_uuid=uuid, count=count)
        if len(page) < CHUNK:
            return
        after = page[-1][0]
