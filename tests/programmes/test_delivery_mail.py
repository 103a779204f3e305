"""Mails about sessions: local words, and a guard that re-reads the facts."""

from datetime import timedelta

import pytest

from peerhub.common import mail
from peerhub.common.mail.writing import write_letters
from peerhub.common.models.outbox import Message
from programmes.models import GroupMember, Membership, Session, SessionStatus
from programmes.services.sessions import Plan, cancel_session, change_session, restore_session
from tests import factories as make
from tests.factories import NOW, in_hours
from tests.programmes.test_plan_series import as_it_is

pytestmark = pytest.mark.django_db


def letters(now):
    """What would leave: kind and recipient to the mail, or the reason it is not wanted."""
    rows = list(Message.objects.filter(channel="email").order_by("kind", "recipient"))
    return {(row.kind.partition(".")[2], row.recipient.given_name): said for row, said in write_letters(rows, now)}


def remind(kind, world, *people, session=None, now=NOW):
    session = session or world.upcoming
    about = {"session": session.pk, "cycle": session.cycle_id, "starts": int(session.starts_at.timestamp())}
    for person in people:
        mail.queue(f"programmes.{kind}", to=person, key=f"{kind}:{person.pk}", about=about, now=now)


@pytest.mark.parametrize(
    ("kind", "subject"), [("session_tomorrow", "Tomorrow, 10:00"), ("session_soon", "Tomorrow, 10:00")]
)
def test_reminders_say_when_where_and_with_whom(world, kind, subject):
    remind(kind, world, world.ben, world.amara)
    sent = letters(NOW)
    ben, amara = sent[kind, "Ben"], sent[kind, "Amara"]
    assert ben.subject == f"{subject}: Group A"
    assert "Your study session in Bio PASS is coming up." in ben.text
    assert "Thursday 5 November, 10:00 to 11:00" in ben.text
    assert "Library, room 2" in ben.text
    assert "With Amara Okafor" in ben.text
    assert "You lead this study session." in amara.text
    assert f"/sessions/{world.upcoming.uuid}/" in ben.text
    assert "because you take part in Bio PASS" in ben.text
    assert "because you lead in Bio PASS" in amara.text


@pytest.mark.parametrize(
    ("sent_at", "starts_at", "said"),
    [
        (in_hours(20), in_hours(24), "Today, 10:00"),  # twelve hours late: it is the same day by now
        (in_hours(12.5), in_hours(14.5), "Tomorrow, 00:30"),  # two hours before is the evening before
        (in_hours(-24), in_hours(24), "Thursday 5 November, 10:00"),
    ],
)
def test_reminders_say_the_day_by_when_they_leave(world, sent_at, starts_at, said):
    changed(world, starts_at=starts_at, ends_at=starts_at + timedelta(hours=1))
    world.upcoming.refresh_from_db()
    for kind in ("session_tomorrow", "session_soon"):
        remind(kind, world, world.ben)
        letter = letters(sent_at)[kind, "Ben"]
        assert letter.subject == f"{said}: Group A"
        assert f"{said}: Group A" in letter.html


def changed(world, **values):
    Session.objects.filter(pk=world.upcoming.pk).update(**values)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda world: changed(world, status=SessionStatus.CANCELLED), "It was called off."),
        (lambda world: changed(world, starts_at=in_hours(30), ends_at=in_hours(31)), "It was moved."),
        (lambda world: changed(world, status=SessionStatus.HELD), "It has started."),
        (lambda world: type(world.cycle).objects.update(state="closed"), "The cycle is closed."),
        (
            lambda world: GroupMember.objects.filter(membership=world.memberships["ben"]).update(ended_at=NOW),
            "The person is not part of it any more.",
        ),
        (
            lambda world: Membership.objects.filter(user=world.ben).update(status="left", ended_at=NOW),
            "The person is not part of it any more.",
        ),
    ],
)
def test_a_reminder_is_not_sent_when_the_facts_changed(world, change, reason):
    remind("session_tomorrow", world, world.ben)
    change(world)
    said = letters(NOW)["session_tomorrow", "Ben"]
    assert isinstance(said, mail.NotWanted)
    assert str(said.reason) == reason


def test_a_move_is_told_once_and_only_as_it_is_now(world):
    for hours in (30, 40):
        plan = Plan(
            starts_at=in_hours(hours),
            ends_at=in_hours(hours + 1),
            group=world.group,
            leaders=[world.memberships["amara"]],
            place="B2",
        )
        now = NOW + timedelta(seconds=hours)
        change_session(actor=world.amara, session_id=world.upcoming.pk, plan=plan, now=now)
    rows = list(Message.objects.filter(kind="programmes.session_moved", channel="email"))
    said = [words for _row, words in write_letters(rows, NOW)]
    (moved,) = [one for one in said if not isinstance(one, mail.NotWanted)]
    assert moved.subject == "Changed: Group A, now Friday 6 November, 02:00"
    assert "a new time or place" in moved.text


def test_who_leads_now_and_who_did_hear_it_in_their_own_words(world):
    new = make.MembershipFactory(cycle=world.cycle, role="leader", user__given_name="Tomos")
    one = world.upcoming
    plan = as_it_is(one, leaders=[new])
    change_session(actor=world.rhian, session_id=one.pk, plan=plan, now=NOW)
    said = letters(NOW)
    assert said["leaders_changed", "Tomos"].subject == "You lead Group A now, Thursday 5 November, 10:00"
    assert "BEGIN:VCALENDAR" in said["leaders_changed", "Tomos"].attachment.text
    assert said["leaders_changed", "Amara"].subject == "You do not lead Group A any more, Thursday 5 November, 10:00"
    assert "You need not come" in said["leaders_changed", "Amara"].text
    plan = as_it_is(one, leaders=[world.memberships["amara"]])
    change_session(actor=world.rhian, session_id=one.pk, plan=plan, now=NOW + timedelta(minutes=1))
    rows = Message.objects.filter(kind="programmes.leaders_changed", channel="email", recipient=world.amara)
    first, second = [words for _row, words in write_letters(list(rows.order_by("created_at")), NOW)]
    assert isinstance(first, mail.NotWanted)
    assert second.subject.startswith("You lead Group A now")


def test_a_cancellation_gives_the_reason(world):
    cancel_session(actor=world.amara, session_id=world.upcoming.pk, reason="Room <closed>", now=NOW)
    said = letters(NOW)["session_cancelled", "Ben"]
    assert said.subject == "Called off: Group A, Thursday 5 November, 10:00"
    assert "The reason given: Room <closed>" in said.text
    assert "Room &lt;closed&gt;" in said.html


def test_what_is_on_again_is_told_as_it_is_now(world):
    cancel_session(actor=world.amara, session_id=world.upcoming.pk, reason="Ill", now=NOW)
    restore_session(actor=world.amara, session_id=world.upcoming.pk, now=NOW + timedelta(minutes=1))
    said = letters(NOW)
    assert said["session_restored", "Ben"].subject == "On again: Group A, Thursday 5 November, 10:00"
    assert str(said["session_cancelled", "Ben"].reason) == "It happens after all."
    Session.objects.filter(pk=world.upcoming.pk).update(status=SessionStatus.CANCELLED)
    assert str(letters(NOW)["session_restored", "Ben"].reason) == "It was called off."


def test_a_log_reminder_leads_to_the_sheet_and_stops_when_logged(world):
    remind("log_due", world, world.amara, session=world.today)
    said = letters(NOW)["log_due", "Amara"]
    assert said.subject == "Log your study session of Wednesday 4 November"
    assert f"/sessions/{world.today.uuid}/log/" in said.text
    Session.objects.filter(pk=world.today.pk).update(status=SessionStatus.HELD)
    assert isinstance(letters(NOW)["log_due", "Amara"], mail.NotWanted)


def test_the_coordinators_mail_lists_what_is_still_missing(world):
    for n in range(12):
        session = make.SessionFactory(group=world.group, starts_at=in_hours(-100 - n), title=f"Meeting {n}")
        make.SessionLeaderFactory(session=session, membership=world.memberships["amara"])
    mail.queue("programmes.log_overdue", to=world.rhian, key="k", about={"cycle": world.cycle.pk}, now=NOW)
    said = letters(NOW)["log_overdue", "Rhian"]
    assert said.subject == "Bio PASS: 12 study sessions without a log"
    assert "Meeting 11" in said.text
    assert "and 4 more" in said.text
    assert "?show=unlogged" in said.text

    Session.objects.filter(title__startswith="Meeting").update(status=SessionStatus.HELD)
    assert str(letters(NOW)["log_overdue", "Rhian"].reason) == "Everything is logged."


def test_who_was_taken_in_hears_how_and_that_they_may_leave(world):
    about = {"membership": world.memberships["ben"].pk, "cycle": world.cycle.pk}
    mail.queue("programmes.walk_in_joined", to=world.ben, key="k", about=about, now=NOW)
    said = letters(NOW)["walk_in_joined", "Ben"]
    assert said.subject == "You take part in Bio PASS"
    assert "you can leave" in said.text


def test_letters_of_one_session_take_few_queries(world, django_assert_max_num_queries):
    people = [make.MembershipFactory(cycle=world.cycle) for _ in range(20)]
    for one in people:
        make.GroupMemberFactory(group=world.group, membership=one)
    remind("session_tomorrow", world, *(one.user for one in people))
    rows = list(Message.objects.filter(channel="email"))
    with django_assert_max_num_queries(12):
        write_letters(rows, NOW)
