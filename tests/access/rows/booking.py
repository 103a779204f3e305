"""Booking seats: a programme of its own, run by the same people, in which seats are booked."""

from datetime import timedelta
from typing import Any

from programmes.models import AttendanceMode, Booking, BookingPause, BookingRules, Cycle, Membership, Session
from tests import factories as make
from tests.access.matrix import LOGIN, Row, expect
from tests.factories import in_days, in_hours
from tests.world import World

ROLES = ("rhian", "imran", "elin", "amara", "ben")


def extend(world: World) -> None:
    """The writing café: one full session with two who wait, one where Ben was offered a seat, one that is free."""
    programme = make.ProgrammeFactory(slug="writing-cafe", name="Writing café", owner_unit=world.biosciences)
    cycle = make.CycleFactory(programme=programme, attendance_mode=AttendanceMode.BOOK)
    BookingRules.objects.create(cycle=cycle, weekly_limit=5)
    places = {
        name: make.MembershipFactory(
            cycle=cycle,
            user=getattr(world, name),
            role=world.memberships[name].role,
            is_point_person=name == "rhian",
        )
        for name in ROLES
    }
    full, offered, free = (_session(cycle, places["amara"], hours, 1) for hours in (30, 54, 78))
    kai = make.MembershipFactory(cycle=cycle, user__given_name="Kai", user__family_name="Jones")
    world.extra |= {
        "cafe": cycle,
        "cafe_places": places,
        "full": full,
        "free": free,
        "bens_seat": seat(full, places["ben"]),
        "bens_offer": seat(offered, places["ben"], "offered"),
        "pause": _pause(kai),
    }
    for _ in range(2):
        seat(full, make.MembershipFactory(cycle=cycle), "waiting")
    _missed(cycle, kai)


def grow(world: World, times: int) -> None:
    """More to book, more booked, more who wait, more pauses."""
    cycle, places = world.extra["cafe"], world.extra["cafe_places"]
    for number in range(times):
        for hours, state in ((100, "booked"), (101, "waiting"), (102, "offered"), (103, "late")):
            session = _session(cycle, places["amara"], hours + 4 * number, 3)
            seat(session, places["ben"], state)
        _session(cycle, places["amara"], 60, 2)
        for state in ("booked", "waiting", "offered", "late", "cancelled"):
            seat(world.extra["full"], make.MembershipFactory(cycle=cycle), state)
        other = make.MembershipFactory(cycle=cycle)
        _pause(other)
        _missed(cycle, other)


def _session(cycle: Cycle, leader: Membership, hours: float, seats: int) -> Session:
    session = make.SessionFactory(cycle=cycle, starts_at=in_hours(hours), capacity=seats, created_at=in_days(-10))
    make.SessionLeaderFactory(session=session, membership=leader)
    return session


def seat(session: Session, who: Membership, state: str = "booked") -> Booking:
    made_at = in_days(-1)
    return Booking.objects.create(
        session=session,
        membership=who,
        state=state,
        made_at=made_at,
        waiting_since=made_at if state in {"waiting", "offered"} else None,
        offered_at=made_at if state == "offered" else None,
        offer_expires_at=in_hours(6) if state == "offered" else None,
        ended_at=made_at + timedelta(hours=1) if state in {"late", "cancelled"} else None,
    )


def _pause(who: Membership) -> BookingPause:
    return BookingPause.objects.create(
        membership=who, since=in_days(-29), started_at=in_days(-1), until=in_days(13), misses=1
    )


def _missed(cycle: Cycle, who: Membership) -> None:
    session = make.SessionFactory(cycle=cycle, starts_at=in_days(-3), status="held", log_version=1)
    seat(session, who)
    make.AttendanceFactory(session=session, membership=who, status="absent")


def cafe(world: World) -> dict[str, Any]:
    return {"slug": "writing-cafe", "code": world.extra["cafe"].code}


def of(name: str) -> Any:
    return lambda world: {"uuid": world.extra[name].uuid}


# Settings: who may change the cycle. Supervisors and the institution's lead may open the workspace, and change nothing.
CHANGES = {"anonymous": LOGIN, "coordinator": 200, "supervisor": 403, "institution_lead": 403}
# A session's seats: who runs it sees them, who takes part knows that it exists.
SEES = {"anonymous": LOGIN, "coordinator": 200, "supervisor": 200, "leader": 200, "participant": 403}
EXPORTS = {"anonymous": LOGIN, "coordinator": 200, "supervisor": 403, "leader": 403, "participant": 403}
BOOKS = {"anonymous": LOGIN, "participant": 302, "coordinator": 403, "supervisor": 403, "leader": 403}
OWN = {"anonymous": LOGIN, "participant": 200, "coordinator": 302, "supervisor": 302, "leader": 302}
ANSWERS = {"anonymous": LOGIN, "participant": 302, "coordinator": 403, "supervisor": 403, "leader": 403}
PAUSES = {"anonymous": LOGIN, "coordinator": 200, "supervisor": 200, "institution_lead": 403}
RULES = {
    "mode": "book", "weeks_ahead": "3", "lead_hours": "1", "late_cancel_hours": "12", "grace_minutes": "10",
    "accept_hours": "6", "weekly_limit": "", "misses": "2", "misses_days": "21", "pause_days": "7",
    "leader_hours": "10",
}  # fmt: skip

ROWS = [
    Row("programmes:coming_change", expect(404, **CHANGES), kwargs=cafe),
    Row(
        "programmes:coming_change",
        expect(404, **CHANGES | {"coordinator": 302}),
        kwargs=cafe,
        method="POST",
        data=lambda w: RULES,
    ),
    Row("programmes:booking_list", expect(404, anonymous=LOGIN, participant=200), kwargs=cafe),
    Row("programmes:session_detail", expect(404, **SEES | {"participant": 200}), kwargs=of("full"), note="booked"),
    Row("programmes:session_detail", expect(404, **SEES | {"participant": 200}), kwargs=of("free"), note="to book"),
    Row("programmes:seat_book", expect(404, **BOOKS), kwargs=of("free"), method="POST"),
    Row("programmes:session_bookings", expect(404, **SEES), kwargs=of("full")),
    Row("programmes:session_bookings", expect(404, **SEES), kwargs=of("full"), query="?q=kai", note="looked for"),
    Row(
        "programmes:booking_add",
        expect(404, **EXPORTS | {"coordinator": 302}),
        kwargs=of("free"),
        method="POST",
        data=lambda w: {"who": str(w.extra["cafe_places"]["ben"].uuid)},
    ),
    Row("programmes:bookings_export", expect(404, **EXPORTS), kwargs=of("full")),
    Row("programmes:booking_detail", expect(404, **OWN), kwargs=of("bens_seat")),
    Row("programmes:booking_detail", expect(404, **OWN), kwargs=of("bens_offer"), note="offered"),
    Row("programmes:seat_accept", expect(404, **ANSWERS), kwargs=of("bens_offer"), method="POST"),
    Row("programmes:booking_cancel", expect(404, **ANSWERS | {"coordinator": 302}), of("bens_seat"), method="POST"),
    Row("programmes:pause_list", expect(404, **PAUSES), kwargs=cafe),
    Row("programmes:pauses_export", expect(404, **PAUSES | {"supervisor": 403}), kwargs=cafe),
    Row("programmes:pause_lift", expect(404, anonymous=LOGIN, coordinator=200, supervisor=403), kwargs=of("pause")),
    Row(
        "programmes:pause_lift",
        expect(404, anonymous=LOGIN, coordinator=302, supervisor=403),
        kwargs=of("pause"),
        method="POST",
        data=lambda w: {"reason": "Was ill"},
    ),
]
