"""Booking a seat, waiting for one, being offered one, giving it back: the rules one by one."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from programmes.models import Booking, BookingState, Cycle, Membership, Session
from programmes.queries.expected import expected_user_ids
from programmes.queries.register import register
from programmes.services import seats
from programmes.services.memberships import reinstate_member, remove_member
from tests import factories as make
from tests.factories import NOW
from tests.programmes.booking.scenes import (
    SOON,
    accept,
    book,
    booking_cycle,
    give_back,
    letters,
    mail_leaves,
    member,
    open_session,
    refused,
    state,
    states,
    told,
)

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def cycle():
    return booking_cycle()


@pytest.fixture
def session(cycle):
    return open_session(cycle, seats=1)


@pytest.fixture
def ben(cycle):
    return member(cycle, "Ben")


@pytest.fixture
def zoe(cycle):
    return member(cycle, "Zoe")


# --- booking ---------------------------------------------------------------------------------------------------------
def test_a_booked_seat_is_expected_and_confirmed_with_a_calendar_file(session, ben):
    booking = book(session, ben)
    assert booking.state == "booked"
    assert expected_user_ids([session])[session.pk] == {ben.user_id}
    assert [one.user_id for one in register(session, viewer=ben.user) if one.is_expected] == [ben.user_id]
    said = letters("seat_booked")[ben.user_id]
    assert said.subject.startswith("Your seat: ")
    assert "give it back until Friday 6 November, 10:00" in said.text
    assert "BEGIN:VCALENDAR" in said.attachment.text


def test_booking_again_changes_nothing(session, ben):
    assert book(session, ben).pk == book(session, ben).pk
    assert len(told("seat_booked")) == 1


def test_the_last_seat_goes_once_and_then_there_is_a_list(session, ben, zoe):
    book(session, ben)
    assert refused(book, session, zoe) == "full"
    waiting = book(session, zoe, wait=True)
    assert waiting.state == "waiting"
    assert book(session, zoe, wait=True).pk == waiting.pk
    assert expected_user_ids([session])[session.pk] == {ben.user_id}


def test_who_would_wait_gets_the_seat_that_is_free(session, ben):
    assert book(session, ben, wait=True).state == "booked"


def test_no_limit_of_seats_is_no_limit(cycle):
    session = open_session(cycle, seats=None)
    assert {book(session, member(cycle)).state for _ in range(5)} == {"booked"}


@pytest.mark.parametrize(
    ("ahead", "code"),
    [
        (timedelta(hours=2, minutes=1), ""), (timedelta(hours=2), "too_late"), (timedelta(days=14), ""),
        (timedelta(days=14, seconds=1), "too_early"), (timedelta(0), "over"),
    ],
)  # fmt: skip
def test_lead_time_and_weeks_ahead_to_the_second(cycle, ben, ahead, code):
    assert refused(book, open_session(cycle, ahead=ahead), ben) == code


def test_what_cannot_be_booked(cycle, ben):
    group = make.GroupFactory(cycle=cycle)
    assert refused(book, make.SessionFactory(group=group, starts_at=NOW + SOON), ben) == "not_booked"
    assert refused(book, open_session(cycle, mode="async"), ben) == "not_booked"
    assert refused(book, open_session(cycle, status="cancelled"), ben) == "called_off"
    session = open_session(cycle)
    for mode in ("free", "queue"):
        Cycle.objects.filter(pk=cycle.pk).update(attendance_mode=mode)
        assert refused(book, session, ben) == "not_booked"
    Cycle.objects.filter(pk=cycle.pk).update(attendance_mode="book", state="preparing")
    assert refused(book, session, ben) == "not_running"


def test_only_those_who_take_part_book(cycle, session):
    lead = make.SessionLeaderFactory(session=session).membership
    assert refused(book, session, lead) == "not_in"
    assert refused(book, session, member(cycle, status="left", ended_at=NOW)) == "not_in"
    assert refused(book, session, make.MembershipFactory()) == "not_in"
    assert refused(book, session, make.MembershipFactory(cycle=cycle, user=lead.user)) == "leads"


# --- the week --------------------------------------------------------------------------------------------------------
def test_two_seats_a_week_and_what_is_called_off_does_not_count(cycle, ben):
    first, second, third = (open_session(cycle, ahead=timedelta(hours=hours)) for hours in (24, 25, 26))
    book(first, ben)
    book(second, ben)
    assert refused(book, third, ben) == "week_full"
    Session.objects.filter(pk=first.pk).update(status="cancelled")
    assert refused(book, third, ben) == ""


def test_weeks_begin_on_monday_where_the_cycle_runs(ben, cycle):
    booking_cycle(cycle, weekly_limit=1)
    Cycle.objects.filter(pk=cycle.pk).update(time_zone="Asia/Tokyo")
    sunday, monday = datetime(2026, 11, 8, 14, 30, tzinfo=UTC), datetime(2026, 11, 8, 15, 30, tzinfo=UTC)
    book(make.SessionFactory(cycle=cycle, starts_at=sunday), ben)  # Sunday 23:30 in Tokyo
    assert refused(book, make.SessionFactory(cycle=cycle, starts_at=monday), ben) == ""  # Monday 00:30
    assert refused(book, make.SessionFactory(cycle=cycle, starts_at=monday + HOUR), ben) == "week_full"


def test_waiting_is_no_seat_and_accepting_looks_at_the_week(cycle, session, ben, zoe):
    booking_cycle(cycle, weekly_limit=1)
    taken, other = book(session, zoe), open_session(cycle, ahead=timedelta(days=2))
    waiting = book(session, ben, wait=True)
    book(other, ben)
    give_back(taken)
    assert state(waiting) == "offered"
    assert refused(accept, waiting) == "week_full"
    give_back(Booking.objects.get(session=other))
    assert accept(waiting).state == "booked"


# --- the waiting list ------------------------------------------------------------------------------------------------
def test_a_seat_that_comes_free_is_offered_in_order_and_kept(session, ben, zoe, cycle):
    tomos = member(cycle)
    taken, first, second = book(session, ben), book(session, zoe, wait=True), book(session, tomos, wait=True)
    give_back(taken)
    assert (state(first), state(second)) == ("offered", "waiting")
    assert told("seat_offered") == [zoe.user_id]
    assert "It is kept for you until Wednesday 4 November, 22:00" in letters("seat_offered")[zoe.user_id].text
    assert refused(book, session, ben) == "full"  # it is kept
    assert accept(first, now=NOW + HOUR).state == "booked"
    assert accept(first, now=NOW + HOUR).state == "booked"


def test_an_offer_runs_out_and_goes_on(session, ben, zoe, cycle):
    tomos = member(cycle)
    taken, first, second = book(session, ben), book(session, zoe, wait=True), book(session, tomos, wait=True)
    give_back(taken)
    mail_leaves()
    later = NOW + 12 * HOUR
    assert refused(accept, first, now=later) == "ran_out"
    assert seats.sweep_seats(later) == 1
    assert (state(first), state(second)) == ("lapsed", "offered")
    assert told("seat_lapsed") == [zoe.user_id]
    assert sorted(told("seat_offered")) == sorted([zoe.user_id, tomos.user_id])
    assert seats.sweep_seats(later) == 0
    assert refused(accept, first, now=later) == "ran_out"


def test_an_offer_nobody_was_told_of_starts_again(session, ben, zoe, cycle):
    taken, first, second = (book(session, who, wait=True) for who in (ben, zoe, member(cycle)))
    give_back(taken)
    later = NOW + 13 * HOUR
    assert seats.sweep_seats(later) == 0
    first.refresh_from_db()
    assert (first.state, state(second)) == ("offered", "waiting")
    assert first.offer_expires_at == later + 12 * HOUR
    assert told("seat_offered") == [zoe.user_id], "the letter that waits will do"
    mail_leaves(later)
    seats.sweep_seats(later + 12 * HOUR)
    assert (state(first), state(second)) == ("lapsed", "offered")


def test_an_offer_nobody_was_told_of_ends_with_booking(session, ben, zoe):
    taken, waiting = book(session, ben), book(session, zoe, wait=True)
    give_back(taken)
    seats.sweep_seats(session.starts_at - 2 * HOUR)
    assert state(waiting) == "lapsed"


def test_an_offer_never_outlasts_booking(cycle, ben, zoe):
    session = open_session(cycle, seats=1, ahead=5 * HOUR)
    taken, waiting = book(session, ben), book(session, zoe, wait=True)
    give_back(taken)
    waiting.refresh_from_db()
    assert waiting.offer_expires_at == NOW + 3 * HOUR


def test_saying_no_passes_it_on_at_once_and_counts_for_nothing(session, ben, zoe, cycle):
    taken, first, second = (book(session, who, wait=True) for who in (ben, zoe, member(cycle)))
    give_back(taken)
    assert give_back(first).state == "declined"
    assert state(second) == "offered"


def test_who_still_waits_when_booking_closes_is_told_and_counted(session, ben, zoe):
    book(session, ben)
    waiting = book(session, zoe, wait=True)
    closes = session.starts_at - 2 * HOUR
    seats.sweep_seats(closes - timedelta(seconds=1))
    assert state(waiting) == "waiting"
    seats.sweep_seats(closes)
    assert state(waiting) == "unserved"
    assert letters("waiting_ended", now=closes)[zoe.user_id].subject.startswith("No seat came free: ")


def test_booking_a_seat_that_was_offered_takes_it(session, ben, zoe):
    taken, waiting = book(session, ben), book(session, zoe, wait=True)
    give_back(taken)
    assert book(session, zoe).pk == waiting.pk
    assert state(waiting) == "booked"


# --- giving back -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("at", "outcome"),
    [
        (SOON - timedelta(hours=24), "cancelled"), (SOON - timedelta(hours=24) + timedelta(seconds=1), "late"),
        (SOON - timedelta(seconds=1), "late"),
    ],
)  # fmt: skip
def test_given_back_late_from_a_day_before(session, ben, at, outcome):
    assert give_back(book(session, ben), now=NOW + at).state == outcome


def test_a_quarter_of_an_hour_to_think_again_never_counts(cycle, ben):
    session = open_session(cycle, ahead=5 * HOUR)
    booking = book(session, ben)
    assert give_back(booking, now=NOW + timedelta(minutes=14, seconds=59)).state == "cancelled"
    again = book(session, ben, now=NOW + HOUR)
    assert give_back(again, now=NOW + HOUR + timedelta(minutes=15)).state == "late"


def test_booking_again_undoes_giving_back_late_but_is_no_way_around_it(cycle, ben):
    session = open_session(cycle, ahead=5 * HOUR)
    booking = book(session, ben)
    give_back(booking, now=NOW + HOUR)
    assert book(session, ben, now=NOW + HOUR).pk == booking.pk
    assert state(booking) == "booked"
    assert give_back(booking, now=NOW + HOUR).state == "late", "the time to think again does not begin anew"


def test_after_a_move_giving_back_is_free(session, ben):
    booking = book(session, ben)
    Session.objects.filter(pk=session.pk).update(moved_at=NOW + HOUR)
    assert give_back(booking, now=session.starts_at - HOUR).state == "cancelled"


def test_nothing_is_given_back_once_it_has_begun(session, ben):
    booking = book(session, ben)
    assert refused(give_back, booking, now=session.starts_at) == "over"
    assert state(booking) == "booked"


# --- by who coordinates ----------------------------------------------------------------------------------------------
def test_a_coordinator_books_beyond_time_and_week_but_not_beyond_seats(cycle, ben, zoe):
    rhian = make.UserFactory()
    session = open_session(cycle, seats=1, ahead=HOUR)
    assert book(session, ben, by=rhian).state == "booked"
    assert told("seat_booked") == [ben.user_id]
    assert refused(book, session, zoe, by=rhian) == "full"
    assert refused(book, session, zoe, by=rhian, wait=True) == "full", "nobody waits once booking has closed"


def test_a_coordinator_takes_somebody_off_and_it_never_counts(cycle, ben):
    session = open_session(cycle, ahead=5 * HOUR)
    booking = book(session, ben)
    assert give_back(booking, by=make.UserFactory(), now=NOW + HOUR).state == "cancelled"
    assert "does not count as missed" in letters("seat_taken_away")[ben.user_id].text


# --- leaving ---------------------------------------------------------------------------------------------------------
def test_leaving_frees_the_seat_for_the_next_and_coming_back_gives_it_back_while_free(session, ben, zoe, cycle):
    rhian = make.MembershipFactory(cycle=cycle, role="coordinator").user
    booking, waiting = book(session, ben), book(session, zoe, wait=True)
    remove_member(actor=rhian, membership_id=ben.pk, reason="A mistake", now=NOW)
    assert (state(booking), state(waiting)) == ("ended", "offered")
    give_back(waiting)
    reinstate_member(actor=rhian, membership_id=ben.pk, now=NOW + timedelta(minutes=5))
    assert state(booking) == "booked"


def test_coming_back_finds_the_seat_gone_when_somebody_else_has_it(session, ben, zoe, cycle):
    rhian = make.MembershipFactory(cycle=cycle, role="coordinator").user
    booking = book(session, ben)
    remove_member(actor=rhian, membership_id=ben.pk, reason="A mistake", now=NOW)
    book(session, zoe)
    reinstate_member(actor=rhian, membership_id=ben.pk, now=NOW + timedelta(minutes=5))
    assert state(booking) == "ended"


# --- what the database forbids ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "broken",
    [
        {"state": "gone"}, {"state": "waiting", "waiting_since": None}, {"state": "offered"}, {"state": "cancelled"},
        {"ended_at": NOW},
    ],
)  # fmt: skip
def test_a_row_cannot_say_what_makes_no_sense(session, ben, broken):
    booking = book(session, ben)
    with pytest.raises(IntegrityError), transaction.atomic():
        Booking.objects.filter(pk=booking.pk).update(**broken)


def test_nobody_has_two_live_bookings_of_one_session(session, ben):
    book(session, ben)
    with pytest.raises(IntegrityError), transaction.atomic():
        Booking.objects.create(session=session, membership=ben, made_at=NOW, state=BookingState.BOOKED)


def test_seats_are_never_more_than_there_are(session, cycle):
    for _ in range(4):
        book(session, member(cycle), wait=True)
    assert states(session) == ["booked", "waiting", "waiting", "waiting"]
    assert Membership.objects.filter(bookings__state="booked").count() == 1
