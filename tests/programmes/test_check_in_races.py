"""Checking in at the same moment. What only PostgreSQL can prove."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from programmes.models import CheckIn, Session
from programmes.models.check_ins import code_of
from programmes.services.check_ins import CheckInRefused, check_in
from programmes.services.logs import LogEntry, log_session
from tests import factories as make
from tests.factories import NOW, in_hours
from tests.world import build_world

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def all_at_once(calls: list[Callable[[], Any]]) -> list[str]:
    """Run in threads that start together; each outcome is "in", "again", "logged" or the refusal's code."""
    barrier, outcomes = threading.Barrier(len(calls)), [""] * len(calls)

    def run(place: int) -> None:
        try:
            barrier.wait()
            done = calls[place]()
            outcomes[place] = "logged" if isinstance(done, Session) else "again" if done.is_repeat else "in"
        except CheckInRefused as refusal:
            outcomes[place] = refusal.code
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return sorted(outcomes)


@pytest.fixture
def world(vocabulary: None) -> Any:
    return build_world()


@pytest.fixture
def session(world: Any) -> Session:
    session = make.SessionFactory(group=world.group, starts_at=in_hours(-0.1))
    make.SessionLeaderFactory(session=session, membership=world.memberships["amara"])
    return session


def enter(user: Any, session: Session, device: str) -> Callable[[], Any]:
    code = code_of(session.uuid, NOW)
    return lambda: check_in(actor=user, code=code, how="code", device=device, seen_at=NOW, now=NOW)


def test_one_person_eight_times_at_once_is_in_once(world, session):
    assert all_at_once([enter(world.ben, session, f"device {n}") for n in range(8)]) == [*["again"] * 7, "in"]
    assert CheckIn.objects.get().membership == world.memberships["ben"]


def test_eight_people_on_one_browser_at_once_are_one(world, session):
    people = [make.MembershipFactory(cycle=world.cycle).user for _ in range(8)]
    assert all_at_once([enter(user, session, "one phone") for user in people]) == ["in", *["same_device"] * 7]
    assert CheckIn.objects.filter(is_same_device=False).count() == 1


def test_whoever_is_told_they_are_in_is_there_when_the_log_is_saved(world, session):
    """Saving the log and checking in wait for one another: nobody is in who came after the register was read."""
    seen = Session.objects.select_related("cycle").get(pk=session.pk)
    entry = LogEntry(outcome="nobody_came", version=0)
    people = [make.MembershipFactory(cycle=world.cycle).user for _ in range(7)]
    calls = [enter(user, session, f"{user.pk}") for user in people]
    outcomes = all_at_once(
        [*calls, lambda: log_session(actor=world.amara, session=seen, entry=entry, key=None, now=NOW)]
    )
    assert outcomes.count("in") + outcomes.count("saved") == 7
    assert CheckIn.objects.count() == outcomes.count("in")
