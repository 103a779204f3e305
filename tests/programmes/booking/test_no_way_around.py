"""What a curious student tries: the door by the link, a seat although booking pauses, leaving and coming back; and what
nobody means to do: a mail to who has gone, a seat lost because somebody else changed the rules at that moment.
"""

from datetime import timedelta

import pytest
from django.urls import reverse

from peerhub.common import mail
from programmes.models import Booking, BookingPause, Cycle
from programmes.queries.bookings import unserved_waits
from programmes.services import joining, seats
from programmes.services.booking_rules import change_coming
from programmes.services.marks import Marked, record_marks
from programmes.services.memberships import reinstate_member, remove_member
from tests import factories as make
from tests.factories import NOW, in_days
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
)
from tests.programmes.booking.test_follow_session import log, rules

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def cycle():
    return booking_cycle(misses=1, weekly_limit=None)


@pytest.fixture
def rhian(cycle):
    return member(cycle, "Rhian", role="coordinator").user


@pytest.fixture
def session(cycle):
    return open_session(cycle, seats=1)


@pytest.fixture
def ben(cycle):
    return member(cycle, "Ben")


@pytest.fixture
def zoe(cycle):
    return member(cycle, "Zoe")


# --- the link is the seat ---------------------------------------------------------------------------------------------
@pytest.mark.usefixtures("frozen")
@pytest.mark.parametrize("page", ["session_detail", "session_calendar"])
def test_the_link_of_a_full_online_session_is_for_those_with_a_seat(cycle, ben, zoe, client_of, page):
    online = open_session(cycle, seats=1, ahead=4 * HOUR, mode="online", link="https://meet.example.org/secret-room")
    book(online, ben)
    book(online, zoe, wait=True)
    path = reverse(f"programmes:{page}", args=[online.uuid])
    assert b"secret-room" in client_of(ben.user).get(path).content.replace(b"\r\n ", b"")
    assert b"secret-room" not in client_of(zoe.user).get(path).content.replace(b"\r\n ", b"")
    Cycle.objects.filter(pk=cycle.pk).update(attendance_mode="free")
    assert b"secret-room" in client_of(zoe.user).get(path).content.replace(b"\r\n ", b""), "nobody books any more"


# --- accepting asks what booking asks ---------------------------------------------------------------------------------
def test_no_seat_is_accepted_while_booking_pauses(cycle, session, ben, zoe):
    book(session, zoe)
    waits = book(session, ben, wait=True)
    Booking.objects.filter(pk=waits.pk).update(state="offered", offered_at=NOW, offer_expires_at=NOW + 12 * HOUR)
    give_back(book(open_session(cycle, ahead=5 * HOUR), ben), now=NOW + HOUR)
    assert BookingPause.objects.running(now=NOW + HOUR).exists()
    assert refused(accept, waits, now=NOW + HOUR) == "paused"


def test_who_is_paused_or_leads_it_by_now_is_passed_over_and_stays_in_line(cycle, session, ben, zoe):
    tomos, kofi = member(cycle), member(cycle)
    taken = book(session, tomos)
    lines = [book(session, one, wait=True) for one in (ben, zoe, kofi)]
    give_back(book(open_session(cycle, ahead=5 * HOUR), ben), now=NOW + HOUR)
    make.SessionLeaderFactory(session=session, membership=member(cycle, role="leader", user=zoe.user))
    give_back(taken, now=NOW + HOUR)
    assert [state(one) for one in lines] == ["waiting", "waiting", "offered"]


def test_whoever_leads_it_by_now_accepts_no_seat(cycle, session, ben, zoe):
    taken, waits = book(session, ben), book(session, zoe, wait=True)
    give_back(taken)
    make.SessionLeaderFactory(session=session, membership=member(cycle, role="leader", user=zoe.user))
    assert refused(accept, waits) == "leads"


def test_no_seat_is_accepted_once_the_cycle_no_longer_runs(cycle, session, ben, zoe):
    taken, waits = book(session, ben), book(session, zoe, wait=True)
    give_back(taken)
    Cycle.objects.filter(pk=cycle.pk).update(state="evaluating")
    assert refused(accept, waits) == "not_running"


# --- leaving ----------------------------------------------------------------------------------------------------------
def test_leaving_and_joining_again_is_no_way_around_giving_back_late(cycle, ben):
    Cycle.objects.filter(pk=cycle.pk).update(join_policy="open")
    mine = book(open_session(cycle, ahead=5 * HOUR), ben)
    later = NOW + 3 * HOUR
    joining.leave_programme(actor=ben.user, membership_id=ben.pk, now=later)
    assert state(mine) == "late"
    joining.ask_to_join(actor=ben.user, cycle_id=cycle.pk, now=later)
    assert refused(book, open_session(cycle, ahead=9 * HOUR), ben, now=later) == "paused"


def test_being_removed_never_counts_as_missed(cycle, rhian, ben):
    mine = book(open_session(cycle, ahead=5 * HOUR), ben)
    remove_member(actor=rhian, membership_id=ben.pk, reason="A mistake", now=NOW + 3 * HOUR)
    assert state(mine) == "ended"
    reinstate_member(actor=rhian, membership_id=ben.pk, now=NOW + 3 * HOUR)
    assert state(mine) == "booked"


def test_a_seat_made_good_through_the_waiting_list_comes_back_too(cycle, rhian, ben, zoe):
    one, later = open_session(cycle, seats=1, ahead=9 * HOUR), NOW + HOUR
    give_back(book(one, ben), now=later)
    BookingPause.objects.all().delete()
    taken = book(one, zoe, now=later)
    book(one, ben, wait=True, now=later)
    give_back(taken, now=later)
    mine = accept(Booking.objects.get(session=one, state="offered"), now=later)
    remove_member(actor=rhian, membership_id=ben.pk, reason="A mistake", now=later + HOUR)
    reinstate_member(actor=rhian, membership_id=ben.pk, now=later + HOUR)
    assert state(mine) == "booked"


def test_nobody_who_has_left_is_told_of_a_waiting_list_that_ended(cycle, session, rhian, ben, zoe):
    book(session, ben)
    book(session, zoe, wait=True)
    at = session.starts_at - 2 * HOUR
    seats.sweep_seats(at)
    remove_member(actor=rhian, membership_id=zoe.pk, reason="A mistake", now=at)
    assert isinstance(letters("waiting_ended", now=at)[zoe.user_id], mail.NotWanted)


def test_no_pause_begins_for_who_has_left(cycle, rhian, ben, zoe):
    amara = member(cycle, "Amara", role="leader")
    one = open_session(cycle, seats=3)
    make.SessionLeaderFactory(session=one, membership=amara)
    book(one, ben)
    book(one, zoe)
    log(one, amara.user, {ben: "present", zoe: "present"})
    gone = one.ends_at + HOUR
    remove_member(actor=rhian, membership_id=ben.pk, reason="Has graduated", now=gone)
    record_marks(actor=rhian, cycle=cycle, changes={one.uuid: Marked(1, {ben.uuid: "absent"})}, now=gone + HOUR)
    assert not BookingPause.objects.exists()
    assert letters("booking_paused", now=gone + HOUR) == {}


# --- at the same time -------------------------------------------------------------------------------------------------
def test_a_seat_accepted_while_the_way_of_coming_changes_stays(cycle, rhian, ben, zoe, monkeypatch):
    """What another transaction commits before the row is held, as PostgreSQL lets it."""
    first, second = open_session(cycle, seats=1), open_session(cycle, seats=1, ahead=SOON + HOUR)
    book(first, ben)
    book(first, zoe, wait=True)
    taken, offered = book(second, ben), book(second, zoe, wait=True)
    give_back(taken)

    def meanwhile(_point):
        Booking.objects.filter(pk=offered.pk, state="offered").update(state="booked", offer_expires_at=None)

    monkeypatch.setattr(seats, "failpoint", meanwhile)
    change_coming(actor=rhian, cycle_id=cycle.pk, mode="free", rules=rules(), now=NOW)
    assert state(offered) == "booked"


def test_one_person_is_one_in_what_could_not_be_met(cycle, session, ben, zoe):
    taken, waits = book(session, ben), book(session, zoe, wait=True)
    give_back(taken)
    mail_leaves()
    later = Booking.objects.get(pk=waits.pk).offer_expires_at
    seats.sweep_seats(later)
    book(session, ben, now=later)
    book(session, zoe, wait=True, now=later)
    seats.sweep_seats(session.starts_at)
    assert [one.membership_id for one in unserved_waits(cycle, since=NOW, until=in_days(30))] == [zoe.pk]
