"""The quiet lists of every running cycle of a demo, counted and timed in a process of their own. Prints JSON."""

import json
import math
import os
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peerhub.settings")
django.setup()

from django.db import connection

from peerhub.common.mail.kinds import NotWanted
from peerhub.common.mail.planner import plan
from peerhub.common.mail.writing import write_letters
from peerhub.common.models.outbox import Message, WorkerBeat
from programmes.models import Cycle, CycleState, Group, GroupMember, Membership, Role
from programmes.queries import quiet
from programmes.queries.cadence_reminders import cadence_reminders
from programmes.queries.quiet_ground import CHUNK, ground
from programmes.queries.quiet_pairs import quiet_pairs

LETTERS = 100  # in a batch of the outbox


class Counter:
    """How many statements were sent."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.count += 1
        return execute(sql, params, many, context)


def counted(work: Any) -> tuple[Any, int]:
    counter = Counter()
    with connection.execute_wrapper(counter):
        return work(), counter.count


def pages(rows: int) -> int:
    return max(1, math.ceil(rows / CHUNK))


def digests(now: datetime) -> tuple[int, int, float]:
    """(letters, statements, seconds) of planning and writing one Monday's digests of all these cycles, unsent."""
    monday = now.replace(hour=12) + timedelta(days=-now.weekday() % 7)
    WorkerBeat.objects.update_or_create(name="planner", defaults={"at": monday - timedelta(hours=6)})
    reminders = [one for one in cadence_reminders(monday) if one.kind == "programmes.monday_digest"]
    plan(reminders, monday)
    rows = list(Message.objects.filter(kind="programmes.monday_digest").select_related("recipient"))
    started, written = time.monotonic(), 0

    def write_all() -> None:
        nonlocal written
        for first in range(0, len(rows), LETTERS):
            letters = write_letters(rows[first : first + LETTERS], monday)
            written += sum(not isinstance(said, NotWanted) for _row, said in letters)

    _none, statements = counted(write_all)
    return written, statements, time.monotonic() - started


def main() -> dict[str, Any]:
    now = datetime.now(UTC)
    cycles = list(Cycle.objects.filter(state=CycleState.RUNNING).values_list("pk", flat=True))
    places = GroupMember.objects.filter(
        ended_at=None, group__cycle__in=cycles, group__ended_at=None, membership__role=Role.PARTICIPANT
    )
    pairs = places.filter(group__shape="pair").count()
    here = ground(cycles, now=now)
    _found, of_pairs = counted(lambda: list(quiet_pairs(here)))
    started = time.monotonic()
    (_here, found), every = counted(lambda: quiet.quiet_in(cycles, now=now))
    people = Membership.objects.active().filter(cycle__in=cycles)
    in_pages = 2 * pages(pairs) + 2 * pages(people.filter(role=Role.PARTICIPANT).count())
    in_pages += pages(people.filter(role=Role.LEADER).count())
    in_pages += 3 * pages(Group.objects.active().filter(cycle__in=cycles, shape="group").count())
    spent = time.monotonic() - started
    written, statements, seconds = digests(now)
    return {
        "letters": written,
        "letter_statements": statements / max(1, math.ceil(written / LETTERS)),
        "letter_seconds": seconds,
        "cycles": len(cycles),
        "pairs": pairs,
        "listed": len(found),
        "per_thousand": of_pairs / pages(pairs),
        "besides": max(0, every - in_pages),
        "seconds": spent,
    }


if __name__ == "__main__":
    print(json.dumps(main()))
