"""The log: first said, corrected, in conflict; walk-ins; nobody records themselves."""

import uuid
from datetime import timedelta

import pytest

from peerhub.common.models import AuditEvent
from peerhub.common.models.outbox import Message
from peerhub.common.once import Repeated
from programmes.models import (
    Attendance,
    CycleState,
    GroupMember,
    LogRevision,
    Membership,
    Session,
    SessionLog,
    SessionStatus,
)
from programmes.services.logs import LogConflict, LogEntry, LogRefused, log_session
from programmes.services.walk_ins import WalkInRefused
from tests import factories as make
from tests.factories import NOW, in_days, in_hours

pytestmark = pytest.mark.django_db


def log(world, session=None, *, actor=None, key=None, now=NOW, **said):
    session = Session.objects.select_related("cycle").get(pk=(session or world.today).pk)
    entry = LogEntry(**{"outcome": SessionStatus.HELD, "version": session.log_version, **said})
    return log_session(actor=actor or world.amara, session=session, entry=entry, key=key, now=now)


def here(*memberships, status="present"):
    return {one.uuid: status for one in memberships}


def rows(session):
    return {
        row.membership.user.given_name: (row.status, row.is_walk_in)
        for row in Attendance.objects.filter(session=session).select_related("membership__user")
    }


@pytest.fixture
def owen(world):
    """A second participant of Amara's group."""
    membership = make.MembershipFactory(cycle=world.cycle, user__given_name="Owen")
    make.GroupMemberFactory(group=world.group, membership=membership)
    return membership


@pytest.fixture
def walker(world):
    """Takes part in the cycle, in no group."""
    return make.MembershipFactory(cycle=world.cycle, user__given_name="Walker")


def test_log_session_saves_register_and_log(world, owen):
    log(world, marks=here(world.memberships["ben"]), is_academic=True, minutes=50, private_reflection="Mine")

    world.today.refresh_from_db()
    saved = SessionLog.objects.get(session=world.today)
    assert (world.today.status, world.today.log_version) == (SessionStatus.HELD, 1)
    assert rows(world.today) == {"Ben": ("present", False), "Owen": ("absent", False)}
    assert (saved.author, saved.minutes, saved.is_academic, saved.private_reflection) == (world.amara, 50, True, "Mine")
    event = AuditEvent.objects.get(action="programmes.session_logged")
    assert event.detail == {"outcome": "held", "here": 1, "listed": 2}


def test_log_session_takes_the_planned_length_by_default(world):
    log(world, marks=here(world.memberships["ben"]))
    assert SessionLog.objects.get(session=world.today).minutes == 60


def test_log_session_keeps_topics_technique_and_service(world):
    technique = make_technique()
    log(
        world,
        marks=here(world.memberships["ben"]),
        topic_ids=frozenset({world.topic.pk}),
        technique_id=technique.pk,
        service_id=world.service.pk,
    )
    saved = SessionLog.objects.get(session=world.today)
    assert (list(saved.topics.all()), saved.technique, saved.signposted_to) == ([world.topic], technique, world.service)


def make_technique():
    from programmes.models import Technique  # noqa: PLC0415

    return Technique.objects.first()


def test_log_session_refuses_another_programmes_topic(world):
    foreign = make.TopicFactory(programme=world.other_programme)
    with pytest.raises(LogRefused) as refusal:
        log(world, marks=here(world.memberships["ben"]), topic_ids=frozenset({foreign.pk}))
    assert refusal.value.code == "unknown_choice"


def test_log_session_late_and_excused(world, owen):
    log(world, marks={**here(world.memberships["ben"], status="late"), **here(owen, status="excused")})
    assert rows(world.today) == {"Ben": ("late", False), "Owen": ("excused", False)}


def test_log_session_nobody_came_marks_all_absent(world, owen):
    log(world, outcome=SessionStatus.NOBODY_CAME)
    world.today.refresh_from_db()
    assert world.today.status == SessionStatus.NOBODY_CAME
    assert rows(world.today) == {"Ben": ("absent", False), "Owen": ("absent", False)}


def test_log_session_did_not_happen_says_why_and_marks_nobody(world):
    with pytest.raises(LogRefused) as refusal:
        log(world, outcome=SessionStatus.NOT_HELD)
    assert refusal.value.code == "no_reason"

    log(world, outcome=SessionStatus.NOT_HELD, status_note="Room locked")
    assert rows(world.today) == {}
    assert SessionLog.objects.get(session=world.today).minutes == 0


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("nobody_marked", {}),
        ("unknown_choice", {"outcome": "planned"}),
        ("too_long", {"minutes": 1441}),
        ("unknown_person", {"marks": {uuid.UUID(int=7): "present"}}),
    ],
)
def test_log_session_refuses_and_changes_nothing(world, code, said):
    with pytest.raises(LogRefused) as refusal:
        log(world, **said)
    assert refusal.value.code == code
    assert rows(world.today) == {}


def test_log_session_refuses_before_the_start(world):
    with pytest.raises(LogRefused) as refusal:
        log(world, world.upcoming, marks=here(world.memberships["ben"]))
    assert refusal.value.code == "not_started"


def test_log_session_refuses_what_was_called_off(world):
    Session.objects.filter(pk=world.today.pk).update(status=SessionStatus.CANCELLED)
    with pytest.raises(LogRefused) as refusal:
        log(world, marks=here(world.memberships["ben"]))
    assert refusal.value.code == "cancelled"


def test_log_session_refuses_a_closed_cycle(world):
    type(world.cycle).objects.filter(pk=world.cycle.pk).update(state=CycleState.CLOSED)
    with pytest.raises(LogRefused) as refusal:
        log(world, marks=here(world.memberships["ben"]))
    assert refusal.value.code == "closed"


# --- nobody records themselves ------------------------------------------------------------------
def test_nobody_records_their_own_attendance(world):
    """Rhian coordinates and also takes part in Amara's group."""
    mine = make.MembershipFactory(cycle=world.cycle, user=world.rhian)
    make.GroupMemberFactory(group=world.group, membership=mine)
    with pytest.raises(LogRefused) as refusal:
        log(world, actor=world.rhian, marks=here(mine, world.memberships["ben"]))
    assert refusal.value.code == "own_attendance"

    log(world, actor=world.rhian, marks=here(world.memberships["ben"]))
    assert rows(world.today) == {"Ben": ("present", False)}  # not marked absent by herself either


def test_a_leader_is_never_on_the_register_of_their_own_session(world):
    also = make.MembershipFactory(cycle=world.cycle, user=world.amara)
    make.GroupMemberFactory(group=world.group, membership=also)
    with pytest.raises(LogRefused) as refusal:
        log(world, marks=here(also))
    assert refusal.value.code == "own_attendance"
    with pytest.raises(LogRefused) as refusal:
        log(world, actor=world.rhian, marks=here(also))
    assert refusal.value.code == "unknown_person"


# --- walk-ins -----------------------------------------------------------------------------------
def test_log_session_walk_in_from_the_cycle(world, walker):
    log(world, marks=here(world.memberships["ben"], walker))
    assert rows(world.today)["Walker"] == ("present", True)


def test_log_session_takes_in_newcomers_where_anyone_may_join(world):
    type(world.cycle).objects.filter(pk=world.cycle.pk).update(join_policy="open")
    log(world, marks=here(world.memberships["ben"]), newcomers=[world.dev.uuid])

    assert rows(world.today)["Dev"] == ("present", True)
    assert Membership.objects.get(cycle=world.cycle, user=world.dev).status == "active"
    assert Message.objects.filter(kind="programmes.walk_in_joined", recipient=world.dev).count() == 2


def test_log_session_refuses_newcomers_elsewhere_and_changes_nothing(world):
    with pytest.raises(WalkInRefused) as refusal:
        log(world, marks=here(world.memberships["ben"]), newcomers=[world.dev.uuid])
    assert refusal.value.code == "not_open"
    world.today.refresh_from_db()
    assert (world.today.status, rows(world.today)) == (SessionStatus.PLANNED, {})


@pytest.mark.parametrize(
    ("changes", "who", "code"),
    [
        ({"capacity": 1, "waiting_list": False}, "dev", "full"),
        ({}, "amara", "own_attendance"),
        ({}, "ines", "not_welcome"),
    ],
)
def test_log_session_refuses_newcomers(world, changes, who, code):
    type(world.cycle).objects.filter(pk=world.cycle.pk).update(join_policy="open", **changes)
    Membership.objects.filter(user=world.ines).update(status="removed", waiting_since=None)
    with pytest.raises(WalkInRefused) as refusal:
        log(world, marks=here(world.memberships["ben"]), newcomers=[getattr(world, who).uuid])
    assert refusal.value.code == code


def test_log_session_puts_newcomers_on_the_waiting_list_of_a_full_cycle(world):
    type(world.cycle).objects.filter(pk=world.cycle.pk).update(join_policy="open", capacity=1)
    log(world, marks=here(world.memberships["ben"]), newcomers=[world.dev.uuid, world.ines.uuid])

    assert (rows(world.today)["Dev"], rows(world.today)["Ines"]) == (("present", True), ("present", True))
    dev = Membership.objects.get(cycle=world.cycle, user=world.dev)
    assert (dev.status, dev.waiting_since, dev.source) == ("waiting", NOW, "walk-in")
    waiting = [row.user for row in Membership.objects.filter(cycle=world.cycle).waiting_in_order()]
    assert waiting == [world.ines, world.dev]  # Ines keeps her turn
    told = Message.objects.filter(kind__in=["programmes.wait_listed", "programmes.walk_in_joined"])
    assert {(one.kind, one.recipient) for one in told} == {("programmes.wait_listed", world.dev)}
    assert AuditEvent.objects.filter(action="programmes.member_waits", target_id=str(dev.pk)).exists()


def test_log_session_lets_nobody_past_those_who_wait(world):
    type(world.cycle).objects.filter(pk=world.cycle.pk).update(join_policy="open", capacity=2)
    log(world, marks=here(world.memberships["ben"]), newcomers=[world.dev.uuid])

    world.memberships["ines"].refresh_from_db()
    assert world.memberships["ines"].status == "offered"  # the free place was hers
    assert Membership.objects.get(cycle=world.cycle, user=world.dev).status == "waiting"


def test_log_session_gives_a_walk_in_the_place_they_were_offered(world):
    type(world.cycle).objects.filter(pk=world.cycle.pk).update(join_policy="open", capacity=2)
    log(world, marks=here(world.memberships["ben"]), newcomers=[world.ines.uuid])
    assert Membership.objects.get(cycle=world.cycle, user=world.ines).status == "active"


def test_an_open_session_expects_nobody(world, walker):
    session = make.SessionFactory(cycle=world.cycle, starts_at=in_hours(-1))
    make.SessionLeaderFactory(session=session, membership=world.memberships["amara"])
    log(world, session, marks=here(walker))
    assert rows(session) == {"Walker": ("present", True)}


# --- moving group never loses a register -----------------------------------------------------------
def test_those_who_were_in_the_group_then_are_on_the_register(world, owen):
    GroupMember.objects.filter(membership=owen).update(ended_at=NOW - timedelta(hours=1, minutes=30))  # during it
    log(world, marks=here(owen))
    assert rows(world.today)["Owen"] == ("present", False)


def test_a_register_survives_moving_group(world):
    ben = world.memberships["ben"]
    GroupMember.objects.filter(membership=ben).update(ended_at=in_days(-20))  # long before the session he was at
    log(world, world.past, marks=here(ben), minutes=45, reason="Length was wrong")
    assert rows(world.past) == {"Ben": ("present", True)} or rows(world.past) == {"Ben": ("present", False)}


# --- twice, late, corrected, in conflict ------------------------------------------------------------
def test_the_same_form_twice_has_one_effect(world):
    key = uuid.uuid4()
    log(world, key=key, marks=here(world.memberships["ben"]))
    with pytest.raises(Repeated):
        log(world, key=key, marks=here(world.memberships["ben"]))
    assert LogRevision.objects.count() == 0


def test_the_same_words_from_an_old_form_are_no_conflict(world):
    """A browser that lost the answer sends again, with a new key."""
    for _ in range(2):
        log(world, key=uuid.uuid4(), version=0, marks=here(world.memberships["ben"]))
    world.today.refresh_from_db()
    assert (world.today.log_version, LogRevision.objects.count()) == (1, 0)


def test_an_old_form_with_other_words_is_a_conflict_and_changes_nothing(world, owen):
    log(world, marks=here(world.memberships["ben"]))
    with pytest.raises(LogConflict):
        log(world, actor=world.rhian, version=0, marks=here(owen))
    assert rows(world.today)["Owen"] == ("absent", False)


def test_a_correction_keeps_what_was_said_before(world, owen):
    log(world, marks=here(world.memberships["ben"]), shared_note="Went well", private_reflection="I was nervous")
    log(world, marks=here(world.memberships["ben"], owen), shared_note="Went well", now=NOW + timedelta(hours=1))

    revision = LogRevision.objects.get(session=world.today)
    assert (revision.number, revision.by) == (1, world.amara)
    register = revision.before.pop("register")
    assert register == {str(world.memberships["ben"].pk): "present", str(owen.pk): "absent"}
    assert revision.before["shared_note"] == "Went well"
    assert "nervous" not in str(revision.before)
    assert rows(world.today)["Owen"] == ("present", False)


def test_a_correction_after_a_day_wants_a_reason(world, owen):
    log(world, marks=here(world.memberships["ben"]))
    later = NOW + timedelta(hours=25)
    with pytest.raises(LogRefused) as refusal:
        log(world, marks=here(owen), now=later)
    assert refusal.value.code == "no_reason"
    log(world, marks=here(owen), reason="Mixed them up", now=later)
    assert LogRevision.objects.get().reason == "Mixed them up"


def test_somebody_elses_correction_leaves_the_private_reflection(world, owen):
    log(world, marks=here(world.memberships["ben"]), private_reflection="Mine alone")
    log(world, actor=world.rhian, marks=here(owen), private_reflection="")

    saved = SessionLog.objects.get(session=world.today)
    assert (saved.author, saved.private_reflection) == (world.amara, "Mine alone")
    assert {row.recorded_how for row in Attendance.objects.filter(session=world.today)} == {"coordinator"}


def test_changing_only_ones_own_reflection_is_no_correction(world):
    log(world, marks=here(world.memberships["ben"]))
    log(world, marks=here(world.memberships["ben"]), private_reflection="Later thought", now=NOW + timedelta(days=3))
    assert SessionLog.objects.get(session=world.today).private_reflection == "Later thought"
    assert LogRevision.objects.count() == 0


def test_a_correction_can_take_back_a_walk_in(world, walker):
    log(world, marks=here(world.memberships["ben"], walker))
    log(world, marks=here(world.memberships["ben"]))
    assert "Walker" not in rows(world.today)
    assert str(walker.pk) in LogRevision.objects.get().before["register"]


def test_held_can_become_did_not_happen_and_back(world):
    log(world, marks=here(world.memberships["ben"]))
    log(world, outcome=SessionStatus.NOT_HELD, status_note="Wrong week")
    assert rows(world.today) == {}
    log(world, marks=here(world.memberships["ben"]))
    assert rows(world.today) == {"Ben": ("present", False)}
    assert [row.number for row in LogRevision.objects.order_by("number")] == [1, 2]


def test_late_entry_keeps_when_it_was_written_down(world):
    log(world, marks=here(world.memberships["ben"]), recorded_at=NOW - timedelta(minutes=30))
    assert SessionLog.objects.get(session=world.today).logged_at == NOW - timedelta(minutes=30)
    assert Attendance.objects.get(session=world.today).recorded_at == NOW - timedelta(minutes=30)


@pytest.mark.parametrize(("claimed", "kept"), [(in_hours(5), NOW), (in_days(-9), in_hours(-2))])
def test_when_it_was_written_down_is_bounded(world, claimed, kept):
    log(world, marks=here(world.memberships["ben"]), recorded_at=claimed)
    assert SessionLog.objects.get(session=world.today).logged_at == kept


def test_an_ad_hoc_session_is_as_long_as_its_log_says(world):
    session = make.SessionFactory(group=world.group, starts_at=in_hours(-1), is_ad_hoc=True)
    make.SessionLeaderFactory(session=session, membership=world.memberships["amara"])
    log(world, session, marks=here(world.memberships["ben"]), minutes=25)
    session.refresh_from_db()
    assert session.ends_at - session.starts_at == timedelta(minutes=25)


def test_imported_history_without_a_log_can_be_corrected(world):
    SessionLog.objects.filter(session=world.past).delete()
    ben = world.memberships["ben"]
    log(world, world.past, marks=here(ben, status="late"), reason="He came late", actor=world.rhian)
    assert rows(world.past) == {"Ben": ("late", False)}
    assert LogRevision.objects.get(session=world.past).before["register"] == {str(ben.pk): "present"}
