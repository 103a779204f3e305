"""What booking goes by: rules, seats, what somebody missed, what they have that week. For services and pages alike."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, DateTimeField, Exists, F, OuterRef, Q, QuerySet, When
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from peerhub.common import clock
from peerhub.common.statements import compiled
from programmes.models import (
    HOLDS_SEAT,
    Attendance,
    AttendanceMode,
    AttendanceStatus,
    Booking,
    BookingPause,
    BookingRules,
    BookingState,
    Cycle,
    CycleState,
    MembershipStatus,
    Session,
    SessionStatus,
)
from programmes.models.bookings import takes_seats

OFF = (SessionStatus.CANCELLED, SessionStatus.NOT_HELD)
HAPPENED = (SessionStatus.HELD, SessionStatus.NOBODY_CAME)


def rules_of(cycle: Cycle) -> BookingRules:
    """The cycle's rules, or the defaults, not saved, where nobody has set any. One query unless loaded with it."""
    rules: BookingRules | None = getattr(cycle, "booking_rules", None)
    return rules or BookingRules(cycle=cycle)


def is_booked(session: Session) -> bool:
    """True when seats of this session are given out by booking now. Load the cycle."""
    return (
        takes_seats(session)
        and session.cycle.attendance_mode == AttendanceMode.BOOK
        and session.cycle.state == CycleState.RUNNING
        and session.status == SessionStatus.PLANNED
    )


def seats_held(session: Session) -> int:
    return Booking.objects.filter(session=session).holding_seat().count()


def seats_free(session: Session) -> int | None:
    """Seats nobody has or was offered, never below 0; None where they are not limited."""
    return None if session.capacity is None else max(0, session.capacity - seats_held(session))


def week_of(moment: datetime, zone: str) -> tuple[datetime, datetime]:
    """The half-open span (UTC) of the week, Monday to Sunday, that a moment falls in where the cycle runs."""
    on = clock.local(moment, zone).date()
    return clock.day_bounds(on - timedelta(days=on.weekday()), zone, days=7)


def seats_in_week(membership_id: int, starts_at: datetime, zone: str, *, besides: int = 0) -> int:
    """How many seats the person has in that week, at sessions that were not called off. `besides`: a session's pk."""
    since, until = week_of(starts_at, zone)
    mine = Booking.objects.filter(
        membership_id=membership_id,
        state=BookingState.BOOKED,
        session__starts_at__gte=since,
        session__starts_at__lt=until,
    )
    return mine.exclude(session__status__in=OFF).exclude(session=besides).count()


def missed_at() -> Case:
    """When a missed booking was missed: given back too late, or not there."""
    return Case(
        When(state=BookingState.LATE, then=F("ended_at")), default=F("session__starts_at"), output_field=DateTimeField()
    )


def missed(bookings: QuerySet[Booking] | None = None) -> QuerySet[Booking]:
    """Bookings somebody missed, with `at`: seats given back too late, and seats of those whom the register says were
    absent. What was called off counts for nobody, and whoever was excused missed nothing.
    """
    absent = Attendance.objects.filter(
        session=OuterRef("session"), membership=OuterRef("membership"), status=AttendanceStatus.ABSENT
    )
    late = Q(state=BookingState.LATE) & ~Q(session__status__in=OFF)
    away = Q(state=BookingState.BOOKED, session__status__in=HAPPENED) & Exists(absent)
    rows = Booking.objects.all() if bookings is None else bookings
    return rows.filter(late | away).annotate(at=missed_at())


def misses_between(membership_ids: Collection[int], since: datetime, until: datetime) -> dict[int, int]:
    """Membership pk to how often they missed after `since`, up to `until`. One query."""
    rows = missed(Booking.objects.filter(membership__anyof=list(membership_ids))).filter(at__gt=since, at__lte=until)
    counted = rows.order_by().values_list("membership_id").annotate(n=Count("pk"))
    return dict(counted)


def running_pause(membership_id: int, *, now: datetime) -> BookingPause | None:
    """The pause that keeps somebody from booking now, if there is one."""
    return BookingPause.objects.running(now=now).filter(membership_id=membership_id).order_by("-until", "-pk").first()


def seats_of(session_ids: Iterable[int]) -> dict[int, tuple[int, int]]:
    """Session pk to (seats had or offered, people waiting). One query."""
    return {pk: (held, waiting) for pk, held, waiting in _seats(session_ids=list(session_ids))}


@compiled
def _seats(*, session_ids: list[int]) -> QuerySet[Booking, tuple[int, int, int]]:
    rows = Booking.objects.live().filter(session__in=session_ids).order_by().values_list("session_id")
    held, waiting = Q(state__in=HOLDS_SEAT), Q(state=BookingState.WAITING)
    return rows.annotate(held=Count("pk", filter=held), waiting=Count("pk", filter=waiting))


def seats_in_words(session: Session, booked: int) -> str:
    """ "5 of 12 booked", for those who run it; "" where nobody books and nobody has. Load the cycle."""
    if not takes_seats(session) or (session.cycle.attendance_mode != AttendanceMode.BOOK and not booked):
        return ""
    if session.capacity is None:
        return ngettext("%(n)s booked", "%(n)s booked", booked) % {"n": booked}
    return _("%(n)s of %(seats)s booked") % {"n": booked, "seats": session.capacity}


def seats_had_by(user: Any) -> QuerySet[Booking]:
    """The seats of somebody who still takes part."""
    return Booking.objects.filter(
        membership__user=user, membership__status=MembershipStatus.ACTIVE, state=BookingState.BOOKED
    )


def has_seat(user: Any) -> Exists:
    """For a queryset of sessions: whether `user` has a seat at each."""
    return Exists(seats_had_by(user).filter(session=OuterRef("pk")))


def unserved_waits(cycle: Cycle, *, since: datetime, until: datetime) -> QuerySet[Booking]:
    """Unmet demand: who waited for a seat at a session that began in this time and never had one, oldest first.

    Those still waiting when it began count, those whose list was ended without a seat, and those who were offered one
    and missed the offer; not those who took themselves off the list. Each once a session. `wanted_at` is when they
    went on the list, the last time.
    """
    had = Booking.objects.filter(
        session=OuterRef("session"),
        membership=OuterRef("membership"),
        state__in=[BookingState.BOOKED, BookingState.LATE],
    )
    never = Q(state__in=[BookingState.UNSERVED, BookingState.LAPSED, BookingState.WAITING])
    again = Booking.objects.filter(
        never, session=OuterRef("session"), membership=OuterRef("membership"), pk__gt=OuterRef("pk")
    )
    rows = Booking.objects.filter(
        never,
        ~Exists(had),
        ~Exists(again),
        session__cycle=cycle,
        session__starts_at__gte=since,
        session__starts_at__lt=until,
    ).exclude(session__status=SessionStatus.CANCELLED)
    return rows.annotate(wanted_at=F("waiting_since")).order_by("session__starts_at", "pk")
