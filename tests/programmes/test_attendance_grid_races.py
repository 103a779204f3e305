"""Two people in the grid at once: one save of a session stands, nobody's other sessions wait, nothing locks up."""

import threading
from typing import Any

import pytest
from django.db import connection

from programmes.models import Attendance, Cycle, LogRevision, Session
from programmes.services.marks import Marked, record_marks
from tests import factories as make
from tests.factories import NOW, in_hours
from tests.world import build_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(vocabulary: None) -> Any:
    return build_world()


def at_once(calls: list[Any]) -> list[Any]:
    barrier, results = threading.Barrier(len(calls)), [None] * len(calls)

    def run(place: int) -> None:
        try:
            barrier.wait()
            results[place] = calls[place]()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def save(world: Any, actor: Any, sessions: list[Session], mark: str) -> Any:
    ben = world.memberships["ben"].uuid
    changes = {one.uuid: Marked(one.log_version, {ben: mark}) for one in sessions}
    cycle = Cycle.objects.select_related("programme__owner_unit").get(pk=world.cycle.pk)
    return lambda: record_marks(actor=actor, cycle=cycle, changes=changes, reason="r", now=NOW)


@pytest.fixture
def owain(world: Any) -> Any:
    """A second coordinator."""
    make.MembershipFactory(cycle=world.cycle, user=world.owain, role="coordinator")
    return world.owain


def test_two_coordinators_logging_one_session_make_one_log_and_one_clash(world, owain):
    done = at_once([save(world, world.rhian, [world.today], "present"), save(world, owain, [world.today], "late")])
    assert sorted((one.logged, len(one.clashes)) for one in done) == [(0, 1), (1, 0)]
    world.today.refresh_from_db()
    assert (world.today.log_version, Attendance.objects.filter(session=world.today).count()) == (1, 1)
    assert LogRevision.objects.count() == 0


def test_two_coordinators_over_many_sessions_share_them_out(world, owain):
    """Listed in opposite orders: each session is saved by exactly one, and neither waits for the other for ever."""
    sessions = [make.SessionFactory(group=world.group, starts_at=in_hours(-3 - n)) for n in range(6)]
    calls = [save(world, world.rhian, sessions, "present"), save(world, owain, sessions[::-1], "late")]
    done = at_once(calls)
    assert sum(one.logged for one in done) == sum(len(one.clashes) for one in done) == 6
    assert set(Session.objects.filter(pk__in=[one.pk for one in sessions]).values_list("log_version", flat=True)) == {1}


def test_two_corrections_at_once_keep_one_revision(world, owain):
    done = at_once([save(world, world.rhian, [world.past], "late"), save(world, owain, [world.past], "excused")])
    assert sorted(one.corrected for one in done) == [0, 1]
    assert LogRevision.objects.filter(session=world.past).count() == 1
