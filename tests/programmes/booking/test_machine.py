"""Booking, waiting, offers and time in any order: never a seat too many, never two for one, nobody skipped."""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from programmes.models import HOLDS_SEAT, LIVE_BOOKINGS, Booking, Session
from programmes.services import seats
from programmes.services.bookings import BookingRefused, accept_seat, book_seat, cancel_booking
from programmes.services.memberships import reinstate_member, remove_member
from programmes.services.seats import follow_session, locked_session
from tests import factories as make
from tests.factories import NOW
from tests.programmes.booking.scenes import booking_cycle, mail_leaves

PEOPLE = 5
WHO = st.integers(0, PEOPLE - 1)
HOUR = timedelta(hours=1)
STARTS = NOW + timedelta(hours=60)


class BookingMachine(RuleBasedStateMachine):
    """The model: who has a seat, the offers and their ends, the line, and who was late. Offers of 12 hours, booking
    until 2 hours before, giving back free until 24 hours before or a quarter of an hour after booking.
    """

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic._from_testcase = True
        self.atomic.__enter__()
        self.cycle = booking_cycle(weekly_limit=None, misses=None)
        self.rhian = make.MembershipFactory(cycle=self.cycle, role="coordinator").user
        self.people = [make.MembershipFactory(cycle=self.cycle) for _ in range(PEOPLE)]
        self.session = make.SessionFactory(cycle=self.cycle, starts_at=STARTS, capacity=2)
        self.now, self.seats = NOW, 2
        self.has: dict[int, object] = {}  # person -> when the seat became theirs
        self.offers: dict[int, object] = {}  # person -> until when
        self.line: list[int] = []
        self.late: dict[int, object] = {}  # person -> when the seat given back too late had become theirs
        self.gone: set[int] = set()
        self.status = "planned"

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    # --- the model's own settling -----------------------------------------------------------------
    @property
    def is_open(self) -> bool:
        return self.now < STARTS - 2 * HOUR

    def settle(self) -> None:
        if self.status != "planned":
            return
        for who, until in list(self.offers.items()):
            if until <= self.now:
                del self.offers[who]
        if not self.is_open:
            self.line.clear()
        while self.line and len(self.has) + len(self.offers) < self.seats:
            self.offers[self.line.pop(0)] = min(self.now + 12 * HOUR, STARTS - 2 * HOUR)

    def book(self, who: int, wait: bool) -> str:
        self.now += timedelta(seconds=1)
        try:
            member = self.people[who]
            booking = book_seat(
                actor=member.user, session_id=self.session.pk, membership_id=member.pk, or_wait=wait, now=self.now
            )
        except BookingRefused as refusal:
            return refusal.code
        return str(booking.state)

    # --- what people do -----------------------------------------------------------------------------
    @rule(who=WHO, wait=st.booleans())
    def book_a_seat(self, who: int, wait: bool) -> None:
        outcome = self.book(who, wait)
        if who in self.has and self.status == "planned":
            assert outcome == ("booked" if who not in self.gone else "not_in")
        elif who in self.gone:
            assert outcome == "not_in"
        elif self.status != "planned":
            assert outcome == "called_off"
        elif self.now >= STARTS:
            assert outcome == "over"
        elif not self.is_open:
            assert outcome == "too_late"
        else:
            self.settle()
            self.take_or_wait(who, wait, outcome)

    def take_or_wait(self, who: int, wait: bool, outcome: str) -> None:
        if who in self.offers:
            assert outcome == "booked"
            del self.offers[who]
            self.has[who] = self.late.pop(who, self.now)
        elif who in self.line:
            assert outcome == "waiting"
        elif len(self.has) + len(self.offers) < self.seats:
            assert outcome == "booked"
            self.has[who] = self.late.pop(who, self.now)
        elif wait:
            assert outcome == "waiting"
            self.line.append(who)
        else:
            assert outcome == "full"

    @rule(who=WHO)
    def accept(self, who: int) -> None:
        booking = self.live(who)
        if booking is None:
            return
        self.now += timedelta(seconds=1)
        try:
            accept_seat(actor=self.people[who].user, booking_id=booking.pk, now=self.now)
            outcome = "booked"
        except BookingRefused as refusal:
            outcome = refusal.code
        if self.status == "planned" and self.now >= STARTS:
            assert outcome == "over"
        elif who in self.has:
            assert outcome == "booked"
        elif who not in self.offers:
            assert outcome == "no_offer"
        elif self.status != "planned":
            assert outcome == "called_off"
        elif self.offers[who] <= self.now:
            assert outcome == "ran_out"
        else:
            assert outcome == "booked"
            del self.offers[who]
            self.has[who] = self.late.pop(who, self.now)

    @rule(who=WHO)
    def give_back(self, who: int) -> None:
        booking = self.live(who)
        if booking is None:
            return
        self.now += timedelta(seconds=1)
        try:
            outcome = str(cancel_booking(actor=self.people[who].user, booking_id=booking.pk, now=self.now).state)
        except BookingRefused as refusal:
            outcome = refusal.code
        if self.now >= STARTS and self.status == "planned":
            assert outcome == "over"
            return
        if who in self.has:
            since = self.has.pop(who)
            is_late = self.now > STARTS - 24 * HOUR and self.now >= since + timedelta(minutes=15)
            assert outcome == ("late" if is_late and self.status == "planned" else "cancelled")
            if outcome == "late":
                self.late[who] = since
        elif who in self.offers:
            assert outcome == "declined"
            del self.offers[who]
        else:
            assert outcome == "cancelled"
            self.line.remove(who)
        self.settle()

    # --- what else happens --------------------------------------------------------------------------
    @rule(hours=st.sampled_from([0.2, 1, 6, 13]))
    def time_passes_and_the_sweep_runs(self, hours: float) -> None:
        self.now += timedelta(hours=hours)
        seats.sweep_seats(self.now)
        self.settle()

    @rule(number=st.integers(1, 3))
    def another_number_of_seats(self, number: int) -> None:
        if self.status != "planned":
            return
        self.seats = number
        Session.objects.filter(pk=self.session.pk).update(capacity=number)
        follow_session(locked_session(self.session.pk), now=self.now)
        self.settle()

    @rule()
    def called_off_or_put_back(self) -> None:
        if self.now >= STARTS:
            return
        self.status = "cancelled" if self.status == "planned" else "planned"
        Session.objects.filter(pk=self.session.pk).update(status=self.status)
        if self.status == "planned":
            seats.renew_offers([self.session.pk], now=self.now)
            if self.is_open:
                for who in self.offers:
                    self.offers[who] = min(self.now + 12 * HOUR, STARTS - 2 * HOUR)
            self.settle()

    @rule(who=WHO)
    def somebody_leaves_or_comes_back(self, who: int) -> None:
        self.now += timedelta(seconds=1)
        member = self.people[who]
        if who in self.gone:
            self.gone.discard(who)
            self.now += HOUR  # too late to undo: the seat is gone
            reinstate_member(actor=self.rhian, membership_id=member.pk, now=self.now)
            return
        remove_member(actor=self.rhian, membership_id=member.pk, reason="Left", now=self.now)
        self.gone.add(who)
        if self.now < STARTS:
            for known in (self.has, self.offers):
                known.pop(who, None)
            self.line = [one for one in self.line if one != who]
            if self.had_something(who):
                self.settle()

    def had_something(self, who: int) -> bool:
        return Booking.objects.filter(session=self.session, membership=self.people[who], ended_at=self.now).exists()

    def live(self, who: int) -> Booking | None:
        return Booking.objects.filter(
            session=self.session, membership=self.people[who], state__in=LIVE_BOOKINGS
        ).first()

    # --- what holds always --------------------------------------------------------------------------
    @invariant()
    def mail_leaves_at_once(self) -> None:
        mail_leaves(self.now)

    @invariant()
    def the_rows_say_what_happened(self) -> None:
        rows = Booking.objects.filter(session=self.session, state__in=LIVE_BOOKINGS).order_by("pk")
        at = {one.pk: place for place, one in enumerate(self.people)}
        found: dict[str, list[int]] = {"booked": [], "offered": [], "waiting": []}
        for row in rows:
            found[row.state].append(at[row.membership_id])
        assert sorted(found["booked"]) == sorted(self.has)
        assert sorted(found["offered"]) == sorted(self.offers)
        assert found["waiting"] == self.line

    @invariant()
    def nobody_waits_beside_a_free_seat(self) -> None:
        held = Booking.objects.filter(session=self.session, state__in=HOLDS_SEAT).count()
        if self.status == "planned" and self.is_open and self.line:
            assert held >= self.seats


@pytest.mark.django_db
def test_booking_in_any_order() -> None:
    run_state_machine_as_test(BookingMachine, settings=settings(max_examples=25, stateful_step_count=25))
