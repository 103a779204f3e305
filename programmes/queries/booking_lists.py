"""Bookings as those who run a programme see them: of one session, and whose booking is paused."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from peerhub.accounts.models import shown_name
from peerhub.common import dates
from programmes.models import (
    LIVE_BOOKINGS,
    Booking,
    BookingPause,
    BookingState,
    Cycle,
    Membership,
    Role,
    Session,
    SessionLeader,
)
from programmes.queries.bookings import missed
from programmes.queries.register import name_matches

PAGE = 50
FOUND = 8
# How a booking looks: kind of tag and icon.
LOOK = {
    BookingState.BOOKED: ("done", "check-circle-fill"),
    BookingState.OFFERED: ("turn", "exclamation-circle"),
    BookingState.WAITING: ("progress", "hourglass-split"),
}
NAMES = ("membership__user__preferred_name", "membership__user__given_name", "membership__user__family_name")


@dataclass(frozen=True, slots=True)
class Line:
    """One booking of a list, ready to print. `position` in the waiting list, from 1."""

    uuid: UUID
    member: UUID
    name: str
    state: str
    kind: str
    icon: str
    made_at: datetime
    until: datetime | None
    position: int
    is_live: bool


def bookings_of(session: Session, *, page: str) -> Page:
    """A page of `Line`s: who has a seat, who was offered one, who waits in order, then what is over. Two queries and,
    where somebody waits, one more.
    """
    order = Case(
        When(state=BookingState.BOOKED, then=Value(0)),
        When(state=BookingState.OFFERED, then=Value(1)),
        When(state=BookingState.WAITING, then=Value(2)),
        default=Value(3),
        output_field=IntegerField(),
    )
    rows = Booking.objects.filter(session=session).annotate(rank=order).order_by("rank", "pk")
    wanted = rows.values_list(
        "pk", "uuid", "membership__uuid", "state", "made_at", "waiting_since", "offer_expires_at", *NAMES
    )
    found: Page[Any] = Paginator(wanted, PAGE).get_page(page)
    listed = list(found.object_list)
    ahead = _ahead(session, [row[0] for row in listed if row[3] == BookingState.WAITING])
    found.object_list = [_line(row, ahead) for row in listed]
    return found


def _ahead(session: Session, keys: list[int]) -> dict[int, int]:
    """Booking pk to its place in line, for those of a page that wait: they stand together."""
    if not keys:
        return {}
    waiting = Booking.objects.filter(session=session, state=BookingState.WAITING)
    before = waiting.filter(pk__lt=keys[0]).count()
    return {pk: before + number for number, pk in enumerate(keys, start=1)}


def _line(row: tuple[Any, ...], ahead: dict[int, int]) -> Line:
    pk, uuid, member, state, made_at, waiting_since, until, *names = row
    kind, icon = LOOK.get(state, ("todo", "dash-circle"))
    since = waiting_since if state == BookingState.WAITING else made_at
    text = str(BookingState(state).label)
    return Line(
        uuid, member, shown_name(*names), text, kind, icon, since, until, ahead.get(pk, 0), state in LIVE_BOOKINGS
    )


def bookings_header() -> list[str]:
    return [_("Name"), _("State"), _("Booked or asked"), _("Ended")]


def booking_lines(session: Session) -> Iterator[list[str]]:
    """Every booking of a session, for a file."""
    rows = Booking.objects.filter(session=session).order_by("pk").values_list("state", "made_at", "ended_at", *NAMES)
    for state, made_at, ended_at, *names in rows.iterator():
        yield [shown_name(*names), str(BookingState(state).label), _moment(made_at), _moment(ended_at)]


def find_to_book(session: Session, text: str) -> QuerySet[Membership]:
    """Participants of the cycle by part of their name, who have no live booking here and do not lead it: eight."""
    live = Booking.objects.live().filter(session=session, membership=OuterRef("pk"))
    leads = SessionLeader.objects.filter(session=session, membership__user=OuterRef("user"))
    members = Membership.objects.active().filter(name_matches(text), cycle=session.cycle_id, role=Role.PARTICIPANT)
    found = members.filter(~Exists(live), ~Exists(leads)).select_related("user")
    return found.order_by("user__given_name", "user__family_name", "pk")[:FOUND]


# --- pauses ----------------------------------------------------------------------------------------------------------
def running_pauses(cycle: Cycle, *, now: datetime) -> QuerySet[BookingPause]:
    """Whose booking is paused now, by name."""
    rows = BookingPause.objects.running(now=now).filter(membership__cycle=cycle, membership__status="active")
    return rows.select_related("membership__user").order_by(
        "membership__user__given_name", "membership__user__family_name", "pk"
    )


def what_was_missed(pauses: list[BookingPause]) -> dict[int, list[str]]:
    """Pause pk to what it counted, each with its day. One query for a page of them."""
    theirs = Booking.objects.filter(membership__in=[one.membership_id for one in pauses])
    rows = missed(theirs).select_related("session").order_by("at", "pk")
    found: dict[int, list[str]] = {one.pk: [] for one in pauses}
    for row in rows:
        for pause in pauses:
            if pause.membership_id == row.membership_id and pause.since < row.at <= pause.started_at:  # type: ignore[attr-defined]
                found[pause.pk].append(_miss(row))
    return found


def _miss(row: Booking) -> str:
    how = _("given back late") if row.state == BookingState.LATE else _("not there")
    return f"{dates.short_day(row.session.starts_at)}: {how}"


def pauses_header() -> list[str]:
    return [_("Name"), _("Missed"), _("Paused from"), _("Until")]


def pause_lines(cycle: Cycle, *, now: datetime) -> Iterator[list[str]]:
    for one in running_pauses(cycle, now=now).iterator():
        yield [one.membership.user.display_name, str(one.misses), _moment(one.started_at), _moment(one.until)]


def _moment(value: datetime | None) -> str:
    return value.isoformat(timespec="minutes") if value else ""


def standing_bookings(cycle: Cycle, *, now: datetime) -> tuple[int, int]:
    """(seats booked, people waiting or offered one) at sessions of the cycle that are to come. One query."""
    rows = Booking.objects.live().filter(session__cycle=cycle, session__starts_at__gt=now)
    booked = Q(state=BookingState.BOOKED)
    found = rows.aggregate(booked=Count("pk", filter=booked), waiting=Count("pk", filter=~booked))
    return found["booked"], found["waiting"]
