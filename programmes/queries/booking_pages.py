"""Seats as a student's pages show them: what can be booked, what is theirs, and what giving it back now would mean."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from peerhub.common import dates
from peerhub.common.statements import compiled, first
from programmes.models import (
    LIVE_BOOKINGS,
    AttendanceMode,
    Booking,
    BookingPause,
    BookingRules,
    BookingState,
    Cycle,
    CycleState,
    Membership,
    MembershipStatus,
    Mode,
    Role,
    Session,
    SessionKind,
    SessionStatus,
)
from programmes.queries.bookings import OFF, is_booked, rules_of, running_pause, seats_of, week_of
from programmes.queries.naming import place_of, session_title
from programmes.queries.sessions import leader_names

PAGE = 25
FEW = 3  # seats left, from which they are said to be few


@dataclass(frozen=True, slots=True)
class Seat:
    """One session for somebody who may book it. `booking` is their own live one; `do` what a button would do now:
    book, wait, or nothing, and then `why` says why not. `back` is what giving it back now would mean.
    """

    uuid: UUID
    title: str
    starts_at: datetime
    ends_at: datetime
    place: str
    leaders: str
    seats: str
    is_full: bool
    booking: Booking | None
    position: int
    do: str
    why: str
    back: str
    clash: str

    @property
    def has_seat(self) -> bool:
        return self.booking is not None and self.booking.state == BookingState.BOOKED

    @property
    def is_offered(self) -> bool:
        return self.booking is not None and self.booking.state == BookingState.OFFERED

    @property
    def waits(self) -> bool:
        return self.booking is not None and self.booking.state == BookingState.WAITING


@dataclass(frozen=True)
class Desk:
    """Who books here, by which rules, with what already. `mine` are their bookings in the cycle by session."""

    member: Membership
    cycle: Cycle
    rules: BookingRules
    pause: BookingPause | None
    mine: Mapping[int, Booking]
    now: datetime

    @property
    def is_open(self) -> bool:
        return self.cycle.attendance_mode == AttendanceMode.BOOK and self.cycle.state == CycleState.RUNNING


def own_place(user: Any, slug: str, code: str) -> Membership | None:
    """The person's place as a participant in this cycle, with what booking needs; None where they take no part."""
    return first(_own_place(user=user, slug=slug, code=code)) if user.is_authenticated else None


RELATED = ("cycle__programme__activity_type", "cycle__programme__owner_unit", "cycle__booking_rules")


@compiled
def _own_place(*, user: Any, slug: str, code: str) -> QuerySet[Membership, Membership]:
    mine = Membership.objects.active().filter(user=user, role=Role.PARTICIPANT)
    return mine.filter(cycle__programme__slug=slug, cycle__code=code).select_related(*RELATED)


def own_place_in(user: Any, session: Session) -> Membership | None:
    """The same for the cycle of a session."""
    mine = Membership.objects.active().filter(user=user, role=Role.PARTICIPANT, cycle=session.cycle_id)
    return mine.select_related(*RELATED).first()


def desk_of(member: Membership, *, now: datetime) -> Desk:
    """Two queries. Load the cycle with its rules."""
    rules = rules_of(member.cycle)
    pause = running_pause(member.pk, now=now) if rules.misses else None
    rows = sorted(_mine(member=member, since=now - timedelta(days=1)), key=lambda one: one.state in LIVE_BOOKINGS)
    mine = {one.session_id: one for one in rows}  # a live one hides one that was given back before
    return Desk(member, member.cycle, rules, pause, mine, now)


@compiled
def _mine(*, member: Membership, since: datetime) -> QuerySet[Booking, Booking]:
    """Live bookings, and seats given back too late: they can be taken again."""
    rows = Booking.objects.filter(
        membership=member,
        state__in=[*LIVE_BOOKINGS, BookingState.LATE],
        session__ends_at__gt=since,
        session__kind="session",
    )
    return rows.select_related("session__group").order_by("session__starts_at", "pk")


# --- the page of a cycle ---------------------------------------------------------------------------------------------
def seats_for(desk: Desk, *, page: str) -> tuple[list[Seat], Page | None]:
    """Their own seats still to come, also beyond what can be booked now; and a page of what can be, by time, while
    booking is open. Six queries for both.
    """
    own, found = _own(desk), _bookable(desk, page) if desk.is_open else None
    listed = list(found.object_list) if found else []
    seats = {one.uuid: one for one in _seats(desk, list({one.pk: one for one in [*own, *listed]}.values()))}
    if found:
        found.object_list = [seats[one.uuid] for one in listed]
    return [seats[one.uuid] for one in own], found


def _own(desk: Desk) -> list[Session]:
    """Where they have a seat, wait, or were offered one."""
    live = [one for one in desk.mine.values() if one.state in LIVE_BOOKINGS and one.session.starts_at > desk.now]
    return [one.session for one in live if one.session.status == SessionStatus.PLANNED]


def _bookable(desk: Desk, page: str) -> Page[Any]:
    now = desk.now
    wanted = Session.objects.filter(
        ~Q(mode=Mode.ASYNC),
        cycle=desk.cycle,
        group=None,
        kind=SessionKind.SESSION,
        status=SessionStatus.PLANNED,
        starts_at__gt=now,
        starts_at__lte=now + timedelta(weeks=desk.rules.weeks_ahead),
    )
    return Paginator(wanted.select_related("group").order_by("starts_at", "pk"), PAGE).get_page(page)


def seat_at(session: Session, member: Membership, *, now: datetime) -> Seat:
    """One session for one person. Six queries."""
    return _seats(desk_of(member, now=now), [session])[0]


def by_day(seats: Iterable[Seat]) -> list[tuple[str, list[Seat]]]:
    """Seats under the day on which they begin, for the reader."""
    return [(day, list(rows)) for day, rows in groupby(seats, key=lambda seat: dates.day(seat.starts_at))]


def _seats(desk: Desk, sessions: Sequence[Session]) -> list[Seat]:
    for one in sessions:
        one.cycle = desk.cycle
    keys = [one.pk for one in sessions]
    counts, leaders = (seats_of(keys), leader_names(sessions)) if keys else ({}, {})
    known = Known(counts, leaders, _lines(desk, sessions), _busy_times(desk, sessions))
    return [_seat(desk, one, known) for one in sessions]


def _lines(desk: Desk, sessions: Sequence[Session]) -> dict[int, int]:
    """Booking pk to its place in line, where they wait at one of these. One query, and only then."""
    waits = [one.pk for one in sessions if one.pk in desk.mine and desk.mine[one.pk].state == BookingState.WAITING]
    found: dict[int, int] = {}
    places: dict[int, int] = {}
    if waits:
        rows = Booking.objects.filter(session__in=waits, state=BookingState.WAITING).order_by("pk")
        for pk, session_id in rows.values_list("pk", "session_id"):
            found[pk] = places[session_id] = places.get(session_id, 0) + 1
    return found


def _seat(desk: Desk, session: Session, known: "Known") -> Seat:
    held, waiting = known.counts.get(session.pk, (0, 0))
    own = desk.mine.get(session.pk)
    booking = own if own and own.state in LIVE_BOOKINGS else None
    free = None if session.capacity is None else max(0, session.capacity - held)
    do, why = ("", "") if booking else _what_now(desk, session, free, again=own is not None)
    return Seat(
        uuid=session.uuid,
        title=session_title(session),
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        place=place_of(session),
        leaders=", ".join(known.leaders.get(session.pk, [])),
        seats=_in_words(free, waiting),
        is_full=free == 0,
        booking=booking,
        position=known.lines.get(booking.pk, 0) if booking else 0,
        do=do,
        why=why,
        back=_giving_back(desk, session, booking) if booking else "",
        clash="" if booking else _clash(session, known.busy),
    )


def _in_words(free: int | None, waiting: int) -> str:
    if free is None:
        return _("Seats for everyone")
    if free:
        text = _("Only %(n)s left") if free <= FEW else _("%(n)s seats left")
        return text % {"n": free}
    if waiting:
        return ngettext("Full, %(n)s person waits", "Full, %(n)s people wait", waiting) % {"n": waiting}
    return _("Full")


def _what_now(desk: Desk, session: Session, free: int | None, *, again: bool) -> tuple[str, str]:
    """(book, wait or "", why not). The same rules as `services.bookings.book_seat`, told before somebody tries."""
    now, rules = desk.now, desk.rules
    if not is_booked(session):
        return "", _("Nobody needs a seat for this.")
    if now < rules.opens_at(session):
        return "", _("Can be booked from %(when)s.") % {"when": dates.when(rules.opens_at(session))}
    if now >= rules.closes_at(session):
        return "", _("Booking has closed.")
    if desk.pause and not again:
        return "", _("Booking pauses for you.")
    limit = rules.weekly_limit
    if limit is not None and _in_week(desk, session) >= limit:
        return "", ngettext("You have your seat for that week.", "You have your %(n)s seats for that week.", limit) % {
            "n": limit
        }
    return ("wait" if free == 0 else "book"), ""


def _in_week(desk: Desk, session: Session) -> int:
    since, until = week_of(session.starts_at, desk.cycle.time_zone)
    return sum(
        one.state == BookingState.BOOKED
        and since <= one.session.starts_at < until
        and one.session.status not in OFF
        and pk != session.pk
        for pk, one in desk.mine.items()
    )


def _giving_back(desk: Desk, session: Session, booking: Booking) -> str:
    """What it would mean now, in a sentence."""
    if booking.state != BookingState.BOOKED:
        return ""
    if desk.rules.is_late(booking, session, now=desk.now):
        return _("Giving it back now counts as missed.")
    if session.moved_at and session.moved_at > booking.made_at:
        return _("It was moved after you booked, so giving it back does not count as missed.")
    if not desk.rules.late_cancel_hours:
        return _("You can give it back until it starts.")
    until = session.starts_at - timedelta(hours=desk.rules.late_cancel_hours)
    think = booking.made_at + timedelta(minutes=desk.rules.grace_minutes)
    return _("You can give it back until %(when)s.") % {"when": dates.when(max(until, think))}


@dataclass(frozen=True, slots=True)
class Known:
    """What a page has read of its sessions: (held, waiting), leaders' names, places in line, other times."""

    counts: Mapping[int, tuple[int, int]]
    leaders: Mapping[int, Sequence[str]]
    lines: Mapping[int, int]
    busy: Sequence["Busy"]


# --- what else they do at that time ----------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Busy:
    pk: int
    starts_at: datetime
    ends_at: datetime
    what: str


def _clash(session: Session, busy: Sequence[Busy]) -> str:
    for one in busy:
        if one.pk != session.pk and one.starts_at < session.ends_at and one.ends_at > session.starts_at:
            words = {"what": one.what, "time": dates.clock(one.starts_at)}
            return _("You are at %(what)s then, from %(time)s.") % words
    return ""


def _busy_times(desk: Desk, sessions: Sequence[Session]) -> list[Busy]:
    """What the person leads, has a seat in, or meets with a group for, in the time of these sessions. One query."""
    if not sessions:
        return []
    since, until = min(one.starts_at for one in sessions), max(one.ends_at for one in sessions)
    return [Busy(*row) for row in _busy(user=desk.member.user_id, since=since, until=until)]


@compiled
def _busy(*, user: int, since: datetime, until: datetime) -> QuerySet[Session, tuple[Any, ...]]:
    """Three reads by index, put together."""
    planned = Session.objects.filter(
        ~Q(mode=Mode.ASYNC), status=SessionStatus.PLANNED, kind=SessionKind.SESSION, starts_at__lt=until,
        ends_at__gt=since,
    ).order_by()  # fmt: skip
    active = MembershipStatus.ACTIVE
    led = planned.filter(leaders__membership__user=user, leaders__membership__status=active)
    booked = planned.filter(
        bookings__membership__user=user, bookings__membership__status=active, bookings__state=BookingState.BOOKED
    )
    grouped = planned.filter(
        group__members__membership__user=user,
        group__members__membership__status=active,
        group__members__membership__role=Role.PARTICIPANT,
        group__members__ended_at=None,
    )
    columns = ("pk", "starts_at", "ends_at", "cycle__programme__name")
    return led.values_list(*columns).union(booked.values_list(*columns), grouped.values_list(*columns))
