"""Exam clinics of PASS in Engineering: open to all its students, six seats each, and more who would like one."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from peerhub.demo.build.anchor import Anchor, at
from peerhub.demo.build.people import People, stable_uuid
from programmes.models import (
    Attendance,
    AttendanceMode,
    AttendanceStatus,
    Booking,
    BookingPause,
    BookingRules,
    BookingState,
    Cycle,
    Membership,
    Role,
    Session,
    SessionLeader,
    SessionLog,
    SessionStatus,
)

SEATS = 6
PAST_WEEKS = (4, 3, 2, 1)
TITLE = "Exam clinic"


def book_clinics(*, anchor: Anchor, people: People) -> None:
    """Four clinics that are over, at three of which one student had a seat and did not come; five to come: a full one
    with a line in which Ben stands, one where a seat is kept for him, one he has booked, one that is free, one online.
    """
    cycle = Cycle.objects.get(programme__slug="pass-engineering", code=anchor.year_code())
    Cycle.objects.filter(pk=cycle.pk).update(attendance_mode=AttendanceMode.BOOK)
    BookingRules.objects.create(cycle=cycle)
    leader = Membership.objects.get(cycle=cycle, user=people.cast["amara"], role=Role.LEADER)
    active = Membership.objects.active().filter(cycle=cycle, role=Role.PARTICIPANT)
    ben = active.get(user=people.cast["ben"])
    others = list(active.exclude(user__in=people.cast.values()).order_by("pk")[:30])
    missing = others.pop()
    for number, weeks in enumerate(PAST_WEEKS):
        came = others[number * 4 : number * 4 + 5]
        _over(cycle, leader, anchor, weeks, came, missing if number else None)
    _pause(missing, anchor)
    full, kept, booked, free, online = _to_come(cycle, leader, anchor)
    _seats(full, others[:6], anchor, days=6)
    _wait(full, [others[6], ben, others[7]], anchor)
    _seats(kept, others[8:13], anchor, days=5)
    _wait(kept, [ben, others[13]], anchor, kept_for=ben)
    _seats(booked, [ben, *others[14:16]], anchor, days=3)
    _seats(online, others[16:20], anchor, days=2)
    _seats(free, [], anchor, days=1)


def _session(
    cycle: Cycle, leader: Membership, starts_at: datetime, key: str, seats: int | None = SEATS, **more: str
) -> Session:
    session = Session.objects.create(
        uuid=stable_uuid("clinic", key),
        cycle=cycle,
        title=TITLE,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=90),
        place="" if more else "Library 3",
        capacity=seats,
        created_at=starts_at - timedelta(days=40),
        **more,
    )
    SessionLeader.objects.create(session=session, membership=leader)
    return session


def _weekdays(after: date) -> Iterator[date]:
    day = after
    while True:
        day += timedelta(days=1)
        if day.weekday() < 5:
            yield day


def _to_come(cycle: Cycle, leader: Membership, anchor: Anchor) -> Sequence[Session]:
    days = _weekdays(anchor.today + timedelta(days=1))
    dates = [next(days) for _ in range(5)]
    made = [_session(cycle, leader, at(day, 16), f"{number}") for number, day in enumerate(dates[:4])]
    link = {"mode": "online", "link": "https://meet.aberwen.ac.uk/exam-clinic"}
    return [*made, _session(cycle, leader, at(dates[4], 18), "online", None, **link)]


# --- what is over ----------------------------------------------------------------------------------------------------
def _over(
    cycle: Cycle, leader: Membership, anchor: Anchor, weeks: int, came: Sequence[Membership], missing: Membership | None
) -> None:
    day = anchor.today - timedelta(weeks=weeks - 1, days=2)
    session = _session(cycle, leader, at(day, 16), f"over {weeks}")
    marks = dict.fromkeys(came, AttendanceStatus.PRESENT) | ({missing: AttendanceStatus.ABSENT} if missing else {})
    _seats(session, list(marks), anchor, days=5)
    recorded_at = session.ends_at + timedelta(minutes=5)
    Attendance.objects.bulk_create(
        Attendance(session=session, membership=one, status=mark, recorded_at=recorded_at) for one, mark in marks.items()
    )
    SessionLog.objects.create(session=session, author=leader.user, minutes=90, is_academic=True, logged_at=recorded_at)
    Session.objects.filter(pk=session.pk).update(status=SessionStatus.HELD, log_version=1)


def _pause(missing: Membership, anchor: Anchor) -> None:
    started_at = at(anchor.today - timedelta(days=2), 18)
    BookingPause.objects.create(
        uuid=stable_uuid("pause", missing.uuid),
        membership=missing,
        since=started_at - timedelta(days=28),
        started_at=started_at,
        until=started_at + timedelta(days=14),
        misses=3,
    )


# --- seats -----------------------------------------------------------------------------------------------------------
def _seats(session: Session, who: Sequence[Membership], anchor: Anchor, *, days: int) -> None:
    """Booked one after the other, `days` before it."""
    first = min(session.starts_at, anchor.now + timedelta(days=1)) - timedelta(days=days)
    Booking.objects.bulk_create(
        Booking(
            uuid=stable_uuid("seat", session.uuid, one.uuid),
            session=session,
            membership=one,
            made_at=first + timedelta(minutes=37 * number),
        )
        for number, one in enumerate(who)
    )


def _wait(session: Session, who: Sequence[Membership], anchor: Anchor, *, kept_for: Membership | None = None) -> None:
    """In line since yesterday; for one a seat is kept since this morning."""
    offered_at = anchor.now - timedelta(hours=2)
    for number, one in enumerate(who):
        since = anchor.now - timedelta(hours=20 - number)
        is_kept = one == kept_for
        Booking.objects.create(
            uuid=stable_uuid("seat", session.uuid, one.uuid),
            session=session,
            membership=one,
            state=BookingState.OFFERED if is_kept else BookingState.WAITING,
            made_at=since,
            waiting_since=since,
            offered_at=offered_at if is_kept else None,
            offer_expires_at=offered_at + timedelta(hours=12) if is_kept else None,
        )
