"""Clearance: it lapses by the date and comes back by itself, and who lacks it does not meet students."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from peerhub.common import stages
from peerhub.common.mail import planner
from peerhub.common.models.outbox import Message
from programmes.models import Group, Membership, Mode, Session
from programmes.services.clearing import NotCleared
from programmes.services.contacts import ContactEntry, log_contact
from programmes.services.group_places import PlacingRefused, place_people
from programmes.services.logs import LogEntry, log_session
from programmes.services.marks import Marked, record_marks
from programmes.services.queue_steps import take_next
from programmes.services.sessions import Plan, PlanRefused, plan_session
from tests import factories as make
from tests.factories import NOW, TODAY, in_days, in_hours
from training.models import (
    ClearanceWaiver,
    Completion,
    Handbook,
    HandbookAcknowledgement,
    HandbookVersion,
    LeaderTerms,
    RightToWork,
)
from training.queries.readiness import readiness_of
from training.queries.training_answers import training_reminders, training_todos
from training.services import clearances, nudges
from training.services.clearances import CheckRefused, WaiverRefused

pytestmark = pytest.mark.django_db


@pytest.fixture
def module(world):
    """Amara completed it, and it ran out at the start of yesterday."""
    module = make.ModuleFactory(title="Facilitation")
    make.CurriculumFactory(cycle=world.cycle, modules=[module])
    make.CompletionFactory(user=world.amara, module=module, expires_on=TODAY - timedelta(days=1))
    return module


def blockers(membership: Membership, now: Any = NOW) -> list[str]:
    return [one.code for one in stages.clearance([membership.pk], now)[membership.pk]]


def amara(world: Any) -> Membership:
    return world.memberships["amara"]


# --- when -------------------------------------------------------------------------------------------------------------
def test_clearance_lapses_and_comes_back_by_itself(world, module):
    code = f"module-{module.uuid}"
    (found,) = stages.clearance([amara(world).pk], NOW)[amara(world).pk]
    assert (found.code, found.since.date()) == (code, TODAY - timedelta(days=1))
    assert found.url == reverse("training:module_detail", args=[module.uuid])
    assert blockers(amara(world), in_days(-3)) == []
    make.CompletionFactory(user=world.amara, module=module, completed_on=TODAY)
    assert blockers(amara(world)) == []


def test_cycles_without_a_curriculum_ask_nothing(world, django_assert_num_queries):
    blockers(amara(world))
    with django_assert_num_queries(1):
        assert blockers(amara(world)) == []


def test_optional_modules_and_other_roles_are_not_asked_for(world, module):
    module.curriculum_entries.update(is_mandatory=False)
    assert blockers(amara(world)) == []
    module.curriculum_entries.update(is_mandatory=True)
    assert blockers(world.memberships["ben"]) == []


def test_what_is_new_is_asked_for_from_its_day(world, module):
    Completion.objects.all().delete()
    module.curriculum_entries.update(required_from=TODAY + timedelta(days=1))
    assert blockers(amara(world)) == []
    assert blockers(amara(world), in_days(1)) == [f"module-{module.uuid}"]


def test_right_to_work_is_asked_for_where_leading_is_paid(world):
    LeaderTerms.objects.create(cycle=world.cycle, is_paid=True, paid_since=TODAY)
    assert blockers(amara(world)) == ["right_to_work"]
    about = {"membership": amara(world), "kind": "share_code", "checked_on": TODAY, "now": NOW}
    for changed, code in (
        ({"checked_on": TODAY + timedelta(days=1)}, "in_future"),
        ({"valid_until": TODAY - timedelta(days=1)}, "runs_out_before"),
    ):
        with pytest.raises(CheckRefused, match=code):
            clearances.record_right_to_work(actor=world.rhian, **{"valid_until": None} | about | changed)
    clearances.record_right_to_work(actor=world.rhian, valid_until=TODAY, **about)
    assert blockers(amara(world)) == []
    assert blockers(amara(world), in_days(1)) == ["right_to_work"]


def test_handbooks_that_are_not_acknowledged_keep_somebody_from_leading(world):
    handbook = Handbook.objects.create(
        cycle=world.cycle, kind="handbook", reader="leader", title="For leaders", created_at=in_days(-9)
    )
    version = HandbookVersion.objects.create(
        handbook=handbook, major=1, minor=0, digest="x", created_at=in_days(-9), changed_at=in_days(-9),
        published_at=in_days(-5),
    )  # fmt: skip
    assert blockers(amara(world)) == ["handbook_read"]
    before = session_at(world, in_days(-7))
    assert log_session(actor=world.amara, session=before, entry=entry(world), key=None, now=NOW).status == "held"
    clearances.waive_blocker(
        actor=world.rhian, membership_id=amara(world).pk, code="handbook_read", reason="On paper", until=TODAY, now=NOW
    )
    assert blockers(amara(world)) == []
    assert blockers(amara(world), in_days(1)) == ["handbook_read"]
    HandbookAcknowledgement.objects.create(version=version, user=world.amara, at=NOW)
    assert blockers(amara(world), in_days(1)) == []


def test_all_leaders_of_many_programmes_take_the_same_queries(world, module, django_assert_num_queries):
    def leaders_of(count):
        pks = []
        for number in range(count):
            cycle = make.CycleFactory()
            make.CurriculumFactory(cycle=cycle, modules=[module, make.ModuleFactory()])
            if number % 2:
                LeaderTerms.objects.create(cycle=cycle, is_paid=True, paid_since=TODAY)
            pks += [make.MembershipFactory(cycle=cycle, role="leader").pk for _ in range(2)]
        return pks

    few, many = leaders_of(4), leaders_of(30)
    for pks in (few, many):
        with django_assert_num_queries(7):
            assert all(stages.clearance(pks, NOW).values())


# --- what it stops ----------------------------------------------------------------------------------------------------
def plan(world: Any) -> Session:
    said = Plan(in_days(3), in_days(3) + timedelta(hours=1), world.group, [amara(world)], Mode.IN_PERSON)
    return plan_session(actor=world.rhian, cycle=world.cycle, plan=said, key=None, now=NOW)


def entry(world: Any) -> LogEntry:
    return LogEntry(outcome="held", version=0, marks={world.memberships["ben"].uuid: "present"})


def session_at(world: Any, starts_at: Any) -> Session:
    session = make.SessionFactory(group=world.group, starts_at=starts_at)
    make.SessionLeaderFactory(session=session, membership=amara(world))
    return Session.objects.select_related("cycle").get(pk=session.pk)


def test_who_is_not_cleared_is_not_scheduled_nor_put_in_charge(world, module):
    with pytest.raises(PlanRefused) as refused:
        plan(world)
    assert refused.value.code == "not_cleared"
    group = make.GroupFactory(cycle=world.cycle)
    with pytest.raises(PlacingRefused) as placed:
        place_people(actor=world.rhian, group_id=group.pk, membership_ids=[amara(world).pk], now=NOW)
    assert "Facilitation" in placed.value.message
    make.CompletionFactory(user=world.amara, module=module, completed_on=TODAY)
    assert plan(world).pk


def test_sessions_before_the_lapse_can_be_logged_and_none_after(world, module):
    with pytest.raises(NotCleared):
        log_session(actor=world.amara, session=session_at(world, in_hours(-2)), entry=entry(world), key=None, now=NOW)
    before = session_at(world, in_days(-3))
    assert log_session(actor=world.amara, session=before, entry=entry(world), key=None, now=NOW).status == "held"
    after = session_at(world, in_hours(-3))
    assert log_session(actor=world.rhian, session=after, entry=entry(world), key=None, now=NOW).status == "held"


def test_the_grid_takes_no_marks_after_the_lapse(world, module):
    def mark(session):
        said = {session.uuid: Marked(0, {world.memberships["ben"].uuid: "present"})}
        return record_marks(actor=world.amara, cycle=world.cycle, changes=said, now=NOW)

    with pytest.raises(NotCleared):
        mark(session_at(world, in_hours(-2)))
    assert mark(session_at(world, in_days(-3))).logged == 1


def test_contacts_and_queues_wait_for_clearance_too(world, module):
    pair = make.GroupFactory(cycle=world.cycle, shape="pair", created_at=in_days(-20))
    for name in ("amara", "ben"):
        make.GroupMemberFactory(group=pair, membership=world.memberships[name])
    for happened_at, is_refused in ((in_hours(-1), True), (in_days(-3), False)):
        said = ContactEntry(channel="call", happened_at=happened_at)
        if is_refused:
            with pytest.raises(NotCleared):
                log_contact(actor=world.amara, group=Group.objects.get(pk=pair.pk), entry=said, key=None, now=NOW)
        else:
            log_contact(actor=world.amara, group=Group.objects.get(pk=pair.pk), entry=said, key=None, now=NOW)
    type(world.cycle).objects.filter(pk=world.cycle.pk).update(attendance_mode="queue")
    drop_in = make.SessionFactory(cycle=world.cycle, starts_at=in_hours(-0.5))
    make.SessionLeaderFactory(session=drop_in, membership=amara(world))
    with pytest.raises(NotCleared):
        take_next(actor=world.amara, session_id=drop_in.pk, key=None, now=NOW)


def test_pages_say_what_is_missing_and_open_no_check_in(world, module, client_of, frozen):
    now_on = session_at(world, in_hours(-0.2))
    client = client_of(world.amara)
    for name in ("session_detail", "session_code", "session_log"):
        body = client.get(reverse(f"programmes:{name}", args=[now_on.uuid])).content.decode()
        assert "You are not cleared to lead at the moment." in body
        assert reverse("training:module_detail", args=[module.uuid]) in body
        assert "ph-beam__code" not in body
        assert "Save log" not in body
    home = client.get(reverse("home_leader")).content.decode()
    assert "Look at what you need to lead" in home
    assert "Something is missing" in home
    assert "Facilitation" in client.get(reverse("training:mine")).content.decode()
    assert "1 leader is not cleared" in client_of(world.rhian).get(reverse("home_coordinator")).content.decode()


# --- waivers ----------------------------------------------------------------------------------------------------------
def waive(world: Any, module: Any, actor: Any = None, **changed: Any) -> ClearanceWaiver:
    about = {"code": f"module-{module.uuid}", "reason": "Ill for the training day", "until": TODAY} | changed
    return clearances.waive_blocker(actor=actor or world.rhian, membership_id=amara(world).pk, now=NOW, **about)


def test_waiver_clears_until_its_last_day_and_stays_visible(world, module):
    waiver = waive(world, module)
    assert blockers(amara(world)) == []
    assert blockers(amara(world), in_days(1)) == [f"module-{module.uuid}"]
    assert readiness_of(world.cycle, now=NOW).waivers == [(waiver, "Facilitation")]
    clearances.end_waiver(actor=world.rhian, waiver_id=waiver.pk, now=in_hours(1))
    assert blockers(amara(world), in_hours(1)) == [f"module-{module.uuid}"]


def test_safeguarding_is_never_waived(world, module):
    type(module).objects.filter(pk=module.pk).update(is_safeguarding=True)
    with pytest.raises(WaiverRefused, match="safeguarding"):
        waive(world, module)
    ClearanceWaiver.objects.create(
        membership=amara(world), code=f"module-{module.uuid}", reason="x", until=date(2090, 1, 1), at=NOW
    )
    assert blockers(amara(world)) == [f"module-{module.uuid}"]


def test_waiver_needs_a_reason_a_day_and_somebody_else(world, module):
    make.MembershipFactory(cycle=world.cycle, user=world.amara, role="coordinator")
    for changed, code in (
        ({"reason": " "}, "no_reason"),
        ({"until": TODAY - timedelta(days=1)}, "past"),
        ({"until": TODAY + timedelta(days=400)}, "too_long"),
        ({"code": "gravity"}, "unknown"),
        ({"actor": world.amara}, "own"),
    ):
        with pytest.raises(WaiverRefused, match=code):
            waive(world, module, **changed)
    assert not ClearanceWaiver.objects.exists()


# --- who is ready, and letters ----------------------------------------------------------------------------------------
def test_readiness_names_who_lapses_and_what_that_touches(world, module):
    Completion.objects.update(expires_on=TODAY + timedelta(days=2))
    session_at(world, in_days(1))
    touched = session_at(world, in_days(2))
    found = readiness_of(world.cycle, now=NOW)
    assert (found.leaders, found.ready, list(found.missing)) == (1, 1, [])
    (person,) = found.lapsing
    assert (person.name, person.since) == ("Amara Okafor", TODAY + timedelta(days=2))
    assert [uuid for uuid, _at in person.sessions] == [touched.uuid]


def test_reminders_come_30_14_and_3_days_before_once_each(world, module):
    Completion.objects.update(expires_on=TODAY + timedelta(days=60))
    seen = []
    for day in (29, 30, 31, 45, 46, 47, 56, 57, 58, 60, 61):
        now = in_days(day)
        before = Message.objects.filter(channel="email").count()
        planner.plan(training_reminders(now), now)
        planner.plan(training_reminders(now), now)
        if Message.objects.filter(channel="email").count() > before:
            seen.append(60 - day)
    assert seen == [30, 14, 3]


def test_nudge_goes_to_who_lacks_something_at_most_every_three_days(world, module):
    make.CompletionFactory(module=module, user=make.MembershipFactory(cycle=world.cycle, role="leader").user)
    assert nudges.nudge(actor=world.rhian, cycle=world.cycle, now=NOW) == (1, 0)
    assert nudges.nudge(actor=world.rhian, cycle=world.cycle, now=in_days(2)) == (0, 1)
    assert nudges.nudge(actor=world.rhian, cycle=world.cycle, now=in_days(4)) == (1, 0)


def test_homes_tell_what_is_missing_and_what_runs_out_in_one_query(world, module, django_assert_num_queries):
    def told(name):
        getattr(world, name).__dict__.pop("_programme_roles", None)
        return [(todo.code, todo.urgency, str(todo.title)) for todo in training_todos(getattr(world, name), NOW)]

    LeaderTerms.objects.create(cycle=world.cycle, is_paid=True, paid_since=TODAY)
    look = "Look at what you need to lead"
    assert told("amara") == [("training_missing", 0, look)]
    assert told("rhian") == [("not_cleared", 1, "1 leader is not cleared")]
    assert told("ben") == []
    Completion.objects.update(expires_on=TODAY + timedelta(days=20))
    RightToWork.objects.create(user=world.amara, kind="passport", checked_on=TODAY, recorded_at=NOW)
    assert told("amara") == [("training_missing", 2, look)]
    assert told("rhian") == [("not_cleared", 2, "1 leader is about to lose their clearance")]
    Completion.objects.update(expires_on=None)
    assert told("amara") == told("rhian") == []
    RightToWork.objects.update(valid_until=TODAY - timedelta(days=1), checked_on=TODAY - timedelta(days=9))
    assert told("amara") == [("training_missing", 0, look)]
    world.amara.__dict__.pop("_programme_roles", None)
    with django_assert_num_queries(2):  # who they are, and this
        training_todos(world.amara, NOW)
