"""Two people at once. What only PostgreSQL can prove is marked so."""

import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from peerhub.common.errors import DomainError
from programmes.models import Attendance, LogRevision, Membership, Session, SessionLog, SessionStatus
from programmes.services.logs import LogEntry, log_session
from tests import factories as make
from tests.factories import NOW, in_hours
from tests.world import build_world

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def all_at_once(calls: list[Callable[[], Any]]) -> list[str]:
    """Run in threads that start together; each outcome is "ok" or the refusal's code."""
    barrier, outcomes = threading.Barrier(len(calls)), [""] * len(calls)

    def run(place: int) -> None:
        try:
            barrier.wait()
            calls[place]()
            outcomes[place] = "ok"
        except DomainError as refusal:
            outcomes[place] = refusal.code
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return sorted(outcomes)


def save(world: Any, actor: Any, session: Session, key: uuid.UUID | None = None, **said: Any) -> Callable[[], Any]:
    seen = Session.objects.select_related("cycle").get(pk=session.pk)
    entry = LogEntry(outcome=SessionStatus.HELD, version=seen.log_version, **said)
    return lambda: log_session(actor=actor, session=seen, entry=entry, key=key, now=NOW)


@pytest.fixture
def world(vocabulary: None) -> Any:
    return build_world()


def test_two_leaders_saving_at_once_make_one_log_and_one_conflict(world):
    owen = make.MembershipFactory(cycle=world.cycle)
    make.GroupMemberFactory(group=world.group, membership=owen)
    ben = world.memberships["ben"]
    outcomes = all_at_once(
        [
            save(world, world.amara, world.today, marks={ben.uuid: "present"}),
            save(world, world.rhian, world.today, marks={owen.uuid: "present"}),
        ]
    )
    assert outcomes == ["conflict", "ok"]
    world.today.refresh_from_db()
    assert (world.today.log_version, SessionLog.objects.filter(session=world.today).count()) == (1, 1)
    marks = sorted(Attendance.objects.filter(session=world.today).values_list("status", flat=True))
    assert marks == ["absent", "present"]


def test_two_corrections_at_once_make_one_revision(world):
    ben = world.memberships["ben"]
    save(world, world.amara, world.today, marks={ben.uuid: "present"})()
    outcomes = all_at_once(
        [
            save(world, world.amara, world.today, marks={ben.uuid: "late"}),
            save(world, world.rhian, world.today, marks={ben.uuid: "present"}, shared_note="Went well"),
        ]
    )
    assert outcomes == ["conflict", "ok"]
    assert LogRevision.objects.count() == 1


def test_a_form_sent_five_times_at_once_has_one_effect(world):
    key, ben = uuid.uuid4(), world.memberships["ben"]
    outcomes = all_at_once([save(world, world.amara, world.today, key, marks={ben.uuid: "present"}) for _ in range(5)])
    assert outcomes == ["ok", *["repeated"] * 4]
    assert Attendance.objects.filter(session=world.today).count() == 1
    assert LogRevision.objects.count() == 0


def test_the_last_place_goes_to_one_of_two_walk_ins(world):
    type(world.cycle).objects.filter(pk=world.cycle.pk).update(join_policy="open", capacity=2, waiting_list=False)
    Membership.objects.filter(user__in=[world.zoe, world.ines]).delete()
    sessions, newcomers = [], []
    for n in range(2):
        session = make.SessionFactory(group=world.group, starts_at=in_hours(-1 - n))
        make.SessionLeaderFactory(session=session, membership=world.memberships["amara"])
        sessions.append(session)
        newcomers.append(make.UserFactory())
    ben = world.memberships["ben"]
    outcomes = all_at_once(
        [
            save(world, world.amara, session, marks={ben.uuid: "present"}, newcomers=[user.uuid])
            for session, user in zip(sessions, newcomers, strict=True)
        ]
    )
    assert outcomes == ["full", "ok"]
    assert Membership.objects.filter(cycle=world.cycle).holding_place().count() == 2
    logged = [Session.objects.get(pk=one.pk).status for one in sessions]
    assert sorted(logged) == ["held", "planned"]  # the refused log changed nothing
