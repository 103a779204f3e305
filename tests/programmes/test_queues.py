"""The queue of a drop-in: in order, each person once, and kind at the end."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from peerhub.common import mail
from peerhub.common.mail.writing import write_letters
from peerhub.common.models import AuditEvent, Message
from peerhub.common.once import Repeated
from programmes.models import Attendance, Booking, BookingPause, CheckIn, Cycle, DropIn, Membership, QueueEntry, Session
from programmes.queries.queues import queue_of, standing
from programmes.queries.register import register, suggested_marks
from programmes.queries.seat_holdings import seat_holdings
from programmes.services.kiosks import DeskRefused, check_in_at_desk, open_kiosk
from programmes.services.logs import LogEntry, log_session
from programmes.services.queue_steps import (
    call_person,
    finish_helping,
    note_missed,
    put_back,
    start_helping,
    take_next,
    undo_step,
)
from programmes.services.queues import (
    QueueRefused,
    Wish,
    add_to_queue,
    close_queue,
    forget_wishes,
    join_queue,
    leave_queue,
    reopen_queue,
    settle_queues,
)
from programmes.services.walk_ins import WalkInRefused
from tests import factories as make
from tests.factories import NOW, in_hours

pytestmark = pytest.mark.django_db
KEY = None


def minutes(count):
    return NOW + timedelta(minutes=count)


@pytest.fixture
def session(world):
    """A drop-in of two hours that began ten minutes ago; Amara leads it."""
    Cycle.objects.filter(pk=world.cycle.pk).update(attendance_mode="queue")
    world.cycle.refresh_from_db()
    session = make.SessionFactory(
        cycle=world.cycle, title="Maths drop-in", starts_at=minutes(-10), ends_at=minutes(110), place="C4"
    )
    make.SessionLeaderFactory(session=session, membership=world.memberships["amara"])
    return session


@pytest.fixture
def people(world):
    """Ben and three more, in the order in which they will join."""
    return [world.memberships["ben"], *(make.MembershipFactory(cycle=world.cycle) for _ in range(3))]


@pytest.fixture
def kofi(world, session):
    """A second leader of it."""
    membership = make.MembershipFactory(cycle=world.cycle, role="leader", user__given_name="Kofi")
    make.SessionLeaderFactory(session=session, membership=membership)
    return membership


def join(session, membership, now=NOW, **more):
    return join_queue(actor=membership.user, session_id=session.pk, now=now, **more)


def joined(session, people):
    return [join(session, one).entry for one in people]


def take(world, session, now=NOW, by=None, **more):
    return take_next(actor=by or world.amara, session_id=session.pk, key=KEY, now=now, **more)


def step(what, entry, by, now=NOW, **more):
    return what(actor=by, entry_id=entry.pk, now=now, **more)


def refused(call):
    with pytest.raises(QueueRefused) as refusal:
        call()
    return refusal.value.code


def states(session):
    return list(QueueEntry.objects.filter(session=session).order_by("number").values_list("state", flat=True))


# --- joining --------------------------------------------------------------------------------------------
def test_join_gives_tickets_in_order_and_is_no_check_in(world, session, people):
    entries = joined(session, people)
    assert [one.number for one in entries] == [1, 2, 3, 4]
    assert standing(session, now=NOW).ahead_of(entries[2].turn) == 2
    assert not CheckIn.objects.exists()
    line = AuditEvent.objects.filter(action="programmes.queue_joined").first()
    assert line is not None
    assert line.detail["ticket"] == 1


def test_join_twice_is_one_ticket(session, people):
    first, again = join(session, people[0]), join(session, people[0])
    assert (again.entry, again.is_repeat) == (first.entry, True)


def test_join_keeps_topic_and_words_and_drops_topics_of_others(world, session, people):
    entry = join(session, people[0], wish=Wish(world.topic.pk, "  Question  3 ")).entry
    assert (entry.topic, entry.about) == (world.topic, "Question 3")
    other = make.TopicFactory()
    assert join(session, people[1], wish=Wish(other.pk)).entry.topic is None


@pytest.mark.parametrize(
    ("change", "now", "code"),
    [
        ({}, minutes(-26), "too_early"),
        ({}, minutes(110), "over"),
        ({}, minutes(200), "over"),
        ({"status": "cancelled"}, NOW, "called_off"),
        ({"status": "held"}, NOW, "saved"),
        ({"mode": "async"}, NOW, "no_queue"),
    ],
)
def test_join_is_refused_when_nothing_is_on(session, people, change, now, code):
    Session.objects.filter(pk=session.pk).update(**change)
    assert refused(lambda: join(session, people[0], now=now)) == code
    assert not QueueEntry.objects.exists()


def test_join_opens_before_the_start(session, people):
    assert join(session, people[0], now=minutes(-25)).entry.number == 1


@pytest.mark.parametrize(
    ("values", "code"), [({"attendance_mode": "free"}, "no_queue"), ({"state": "closed"}, "closed_cycle")]
)
def test_join_is_refused_by_the_cycle(world, session, people, values, code):
    Cycle.objects.filter(pk=world.cycle.pk).update(**values)
    assert refused(lambda: join(session, people[0])) == code


def test_join_is_for_those_who_take_part(world, session):
    for user in (world.dev, world.ines, world.rhian):
        assert refused(lambda user=user: join_queue(actor=user, session_id=session.pk, now=NOW)) == "not_in"
    assert refused(lambda: join_queue(actor=world.amara, session_id=session.pk, now=NOW)) == "leader"


def test_join_a_groups_session_is_refused(world, session):
    assert refused(lambda: join(world.upcoming, world.memberships["ben"], now=world.upcoming.starts_at)) == "no_queue"


def test_who_is_being_helped_does_not_join_and_may_come_again_afterwards(world, session, people):
    joined(session, people[:1])
    entry = step(start_helping, take(world, session), world.amara)
    assert refused(lambda: join(session, people[0])) == "being_helped"
    assert refused(lambda: leave_queue(actor=world.ben, session_id=session.pk, now=NOW)) == "being_helped"
    step(finish_helping, entry, world.amara)
    assert join(session, people[0]).entry.number == 2


def test_leave_makes_room_and_coming_again_is_the_end_of_the_queue(world, session, people):
    joined(session, people)
    leave_queue(actor=people[0].user, session_id=session.pk, now=minutes(5))
    assert leave_queue(actor=people[0].user, session_id=session.pk, now=minutes(6)) is None
    assert take(world, session).membership == people[1]
    assert join(session, people[0]).entry.number == 5


# --- leaders ----------------------------------------------------------------------------------------------
def test_take_next_goes_in_order_and_one_at_a_time(world, session, people, kofi):
    joined(session, people)
    first = take(world, session)
    assert (first.membership, first.state, first.called_by) == (people[0], "called", world.memberships["amara"])
    assert refused(lambda: take(world, session)) == "busy"
    assert take(world, session, by=kofi.user).membership == people[1]
    assert take(world, session, also=True).membership == people[2]
    assert take(world, session, also=True).membership == people[3]
    assert refused(lambda: take(world, session, also=True)) == "nobody"


def test_take_next_sent_twice_takes_one(world, session, people):
    joined(session, people)
    key = make.MembershipFactory().uuid
    take_next(actor=world.amara, session_id=session.pk, also=True, key=key, now=NOW)
    with pytest.raises(Repeated):
        take_next(actor=world.amara, session_id=session.pk, also=True, key=key, now=NOW)
    assert states(session) == ["called", "waiting", "waiting", "waiting"]


def test_only_those_who_lead_it_or_coordinate_take_people(world, session, people, kofi):
    joined(session, people)
    other = make.MembershipFactory(cycle=world.cycle, role="leader")
    for user in (other.user, world.imran, world.ben):
        assert refused(lambda user=user: take(world, session, by=user)) == "not_yours"
    assert take(world, session, by=world.rhian).called_by == world.memberships["rhian"]


def test_being_helped_is_being_there(world, session, people):
    joined(session, people[:2])
    entry = step(start_helping, take(world, session), world.amara, minutes(20))
    row = CheckIn.objects.get()
    assert (row.membership, row.how, row.at) == (people[0], "queue", minutes(20))
    listed = register(session, viewer=world.amara)
    assert suggested_marks(listed, session) == {people[0].uuid: "present"}  # nobody is late at a drop-in
    done = step(finish_helping, entry, world.amara, minutes(30))
    assert (done.state, done.ended_at) == ("helped", minutes(30))
    log_session(
        actor=world.amara,
        session=Session.objects.select_related("cycle").get(pk=session.pk),
        entry=LogEntry(outcome="held", version=0, marks={people[0].uuid: "present"}),
        key=None,
        now=minutes(111),
    )
    assert Attendance.objects.get(session=session).recorded_how == "queue"


def test_a_doubtful_check_in_counts_once_they_are_helped(world, session, people):
    make.CheckInFactory(session=session, membership=people[0], is_same_device=True, device="x" * 22)
    joined(session, people[:1])
    step(start_helping, take(world, session), world.amara)
    assert CheckIn.objects.get().is_same_device is False


def test_who_does_not_come_goes_to_the_end_once(world, session, people):
    joined(session, people[:2])
    missed = step(note_missed, take(world, session), world.amara)
    assert (missed.state, missed.misses) == ("waiting", 1)
    assert take(world, session).membership == people[1]
    again = take(world, session, also=True)
    assert again.membership == people[0]
    assert step(note_missed, again, world.amara).state == "no_answer"
    assert refused(lambda: step(note_missed, again, world.amara)) == "moved_on"


def test_put_back_keeps_ones_place(world, session, people):
    joined(session, people)
    entry = step(start_helping, take(world, session), world.amara)
    step(put_back, entry, world.amara)
    assert take(world, session).membership == people[0]
    assert CheckIn.objects.count() == 1  # they were there


def test_call_a_particular_person(world, session, people, kofi):
    entries = joined(session, people)
    step(call_person, entries[2], world.amara)
    assert step(call_person, entries[2], world.amara).state == "called"
    assert refused(lambda: step(call_person, entries[2], kofi.user)) == "moved_on"
    assert refused(lambda: step(call_person, entries[3], world.amara)) == "busy"
    assert step(call_person, entries[3], world.amara, also=True).state == "called"


def test_another_leader_may_start_with_somebody_who_was_called(world, session, people, kofi):
    joined(session, people)
    entry = take(world, session)
    assert step(start_helping, entry, kofi.user).called_by == kofi
    assert step(start_helping, entry, world.amara).called_by == kofi  # again is no change


@pytest.mark.parametrize("what", ["call", "start", "finish", "missed", "back"])
def test_a_step_can_be_taken_back_for_two_minutes(world, session, people, what):
    joined(session, people[:2])
    entry = take(world, session)
    if what in {"finish", "back"}:
        step(start_helping, entry, world.amara)
    before = QueueEntry.objects.values("state", "turn", "misses", "called_by").get(pk=entry.pk)
    if what == "call":
        before |= {"state": "waiting", "called_by": None}
    else:
        step({"start": start_helping, "finish": finish_helping, "missed": note_missed, "back": put_back}[what],
             entry, world.amara)  # fmt: skip
    assert refused(lambda: step(undo_step, entry, world.amara, minutes(2.1))) == "too_late"
    step(undo_step, entry, world.amara, minutes(1))
    assert QueueEntry.objects.values("state", "turn", "misses", "called_by").get(pk=entry.pk) == before
    assert refused(lambda: step(undo_step, entry, world.amara, minutes(1))) == "too_late"
    assert CheckIn.objects.exists() == (what in {"finish", "back"})


def test_undo_never_makes_two_of_one_person(world, session, people):
    joined(session, people[:1])
    entry = step(start_helping, take(world, session), world.amara)
    step(finish_helping, entry, world.amara)
    join(session, people[0])
    assert refused(lambda: step(undo_step, entry, world.amara)) == "rejoined"


def test_undo_does_not_bring_back_who_left(world, session, people):
    joined(session, people[:1])
    entry = take(world, session)
    leave_queue(actor=world.ben, session_id=session.pk, now=NOW)
    assert refused(lambda: step(undo_step, entry, world.amara)) == "too_late"


def test_a_leader_in_the_queue_does_not_take_themselves(world, session, people):
    mine = make.MembershipFactory(cycle=world.cycle, user=world.rhian)
    join(session, mine)
    assert refused(lambda: take(world, session, by=world.rhian)) == "nobody"


# --- adding, and the desk -----------------------------------------------------------------------------------
def test_a_leader_adds_somebody_without_a_telephone(world, session, people):
    ticket = add_to_queue(actor=world.amara, session_id=session.pk, who=str(people[1].uuid), now=NOW)
    assert (ticket.entry.how, ticket.entry.membership) == ("leader", people[1])
    assert add_to_queue(actor=world.amara, session_id=session.pk, who=str(people[1].uuid), now=NOW).is_repeat
    for who in ("", "nonsense", str(world.other_group.uuid), str(world.memberships["zoe"].uuid)):
        assert (
            refused(lambda who=who: add_to_queue(actor=world.amara, session_id=session.pk, who=who, now=NOW))
            == "not_in"
        )


def test_a_leader_adds_a_newcomer_where_anybody_may_come(world, session):
    who = f"new:{world.dev.uuid}"
    with pytest.raises(WalkInRefused):
        add_to_queue(actor=world.amara, session_id=session.pk, who=who, now=NOW)
    Cycle.objects.filter(pk=world.cycle.pk).update(join_policy="open")
    ticket = add_to_queue(actor=world.amara, session_id=session.pk, who=who, now=NOW)
    assert ticket.entry.membership.user == world.dev
    assert Membership.objects.get(cycle=world.cycle, user=world.dev).status == "active"


def test_the_desk_gives_a_ticket_and_checks_in(world, session, people):
    world.ben.external_ids.create(source="sits", value="00417733")
    kiosk = open_kiosk(actor=world.rhian, cycle=world.cycle, name="Maths centre", now=NOW)
    join(session, people[1])

    def arrive(now=NOW):
        return check_in_at_desk(actor=None, kiosk=kiosk, text="00417733", session_uuid=None, now=now)

    welcome = arrive()
    assert (welcome.first_name, welcome.ticket, welcome.ahead, welcome.is_repeat) == ("Ben", 2, 1, False)
    assert CheckIn.objects.get().membership == people[0]
    assert (arrive().ticket, arrive().is_repeat) == (2, True)
    close_queue(actor=world.amara, session_id=session.pk, now=NOW)
    with pytest.raises(DeskRefused) as refusal:
        arrive()
    assert refusal.value.code == "closed"


def test_who_queued_by_telephone_is_checked_in_at_the_desk_under_the_same_ticket(world, session, people):
    world.ben.external_ids.create(source="sits", value="00417733")
    kiosk = open_kiosk(actor=world.rhian, cycle=world.cycle, name="Maths centre", now=NOW)
    join(session, people[0])
    assert check_in_at_desk(actor=None, kiosk=kiosk, text="00417733", session_uuid=None, now=NOW).ticket == 1
    assert CheckIn.objects.get().how == "kiosk"


# --- the end ----------------------------------------------------------------------------------------------------
def letters():
    rows = list(Message.objects.filter(channel="email", kind="programmes.queue_not_served").order_by("recipient"))
    return [said for _row, said in write_letters(rows, minutes(10))]


def text_of(letter):
    return " ".join(letter.text.split())


def test_closing_tells_those_who_wait_when_the_next_one_is(world, session, people):
    make.SessionFactory(cycle=world.cycle, title="Maths drop-in", starts_at=in_hours(48), place="C4")
    joined(session, people)
    step(start_helping, take(world, session), world.amara)
    assert close_queue(actor=world.amara, session_id=session.pk, now=NOW) == 3
    assert close_queue(actor=world.amara, session_id=session.pk, now=NOW) == 0
    assert states(session) == ["helping", "not_served", "not_served", "not_served"]
    assert refused(lambda: join(session, people[1])) == "closed"
    assert set(Message.objects.filter(kind__endswith="not_served").values_list("not_before", flat=True)) == {minutes(2)}
    said = letters()[0]
    assert said.subject == "We did not get to you: Maths drop-in"
    assert "Thank you for waiting. The next one is:" in text_of(said)
    assert "Friday 6 November, 10:00 to 11:00" in text_of(said)
    assert "Friday 6 November" in said.html


def test_closing_before_the_start_does_not_name_itself_as_the_next(world, session, people):
    Session.objects.filter(pk=session.pk).update(starts_at=minutes(12))
    joined(session, people[:1])
    close_queue(actor=world.amara, session_id=session.pk, now=NOW)
    assert "No other is planned yet." in text_of(letters()[0])


def test_closing_can_be_taken_back(world, session, people):
    joined(session, people)
    close_queue(actor=world.amara, session_id=session.pk, now=NOW)
    assert reopen_queue(actor=world.amara, session_id=session.pk, now=minutes(1)) == 4
    assert states(session) == ["waiting"] * 4
    assert all(isinstance(said, mail.NotWanted) for said in letters())
    assert take(world, session).membership == people[0]
    close_queue(actor=world.amara, session_id=session.pk, now=minutes(2))
    assert reopen_queue(actor=world.amara, session_id=session.pk, now=minutes(9)) == 0
    assert join(session, people[1], now=minutes(9)).entry.number == 5
    assert reopen_queue(actor=world.amara, session_id=session.pk, now=minutes(9)) == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"status": "cancelled"}, "was called off while you were in the queue"),
        ({"status": "held"}, "ended before it was your turn"),
        ({"starts_at": minutes(-60), "ends_at": minutes(-1)}, None),
        ({"starts_at": minutes(-60), "ends_at": minutes(-15)}, "ended before it was your turn"),
    ],
)
def test_what_is_over_is_settled_by_itself(world, session, people, change, words):
    joined(session, people)
    step(start_helping, take(world, session), world.amara)
    take(world, session, also=True)
    Session.objects.filter(pk=session.pk).update(**change)
    assert settle_queues(now=minutes(1)) == int(words is not None)
    assert settle_queues(now=minutes(1)) == 0
    if words is None:
        assert states(session) == ["helping", "called", "waiting", "waiting"]
        return
    assert states(session) == ["helped", "not_served", "not_served", "not_served"]
    assert words in text_of(letters()[0])
    assert "No other is planned yet." in text_of(letters()[0])


@pytest.mark.parametrize("how", ["mode", "put off", "a group's", "closed"])
def test_a_queue_that_is_taken_away_is_settled_too(world, session, people, how):
    joined(session, people)
    if how in {"mode", "closed"}:
        Cycle.objects.filter(pk=world.cycle.pk).update(
            **{"mode": {"attendance_mode": "book"}, "closed": {"state": how}}[how]
        )
    else:
        changes = {"put off": {"starts_at": in_hours(24), "ends_at": in_hours(26)}, "a group's": {"group": world.group}}
        Session.objects.filter(pk=session.pk).update(**changes[how])
    assert settle_queues(now=minutes(1)) == 1
    assert states(session) == ["not_served"] * 4
    assert ("The next one is: Thursday 5 November, 10:00" in text_of(letters()[0])) == (how == "put off")


def test_nobody_is_written_to_who_has_left_the_programme(world, session, people):
    joined(session, people[:1])
    close_queue(actor=world.amara, session_id=session.pk, now=NOW)
    Membership.objects.filter(pk=people[0].pk).update(status="left", ended_at=NOW)
    assert isinstance(letters()[0], mail.NotWanted)


def test_what_it_was_about_goes_after_a_month(world, session, people):
    join(session, people[0], wish=Wish(None, "Question 3"))
    leave_queue(actor=world.ben, session_id=session.pk, now=NOW)
    assert forget_wishes(now=NOW + timedelta(days=29)) == 0
    assert forget_wishes(now=NOW + timedelta(days=31)) == 1
    assert QueueEntry.objects.get().about == ""


def test_ones_own_tickets_are_in_ones_record_and_those_one_helped_are_nobody_there(world, session, people):
    join(session, people[0], wish=Wish(None, "Question 3"))
    step(start_helping, take(world, session), world.amara)
    (mine,) = seat_holdings(world.ben, "")[0].rows
    assert (mine["you"], mine["ticket"], mine["about"], mine["outcome"]) == ("queued", 1, "Question 3", "Being helped")
    (helped,) = seat_holdings(world.amara, "")[0].rows
    assert (helped["you"], helped["ticket"], helped["about"]) == ("helped somebody", "", "")
    assert not seat_holdings(world.dev, "")[0].rows


# --- as leaders see it, and what the database forbids ------------------------------------------------------------
def test_the_line_as_leaders_see_it(world, session, people, kofi):
    joined(session, people)
    take(world, session)
    take(world, session, by=kofi.user)
    queue = queue_of(session, viewer=world.amara, now=NOW)
    assert [one.number for one in queue.mine] == [1]
    assert [(one.number, one.caller) for one in queue.others] == [(2, "Kofi")]
    assert [one.number for one in queue.waiting] == [3, 4]
    step(finish_helping, step(start_helping, queue_entry(queue.mine[0]), world.amara), world.amara)
    queue = queue_of(session, viewer=world.amara, now=NOW)
    assert (queue.helped, [one.number for one in queue.done]) == (1, [1])
    assert queue_of(session, viewer=world.amara, now=minutes(3)).done == []


def queue_entry(line):
    return QueueEntry.objects.get(uuid=line.uuid)


@pytest.mark.parametrize(
    "values",
    [
        {"state": "lost"},
        {"how": "pigeon"},
        {"state": "called"},
        {"state": "helped", "ended_at": NOW},
        {"state": "left"},
        {"ended_at": NOW},
        {"started_at": NOW, "ended_at": minutes(-1), "state": "left"},
    ],
)
def test_impossible_rows_are_refused(session, people, values):
    entry = joined(session, people)[0]
    with transaction.atomic(), pytest.raises(IntegrityError):
        QueueEntry.objects.filter(pk=entry.pk).update(**values)


def test_one_person_is_once_in_a_queue_and_a_ticket_is_one_persons(session, people):
    joined(session, people[:2])
    for values in ({"membership": people[0]}, {"number": 1}):
        with transaction.atomic(), pytest.raises(IntegrityError):
            QueueEntry.objects.filter(number=2).update(**values)
    assert DropIn.objects.get().last_number == 2


def test_seats_and_pauses_stand_in_ones_record_beside_tickets(world, session, people):
    join(session, people[0], wish=Wish(None, "Question 3"))
    booking = Booking.objects.create(
        session=session, membership=people[0], state="unserved", made_at=NOW, waiting_since=NOW, ended_at=minutes(5)
    )
    pause = BookingPause.objects.create(
        membership=people[0], since=NOW, started_at=NOW, until=in_hours(48), misses=3, lift_reason=""
    )
    tickets, seats, pauses = seat_holdings(world.ben, "")
    assert [row["ticket"] for row in tickets.rows] == [1]
    assert (seats.rows[0]["session"], seats.rows[0]["state"]) == ("Maths drop-in", "No seat came free")
    assert seats.rows[0]["ended_at"] == "2026-11-04T10:05:00+00:00"
    assert seats.about == [("programmes.booking", str(booking.pk))]
    assert (pauses.rows[0]["missed"], pauses.rows[0]["lifted_at"]) == (3, "")
    assert pauses.about == [("programmes.bookingpause", str(pause.pk))]
