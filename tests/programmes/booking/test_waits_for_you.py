"""What seats ask of people: on their home pages, and in the letter about a seat that went on."""

from datetime import timedelta

import pytest

from programmes.models import BookingPause, Cycle
from programmes.queries.booking_answers import booking_todos
from programmes.services import seats
from tests.factories import NOW
from tests.programmes.booking.scenes import (
    SOON,
    book,
    booking_cycle,
    give_back,
    letters,
    mail_leaves,
    member,
    open_session,
)

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def cycle():
    return booking_cycle(weekly_limit=None)


@pytest.fixture
def session(cycle):
    return open_session(cycle, seats=1, title="Exam clinic")


def waits_for(who, *, now=NOW):
    """(code, title) of each; asked anew, as the next request would."""
    who.user.__dict__.pop("_programme_roles", None)
    return [(todo.code, str(todo.title)) for todo in booking_todos(who.user, now)]


def test_a_seat_that_is_kept_waits_for_an_answer_until_it_is_given_or_too_late(session, cycle):
    ben, zoe = member(cycle), member(cycle)
    taken = book(session, ben)
    book(session, zoe, wait=True)
    assert waits_for(zoe) == []
    give_back(taken)
    assert waits_for(zoe) == [("seat_offered", "A seat is yours if you want it: Exam clinic")]
    assert waits_for(ben) == []
    assert waits_for(zoe, now=NOW + 12 * HOUR) == []


def test_a_coordinator_sees_full_sessions_once_a_cycle_and_who_is_paused(session, cycle):
    rhian, ben, zoe = member(cycle, role="coordinator"), member(cycle), member(cycle)
    assert waits_for(rhian) == []
    other = open_session(cycle, seats=1, ahead=SOON + 2 * HOUR)
    for one in (session, other):
        book(one, ben)
        book(one, zoe, wait=True)
    BookingPause.objects.create(
        membership=ben, since=NOW - timedelta(days=28), started_at=NOW, until=NOW + timedelta(days=7), misses=3
    )
    (full, paused) = booking_todos(rhian.user, NOW)
    assert str(full.title) == "2 study sessions are full, and people wait"
    assert "2 people on waiting lists" in str(full.detail)
    assert full.url.endswith("?show=wanted")
    assert (paused.code, str(paused.title)) == ("booking_paused", "Booking is paused for 1 person")
    owain = member(booking_cycle(), role="coordinator")
    assert waits_for(owain) == [], "another programme's"
    Cycle.objects.filter(pk=cycle.pk).update(attendance_mode="free")
    assert waits_for(rhian) == [], "nobody books any more"


def test_who_did_not_answer_reads_where_the_seat_went_and_how_to_try_again(session, cycle):
    ben, zoe = member(cycle), member(cycle)
    taken = book(session, ben)
    book(session, zoe, wait=True)
    give_back(taken)
    mail_leaves()
    later = NOW + 12 * HOUR
    seats.sweep_seats(later)
    letter = letters("seat_lapsed", now=later)[zoe.user_id]
    assert letter.subject == "The seat for Exam clinic went to the next person"
    assert "Nothing counts as missed." in letter.text.replace("\n", " ")
