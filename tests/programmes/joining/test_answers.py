"""What joining says on home pages, reminds of, and tells about a person."""

from datetime import timedelta

import pytest
import time_machine

from peerhub.common.mail import planner
from peerhub.common.mail.wire import Wire
from peerhub.common.mail.writing import write_letters
from peerhub.common.models import WorkerBeat
from programmes.models import Invitation, JoinPolicy, Membership, Role
from programmes.queries.correspondence_holdings import correspondence_holdings
from programmes.queries.joining_answers import joining_reminders, joining_todos
from programmes.services import invitations, requests
from programmes.tasks import sweep_places
from tests import factories as make
from tests.factories import NOW, in_days, in_hours
from tests.programmes.joining import scenes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.fixture
def cycle(db):
    return scenes.cycle(JoinPolicy.APPROVAL)


def test_a_coordinator_sees_how_many_ask_and_for_how_long(now, cycle):
    rhian = scenes.coordinator(cycle)
    assert joining_todos(rhian, now) == []
    for days in (1, 2):
        scenes.asked(cycle, days_ago=days)
    [todo] = joining_todos(rhian, now)
    assert (str(todo.title), todo.role, todo.urgency) == ("2 people ask to join", "coordinator", 1)
    assert todo.detail.replace("\xa0", " ") == f"{cycle.programme.name}. The first asked 2 days ago."
    assert todo.due_at == in_days(1)
    scenes.asked(cycle, days_ago=4)
    assert joining_todos(rhian, now)[0].urgency == 0
    assert joining_todos(make.MembershipFactory(cycle=cycle, role=Role.SUPERVISOR).user, now) == []


def test_a_student_sees_offer_request_and_invitation(now, cycle):
    ben = scenes.asked(cycle).user
    place = make.MembershipFactory(user=ben, status="offered", offer_expires_at=in_hours(30), waiting_since=in_days(-2))
    one = invitations.invite_person(
        actor=scenes.coordinator(cycle), cycle_id=cycle.pk, role="leader", email=ben.email, now=now
    )
    todos = {todo.code: todo for todo in joining_todos(ben, now)}
    assert set(todos) == {"await_answer", "answer_offer", "answer_invitation"}
    assert str(place.uuid) in todos["answer_offer"].url
    assert one.token in todos["answer_invitation"].url
    assert todos["answer_offer"].due_at == in_hours(30)
    assert {todo.role for todo in todos.values()} == {"student"}


def test_todos_ask_the_same_few_questions_however_much_there_is(now, cycle, django_assert_max_num_queries):
    rhian = scenes.coordinator(cycle)
    for _ in range(5):
        scenes.asked(make.CycleFactory())
        other = make.MembershipFactory(user=rhian, role=Role.COORDINATOR).cycle
        scenes.asked(other)
        make.MembershipFactory(user=rhian, status="requested", waiting_since=NOW)
    with django_assert_max_num_queries(4):
        assert len(joining_todos(rhian, now)) == 10


def keys(now):
    return [reminder.key for reminder in joining_reminders(now)]


def test_a_request_without_an_answer_reminds_every_three_days_four_times(now, cycle):
    rhian = scenes.coordinator(cycle)
    make.MembershipFactory(cycle=cycle, role=Role.COORDINATOR)
    scenes.asked(cycle, days_ago=0)
    assert keys(now) == []
    assert keys(in_days(2.9)) == []
    [first, _second] = joining_reminders(in_days(3))
    assert (first.recipient_id, first.due_at, first.kind) == (rhian.pk, in_days(3), "programmes.join_pending")
    seen = {key for days in range(3, 40) for key in keys(in_days(days))}
    assert len(seen) == 4 * 2


def test_a_reminder_that_fell_due_while_no_planner_ran_is_recorded_as_missed(now, cycle):
    scenes.asked(cycle, days_ago=6.5)
    WorkerBeat.objects.create(name="planner", at=in_days(-4))
    planner.plan(joining_reminders(now), now)
    assert {one.not_before: one.state for one in scenes.letters("join_pending")} == {
        in_days(-3.5): "missed",
        in_days(-0.5): "queued",
    }


def test_an_offer_that_ran_out_unreminded_shows_the_reminder_that_was_missed(now):
    cycle = scenes.cycle(places=1, offer_days=3)
    ines = make.MembershipFactory(
        cycle=cycle, status="offered", offer_expires_at=in_hours(-2), waiting_since=in_days(-9), joined_at=None
    )
    WorkerBeat.objects.create(name="planner", at=in_days(-3))
    with time_machine.travel(now, tick=False):
        sweep_places()
    ines.refresh_from_db()
    assert (ines.status, [one.state for one in scenes.letters("offer_expiring")]) == ("left", ["missed"])


def test_an_answered_request_reminds_nobody(now, cycle):
    zoe = scenes.asked(cycle, days_ago=5)
    assert keys(now)
    requests.decline_request(actor=scenes.coordinator(cycle), membership_id=zoe.pk, reason="x", now=now)
    assert not keys(now)


def test_an_offer_reminds_a_day_before_it_runs_out(now):
    cycle = scenes.cycle(places=1, offer_days=3)
    make.MembershipFactory(
        cycle=cycle, status="offered", offer_expires_at=in_days(3), waiting_since=in_days(-9), joined_at=None
    )
    assert keys(now) == keys(in_days(1.9)) == []
    [reminder] = joining_reminders(in_days(2))
    assert (reminder.due_at, reminder.kind) == (in_days(2), "programmes.offer_expiring")
    assert keys(in_days(3.1)) == []


def test_whoever_has_one_day_only_is_told_once(now):
    cycle = scenes.cycle(places=1, offer_days=1)
    make.MembershipFactory(cycle=cycle, status="offered", offer_expires_at=in_days(1), waiting_since=NOW)
    assert keys(now) == []


def test_the_planner_may_run_twice_and_the_letters_speak(now, cycle):
    scenes.asked(cycle, days_ago=4)
    full = scenes.cycle(places=1)
    make.MembershipFactory(
        cycle=full, status="offered", offer_expires_at=in_hours(20), waiting_since=NOW, joined_at=None
    )
    for _ in range(2):
        planner.plan(joining_reminders(now), now)
    pending, expiring = scenes.letters("join_pending"), scenes.letters("offer_expiring")
    assert (len(pending), len(expiring)) == (1, 1)
    said = {message.kind: wire for message, wire in write_letters([*pending, *expiring], now)}
    assert all(isinstance(wire, Wire) for wire in said.values())
    texts = {kind: " ".join(wire.text.split()) for kind, wire in said.items()}
    assert f"Requests to join {cycle.programme.name} without an answer: 1." in texts["programmes.join_pending"]
    assert "is kept until Thursday 5 November, 06:00" in texts["programmes.offer_expiring"]


def test_the_sweep_does_everything_and_may_run_twice(frozen, now):
    cycle = scenes.cycle(places=1)
    late = make.MembershipFactory(
        cycle=cycle, status="offered", offer_expires_at=in_days(-1), waiting_since=in_days(-9), joined_at=None
    )
    next_one = scenes.waiting(cycle)
    rhian = scenes.coordinator(cycle)
    invitations.invite_person(actor=rhian, cycle_id=cycle.pk, role="leader", email="a@example.org", now=in_days(-8))
    old = invitations.invite_person(
        actor=rhian, cycle_id=cycle.pk, role="leader", email="b@example.org", now=in_days(-220)
    )
    for _ in range(2):
        sweep_places()
    statuses = [Membership.objects.get(pk=one.pk).status for one in (late, next_one)]
    assert statuses == ["left", "offered"]
    assert len(scenes.letters("invitation_reminder")) == 1
    assert not Invitation.objects.filter(pk=old.pk).exists()


def test_invitations_are_told_and_forgotten(now, cycle):
    ben = make.UserFactory()
    invitations.invite_person(
        actor=scenes.coordinator(cycle), cycle_id=cycle.pk, role="leader", email=ben.email, now=now
    )
    holding = correspondence_holdings(ben)[0]
    assert [row["address"] for row in holding.rows] == [ben.email]
    [erasure] = invitations.forget_invitations(user=ben)
    assert (erasure.forgotten, Invitation.objects.count()) == (1, 0)


def test_a_reminder_is_not_missed_because_time_passed(now, cycle):
    scenes.asked(cycle, days_ago=3.5)
    [reminder] = joining_reminders(now)
    assert reminder.due_at + reminder.grace > now + timedelta(days=1)
