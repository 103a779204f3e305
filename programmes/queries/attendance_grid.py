"""Attendance of a cycle or a group at a glance: people down, sessions across, a page of each. Ten queries in all.

A cell is a code of one character, so that 1,740 of them cost little more than reading the marks (performance.md, P3).
Who is on a session's register is decided as in queries/register.py; tests hold the two together.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import Window
from django.http import Http404
from django.template.defaultfilters import capfirst

from peerhub.accounts.models import shown_name
from peerhub.common import clock
from peerhub.common.statements import compiled, first
from programmes.models import (
    Attendance,
    Booking,
    BookingState,
    CheckIn,
    Cycle,
    CycleState,
    Group,
    GroupMember,
    Membership,
    MembershipStatus,
    Role,
    Session,
    SessionKind,
    SessionLeader,
    SessionStatus,
)
from programmes.permissions import is_coordinator_of, is_leader_in, is_supervisor_of
from programmes.queries.attendance_cells import Cells, Column
from programmes.queries.expected import in_groups_between
from programmes.queries.register import CAME
from programmes.queries.sessions import Choice, came_counts
from programmes.queries.workspace import runs

SESSIONS, PEOPLE = 30, 60  # on one page
EVERY_GROUP = "all"
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Asked:
    """What the address asks for: a group's uuid, "all", or "" for the first; days; pages, newest sessions first."""

    group: str = ""
    since: date | None = None
    until: date | None = None
    people: int = 1
    sessions: int = 1


@dataclass(frozen=True, slots=True)
class Line:
    """A person: a code for every column, and how often they came of what has a mark for them."""

    uuid: UUID
    name: str
    is_viewer: bool
    came: int
    listed: int
    cells: Sequence[str]


@dataclass(frozen=True)
class Grid:
    """A page of the grid. `group` is the group shown, None for all."""

    columns: Sequence[Column]
    lines: Sequence[Line]
    groups: Sequence[Choice]
    group: Choice | None
    people: "Page[Any]"
    sessions: "Page[Any]"
    asked: Asked
    takes_marks: bool = field(default=False)


def grid_cycle_or_404(user: Any, slug: str, code: str) -> Cycle:
    """The cycle, for those who run it and those who lead in it; nobody else is told that it has such a page."""
    cycle = first(_cycle(slug=slug, code=code)) if user.is_authenticated else None
    if cycle is None or not (runs(user, cycle) or is_leader_in(user, cycle)):
        raise Http404
    return cycle


@compiled
def _cycle(*, slug: str, code: str) -> QuerySet[Cycle, Cycle]:
    found = Cycle.objects.filter(programme__slug=slug, code=code)
    return found.select_related("programme__activity_type", "programme__owner_unit")


# --- the grid ---------------------------------------------------------------------------------------------------------
def attendance_grid(cycle: Cycle, *, viewer: Any, asked: Asked, now: datetime) -> Grid:
    """What `viewer` may see of it: all of it for those who run the cycle, the sessions they lead for everybody else."""
    sees_all = is_coordinator_of(viewer, cycle) or is_supervisor_of(viewer, cycle)
    groups = [Choice(str(key), name) for key, name in _groups(not sees_all, cycle=cycle, viewer=viewer, now=now)]
    group = _chosen(groups, asked.group)
    since, until = _span(cycle, asked, now)
    scope: dict[str, Any] = {"cycle": cycle, "viewer": viewer, "since": since, "until": until, "now": now}
    scope["group"] = UUID(group.uuid) if group else UUID(int=0)
    shape = (group is not None, not sees_all)
    columns, sessions = _columns(cycle, viewer, shape, scope, asked.sessions)
    if group:
        columns = [replace(one, title="") if one.title == group.name else one for one in columns]
    lines, people = _lines(columns, viewer, shape, scope, asked.people)
    return Grid(
        columns, lines, groups, group, people, sessions, asked, takes_marks=any(one.takes_marks for one in columns)
    )


def _chosen(groups: Sequence[Choice], wanted: str) -> Choice | None:
    """The group asked for. Without a word about it the first, where there are several: they share no session."""
    if wanted == EVERY_GROUP or not groups:
        return None
    return next((one for one in groups if one.uuid == wanted), groups[0])


def _span(cycle: Cycle, asked: Asked, now: datetime) -> tuple[datetime, datetime]:
    """Half-open, by the cycle's clocks; what has not begun is never in it."""
    since = clock.day_bounds(asked.since, cycle.time_zone)[0] if asked.since else EPOCH
    until = clock.day_bounds(asked.until, cycle.time_zone)[1] if asked.until else now + timedelta(days=1)
    return since, until


@compiled
def _groups(is_led: bool, *, cycle: Cycle, viewer: Any, now: datetime) -> QuerySet[Group, tuple[Any, ...]]:
    by_group = False
    begun = _begun(by_group, is_led, cycle=cycle, viewer=viewer, group=None, since=EPOCH, until=now, now=now)
    rows = Group.objects.filter(Exists(begun.filter(group=OuterRef("pk"))), cycle=cycle)
    return rows.order_by("name", "pk").values_list("uuid", "name")[:300]


def _begun(
    by_group: bool, is_led: bool, *, cycle: Any, viewer: Any, group: Any, since: Any, until: Any, now: Any
) -> QuerySet[Session]:
    """Sessions that have begun and were not called off."""
    wanted = Session.objects.filter(
        cycle=cycle, kind=SessionKind.SESSION, starts_at__lte=now, starts_at__gte=since, starts_at__lt=until
    ).exclude(status=SessionStatus.CANCELLED)
    if by_group:
        wanted = wanted.filter(group__uuid=group)
    return wanted.filter(_led(viewer)) if is_led else wanted


def _led(viewer: Any) -> Exists:
    leads = SessionLeader.objects.filter(session=OuterRef("pk"), membership__user=viewer)
    return Exists(leads.filter(membership__status=MembershipStatus.ACTIVE))


# --- sessions across --------------------------------------------------------------------------------------------------
def _columns(
    cycle: Cycle, viewer: Any, shape: tuple[bool, bool], scope: dict[str, Any], number: int
) -> tuple[list[Column], "Page[Any]"]:
    """A page of sessions, oldest first; page 1 is the newest."""
    rows = _sessions(*shape, number, **scope)
    if not rows and number > 1:
        rows, number = _sessions(*shape, 1, **scope), 1
    may_all, is_open = is_coordinator_of(viewer, cycle), cycle.state != CycleState.CLOSED
    counts = came_counts(Session(pk=row[0]) for row in rows)
    word = str(capfirst(cycle.programme.word("session")))
    found = []
    for pk, key, starts_at, ends_at, title, status, group_id, name, version, logged_at, leads, _total in reversed(rows):
        takes = is_open and status != SessionStatus.NOT_HELD and (may_all or leads)
        said = title or name or word
        found.append(
            Column(
                pk, key, starts_at, ends_at, said, status, group_id, version, logged_at, takes, *counts.get(pk, (0, 0))
            )
        )
    return found, page_of(found, rows[0][-1] if rows else 0, number, SESSIONS)


@compiled
def _sessions(by_group: bool, is_led: bool, number: int, **scope: Any) -> QuerySet[Session, tuple[Any, ...]]:
    rows = _begun(by_group, is_led, **scope).annotate(leads=_led(scope["viewer"]), total=Window(Count("pk")))
    rows = rows.order_by("-starts_at", "-pk")
    return rows.values_list(
        "pk", "uuid", "starts_at", "ends_at", "title", "status", "group_id", "group__name", "log_version",
        "log__logged_at", "leads", "total",
    )[(number - 1) * SESSIONS : number * SESSIONS]  # fmt: skip


def page_of(rows: Sequence[Any], total: int, number: int, size: int) -> "Page[Any]":
    """A page that knows of how many it is one, for its links."""
    return Paginator(range(total), size).get_page(number)


# --- people down ------------------------------------------------------------------------------------------------------
def _lines(
    columns: Sequence[Column], viewer: Any, shape: tuple[bool, bool], scope: dict[str, Any], number: int
) -> tuple[list[Line], "Page[Any]"]:
    if not columns:
        return [], page_of((), 0, 1, PEOPLE)
    session_ids = [one.pk for one in columns]
    group_ids = sorted({one.group_id for one in columns if one.group_id})
    wanted: dict[str, Any] = {"cycle": scope["cycle"], "group_ids": group_ids, "session_ids": session_ids}
    wanted |= {"starts_at": min(one.starts_at for one in columns), "ends_at": max(one.ends_at for one in columns)}
    # Who only leads is not told who else is in the programme: whoever comes is found by name on the log's page.
    is_open = not shape[1] and any(one.group_id is None for one in columns)
    rows = _people(number, is_open, **wanted)
    if not rows and number > 1:
        rows, number = _people(1, is_open, **wanted), 1
    member_ids = [row[0] for row in rows]
    cells = Cells(columns, member_ids, [row[2] for row in rows], scope["cycle"])
    totals = {pk: numbers for pk, *numbers in _totals(*shape, member_ids=member_ids, **scope)}
    lines = []
    for pk, key, user_id, status, *names, _total in rows:
        came, listed = totals.get(pk, (0, 0))
        codes = cells.of(pk, user_id, is_active=status == MembershipStatus.ACTIVE)
        lines.append(Line(key, shown_name(*names), user_id == viewer.pk, came, listed, codes))
    return lines, page_of(rows, rows[0][-1] if rows else 0, number, PEOPLE)


@compiled
def _people(
    number: int,
    is_open: bool,
    *,
    cycle: Cycle,
    group_ids: list[int],
    session_ids: list[int],
    starts_at: datetime,
    ends_at: datetime,
) -> QuerySet[Membership, tuple[Any, ...]]:
    """Participants who were in these sessions' groups then, have seats in them, are on their registers, or have checked
    in; with `is_open` everybody who takes part.
    """
    within = GroupMember.objects.filter(in_groups_between(group_ids, starts_at, ends_at), membership=OuterRef("pk"))
    marked = Attendance.objects.filter(session_id__in=session_ids, membership=OuterRef("pk"))
    entered = CheckIn.objects.filter(session_id__in=session_ids, membership=OuterRef("pk"))
    booked = Booking.objects.filter(session_id__in=session_ids, membership=OuterRef("pk"), state=BookingState.BOOKED)
    wanted = Q(Exists(within)) | Q(Exists(marked)) | Q(Exists(entered)) | Q(Exists(booked))
    if is_open:
        wanted |= Q(status=MembershipStatus.ACTIVE)
    rows = Membership.objects.filter(wanted, cycle=cycle, role=Role.PARTICIPANT)
    rows = rows.annotate(total=Window(Count("pk"))).order_by("user__given_name", "user__family_name", "pk")
    names = ("user__preferred_name", "user__given_name", "user__family_name")
    return rows.values_list("pk", "uuid", "user_id", "status", *names, "total")[(number - 1) * PEOPLE : number * PEOPLE]


@compiled
def _totals(
    by_group: bool, is_led: bool, *, member_ids: list[int], **scope: Any
) -> QuerySet[Attendance, tuple[int, int, int]]:
    """How often each of them came, over all pages of the span."""
    begun = _begun(by_group, is_led, **scope).values("pk")
    rows = Attendance.objects.filter(membership_id__in=member_ids, session__in=begun).order_by()
    return rows.values_list("membership_id").annotate(came=Count("pk", filter=Q(status__in=CAME)), listed=Count("pk"))
