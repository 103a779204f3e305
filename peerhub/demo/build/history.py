"""A year and a half of registers and logs, and the weeks ahead: written in bulk, cycle by cycle."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from peerhub.demo.build.anchor import Anchor, at
from peerhub.demo.build.people import BATCH, stable_uuid
from peerhub.demo.build.programmes import Run
from peerhub.institution.models import SupportService
from programmes.models import (
    Attendance,
    AttendanceStatus,
    Channel,
    Membership,
    Mode,
    Session,
    SessionKind,
    SessionLeader,
    SessionLog,
    SessionStatus,
    Technique,
    Topic,
)

WEEKS_AHEAD = 5
RUNS_PER_BATCH = 40
NOTES = (
    "Good questions today. Several people were stuck on the same step.",
    "Quiet group, warmed up after the pair task.",
    "We ran out of time for the last problem: start there next week.",
    "People asked for more exam practice.",
    "Two new faces. Introductions took ten minutes and were worth it.",
)


@dataclass
class Meeting:
    """One session as the builder sees it: who leads, who was expected, and how many weeks into the year it is."""

    session: Session
    leaders: list[Membership]
    expected: list[Membership]
    week: int


def write_history(*, programmes: list[Run], anchor: Anchor, say: Callable[[str], None]) -> int:
    """Write sessions, leaders, registers, logs and topics; returns the number of attendances written."""
    services = list(SupportService.objects.filter(is_urgent=False).values_list("pk", flat=True))
    techniques = list(Technique.objects.values_list("pk", flat=True))
    topics: dict[int, list[int]] = {}
    for programme_id, topic_id in Topic.objects.values_list("programme_id", "pk"):
        topics.setdefault(programme_id, []).append(topic_id)
    written = 0
    for first in range(0, len(programmes), RUNS_PER_BATCH):
        runs = programmes[first : first + RUNS_PER_BATCH]
        meetings = [(run, meeting) for run in runs for meeting in _meetings(run, anchor)]
        Session.objects.bulk_create((meeting.session for _, meeting in meetings), batch_size=BATCH)
        SessionLeader.objects.bulk_create(
            (
                SessionLeader(session=meeting.session, membership=leader)
                for _, meeting in meetings
                for leader in meeting.leaders
            ),
            batch_size=BATCH,
        )
        written += len(Attendance.objects.bulk_create(_registers(meetings), batch_size=BATCH))
        _write_logs(meetings, topics, techniques, services)
        if len(programmes) > 100:
            say(f"  {written:,} attendances …")
    return written


def _meetings(run: Run, anchor: Anchor) -> Iterator[Meeting]:
    """Every meeting of one cycle, past and planned, in order of groups and weeks."""
    if run.plan.state == "design":
        return
    rng = random.Random(f"{run.programme.slug}/{run.cycle.code}")
    horizon = anchor.now + timedelta(weeks=WEEKS_AHEAD)
    pair = run.groups and run.groups[0].shape == "pair"
    indexes = range(len(run.groups)) if run.groups else range(len(run.plan.weekdays))
    for index in indexes:
        for week, monday in enumerate(anchor.teaching_mondays(run.years_ago)):
            if (week + index) % run.plan.every:
                continue
            day = monday + timedelta(days=run.plan.weekdays[index % len(run.plan.weekdays)])
            starts_at = at(day, run.plan.hour + (index // max(len(run.plan.weekdays), 1)) % 3)
            if starts_at > horizon or (pair and starts_at > anchor.now):
                continue
            yield (
                _contact(run, index, week, starts_at, rng)
                if pair
                else _session(run, index, week, starts_at, anchor.now, rng)
            )


def _session(run: Run, index: int, week: int, starts_at: datetime, now: datetime, rng: random.Random) -> Meeting:
    group = run.groups[index] if run.groups else None
    place = run.plan.places[index % len(run.plan.places)]
    online = place == "Online" or (week % 9 == 8 and rng.random() < 0.2)
    ends_at = starts_at + timedelta(minutes=120 if run.plan.type_code == "pltl" else 60)
    session = Session(
        uuid=stable_uuid("session", run.programme.slug, run.cycle.code, index, week),
        cycle=run.cycle,
        group=group,
        title=group.name if group else run.programme.word("session").capitalize(),
        starts_at=starts_at,
        ends_at=ends_at,
        mode=Mode.ONLINE if online else Mode.IN_PERSON,
        place="" if online else place,
        link="https://meet.example.org/aberwen" if online else "",
        status=_outcome(ends_at, now, rng),
        created_at=run.cycle.created_at + timedelta(days=92),
    )
    if group:
        return Meeting(session, run.led_by[index], run.placed[index], week)
    here = rng.sample(run.participants, min(len(run.participants), 4 + rng.randrange(14)))
    return Meeting(session, [run.leaders[(week + index) % len(run.leaders)]], here, week)


def _outcome(ends_at: datetime, now: datetime, rng: random.Random) -> str:
    draw = rng.random()
    if ends_at > now:
        return SessionStatus.PLANNED
    if now - ends_at < timedelta(days=6) and draw < 0.18:
        return SessionStatus.PLANNED  # over, and not logged yet
    if draw > 0.985:
        return SessionStatus.NOT_HELD
    return SessionStatus.NOBODY_CAME if draw > 0.97 else SessionStatus.HELD


def _contact(run: Run, index: int, week: int, starts_at: datetime, rng: random.Random) -> Meeting:
    reached = rng.random() < run.plan.turnout
    session = Session(
        uuid=stable_uuid("contact", run.programme.slug, run.cycle.code, index, week),
        cycle=run.cycle,
        group=run.groups[index],
        kind=SessionKind.CONTACT,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=30),
        mode=Mode.IN_PERSON,
        channel=rng.choice([Channel.MET, Channel.MET, Channel.MESSAGE, Channel.VIDEO]),
        status=SessionStatus.HELD if reached else SessionStatus.ATTEMPTED,
        is_ad_hoc=True,
        created_at=starts_at + timedelta(minutes=40),
    )
    return Meeting(session, run.led_by[index], run.placed[index], week)


def _registers(meetings: list[tuple[Run, Meeting]]) -> Iterator[Attendance]:
    """The register of every meeting that was logged. Turnout fades through a term, as it does."""
    rng = random.Random(len(meetings))
    for run, meeting in meetings:
        session = meeting.session
        if session.status not in {SessionStatus.HELD, SessionStatus.NOBODY_CAME}:
            continue
        fade = run.plan.turnout * (1 - 0.018 * (meeting.week % 11)) if run.groups else 1.0
        recorded_at = session.ends_at + timedelta(minutes=30)
        for member in meeting.expected:
            came = session.status == SessionStatus.HELD and (session.kind == SessionKind.CONTACT or rng.random() < fade)
            if came:
                status = AttendanceStatus.LATE if rng.random() < 0.05 else AttendanceStatus.PRESENT
            else:
                status = AttendanceStatus.EXCUSED if rng.random() < 0.1 else AttendanceStatus.ABSENT
            yield Attendance(session=session, membership=member, status=status, recorded_at=recorded_at)


def _write_logs(
    meetings: list[tuple[Run, Meeting]], topics: dict[int, list[int]], techniques: list[int], services: list[int]
) -> None:
    rng = random.Random(2 * len(meetings) + 1)
    logs: list[SessionLog] = []
    about: list[int | None] = []
    for run, meeting in meetings:
        session = meeting.session
        if session.status not in {SessionStatus.HELD, SessionStatus.NOBODY_CAME, SessionStatus.ATTEMPTED}:
            continue
        contact = session.kind == SessionKind.CONTACT
        held = session.status == SessionStatus.HELD
        logs.append(
            SessionLog(
                session=session,
                author_id=meeting.leaders[0].user_id,
                minutes=(30 if contact else 60) if held else 0,
                is_academic=held and (not contact or rng.random() < 0.5),
                is_social=held and rng.random() < (0.6 if contact else 0.2),
                is_emotional=held and contact and rng.random() < 0.2,
                technique_id=rng.choice(techniques) if held and not contact and rng.random() < 0.6 else None,
                signposted_to_id=rng.choice(services) if held and rng.random() < 0.06 else None,
                shared_note=rng.choice(NOTES) if held and rng.random() < 0.15 else "",
                logged_at=session.ends_at + timedelta(minutes=rng.choice((10, 25, 60, 180, 1300, 2500))),
            )
        )
        known = topics.get(run.programme.pk, [])
        about.append(known[meeting.week % len(known)] if held and known else None)
    SessionLog.objects.bulk_create(logs, batch_size=BATCH)
    through = SessionLog.topics.through
    through.objects.bulk_create(
        (
            through(sessionlog_id=log.pk, topic_id=topic)
            for log, topic in zip(logs, about, strict=True)
            if topic is not None
        ),
        batch_size=BATCH,
    )
