"""A year and a half of registers and logs, and the weeks ahead: loaded as rows, forty cycles at a time.

What groups meet for every week comes from series, as a coordinator would plan it.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from peerhub.common.bulk import insert_rows, reserve_keys
from peerhub.demo.build.anchor import Anchor, at
from peerhub.demo.build.load import load
from peerhub.demo.build.people import stable_uuid
from peerhub.demo.build.programmes import Run
from peerhub.demo.build.series import write_series
from peerhub.institution.models import SupportService
from programmes.models import (
    Attendance,
    AttendanceStatus,
    Channel,
    Membership,
    Mode,
    RecordedBy,
    Session,
    SessionKind,
    SessionLeader,
    SessionLog,
    SessionStatus,
    Technique,
    Topic,
)

WEEKS_AHEAD = 5
QUIET_FOR = timedelta(weeks=5)
TAIL = timedelta(weeks=3)
RUNS_PER_BATCH = 40
NOTES = (
    "Good questions today. Several people were stuck on the same step.",
    "Quiet group, warmed up after the pair task.",
    "We ran out of time for the last problem: start there next week.",
    "People asked for more exam practice.",
    "Two new faces. Introductions took ten minutes and were worth it.",
)
HAS_LOG = {SessionStatus.HELD, SessionStatus.NOBODY_CAME, SessionStatus.ATTEMPTED}
HAS_REGISTER = {SessionStatus.HELD, SessionStatus.NOBODY_CAME}


@dataclass
class Meeting:
    """One session as the builder sees it: its row, who leads, who was expected, and the week of the year it is in."""

    run: Run
    row: dict[str, Any]
    leaders: list[Membership]
    expected: list[Membership]
    week: int
    index: int = 0  # of its group
    key: int = 0

    @property
    def held(self) -> bool:
        return self.row["status"] == SessionStatus.HELD

    @property
    def is_contact(self) -> bool:
        return self.row["kind"] == SessionKind.CONTACT


@dataclass(frozen=True)
class Vocabulary:
    """Keys of what logs point at."""

    topics: dict[int, list[int]]  # by programme
    techniques: list[int]
    services: list[int]


def write_history(*, programmes: list[Run], anchor: Anchor, say: Callable[[str], None]) -> int:
    """Write sessions, leaders, registers, logs and topics; returns the number of attendances written."""
    words = _vocabulary()
    written = 0
    for first in range(0, len(programmes), RUNS_PER_BATCH):
        runs = programmes[first : first + RUNS_PER_BATCH]
        write_series(runs, anchor)
        meetings = [meeting for run in runs for meeting in _meetings(run, anchor)]
        _write_sessions(meetings)
        written += _write_registers(meetings, anchor.now, seed=first)
        _write_logs(meetings, words, seed=first)
        if len(programmes) > 400:
            say(f"  {written:,} attendances …")
    return written


def _vocabulary() -> Vocabulary:
    topics: dict[int, list[int]] = {}
    for programme_id, topic_id in Topic.objects.order_by("pk").values_list("programme_id", "pk"):
        topics.setdefault(programme_id, []).append(topic_id)
    return Vocabulary(
        topics=topics,
        techniques=list(Technique.objects.order_by("pk").values_list("pk", flat=True)),
        services=list(SupportService.objects.filter(is_urgent=False).order_by("pk").values_list("pk", flat=True)),
    )


def _meetings(run: Run, anchor: Anchor) -> Iterator[Meeting]:
    """Every meeting of one cycle, past and planned, in order of groups and weeks."""
    if run.plan.state == "design":
        return
    rng = random.Random(f"{run.programme.slug}/{run.cycle.code}")
    horizon = anchor.now + timedelta(weeks=WEEKS_AHEAD)
    pair = bool(run.groups) and run.groups[0].shape == "pair"
    days = run.plan.weekdays
    mondays = anchor.teaching_mondays(run.years_ago)
    if run.series:
        for index, one in run.series.items():
            for day in one.days:
                week = mondays.index(day.on - timedelta(days=day.on.weekday()))
                row = _session(run, index, week, starts_at=day.starts_at, now=anchor.now, rng=rng)
                row.row |= {"series": one.key, "slot_on": day.on, "has_own_place": _is_elsewhere(run, index, row)}
                yield row
        return
    for index in range(len(run.groups) or len(days)):
        for week, monday in enumerate(mondays):
            starts_at = at(monday + timedelta(days=days[index % len(days)]), run.plan.hour + (index // len(days)) % 3)
            if (week + index) % run.plan.every or starts_at > (anchor.now if pair else horizon):
                continue
            if pair and run.plan.state == "running" and _is_silent(run, index, starts_at, anchor.now):
                continue
            write = _contact if pair else _session
            yield write(run, index, week, starts_at=starts_at, now=anchor.now, rng=rng)


def _is_silent(run: Run, index: int, at: datetime, now: datetime) -> bool:
    """One pair in nine has not been in touch for weeks: the first of them is Amara's."""
    return not run.years_ago and not index % 9 and at > now - QUIET_FOR


def _is_unanswered(run: Run, index: int, at: datetime, now: datetime) -> bool:
    """One pair in nine has a leader who tries, and a partner who does not answer."""
    return not run.years_ago and index % 9 == 4 and at > now - QUIET_FOR


def _tails_off(meeting: "Meeting", now: datetime) -> bool:
    """One group in eleven empties towards today."""
    is_recent = meeting.row["starts_at"] > now - TAIL
    return is_recent and not meeting.run.years_ago and meeting.index % 11 == 4 and bool(meeting.run.groups)


def _is_elsewhere(run: Run, index: int, meeting: Meeting) -> bool:
    """Met online for once, while its series meets in a room."""
    return bool(meeting.row["mode"] == Mode.ONLINE and run.plan.places[index % len(run.plan.places)] != "Online")


def _session(run: Run, index: int, week: int, *, starts_at: datetime, now: datetime, rng: random.Random) -> Meeting:
    group = run.groups[index] if run.groups else None
    place = run.plan.places[index % len(run.plan.places)]
    online = place == "Online" or (week % 9 == 8 and rng.random() < 0.2)
    ends_at = starts_at + timedelta(minutes=120 if run.plan.type_code == "pltl" else 60)
    status = _outcome(ends_at, now, rng)
    row = {
        "uuid": stable_uuid("session", run.programme.slug, run.cycle.code, index, week).hex,
        "group": group.pk if group else None,
        "kind": SessionKind.SESSION,
        "title": group.name if group else run.programme.word("session").capitalize(),
        "starts_at": starts_at,
        "ends_at": ends_at,
        "mode": Mode.ONLINE if online else Mode.IN_PERSON,
        "channel": "",
        "place": "" if online else place,
        "link": "https://meet.example.org/aberwen" if online else "",
        "status": status,
        "log_version": int(status in HAS_LOG or status == SessionStatus.NOT_HELD),
        "is_ad_hoc": False,
        "created_by": run.staff[0].user_id,
        "created_at": run.cycle.created_at + timedelta(days=92),
        "series": None,
        "slot_on": None,
        "has_own_place": False,
    }
    if group:
        return Meeting(run, row, run.led_by[index], run.placed[index], week, index)
    here = rng.sample(run.participants, min(len(run.participants), 4 + rng.randrange(14)))
    return Meeting(run, row, [run.leaders[(week + index) % len(run.leaders)]], here, week)


def _outcome(ends_at: datetime, now: datetime, rng: random.Random) -> str:
    draw = rng.random()
    if ends_at > now:
        return SessionStatus.PLANNED
    if now - ends_at < timedelta(days=6) and draw < 0.18:
        return SessionStatus.PLANNED  # over, and not logged yet
    if draw > 0.985:
        return SessionStatus.NOT_HELD
    return SessionStatus.NOBODY_CAME if draw > 0.97 else SessionStatus.HELD


def _contact(run: Run, index: int, week: int, *, starts_at: datetime, now: datetime, rng: random.Random) -> Meeting:
    answered = rng.random() < run.plan.turnout and not _is_unanswered(run, index, starts_at, now)
    row = {
        "uuid": stable_uuid("contact", run.programme.slug, run.cycle.code, index, week).hex,
        "group": run.groups[index].pk,
        "kind": SessionKind.CONTACT,
        "title": "",
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(minutes=30),
        "mode": Mode.IN_PERSON,
        "channel": rng.choice([Channel.MET, Channel.MET, Channel.MESSAGE, Channel.VIDEO]),
        "place": "",
        "link": "",
        "log_version": 1,
        "status": SessionStatus.HELD if answered else SessionStatus.ATTEMPTED,
        "is_ad_hoc": True,
        "created_by": run.led_by[index][0].user_id,
        "created_at": starts_at + timedelta(minutes=40),
        "series": None,
        "slot_on": None,
        "has_own_place": False,
    }
    return Meeting(run, row, run.led_by[index], run.placed[index], week)


def _write_sessions(meetings: list[Meeting]) -> None:
    for meeting, key in zip(meetings, reserve_keys(Session, len(meetings)), strict=True):
        meeting.key = key
    load(Session, [{**m.row, "id": m.key, "cycle": m.run.cycle.pk} for m in meetings])
    insert_rows(
        SessionLeader, ["session", "membership"], ([m.key, leader.pk] for m in meetings for leader in m.leaders)
    )


def _write_registers(meetings: list[Meeting], now: datetime, *, seed: int) -> int:
    """The register of every meeting that was logged. Turnout fades through a term, as it does."""
    rng = random.Random(seed)
    columns = ["session", "membership", "status", "is_walk_in", "recorded_how", "recorded_at"]
    rows = []
    for meeting in meetings:
        if meeting.row["status"] not in HAS_REGISTER:
            continue
        fade = meeting.run.plan.turnout * (1 - 0.018 * (meeting.week % 11)) if meeting.run.groups else 1.0
        if _tails_off(meeting, now):
            fade *= 0.3
        recorded_at = meeting.row["ends_at"] + timedelta(minutes=30)
        for member in meeting.expected:
            came = meeting.held and (meeting.is_contact or rng.random() < fade)
            if came:
                status = AttendanceStatus.LATE if rng.random() < 0.05 else AttendanceStatus.PRESENT
            else:
                status = AttendanceStatus.EXCUSED if rng.random() < 0.1 else AttendanceStatus.ABSENT
            rows.append([meeting.key, member.pk, status, False, RecordedBy.LEADER, recorded_at])
    insert_rows(Attendance, columns, rows)
    return len(rows)


def _write_logs(meetings: list[Meeting], words: Vocabulary, *, seed: int) -> None:
    rng = random.Random(seed + 1)
    logged = [meeting for meeting in meetings if meeting.row["status"] in HAS_LOG]
    keys = reserve_keys(SessionLog, len(logged))
    rows = [_log(meeting, key, words, rng) for meeting, key in zip(logged, keys, strict=True)]
    load(SessionLog, rows)
    about = []
    for meeting, key in zip(logged, keys, strict=True):
        known = words.topics.get(meeting.run.programme.pk, [])
        if meeting.held and known:
            about.append([key, known[meeting.week % len(known)]])
    insert_rows(SessionLog.topics.through, ["sessionlog", "topic"], about)


def _log(meeting: Meeting, key: int, words: Vocabulary, rng: random.Random) -> dict[str, Any]:
    held, contact = meeting.held, meeting.is_contact
    return {
        "id": key,
        "session": meeting.key,
        "author": meeting.leaders[0].user_id,
        "minutes": (30 if contact else 60) if held else 0,
        "is_academic": held and (not contact or rng.random() < 0.5),
        "is_social": held and rng.random() < (0.6 if contact else 0.2),
        "is_emotional": held and contact and rng.random() < 0.2,
        "technique": rng.choice(words.techniques) if held and not contact and rng.random() < 0.6 else None,
        "signposted_to": rng.choice(words.services) if held and rng.random() < 0.06 else None,
        "shared_note": rng.choice(NOTES) if held and rng.random() < 0.15 else "",
        "logged_at": meeting.row["ends_at"] + timedelta(minutes=rng.choice((10, 25, 60, 180, 1300, 2500))),
    }
