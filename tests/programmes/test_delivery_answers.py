"""What the spine tells the rest of the house: todos, reminders, facts, evidence, privacy."""

from datetime import timedelta

import pytest
from django.utils import timezone

from peerhub.common import stages
from peerhub.common.mail.planner import plan
from peerhub.common.models import AuditEvent
from peerhub.common.models.outbox import Message, WorkerBeat
from peerhub.common.stages import ErasureRefused
from programmes.models import Session, SessionLog, SessionStatus
from programmes.permissions import forget_roles
from programmes.queries.contacts import pairs_led_by
from programmes.queries.delivery_reminders import delivery_reminders
from programmes.queries.sessions import sessions_of_cycle
from programmes.services.contacts import ContactEntry, ContactRefused, log_contact, withdraw_contact
from programmes.services.joining import leave_programme
from programmes.services.sessions import Plan, change_session
from programmes.stage import CoDesign
from tests import factories as make
from tests.factories import NOW, in_days, in_hours

pytestmark = pytest.mark.django_db


def keys(now):
    return sorted(
        (one.kind.partition(".")[2], one.recipient_id) for one in delivery_reminders(now) if one.due_at <= now
    )


def plan_at(now):
    """What the planner does each minute."""
    plan(stages.reminders(now), now)
    WorkerBeat.objects.update_or_create(name="planner", defaults={"at": now})


def mails(kind, state=None):
    rows = Message.objects.filter(kind=f"programmes.{kind}", channel="email")
    return rows.filter(state=state) if state else rows


@pytest.fixture
def pair(world):
    """Amara mentors Kai, matched 20 days ago."""
    group = make.GroupFactory(cycle=world.cycle, name="Amara and Kai", shape="pair", created_at=in_days(-20))
    kai = make.MembershipFactory(cycle=world.cycle, user__given_name="Kai", user__family_name="Davies")
    for membership in (world.memberships["amara"], kai):
        make.GroupMemberFactory(group=group, membership=membership, started_at=in_days(-20))
    return group


# --- todos --------------------------------------------------------------------------------------
def test_todos_of_a_leader(world, pair):
    found = {(one.code, str(one.title)) for one in CoDesign().todos(world.amara, NOW)}
    assert found == {("log_session", "Group A"), ("contact_due", "Kai Davies")}


def test_todos_of_a_participant(world):
    assert [(one.code, str(one.title)) for one in CoDesign().todos(world.ben, NOW)] == [("session_soon", "Group A")]


def test_todos_of_a_coordinator_name_overdue_logs_only(world):
    assert [one for one in CoDesign().todos(world.rhian, NOW) if one.code == "logs_overdue"] == []
    later = NOW + timedelta(hours=49)
    (todo,) = [one for one in CoDesign().todos(world.rhian, later) if one.code == "logs_overdue"]
    assert str(todo.title).startswith("1 ")
    assert todo.url.endswith("?show=unlogged")


def test_todos_of_a_coordinator_name_coming_sessions_nobody_leads(world):
    far = make.SessionFactory(cycle=world.cycle, starts_at=in_days(15))  # not yet
    assert "no_leader" not in {one.code for one in CoDesign().todos(world.rhian, NOW)}

    leave_programme(actor=world.amara, membership_id=world.memberships["amara"].pk, now=NOW)
    forget_roles(world.rhian)
    (todo,) = [one for one in CoDesign().todos(world.rhian, NOW) if one.code == "no_leader"]
    assert (str(todo.title), todo.due_at) == ("1 study session has no PASS leader", world.upcoming.starts_at)
    assert todo.url.endswith("/sessions/?show=leaderless")
    assert " is on T" not in str(todo.detail)  # "is on Today" or "is on Tomorrow" is no sentence
    listed = sessions_of_cycle(world.cycle, show="leaderless", group="", page="1", now=NOW)
    assert [row.uuid for row in listed] == [world.upcoming.uuid, far.uuid]
    assert "no_leader" not in {one.code for one in CoDesign().todos(world.imran, NOW)}


def test_todos_of_somebody_without_a_place(world):
    assert CoDesign().todos(world.helen, NOW) == []


# --- contacts -----------------------------------------------------------------------------------
def contact(world, pair, now=NOW, **said):
    return log_contact(actor=world.amara, group=pair, entry=ContactEntry(**said), key=None, now=now)


def test_first_contact_is_due_after_the_cycles_days(world, pair):
    (one,) = pairs_led_by(world.amara, now=NOW)
    assert (one.due_on, one.is_overdue, one.last_at) == (in_days(-10).date(), True, None)


def test_contact_moves_the_next_one_on(world, pair):
    contact(world, pair, channel="met")
    (one,) = pairs_led_by(world.amara, now=NOW)
    assert (one.due_on, one.is_due_soon) == (in_days(14).date(), False)
    assert SessionLog.objects.get(session__group=pair).minutes == 30
    assert [row.membership.user.given_name for row in Session.objects.get(group=pair).attendances.all()] == ["Kai"]


def test_a_failed_attempt_counts_as_an_attempt_and_is_shown_so(world, pair):
    contact(world, pair, channel="call", is_attempt=True, happened_at=in_days(-16))
    (one,) = pairs_led_by(world.amara, now=NOW)
    assert one.due_on == in_days(-2).date()
    assert one.in_words == "Last try 16 days ago, no answer"
    assert Session.objects.get(group=pair).attendances.count() == 0


def test_withdrawn_contacts_do_not_count(world, pair):
    withdraw_contact(actor=world.amara, contact_id=contact(world, pair, channel="met").pk, now=NOW)
    (one,) = pairs_led_by(world.amara, now=NOW)
    assert one.last_at is None


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("in_future", {"channel": "met", "happened_at": in_hours(2)}),
        ("too_early", {"channel": "met", "happened_at": in_days(-30)}),
        ("unknown_choice", {"channel": "pigeon"}),
        ("too_long", {"channel": "met", "minutes": 2000}),
        ("unknown_choice", {"channel": "met", "service_id": 98765}),
    ],
)
def test_log_contact_refuses(world, pair, code, said):
    with pytest.raises(ContactRefused) as refusal:
        contact(world, pair, **said)
    assert refusal.value.code == code


def test_log_contact_is_for_pairs_and_their_leader(world, pair):
    with pytest.raises(ContactRefused) as refusal:
        contact(world, world.group, channel="met")
    assert refusal.value.code == "not_a_pair"
    with pytest.raises(ContactRefused) as refusal:
        log_contact(actor=world.rhian, group=pair, entry=ContactEntry(channel="met"), key=None, now=NOW)
    assert refusal.value.code == "not_leader"


@pytest.mark.parametrize(("who", "hours", "code"), [("rhian", 0, "not_yours"), ("amara", 25, "too_late")])
def test_withdraw_contact_refuses(world, pair, who, hours, code):
    made = contact(world, pair, channel="met")
    with pytest.raises(ContactRefused) as refusal:
        withdraw_contact(actor=getattr(world, who), contact_id=made.pk, now=NOW + timedelta(hours=hours))
    assert refusal.value.code == code


# --- reminders ----------------------------------------------------------------------------------
def test_reminders_a_day_before_go_to_leader_and_expected(world):
    assert keys(NOW) == sorted([("session_tomorrow", world.amara.pk), ("session_tomorrow", world.ben.pk)])


def test_reminders_two_hours_before(world):
    found = keys(world.upcoming.starts_at - timedelta(hours=1))
    assert ("session_soon", world.ben.pk) in found


def test_the_planner_twice_makes_one_message(world):
    for _ in range(2):
        plan_at(NOW)
    assert mails("session_tomorrow").count() == 2  # Amara, Ben


def test_a_moved_session_reminds_again(world):
    plan_at(NOW)
    moved = Plan(
        starts_at=in_hours(20),
        ends_at=in_hours(21),
        group=world.group,
        leaders=[world.memberships["amara"]],
        place="B2",
    )
    change_session(actor=world.amara, session_id=world.upcoming.pk, plan=moved, now=NOW)
    plan_at(NOW + timedelta(minutes=1))
    assert mails("session_tomorrow").filter(recipient=world.ben).count() == 2


def test_past_its_grace_a_reminder_is_missed_not_sent(world):
    plan_at(NOW - timedelta(hours=1))
    plan_at(world.upcoming.starts_at + timedelta(days=1))  # no planner ran for two days
    here = {"cycle_id": world.cycle.pk}
    assert mails("session_tomorrow", "missed").filter(**here).count() == 2
    assert mails("session_soon", "missed").filter(**here).count() == 2
    assert not mails("session_tomorrow", "queued")


def test_cancelled_sessions_remind_nobody(world):
    Session.objects.filter(pk=world.upcoming.pk).update(status=SessionStatus.CANCELLED)
    assert keys(NOW) == []


def test_log_due_goes_to_the_leader_then_to_the_coordinator(world):
    due = world.today.ends_at + timedelta(hours=48)
    assert keys(due - timedelta(minutes=1)) == []
    assert keys(due) == [("log_due", world.amara.pk)]
    assert keys(due + timedelta(hours=24)) == sorted([("log_due", world.amara.pk), ("log_overdue", world.rhian.pk)])


def test_the_coordinator_hears_once_a_day_however_many_logs_are_missing(world):
    for minutes in (5, 10):
        session = make.SessionFactory(group=world.group, starts_at=world.today.starts_at + timedelta(minutes=minutes))
        make.SessionLeaderFactory(session=session, membership=world.memberships["amara"])
    plan_at(world.today.ends_at + timedelta(hours=73))
    assert mails("log_overdue").count() == 1
    assert mails("log_due").count() == 3


def test_after_days_of_silence_the_coordinator_gets_one_mail_and_not_one_a_day(world):
    for days in (1, 2):
        session = make.SessionFactory(group=world.group, starts_at=world.today.starts_at + timedelta(days=days))
        make.SessionLeaderFactory(session=session, membership=world.memberships["amara"])
    latest = world.today.ends_at + timedelta(days=2, hours=73)
    plan_at(world.today.starts_at)
    for minutes in (0, 5):
        plan_at(latest + timedelta(minutes=minutes))
    assert mails("log_overdue").filter(recipient=world.rhian, cycle_id=world.cycle.pk).count() == 1


def test_reminders_take_the_same_queries_for_any_number(world, django_assert_num_queries):
    def ask():
        return list(delivery_reminders(NOW))

    with django_assert_num_queries(9) as few:
        ask()
    for n in range(20):
        session = make.SessionFactory(group=world.group, starts_at=in_hours(20 + n / 10))
        make.SessionLeaderFactory(session=session, membership=world.memberships["amara"])
    with django_assert_num_queries(len(few)):
        assert len(ask()) > 40


# --- facts, evidence, privacy ----------------------------------------------------------------------
def test_facts_count_what_was_held(world, pair, django_assert_num_queries):
    contact(world, pair, channel="call")
    contact(world, pair, channel="call", is_attempt=True)
    ids = [world.memberships["amara"].pk, world.memberships["ben"].pk]
    with django_assert_num_queries(2):
        facts = CoDesign().facts(ids)
    assert facts[ids[0]] == {
        "sessions_led": 1,
        "minutes_led": 60,
        "sessions_nobody_came": 0,
        "sessions_attended": 0,
        "contacts_made": 1,
        "contacts_tried": 1,
        "contact_minutes": 15,
    }
    assert facts[ids[1]]["sessions_attended"] == 1
    assert set(facts[ids[0]]) == {fact.name for fact in CoDesign.FACTS}


def test_evidence_says_what_was_led(world):
    (one,) = CoDesign().evidence(world.amara)
    assert one.title == "Led 1 study session in Bio PASS"
    assert CoDesign().evidence(world.ben) == []


def test_export_holds_ones_own_reflections_and_nobody_elses(world):
    SessionLog.objects.update(private_reflection="I spoke too fast")
    assert "too fast" in str(stages.export(world.amara))
    for other in (world.ben, world.rhian, world.imran):
        assert "too fast" not in str(stages.export(other))


def test_erase_forgets_reflections_and_keeps_registers_without_a_name(world):
    SessionLog.objects.update(private_reflection="Private", shared_note="Went well")
    results = CoDesign().erase(world.amara, timezone.now())

    log = SessionLog.objects.get(session=world.past)
    assert (log.private_reflection, log.author, log.shared_note) == ("", None, "Went well")
    assert all(one.kept_until for one in results if one.kept)
    assert world.past.attendances.count() == 1


def test_erase_takes_a_leader_off_coming_sessions_and_keeps_history(world):
    alone = make.SessionFactory(cycle=world.cycle, starts_at=in_days(3))  # of no group
    make.SessionLeaderFactory(session=alone, membership=world.memberships["amara"])
    CoDesign().erase(world.amara, NOW)

    led = set(world.memberships["amara"].led_sessions.values_list("session", flat=True))
    assert led == {world.past.pk, world.today.pk}
    (todo,) = [one for one in CoDesign().todos(world.rhian, NOW) if one.code == "no_leader"]
    assert (str(todo.title), todo.due_at) == ("2 study sessions have no PASS leader", world.upcoming.starts_at)


def test_erase_passes_the_place_on_with_letters_and_a_line_in_the_record(world):
    type(world.cycle).objects.filter(pk=world.cycle.pk).update(capacity=1)
    CoDesign().erase(world.ben, NOW)

    place = world.memberships["ben"]
    place.refresh_from_db()
    world.memberships["ines"].refresh_from_db()
    assert (place.status, place.ended_at) == ("left", NOW)
    assert not place.group_places.filter(ended_at=None).exists()
    assert world.memberships["ines"].status == "offered"
    assert mails("place_offered").get().recipient == world.ines
    recorded = AuditEvent.objects.filter(cycle_id=world.cycle.pk).values_list("action", flat=True)
    assert set(recorded) == {"programmes.member_left", "programmes.place_offered"}
    assert Message.objects.get(kind="programmes.member_left").recipient == world.rhian


@pytest.mark.parametrize("is_point_person", [True, False])
def test_erase_refuses_whoever_is_the_last_to_run_a_programme(world, is_point_person):
    world.cycle.memberships.filter(user=world.rhian).update(is_point_person=is_point_person)
    with pytest.raises(ErasureRefused, match="coordinates"):
        CoDesign().erase(world.rhian, NOW)
