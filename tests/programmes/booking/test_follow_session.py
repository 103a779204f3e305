"""What becomes of bookings when their session, its log, its cycle or the way people come changes."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse

from peerhub.accounts.services import erase_person
from programmes.models import Booking, BookingPause, BookingRules, Cycle, Session
from programmes.queries.bookings import rules_of, unserved_waits
from programmes.queries.calendars import feed_text
from programmes.queries.home_leader import next_sessions
from programmes.queries.home_student import next_sessions_for
from programmes.queries.register import register
from programmes.queries.registers import registers
from programmes.queries.sessions import taking_part
from programmes.services import seats
from programmes.services.booking_pauses import PauseLiftRefused, lift_pause
from programmes.services.booking_rules import change_coming
from programmes.services.calendars import make_feed
from programmes.services.logs import LogEntry, log_session
from programmes.services.marks import Marked, record_marks
from programmes.services.rollover import NextCycle, roll_over
from programmes.services.sessions import ChangeRefused, Plan, cancel_session, change_session, restore_session
from tests import factories as make
from tests.factories import NOW, in_days
from tests.programmes.booking.scenes import (
    SOON,
    accept,
    book,
    booking_cycle,
    give_back,
    letters,
    member,
    open_session,
    refused,
    state,
    told,
)

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def cycle():
    return booking_cycle(weekly_limit=None)


@pytest.fixture
def amara(cycle):
    return member(cycle, "Amara", role="leader")


@pytest.fixture
def rhian(cycle):
    return member(cycle, "Rhian", role="coordinator").user


@pytest.fixture
def session(cycle, amara):
    session = open_session(cycle, seats=1)
    make.SessionLeaderFactory(session=session, membership=amara)
    return session


@pytest.fixture
def ben(cycle):
    return member(cycle, "Ben")


@pytest.fixture
def zoe(cycle):
    return member(cycle, "Zoe")


def as_it_is(session, **changes):
    leaders = [one.membership for one in session.leaders.all()]
    values = {
        "starts_at": session.starts_at, "ends_at": session.ends_at, "group": None, "leaders": leaders,
        "place": session.place, "capacity": session.capacity,
    }  # fmt: skip
    return Plan(**values | changes)


def change(session, rhian, now=NOW, **changes):
    return change_session(actor=rhian, session_id=session.pk, plan=as_it_is(session, **changes), now=now)


# --- moved, called off, put back -------------------------------------------------------------------------------------
def test_a_move_reaches_who_booked_and_who_waits_and_frees_them(session, rhian, ben, zoe):
    booking, waiting = book(session, ben), book(session, zoe, wait=True)
    later = NOW + 2 * HOUR
    change(session, rhian, now=later, starts_at=session.starts_at + HOUR, ends_at=session.ends_at + HOUR)
    assert sorted(told("session_moved")) == sorted([ben.user_id, zoe.user_id, session.leaders.get().membership.user_id])
    said = letters("session_moved", now=later)
    assert "does not count as missed" in " ".join(said[ben.user_id].text.split())
    assert "give your seat back" not in " ".join(said[zoe.user_id].text.split())
    assert (state(booking), state(waiting)) == ("booked", "waiting")
    assert give_back(booking, now=session.starts_at - HOUR).state == "cancelled"


def test_an_offer_is_cut_short_when_the_session_is_moved_nearer(session, rhian, ben, zoe):
    taken, waiting = book(session, ben), book(session, zoe, wait=True)
    give_back(taken)
    change(session, rhian, starts_at=NOW + 5 * HOUR, ends_at=NOW + 6 * HOUR)
    waiting.refresh_from_db()
    assert waiting.offer_expires_at == NOW + 3 * HOUR


def test_called_off_nobody_is_expected_and_nothing_counts(session, rhian, ben, zoe):
    booking, waiting = book(session, ben), book(session, zoe, wait=True)
    cancel_session(actor=rhian, session_id=session.pk, reason="Ill", now=NOW)
    assert sorted(told("session_cancelled"))[-2:] == sorted([ben.user_id, zoe.user_id])
    assert refused(book, session, ben) == "called_off"
    assert give_back(booking, now=session.starts_at - HOUR).state == "cancelled", "never late"
    assert seats.sweep_seats(session.starts_at) == 0
    assert state(waiting) == "waiting"
    assert not unserved_waits(session.cycle, since=NOW, until=in_days(30)).exists()


def test_put_back_everybody_has_their_seat_and_offers_begin_anew(session, rhian, ben, zoe):
    taken, waiting = book(session, ben), book(session, zoe, wait=True)
    give_back(taken)
    cancel_session(actor=rhian, session_id=session.pk, reason="Ill", now=NOW)
    later = NOW + 13 * HOUR  # the offer has run out meanwhile, and nobody could answer it
    seats.sweep_seats(later)
    restore_session(actor=rhian, session_id=session.pk, now=later)
    assert state(waiting) == "offered"
    assert accept(waiting, now=later + 11 * HOUR).state == "booked"


def test_more_seats_are_offered_at_once_and_fewer_throw_nobody_out(session, rhian, ben, zoe):
    booking, waiting = book(session, ben), book(session, zoe, wait=True)
    change(session, rhian, capacity=2)
    assert state(waiting) == "offered"
    accept(waiting)
    session.refresh_from_db()
    change(session, rhian, capacity=1)
    assert (state(booking), state(waiting)) == ("booked", "booked")
    assert refused(book, session, member(session.cycle)) == "full"
    give_back(booking)
    assert refused(book, session, member(session.cycle)) == "full", "one seat, and one has it"


def test_what_is_booked_does_not_become_a_groups(session, rhian, ben):
    book(session, ben)
    for changes in ({"group": make.GroupFactory(cycle=session.cycle)}, {"mode": "async"}):
        with pytest.raises(ChangeRefused, match="booked"):
            change(session, rhian, **changes)


# --- the log ---------------------------------------------------------------------------------------------------------
def log(session, by, marks, *, now=None, outcome="held", version=0, reason=""):
    fresh = Session.objects.select_related("cycle__programme__activity_type").get(pk=session.pk)
    marks = {one.uuid: mark for one, mark in marks.items()}
    note = "No key" if outcome == "not_held" else ""
    entry = LogEntry(outcome=outcome, version=version, marks=marks, status_note=note, reason=reason)
    return log_session(actor=by, session=fresh, entry=entry, key=None, now=now or session.ends_at)


def missed(cycle, amara, ben, *days):
    """On each of these days Ben has a seat and does not come; Amara logs it with somebody else there."""
    other, sessions = member(cycle), []
    for day in days:
        session = open_session(cycle, seats=5, ahead=timedelta(days=day))
        make.SessionLeaderFactory(session=session, membership=amara)
        book(session, ben)
        book(session, other)
        log(session, amara.user, {other: "present"})
        sessions.append(session)
    return sessions, other


def test_three_missed_in_four_weeks_pause_booking_for_two(cycle, amara, ben):
    missed(cycle, amara, ben, 1, 2)
    assert not BookingPause.objects.exists()
    kept = open_session(cycle, ahead=timedelta(days=5))
    book(kept, ben)
    missed(cycle, amara, ben, 3)
    pause = BookingPause.objects.get()
    assert (pause.membership, pause.misses) == (ben, 3)
    assert pause.until - pause.started_at == timedelta(days=14)
    now = pause.started_at
    assert refused(book, open_session(cycle, ahead=timedelta(days=6)), ben, now=now) == "paused"
    assert state(Booking.objects.get(session=kept)) == "booked", "what is booked stays"
    said = letters("booking_paused", now=now)[ben.user_id]
    assert "You have missed 3 seats" in said.text
    assert refused(book, open_session(cycle, ahead=timedelta(days=19)), ben, now=pause.until) == ""


def test_excused_is_not_missed_and_correcting_the_log_ends_the_pause(cycle, amara, ben):
    sessions, other = missed(cycle, amara, ben, 1, 2, 3)
    assert BookingPause.objects.running(now=sessions[-1].ends_at).exists()
    last = sessions[-1]
    log(last, amara.user, {other: "present", ben: "excused"}, version=1, now=last.ends_at + HOUR)
    assert not BookingPause.objects.running(now=last.ends_at + HOUR).exists()
    again = open_session(cycle, ahead=timedelta(days=6))
    assert refused(book, again, ben, now=last.ends_at + HOUR) == ""
    log(last, amara.user, {other: "present"}, version=2, now=last.ends_at + 2 * HOUR)
    assert BookingPause.objects.running(now=last.ends_at + 2 * HOUR).count() == 1


def test_late_or_there_is_not_missed_and_what_did_not_happen_neither(cycle, amara, ben):
    booking_cycle(cycle, misses=1, weekly_limit=None)
    late, nothing = open_session(cycle), open_session(cycle, ahead=SOON + 2 * HOUR)
    for session in (late, nothing):
        make.SessionLeaderFactory(session=session, membership=amara)
        book(session, ben)
    log(late, amara.user, {ben: "late"})
    log(nothing, amara.user, {}, outcome="not_held")
    assert not BookingPause.objects.exists()


def test_nobody_came_is_missed_by_who_booked(cycle, amara, session, ben):
    booking_cycle(cycle, misses=1)
    book(session, ben)
    log(session, amara.user, {}, outcome="nobody_came")
    assert BookingPause.objects.get().membership == ben


def test_given_back_too_late_counts_until_it_is_booked_again(cycle, ben):
    booking_cycle(cycle, misses=1)
    session = open_session(cycle, ahead=5 * HOUR)
    booking, later = book(session, ben), NOW + HOUR
    give_back(booking, now=later)
    assert BookingPause.objects.running(now=later).exists()
    book(session, ben, now=later)
    assert not BookingPause.objects.running(now=later).exists()


def test_given_back_too_late_is_made_good_through_the_waiting_list_too(cycle, ben, zoe):
    booking_cycle(cycle, misses=1)
    session = open_session(cycle, seats=1, ahead=9 * HOUR)
    booking, later = book(session, ben), NOW + HOUR
    give_back(booking, now=later)
    taken = book(session, zoe, now=later)
    assert refused(book, session, ben, wait=True, now=later) == "", "the pause does not keep them from it"
    give_back(taken, now=later)
    accept(Booking.objects.get(session=session, state="offered"), now=later)
    assert not BookingPause.objects.running(now=later).exists()
    again = give_back(Booking.objects.get(session=session, state="booked"), now=later)
    assert again.state == "late", "the time to think again does not begin anew"


def test_given_back_too_late_does_not_count_when_it_is_called_off_after_all(cycle, ben, rhian):
    booking_cycle(cycle, misses=1)
    session = open_session(cycle, ahead=5 * HOUR)
    make.SessionLeaderFactory(session=session)
    give_back(book(session, ben), now=NOW + HOUR)
    cancel_session(actor=rhian, session_id=session.pk, reason="Ill", now=NOW + 2 * HOUR)
    assert not BookingPause.objects.running(now=NOW + 2 * HOUR).exists()
    restore_session(actor=rhian, session_id=session.pk, now=NOW + 3 * HOUR)
    assert BookingPause.objects.running(now=NOW + 3 * HOUR).exists()


def test_a_lifted_pause_wants_a_reason_and_what_was_missed_does_not_count_again(cycle, ben, rhian):
    booking_cycle(cycle, misses=2, weekly_limit=None)
    rows = [book(open_session(cycle, ahead=timedelta(hours=hours)), ben) for hours in (5, 6, 7)]
    give_back(rows[0], now=NOW + HOUR)
    give_back(rows[1], now=NOW + HOUR)
    pause = BookingPause.objects.get()
    with pytest.raises(PauseLiftRefused, match="no_reason"):
        lift_pause(actor=rhian, pause_id=pause.pk, reason=" ", now=NOW + HOUR)
    for _twice in range(2):
        lift_pause(actor=rhian, pause_id=pause.pk, reason="Was ill", now=NOW + HOUR)
    give_back(rows[2], now=NOW + 2 * HOUR)
    assert not BookingPause.objects.running(now=NOW + 2 * HOUR).exists(), "one since, not three"
    pause.refresh_from_db()
    assert (pause.lift_reason, pause.lifted_by) == ("Was ill", rhian)


# --- how people come -------------------------------------------------------------------------------------------------
def rules(**changes):
    base = BookingRules()
    names = (
        "lead_hours", "weeks_ahead", "late_cancel_hours", "grace_minutes", "weekly_limit", "misses", "misses_days",
        "pause_days", "accept_hours", "leader_hours",
    )  # fmt: skip
    return {name: getattr(base, name) for name in names} | changes


def test_without_booking_seats_stay_and_waiting_ends(cycle, session, rhian, ben, zoe):
    booking, waiting = book(session, ben), book(session, zoe, wait=True)
    made = change_coming(actor=rhian, cycle_id=cycle.pk, mode="free", rules=rules(), now=NOW)
    assert made.waited == 1
    assert (state(booking), state(waiting)) == ("booked", "ended")
    assert "You need no seat any more" in letters("waiting_ended")[zoe.user_id].subject
    assert refused(book, session, zoe) == "not_booked"
    assert give_back(booking).state == "cancelled"


def test_switching_the_rule_off_lets_everybody_book_again(cycle, rhian, ben):
    booking_cycle(cycle, misses=1)
    give_back(book(open_session(cycle, ahead=5 * HOUR), ben), now=NOW + HOUR)
    made = change_coming(actor=rhian, cycle_id=cycle.pk, mode="book", rules=rules(misses=None), now=NOW + HOUR)
    assert made.paused == 1
    assert refused(book, open_session(cycle), ben, now=NOW + HOUR) == ""


def test_the_next_cycle_books_by_the_same_rules(cycle, rhian):
    booking_cycle(cycle, weekly_limit=7)
    new = NextCycle("2027-28", cycle.starts_on.replace(year=2027), cycle.ends_on.replace(year=2028))
    made = roll_over(actor=rhian, cycle_id=cycle.pk, new=new, now=NOW)
    made = Cycle.objects.get(pk=made.pk)
    assert (made.attendance_mode, rules_of(made).weekly_limit) == ("book", 7)


# --- where seats show ------------------------------------------------------------------------------------------------
def test_a_seat_is_in_the_lists_the_calendar_and_the_leaders_home(session, ben, zoe, amara):
    assert not taking_part(ben.user).exists(), "what one has no seat in is nobody's next session"
    book(session, ben)
    book(session, zoe, wait=True)
    assert [one.uuid for one in next_sessions_for(ben.user, now=NOW)] == [session.uuid]
    assert next_sessions_for(zoe.user, now=NOW) == []
    assert next_sessions(amara.user, now=NOW)[0].booked == "1 of 1 booked"
    feed, _token = make_feed(actor=ben.user, group=None, language="en", now=NOW)
    assert feed_text(feed, now=NOW).count("BEGIN:VEVENT") == 1


def test_who_waited_and_never_sat_is_counted_once_the_time_has_come(session, ben, zoe, cycle):
    tomos = member(cycle)
    taken = book(session, ben)
    book(session, zoe, wait=True)
    gone = book(session, tomos, wait=True)
    give_back(gone)  # took themselves off
    seats.sweep_seats(session.starts_at)
    rows = unserved_waits(cycle, since=NOW, until=in_days(30))
    assert [row.membership for row in rows] == [zoe]
    assert rows[0].wanted_at == NOW
    assert state(taken) == "booked"


def test_being_forgotten_frees_the_seat_and_what_is_held_says_it_before(session, ben, zoe, client_of):
    book(session, ben)
    waiting = book(session, zoe, wait=True)
    held = json.loads(client_of(ben.user).get(reverse("privacy_download")).content)
    section = next(one for one in held["sections"] if one["section"] == "Seats you booked or waited for")
    assert [row["state"] for row in section["rows"]] == ["Booked"]
    erase_person(actor=None, user=ben.user, now=NOW)
    assert (state(Booking.objects.get(membership=ben)), state(waiting)) == ("ended", "offered")


# --- the grid --------------------------------------------------------------------------------------------------------
def test_registers_of_several_expect_who_booked_as_the_one_does(session, cycle, ben, zoe):
    free = open_session(cycle, ahead=SOON + HOUR)
    book(session, ben)
    book(free, zoe)
    found = registers([session, free], viewer=ben.user, walk_ins={})
    for one in (session, free):
        assert found[one.pk] == register(one, viewer=ben.user)


def test_marks_in_the_grid_are_missed_seats_too(session, cycle, rhian, ben, zoe):
    booking_cycle(cycle, misses=1)
    book(session, ben)
    now = session.ends_at
    record_marks(actor=rhian, cycle=cycle, changes={session.uuid: Marked(0, {zoe.uuid: "present"})}, now=now)
    assert BookingPause.objects.running(now=now).get().membership == ben
    record_marks(actor=rhian, cycle=cycle, changes={session.uuid: Marked(1, {ben.uuid: "excused"})}, now=now)
    assert not BookingPause.objects.running(now=now).exists()
