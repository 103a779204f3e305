"""The maths centre: a drop-in on four afternoons a week, with six weeks of queues behind it and one that is on now."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from peerhub.common.models import AuditEvent
from peerhub.demo import texts
from peerhub.demo.build.anchor import WEEKS_SO_FAR, Anchor, at
from peerhub.demo.build.people import People, stable_uuid
from peerhub.institution.models import OrgUnit, SupportService
from programmes.models import (
    ActivityType,
    Attendance,
    AttendanceMode,
    BoundaryReferral,
    CheckIn,
    CheckInHow,
    Context,
    Cycle,
    CycleState,
    DropIn,
    EmptySearch,
    JoinPolicy,
    Kiosk,
    KioskKind,
    Level,
    Membership,
    Programme,
    QueueEntry,
    QueueHow,
    QueueState,
    RecordedBy,
    Role,
    Session,
    SessionLeader,
    SessionLog,
    SessionStatus,
    Topic,
    Visibility,
)

TOPICS = ("Integration", "Differential equations", "Matrices", "Statistics", "Mechanics")
ABOUT = ("Question 4 of the sheet", "", "Before Friday’s test", "", "Where do I start?", "")
IN_VAIN = (("essay help", 12), ("robotics", 8), ("german conversation", 6), ("chess", 5), ("care leavers", 4))
WEEKDAYS, HOUR, HOURS = (0, 1, 2, 3), 13, 3
WEEKS_AHEAD = 3
COMERS = 64


@dataclass(frozen=True)
class Centre:
    """What the builder keeps of it."""

    cycle: Cycle
    leaders: list[Membership]
    comers: list[Membership]
    topics: list[Topic]


def open_the_centre(*, anchor: Anchor, people: People) -> None:
    """Write the programme, its past afternoons, today's queue, its desk and screen. Rhian coordinates, Maya helps."""
    centre = _centre(anchor, people)
    days = [
        anchor.term_starts_on + timedelta(weeks=week, days=weekday)
        for week in range(WEEKS_SO_FAR + 1 + WEEKS_AHEAD)
        for weekday in WEEKDAYS
    ]
    rng = random.Random(7)
    for day in days:
        if day < anchor.today:
            _afternoon(centre, day, rng, busy=(day - anchor.term_starts_on).days / 45)
        elif day > anchor.today:
            _session(centre, at(day, HOUR), HOURS * 60, f"{day}")
    _today(centre, anchor, people)
    _search_in_vain(anchor)
    for name, kind in (("Maths centre, front desk", KioskKind.DESK), ("Maths centre, wall", KioskKind.SCREEN)):
        Kiosk.objects.create(
            uuid=stable_uuid("kiosk", name),
            cycle=centre.cycle,
            kind=kind,
            name=name,
            opened_by=people.cast["rhian"],
            opened_at=at(anchor.term_starts_on, 9),
        )


def _centre(anchor: Anchor, people: People) -> Centre:
    programme = Programme.objects.create(
        slug="maths-centre",
        name="Maths centre",
        activity_type=ActivityType.objects.get(code="pal"),
        local_type_name="Drop-in help from peers",
        context=Context.CO_CURRICULAR,
        level=Level.FACULTY,
        owner_unit=OrgUnit.objects.get(name="Engineering and Computing"),
        visibility=Visibility.PUBLIC,
        summary="Stuck on a problem? Queue from your phone or at the desk, and work through it with a student.",
        when_text="Mondays to Thursdays, 13:00 to 16:00",
        mission="Nobody stays stuck on a problem sheet for longer than an afternoon.",
        vision=texts.VISION,
        population_served="Every student who uses mathematics, whatever they study.",
        institutional_goals=texts.GOALS,
        benefits="Help when you need it, without an appointment.",
        process="Join once, then come whenever you like: take a ticket, and you see how long it will probably take.",
        values=["inclusive", "empowering", "collaborative"],
        created_at=at(anchor.year_start() - timedelta(days=60), 10),
    )
    Programme.objects.filter(pk=programme.pk).update(search_text=programme.searchable())
    cycle = Cycle.objects.create(
        programme=programme,
        code=anchor.year_code(),
        state=CycleState.RUNNING,
        starts_on=anchor.year_start(),
        ends_on=anchor.year_end(),
        join_policy=JoinPolicy.OPEN,
        joining_open=True,
        attendance_mode=AttendanceMode.QUEUE,
        expectations=texts.EXPECTATIONS,
        responsibilities=texts.RESPONSIBILITIES,
        boundaries=texts.BOUNDARIES,
        created_at=at(anchor.year_start() - timedelta(days=60), 11),
        state_changed_at=at(anchor.year_start(), 9),
    )
    services = {row.name: row for row in SupportService.objects.all()}
    for position, (task, service) in enumerate(texts.REFERRALS, start=1):
        BoundaryReferral.objects.create(cycle=cycle, task=task, service=services[service], position=position)
    topics = [Topic.objects.create(programme=programme, name=n, position=p) for p, n in enumerate(TOPICS, start=1)]
    _write_down_gates(cycle, anchor, people)
    return Centre(cycle, *_people(cycle, people), topics)


def _write_down_gates(cycle: Cycle, anchor: Anchor, people: People) -> None:
    """Who opened the gates it has passed, and when."""
    states = (CycleState.DESIGN, CycleState.PREPARING, CycleState.RUNNING)
    for came_from, to, days in zip(states[:-1], states[1:], (40, 7), strict=True):
        AuditEvent.objects.create(
            actor=people.cast["rhian"],
            action="programmes.cycle_moved",
            target_type="programmes.cycle",
            target_id=str(cycle.pk),
            cycle_id=cycle.pk,
            detail={"from": came_from, "to": to},
            at=at(anchor.year_start() - timedelta(days=days), 10),
        )


def _people(cycle: Cycle, people: People) -> tuple[list[Membership], list[Membership]]:
    cast, students = people.cast, people.students(0)
    joined = {"status": "active", "source": "seed", "created_at": cycle.created_at, "joined_at": cycle.created_at}
    Membership.objects.create(
        uuid=stable_uuid("centre", "rhian"), cycle=cycle, user=cast["rhian"], role=Role.COORDINATOR,
        is_point_person=True, **joined,
    )  # fmt: skip
    leaders = [
        Membership(uuid=stable_uuid("centre", user.uuid), cycle=cycle, user=user, role=Role.LEADER, **joined)
        for user in (cast["maya"], *students[300:304])
    ]
    comers = [
        Membership(uuid=stable_uuid("centre", user.uuid), cycle=cycle, user=user, role=Role.PARTICIPANT, **joined)
        for user in (cast["ben"], *people.group_b[:3], *students[310 : 310 + COMERS])
    ]
    Membership.objects.bulk_create([*leaders, *comers])
    return leaders, comers


def _session(
    centre: Centre, starts_at: datetime, minutes: int, key: str, status: str = SessionStatus.PLANNED, helpers: int = 2
) -> tuple[Session, list[Membership]]:
    session = Session.objects.create(
        uuid=stable_uuid("centre", key),
        cycle=centre.cycle,
        title="Maths drop-in",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=minutes),
        place="Hugh Owen C12",
        status=status,
        log_version=int(status == SessionStatus.HELD),
        created_at=centre.cycle.created_at,
    )
    first = starts_at.toordinal() % 4
    lead = [centre.leaders[0], *centre.leaders[1 + first : 1 + first + helpers - 1]]
    SessionLeader.objects.bulk_create(SessionLeader(session=session, membership=one) for one in lead)
    return session, lead


def _search_in_vain(anchor: Anchor) -> None:
    """What students looked for in the catalogue and did not find, these weeks."""
    rng = random.Random(11)
    EmptySearch.objects.bulk_create(
        EmptySearch(
            week_on=anchor.term_starts_on + timedelta(weeks=week), words=words, searchers=rng.randrange(1, most)
        )
        for words, most in IN_VAIN
        for week in range(WEEKS_SO_FAR + 1)
    )


# --- an afternoon that is over -----------------------------------------------------------------------------
def _afternoon(centre: Centre, day: date, rng: random.Random, busy: float) -> None:
    """A queue as it goes: people come, leaders take them in turn, some give up, some are there at the end."""
    helpers = 2 if day.weekday() else 3  # Mondays have one more
    session, lead = _session(centre, at(day, HOUR), HOURS * 60, f"{day}", SessionStatus.HELD, helpers)
    entries = list(_queue(centre, session, lead, rng, int(14 + 18 * busy + rng.randrange(6))))
    QueueEntry.objects.bulk_create(entries)
    DropIn.objects.create(session=session, last_number=len(entries), last_turn=len(entries))
    helped = {one.membership_id: one for one in entries if one.state == QueueState.HELPED}
    CheckIn.objects.bulk_create(
        CheckIn(session=session, membership_id=pk, at=one.started_at, how=CheckInHow.QUEUE)
        for pk, one in helped.items()
    )
    saved_at = session.ends_at + timedelta(minutes=15)
    Attendance.objects.bulk_create(
        Attendance(
            session=session, membership_id=pk, status="present", is_walk_in=True, recorded_how=RecordedBy.QUEUE,
            recorded_at=saved_at,
        )
        for pk in helped
    )  # fmt: skip
    log = SessionLog.objects.create(
        session=session, author_id=lead[0].user_id, minutes=HOURS * 60, is_academic=True, logged_at=saved_at
    )
    log.topics.add(*rng.sample(centre.topics, 2))


def _queue(
    centre: Centre, session: Session, lead: list[Membership], rng: random.Random, count: int
) -> Iterator[QueueEntry]:
    free = [session.starts_at] * len(lead)
    comers = rng.sample(centre.comers, count)
    arrivals = sorted(int(rng.triangular(-12, HOURS * 60 - 5, 70)) for _ in range(count))
    for number, (membership, minute) in enumerate(zip(comers, arrivals, strict=True), start=1):
        joined_at = session.starts_at + timedelta(minutes=minute)
        helper = min(range(len(free)), key=lambda place: free[place])
        called_at = max(joined_at, free[helper], session.starts_at) + timedelta(minutes=1)
        patience = joined_at + timedelta(minutes=rng.choice((25, 40, 60, 90, 180)))
        row = QueueEntry(
            uuid=stable_uuid("ticket", session.uuid, number), session=session, membership=membership, number=number,
            turn=number, topic=rng.choice([None, *centre.topics]), joined_at=joined_at,
            how=rng.choice([QueueHow.PHONE, QueueHow.PHONE, QueueHow.DESK]),
        )  # fmt: skip
        if called_at > patience and patience < session.ends_at:
            row.state, row.ended_at = QueueState.LEFT, patience
        elif called_at >= session.ends_at:
            row.state, row.ended_at = QueueState.NOT_SERVED, session.ends_at
        elif rng.random() < 0.03:
            row.state, row.misses, row.ended_at = QueueState.NO_ANSWER, 2, called_at + timedelta(minutes=4)
        else:
            ended_at = called_at + timedelta(minutes=rng.choice((6, 8, 9, 11, 12, 14, 18, 25)))
            row.state, row.called_by, row.called_at = QueueState.HELPED, lead[helper], called_at
            row.started_at, row.ended_at = called_at, ended_at
            free[helper] = ended_at
        yield row


# --- the one that is on ------------------------------------------------------------------------------------
def _today(centre: Centre, anchor: Anchor, people: People) -> None:
    """It began a few minutes ago, and people had come before; Ben is left to join by himself."""
    began = anchor.now.replace(second=0, microsecond=0) - timedelta(minutes=4)
    session, lead = _session(centre, began, HOURS * 60, "today", helpers=2)
    others = [one for one in centre.comers if one.user_id != people.cast["ben"].pk]
    now = anchor.now
    rows = [
        _waiting(centre, session, others[place], number, began - timedelta(minutes=9 - number))
        for number, place in enumerate(range(4, 10), start=1)
    ]
    for row, caller, minutes in ((rows[0], lead[1], 3), (rows[1], lead[0], 0)):
        row.state, row.called_by, row.called_at = QueueState.CALLED, caller, now - timedelta(minutes=minutes)
    rows[0].state, rows[0].started_at = QueueState.HELPING, now - timedelta(minutes=2)
    QueueEntry.objects.bulk_create(rows)
    DropIn.objects.create(session=session, last_number=len(rows), last_turn=len(rows))
    CheckIn.objects.create(session=session, membership=rows[0].membership, at=rows[0].started_at, how=CheckInHow.QUEUE)


def _waiting(centre: Centre, session: Session, member: Membership, number: int, at: datetime) -> QueueEntry:
    return QueueEntry(
        uuid=stable_uuid("ticket", session.uuid, number),
        session=session,
        membership=member,
        number=number,
        turn=number,
        topic=centre.topics[number % len(centre.topics)],
        about=ABOUT[number % len(ABOUT)],
        how=QueueHow.DESK if number % 3 == 0 else QueueHow.PHONE,
        joined_at=at,
    )
