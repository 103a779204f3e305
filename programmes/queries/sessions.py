"""Sessions as pages show them: a cycle's list, one person's own, one session for whoever looks at it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peerhub.accounts.models import shown_name
from peerhub.common.statements import compiled
from programmes.models import (
    LOGGED,
    STILL_HERE,
    Attendance,
    AttendanceMode,
    AttendanceStatus,
    Booking,
    BookingState,
    CoverRequest,
    Cycle,
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
from programmes.queries.bookings import is_booked, seats_had_by
from programmes.queries.naming import place_of, session_title
from programmes.queries.register import CAME

PAGE = 25
LINK_VISIBLE_BEFORE = timedelta(hours=24)
SHOWS = {
    "upcoming": gettext_lazy("Coming up"),
    "unlogged": gettext_lazy("Without a log"),
    "past": gettext_lazy("Past"),
    "cancelled": gettext_lazy("Called off"),
}
OF_COORDINATORS = {
    **SHOWS,
    "leaderless": gettext_lazy("Without a leader"),
    "uncovered": gettext_lazy("Cover wanted"),
    "wanted": gettext_lazy("Full, people wait"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One session of a list, ready to print. `state` is a kind of tag, with its words and icon."""

    uuid: UUID
    title: str
    programme: str
    starts_at: datetime
    ends_at: datetime
    place: str
    leaders: str
    state: str
    state_text: str
    state_icon: str
    can_log: bool
    is_ad_hoc: bool


def sessions_of_cycle(cycle: Cycle, *, show: str, group: str, page: str, now: datetime) -> Page:
    """A page of `Row`s of one cycle: three queries and the count. `show`: a key of `OF_COORDINATORS`."""
    wanted = Session.objects.filter(cycle=cycle, kind=SessionKind.SESSION)
    if group:
        wanted = wanted.filter(group__uuid=group)
    return _page(_shown(wanted, show, now), page, now)


def sessions_led_by(user: Any, *, show: str, page: str, now: datetime) -> Page:
    """A page of `Row`s of the sessions this person leads, over all programmes."""
    led = SessionLeader.objects.filter(
        session=OuterRef("pk"), membership__user=user, membership__status=MembershipStatus.ACTIVE
    )
    wanted = Session.objects.filter(Exists(led), kind=SessionKind.SESSION)
    return _page(_shown(wanted, show, now), page, now)


def sessions_for(user: Any, *, show: str, page: str, now: datetime) -> Page:
    """A page of `Row`s of the sessions this person takes part in: their groups' and those open to their cycle."""
    return _page(_shown(taking_part(user), show, now), page, now, reader=user)


def taking_part(user: Any) -> QuerySet[Session]:
    """Sessions of groups the person is in as a participant, those they were at or have a seat in, and open ones of
    their cycles to which people just come.

    Four short lists put together: asked of each session in turn ("in my group, or open, or was I there"), the database
    reads every session there is.
    """
    mine = Q(membership__user=user, membership__role=Role.PARTICIPANT, membership__status=MembershipStatus.ACTIVE)
    grouped = GroupMember.objects.filter(mine, ended_at=None)
    places = Membership.objects.active().filter(user=user, role=Role.PARTICIPANT)
    attended = Attendance.objects.filter(membership__user=user, membership__status__in=STILL_HERE)
    theirs = Session.objects.filter(group__in=grouped.values("group")).values_list("pk")
    come = places.exclude(cycle__attendance_mode=AttendanceMode.BOOK)
    open_ones = Session.objects.filter(group=None, cycle__in=come.values("cycle")).values_list("pk")
    wanted = theirs.union(
        open_ones, attended.values_list("session"), seats_had_by(user).values_list("session"), all=True
    )
    return Session.objects.filter(pk__in=wanted, kind=SessionKind.SESSION)


def _shown(sessions: QuerySet[Session], show: str, now: datetime) -> QuerySet[Session]:
    if show == "past":
        return sessions.filter(Q(status__in=LOGGED) | Q(ends_at__lte=now, status=SessionStatus.PLANNED)).order_by(
            "-starts_at", "-pk"
        )
    if show == "unlogged":
        return sessions.filter(status=SessionStatus.PLANNED, ends_at__lte=now).order_by("starts_at", "pk")
    if show == "leaderless":
        led = SessionLeader.objects.filter(session=OuterRef("pk"), membership__status=MembershipStatus.ACTIVE)
        coming = sessions.filter(status=SessionStatus.PLANNED, starts_at__gt=now)
        return coming.filter(~Exists(led)).order_by("starts_at", "pk")
    if show == "uncovered":
        asked = CoverRequest.objects.wanted(now=now).filter(session=OuterRef("pk"))
        return sessions.filter(Exists(asked)).order_by("starts_at", "pk")
    if show == "wanted":
        waits = Booking.objects.filter(session=OuterRef("pk"), state=BookingState.WAITING)
        coming = sessions.filter(status=SessionStatus.PLANNED, starts_at__gt=now)
        return coming.filter(Exists(waits)).order_by("starts_at", "pk")
    if show == "cancelled":
        return sessions.filter(status=SessionStatus.CANCELLED).order_by("-starts_at", "-pk")
    return sessions.filter(status=SessionStatus.PLANNED, ends_at__gt=now).order_by("starts_at", "pk")


def _page(sessions: QuerySet[Session], number: str, now: datetime, reader: Any = None) -> Page:
    found: Page[Any] = Paginator(sessions.select_related("cycle__programme__activity_type", "group"), PAGE).get_page(
        number
    )
    found.object_list = session_rows(list(found.object_list), now=now, reader=reader)
    return found


def session_rows(sessions: list[Session], *, now: datetime, reader: Any = None) -> list[Row]:
    """Rows of loaded sessions (with cycle, programme, activity type, group): two more queries for any number.

    They say how many came; for a `reader` who takes part, only whether they did.
    """
    leaders = leader_names(sessions)
    says = _own_marks(sessions, reader) if reader else _how_many_came(sessions)
    return [_row(one, leaders.get(one.pk, []), says.get(one.pk, ""), now) for one in sessions]


def _how_many_came(sessions: Iterable[Session]) -> dict[int, str]:
    words = _("%(came)s of %(listed)s came")
    return {pk: words % {"came": came, "listed": listed} for pk, (came, listed) in came_counts(sessions).items()}


def _own_marks(sessions: Iterable[Session], reader: Any) -> dict[int, str]:
    words = {
        AttendanceStatus.PRESENT: _("You were there"),
        AttendanceStatus.LATE: _("You were there"),
        AttendanceStatus.ABSENT: _("You missed it"),
        AttendanceStatus.EXCUSED: _("You were excused"),
    }
    rows = _marks(session_ids=[one.pk for one in sessions], user=reader)
    return {pk: words[AttendanceStatus(mark)] for pk, mark in rows}


@compiled
def _marks(*, session_ids: list[int], user: Any) -> QuerySet[Attendance, tuple[int, str]]:
    marks = Attendance.objects.filter(session__in=session_ids, membership__user=user)
    return marks.values_list("session_id", "status")


def leader_names(sessions: Iterable[Session]) -> dict[int, list[str]]:
    """Session pk to its leaders' names."""
    found: dict[int, list[str]] = {}
    for pk, *names in _leaders(session_ids=[one.pk for one in sessions]):
        found.setdefault(pk, []).append(shown_name(*names))
    return found


@compiled
def _leaders(*, session_ids: list[int]) -> QuerySet[SessionLeader, tuple[Any, ...]]:
    who = ("preferred_name", "given_name", "family_name")
    rows = SessionLeader.objects.filter(session__in=session_ids).order_by("pk")
    return rows.values_list("session_id", *(f"membership__user__{name}" for name in who))


def attendance_in_words(session: Session, *, reader: Any = None) -> str:
    """How many came; for a `reader` who takes part, whether they did. One query."""
    says = _own_marks([session], reader) if reader else _how_many_came([session])
    return says.get(session.pk, "")


def came_counts(sessions: Iterable[Session]) -> dict[int, tuple[int, int]]:
    """Session pk to (came, listed)."""
    return {pk: (came, listed) for pk, came, listed in _counts(session_ids=[one.pk for one in sessions])}


@compiled
def _counts(*, session_ids: list[int]) -> QuerySet[Attendance, tuple[int, int, int]]:
    rows = Attendance.objects.filter(session__in=session_ids).order_by().values_list("session_id")
    return rows.annotate(came=Count("pk", filter=Q(status__in=CAME)), listed=Count("pk"))


def _row(session: Session, leaders: list[str], said: str, now: datetime) -> Row:
    kind, text, icon = state_of(session, said, now)
    return Row(
        uuid=session.uuid,
        title=session_title(session),
        programme=session.cycle.programme.name,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        place=place_of(session),
        leaders=", ".join(leaders),
        state=kind,
        state_text=text,
        state_icon=icon,
        can_log=session.status == SessionStatus.PLANNED and session.can_be_logged(now=now),
        is_ad_hoc=session.is_ad_hoc,
    )


def state_of(session: Session, said: str, now: datetime) -> tuple[str, str, str]:
    """(kind of tag, words, icon) of a session. `said` is what its register tells this reader, or ""."""
    if session.status == SessionStatus.HELD:
        return "done", said or _("Held"), "check-circle-fill"
    if session.status == SessionStatus.PLANNED:
        if session.starts_at > now:
            return (
                ("progress", _("Moved"), "arrow-left-right") if session.moved_at else ("todo", _("Planned"), "circle")
            )
        if session.ends_at > now:
            return "turn", _("Now"), "geo-alt"
        due = session.log_due_at(session.cycle.log_due_hours)
        return ("late", _("Log overdue"), "clock-history") if due <= now else ("turn", _("No log yet"), "journal-check")
    if session.status == SessionStatus.CANCELLED:
        return "paused", _("Called off"), "x-circle"
    return "todo", str(session.get_status_display()), "dash-circle"


@dataclass(frozen=True)
class Choice:
    """A group a list can be filtered by."""

    uuid: str
    name: str


def groups_of(cycle: Cycle) -> list[Choice]:
    """The cycle's groups that keep sessions, by name."""
    rows = Group.objects.filter(cycle=cycle, shape="group").order_by("name", "pk").values_list("uuid", "name")[:300]
    return [Choice(str(key), name) for key, name in rows]


def counts_of(sessions: QuerySet[Session], *, now: datetime) -> dict[str, int]:
    """How many sessions each of `SHOWS` would list. One query."""
    open_ones = Q(status=SessionStatus.PLANNED)
    row = sessions.aggregate(
        upcoming=Count("pk", filter=open_ones & Q(ends_at__gt=now)),
        unlogged=Count("pk", filter=open_ones & Q(ends_at__lte=now)),
        past=Count("pk", filter=Q(status__in=LOGGED) | (open_ones & Q(ends_at__lte=now))),
        cancelled=Count("pk", filter=Q(status=SessionStatus.CANCELLED)),
    )
    return {str(name): int(value) for name, value in row.items()}


def shows_link(session: Session, *, reader: Any, runs: bool, now: datetime) -> bool:
    """Whether the link is shown: always to those who run the session, to others who may enter from 24 hours before its
    start. Load the cycle.
    """
    if not session.link or runs:
        return bool(session.link)
    return now >= session.starts_at - LINK_VISIBLE_BEFORE and may_enter(session, reader)


def may_enter(session: Session, reader: Any) -> bool:
    """Whether they need no seat here, or have one: online, the link is the seat. Load the cycle; one query where seats
    are booked.
    """
    return not is_booked(session) or seats_had_by(reader).filter(session=session).exists()
