"""Planning, moving and calling off."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from peerhub.common.errors import DomainError
from peerhub.common.models import AuditEvent
from peerhub.common.models.outbox import Message
from peerhub.common.once import Repeated
from programmes.models import Cycle, CycleState, Group, Membership, Session, SessionStatus
from programmes.services.sessions import (
    ChangeRefused,
    Plan,
    PlanRefused,
    cancel_session,
    change_session,
    plan_session,
    restore_session,
    start_session_now,
)
from tests import factories as make
from tests.factories import NOW, in_hours
from tests.programmes.test_plan_series import as_it_is

pytestmark = pytest.mark.django_db


def plan(world, **changes):
    values = {
        "starts_at": in_hours(48),
        "ends_at": in_hours(49),
        "group": world.group,
        "leaders": [world.memberships["amara"]],
        "place": "Library 3",
    }
    return Plan(**{**values, **changes})


def planned(world, actor=None, key=None, **changes):
    return plan_session(actor=actor or world.rhian, cycle=world.cycle, plan=plan(world, **changes), key=key, now=NOW)


def told(kind):
    return {
        row.recipient.given_name
        for row in Message.objects.filter(kind=kind, channel="email").select_related("recipient")
    }


def test_plan_session_puts_it_in_the_calendar(world):
    session = planned(world)

    assert session.status == SessionStatus.PLANNED
    assert [row.membership.user for row in session.leaders.all()] == [world.amara]
    assert AuditEvent.objects.get(action="programmes.session_planned").cycle_id == world.cycle.pk


def test_plan_session_twice_with_one_key_makes_one(world):
    key = uuid.uuid4()
    planned(world, key=key)
    with pytest.raises(Repeated):
        planned(world, key=key)
    assert Session.objects.filter(starts_at=in_hours(48)).count() == 1


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("ends_before_start", {"ends_at": in_hours(47)}),
        ("too_long", {"ends_at": in_hours(73)}),
        (
            "outside_cycle",
            {"starts_at": datetime(2027, 8, 1, 9, tzinfo=UTC), "ends_at": datetime(2027, 8, 1, 10, tzinfo=UTC)},
        ),
        ("no_leader", {"leaders": []}),
    ],
)
def test_plan_session_refuses(world, code, changes):
    with pytest.raises(PlanRefused) as refusal:
        planned(world, **changes)
    assert refusal.value.code == code


def test_plan_session_on_the_last_evening_over_midnight(world):
    session = planned(
        world,
        starts_at=datetime(2027, 6, 11, 22, 30, tzinfo=UTC),
        ends_at=datetime(2027, 6, 12, 0, 30, tzinfo=UTC),
    )
    assert session.pk


def test_plan_session_refuses_participants_as_leaders(world):
    with pytest.raises(PlanRefused) as refusal:
        planned(world, leaders=[world.memberships["ben"]])
    assert refusal.value.code == "no_leader"


def test_plan_session_refuses_another_cycles_group(world):
    with pytest.raises(PlanRefused) as refusal:
        planned(world, group=world.other_group)
    assert refusal.value.code == "wrong_group"


def test_plan_session_refuses_a_closed_cycle(world):
    world.cycle.state = CycleState.CLOSED
    with pytest.raises(PlanRefused) as refusal:
        planned(world)
    assert refusal.value.code == "closed"


def test_plan_session_lets_leaders_plan_for_their_own_groups_only(world):
    assert planned(world, actor=world.amara).pk
    elsewhere = make.GroupFactory(cycle=world.cycle, name="Group B")
    with pytest.raises(PlanRefused) as refusal:
        planned(world, actor=world.amara, group=elsewhere)
    assert refusal.value.code == "not_your_group"


def test_start_session_now_begins_at_this_minute_and_is_the_leaders(world):
    session = start_session_now(actor=world.amara, cycle=world.cycle, group=world.group, key=None, now=NOW)

    assert session.is_ad_hoc
    assert session.starts_at == NOW
    assert session.can_be_logged(now=NOW)


def test_start_session_now_is_for_leaders(world):
    with pytest.raises(PlanRefused):
        start_session_now(actor=world.ben, cycle=world.cycle, group=world.group, key=None, now=NOW)


def test_change_session_tells_those_concerned_when_it_moves(world):
    change_session(
        actor=world.amara,
        session_id=world.upcoming.pk,
        plan=plan(world, starts_at=in_hours(30), ends_at=in_hours(31)),
        now=NOW,
    )

    world.upcoming.refresh_from_db()
    assert (world.upcoming.starts_at, world.upcoming.moved_at) == (in_hours(30), NOW)
    assert told("programmes.session_moved") == {"Ben"}  # not Amara, who moved it


def test_change_session_is_quiet_about_a_new_title(world):
    same = {"starts_at": world.upcoming.starts_at, "ends_at": world.upcoming.ends_at, "place": world.upcoming.place}
    change_session(actor=world.rhian, session_id=world.upcoming.pk, plan=plan(world, title="Limits", **same), now=NOW)

    world.upcoming.refresh_from_db()
    assert (world.upcoming.title, world.upcoming.moved_at) == ("Limits", None)
    assert told("programmes.session_moved") == set()


def test_change_session_tells_the_old_leader_and_the_new_one(world):
    new = make.MembershipFactory(cycle=world.cycle, role="leader", user__given_name="Tomos")
    change_session(actor=world.rhian, session_id=world.upcoming.pk, plan=plan(world, leaders=[new]), now=NOW)

    assert [row.membership for row in world.upcoming.leaders.all()] == [new]
    assert told("programmes.session_moved") == {"Ben", "Tomos"}
    assert told("programmes.leaders_changed") == {"Amara", "Tomos"}


def test_change_session_of_the_leader_alone_tells_participants_in_peerhub_only(world):
    new = make.MembershipFactory(cycle=world.cycle, role="leader", user__given_name="Tomos")
    changed = change_session(
        actor=world.rhian, session_id=world.upcoming.pk, plan=as_it_is(world.upcoming, leaders=[new]), now=NOW
    )
    assert (changed.moved_at, changed.sequence) == (None, 1)
    assert told("programmes.session_moved") == set()
    rows = Message.objects.filter(kind="programmes.leaders_changed").values_list("recipient__given_name", "channel")
    assert set(rows) == {(who, channel) for who in ("Amara", "Tomos") for channel in ("email", "inapp")} | {
        ("Ben", "inapp")
    }


def test_change_session_never_rewrites_what_was_logged(world):
    with pytest.raises(ChangeRefused) as refusal:
        change_session(actor=world.rhian, session_id=world.past.pk, plan=plan(world), now=NOW)
    assert refusal.value.code == "logged"


def test_cancel_session_tells_why_and_only_once(world):
    for _ in range(2):
        cancel_session(actor=world.amara, session_id=world.upcoming.pk, reason="Ill today", now=NOW)

    world.upcoming.refresh_from_db()
    assert (world.upcoming.status, world.upcoming.status_note) == (SessionStatus.CANCELLED, "Ill today")
    assert Message.objects.filter(kind="programmes.session_cancelled", channel="email").count() == 1
    assert AuditEvent.objects.filter(action="programmes.session_cancelled").count() == 1


@pytest.mark.parametrize(("name", "code"), [("today", "started"), ("past", "logged")])
def test_cancel_session_refuses_what_has_begun(world, name, code):
    with pytest.raises(ChangeRefused) as refusal:
        cancel_session(actor=world.amara, session_id=getattr(world, name).pk, reason="Late", now=NOW)
    assert refusal.value.code == code


def test_cancel_session_wants_a_reason(world):
    with pytest.raises(ChangeRefused) as refusal:
        cancel_session(actor=world.amara, session_id=world.upcoming.pk, reason=" ", now=NOW)
    assert refusal.value.code == "no_reason"


def test_restore_session_puts_it_back_and_tells_once(world):
    cancel_session(actor=world.amara, session_id=world.upcoming.pk, reason="Ill today", now=NOW)
    for _ in range(2):
        restore_session(actor=world.amara, session_id=world.upcoming.pk, now=NOW + timedelta(minutes=1))

    world.upcoming.refresh_from_db()
    assert (world.upcoming.status, world.upcoming.status_note) == (SessionStatus.PLANNED, "")
    assert told("programmes.session_restored") == {"Ben"}
    assert AuditEvent.objects.filter(action="programmes.session_restored").count() == 1


def test_restore_session_refuses_what_could_not_be_planned_now(world):
    def code_at(now):
        with pytest.raises(DomainError) as refusal:
            restore_session(actor=world.rhian, session_id=world.upcoming.pk, now=now)
        return refusal.value.code

    cancel_session(actor=world.amara, session_id=world.upcoming.pk, reason="Ill today", now=NOW)
    assert code_at(world.upcoming.starts_at) == "started"
    Membership.objects.filter(pk=world.memberships["amara"].pk).update(status="left", ended_at=NOW)
    assert code_at(NOW) == "no_leader"
    Membership.objects.filter(pk=world.memberships["amara"].pk).update(status="active", ended_at=None)
    Group.objects.filter(pk=world.group.pk).update(ended_at=NOW)
    assert code_at(NOW) == "wrong_group"
    Group.objects.filter(pk=world.group.pk).update(ended_at=None)
    Cycle.objects.filter(pk=world.cycle.pk).update(state="closed")
    assert code_at(NOW) == "closed"
    Session.objects.filter(pk=world.upcoming.pk).update(status="held")
    assert code_at(NOW) == "logged"


def test_nobody_who_left_is_told(world):
    place = world.group.members.get(membership=world.memberships["ben"])
    type(place).objects.filter(pk=place.pk).update(ended_at=NOW - timedelta(days=1))
    cancel_session(actor=world.amara, session_id=world.upcoming.pk, reason="Ill", now=NOW)
    assert told("programmes.session_cancelled") == set()
