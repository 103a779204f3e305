"""R4 and R5: what falls due while nobody plans, and while too many do.

    python -m tests.faults.reminders away HOURS SESSIONS SEED   (a planner that was last heard of HOURS ago)
    python -m tests.faults.reminders busy SECONDS SESSIONS SEED (things fall due all the time for so long)

Makes the rows in an installation and prints what has to become of them, worked out here by plain arithmetic on times
rather than by asking the product. No clock is moved: rows are dated so that the past looks as it should.
"""

import json
import os
import random
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peerhub.settings")

import django

django.setup()

from django.utils import timezone

from peerhub.common.models import WorkerBeat
from programmes.models import Cycle, GroupMember, Membership, MembershipStatus, Role, Session, SessionLeader
from tests import factories as make
from tests.faults import world

HOUR = timedelta(hours=1)
BEFORE = {
    "session_tomorrow": (24 * HOUR, 12 * HOUR),
    "session_soon": (2 * HOUR, 1.5 * HOUR),
}  # ahead of it; worth it for
LOG_DUE, LOG_GRACE = 48 * HOUR, 72 * HOUR
OFFER_AHEAD, OFFER_GRACE = 24 * HOUR, 20 * HOUR
ASKED_EVERY, ASKED_GRACE = 72 * HOUR, 48 * HOUR
MARGIN = timedelta(minutes=12)  # around the moments that decide: nothing falls due there
Due = dict[str, Any]


def groups(number: int) -> list[tuple[Cycle, Any, list[int]]]:
    """Cycles with one group each: a leader and two who take part; their users' keys, the leader's first."""
    return [_group() for _number in range(number)]


def _group() -> tuple[Cycle, Any, list[int]]:
    here = world.cycle()
    group = make.GroupFactory(cycle=here)
    users = world.people(3)
    rows = [world.member(here, user=user, role=Role.PARTICIPANT if n else Role.LEADER) for n, user in enumerate(users)]
    long_ago = timezone.now() - timedelta(days=40)
    GroupMember.objects.bulk_create(GroupMember(group=group, membership=row, started_at=long_ago) for row in rows)
    return here, group, [row.pk for row in rows]


def sessions(starts: list[datetime]) -> list[Session]:
    """One at each of these moments, in turn in twenty groups."""
    places = groups(20)
    rows = [
        Session(
            cycle=places[n % 20][0], group=places[n % 20][1], starts_at=at, ends_at=at + HOUR, created_at=at - 90 * HOUR
        )
        for n, at in enumerate(starts)
    ]
    made = Session.objects.bulk_create(rows)
    SessionLeader.objects.bulk_create(
        SessionLeader(session=one, membership_id=places[n % 20][2][0]) for n, one in enumerate(made)
    )
    return made


def people_of(session: Session) -> list[tuple[int, str]]:
    """Everybody of its group: user and role."""
    rows = Membership.objects.filter(group_places__group=session.group_id, cycle=session.cycle_id)
    return list(rows.values_list("user_id", "role"))


def due_of(session: Session) -> Iterator[Due]:
    """What has to be said about a session, to whom and when."""
    for user_id, role in people_of(session):
        for kind, (ahead, grace) in BEFORE.items():
            yield due(kind, {"session": session.pk}, user_id, session.starts_at - ahead, grace)
        if role == Role.LEADER:
            yield due("log_due", {"session": session.pk}, user_id, session.ends_at + LOG_DUE, LOG_GRACE)


def due(kind: str, about: dict[str, int], user_id: int, at: datetime, grace: timedelta) -> Due:
    return {"kind": f"programmes.{kind}", "about": about, "to": user_id, "at": at, "until": at + grace}


# --- R4 -----------------------------------------------------------------------------------------
def away(hours: float, number: int, seed: int) -> list[Due]:
    """Nobody planned for so long: what must be sent late, and what must be seen to be missing."""
    dice, back, gone = random.Random(seed), timezone.now(), timezone.now() - hours * HOUR
    WorkerBeat.objects.update_or_create(name="planner", defaults={"at": gone})
    starts = [_clear_of(back, gone, dice, hours) for _number in range(number)]
    told = [one for session in sessions(starts) for one in due_of(session)]
    told += [one for n in range(number // 20) for one in (_offer(back, gone, dice), _request(back, gone, dice))]
    return [_answered(one, back) for one in told if one["at"] > gone]  # what was due before had its planner


def _clear_of(back: datetime, gone: datetime, dice: random.Random, hours: float) -> datetime:
    """A start from which nothing falls due, or stops being worth it, within minutes of the decisive moments."""
    while True:
        start = back - 75 * HOUR + dice.random() * (hours + 100) * HOUR
        steps = [start - ahead for ahead, _grace in BEFORE.values()] + [start + HOUR + LOG_DUE]
        ends = [start - ahead + grace for ahead, grace in BEFORE.values()] + [start + HOUR + LOG_DUE + LOG_GRACE, start]
        if all(abs(moment - edge) > MARGIN for moment in steps + ends for edge in (back, gone)):
            return start


def _offer(back: datetime, gone: datetime, dice: random.Random) -> Due:
    """A place offered, with a day left at some moment nobody planned; told of then."""
    here = world.cycle(capacity=1, offer_days=5)
    until = _moment(back, gone, dice, OFFER_GRACE) + OFFER_AHEAD
    row = world.member(here, status=MembershipStatus.OFFERED, waiting_since=gone, offer_expires_at=until)
    return due("offer_expiring", {"membership": row.pk}, row.user_id, until - OFFER_AHEAD, OFFER_GRACE)


def _request(back: datetime, gone: datetime, dice: random.Random) -> Due:
    """A request without an answer for three days, at some moment nobody planned."""
    here = world.cycle()
    asked = _moment(back, gone, dice, ASKED_GRACE) - ASKED_EVERY
    world.member(here, status=MembershipStatus.REQUESTED, waiting_since=asked)
    return due("join_pending", {"cycle": here.pk}, world.coordinator(here.pk).pk, asked + ASKED_EVERY, ASKED_GRACE)


def _moment(back: datetime, gone: datetime, dice: random.Random, grace: timedelta) -> datetime:
    while True:
        moment = gone + dice.random() * (back - gone)
        if all(abs(one - edge) > MARGIN for one in (moment, moment + grace) for edge in (back, gone)):
            return moment


def _answered(one: Due, back: datetime) -> Due:
    """`state`: what its row has to be; "" for no row, because it is not due yet."""
    state = "" if one["at"] > back else "sent" if one["until"] >= back else "missed"
    return {"kind": one["kind"], "about": one["about"], "to": one["to"], "state": state}


# --- R5 -----------------------------------------------------------------------------------------
def busy(seconds: float, number: int, seed: int) -> list[Due]:
    """From now on, something falls due all the time: a day before these sessions."""
    dice, now = random.Random(seed), timezone.now()
    WorkerBeat.objects.update_or_create(name="planner", defaults={"at": now})
    starts = [now + 24 * HOUR + timedelta(seconds=5 + dice.random() * seconds) for _number in range(number)]
    told = [one for session in sessions(starts) for one in due_of(session)]
    return [{**_answered(one, now), "state": "sent"} for one in told if one["kind"] == "programmes.session_tomorrow"]


def main(what: str, span: str, number: str, seed: str) -> None:
    world.clear()
    found = {"away": away, "busy": busy}[what](float(span), int(number), int(seed))
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
