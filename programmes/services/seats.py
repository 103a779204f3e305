"""Seats of a session: who gets the next one, whose offer ran out, whose booking ends. Steps of use cases.

Every step that gives seats away expects the session locked: whoever waited for the lock sees the seats already taken.
On SQLite, where rows cannot be locked, IMMEDIATE transactions do the same for the whole database. Where several rows
are locked, the order is: memberships, then sessions, each by key.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from peerhub.common import audit, mail
from peerhub.common.failpoints import failpoint
from programmes.models import (
    HOLDS_SEAT,
    Booking,
    BookingPause,
    BookingRules,
    BookingState,
    Cycle,
    Membership,
    Session,
    SessionLeader,
    SessionStatus,
)
from programmes.queries.bookings import is_booked, rules_of, seats_free
from programmes.services.letters import Offer, stamp, untold

SWEPT = 500  # sessions in one round of the sweep; what is left comes in the next minute


def session_to_book(session_id: int) -> Session:
    """The session with its cycle, programme and rules."""
    return _sessions().get(pk=session_id)


def locked_session(session_id: int) -> Session:
    """A step: the same, held until the transaction ends."""
    return _sessions().select_for_update(of=("self",)).get(pk=session_id)


def _sessions() -> QuerySet[Session]:
    return Session.objects.select_related("cycle__programme__activity_type", "cycle__booking_rules", "group")


def settle_seats(session: Session, *, now: datetime) -> int:
    """A step: take back offers that ran out and offer free seats to those who have waited longest; once booking has
    closed, tell who still waits that none came free. Returns offers made.

    Safe at any time: every use case that frees or needs a seat runs it, and so does a sweep.
    """
    return _settle(session, now)[0]


def free_when_settled(session: Session, *, now: datetime) -> int | None:
    """A step: settle, and say how many seats are free then; None where they are not limited. One query where there is
    nothing to settle: many may wait for this session's row.
    """
    return _settle(session, now)[1]


def _settle(session: Session, now: datetime) -> tuple[int, int | None]:
    """(offers made, seats free)."""
    held, late, waiting = _standing(session, now)
    if session.status != SessionStatus.PLANNED:
        return 0, _free(session, held)  # what was called off stands still: it may be put back
    rules = rules_of(session.cycle)
    if late:
        held -= _take_back_offers(session, rules, now=now)
    if rules.closes_at(session) <= now:
        if waiting:
            _end_waiting(session, BookingState.UNSERVED, now=now)
        return 0, _free(session, held)
    free = _free(session, held)
    if not waiting or free == 0 or not is_booked(session):
        return 0, free
    offered = [_offer(session, rules, booking, now=now) for booking in _next_in_line(session, rules, now)[:free]]
    return len(offered), _free(session, held + len(offered))


def _next_in_line(session: Session, rules: BookingRules, now: datetime) -> QuerySet[Booking]:
    """Who could take a seat, in order. Passed over but still in line: who leads it by now, and whose booking pauses,
    unless they make good here what they gave back too late.
    """
    leads = SessionLeader.objects.filter(session=session, membership__user=OuterRef("membership__user"))
    waiting = Booking.objects.filter(~Exists(leads), session=session).waiting_in_order().select_related("membership")
    if not rules.misses:
        return waiting
    paused = BookingPause.objects.running(now=now).filter(membership=OuterRef("membership"))
    late = Booking.objects.filter(session=session, state=BookingState.LATE, membership=OuterRef("membership"))
    return waiting.filter(~Exists(paused) | Exists(late))


def _standing(session: Session, now: datetime) -> tuple[int, int, int]:
    """(seats had or offered, offers among them that ran out, people waiting). One query."""
    offered = Q(state=BookingState.OFFERED, offer_expires_at__lte=now)
    found = (
        Booking.objects.live()
        .filter(session=session)
        .aggregate(
            held=Count("pk", filter=Q(state__in=HOLDS_SEAT)),
            late=Count("pk", filter=offered),
            waiting=Count("pk", filter=Q(state=BookingState.WAITING)),
        )
    )
    return found["held"], found["late"], found["waiting"]


def _free(session: Session, held: int) -> int | None:
    return None if session.capacity is None else max(0, session.capacity - held)


def _take_back_offers(session: Session, rules: BookingRules, *, now: datetime) -> int:
    """Returns how many ran out; those nobody was told of start again."""
    late = Booking.objects.filter(session=session, state=BookingState.OFFERED, offer_expires_at__lte=now)
    found = list(late.select_related("membership").order_by("offer_expires_at", "pk"))
    offers = [Offer(one.pk, one.membership.user_id, one.offer_expires_at) for one in found]
    may_wait = offers and now < rules.closes_at(session)
    letters = untold("seat_offered", "booking", offers, cycle_id=session.cycle_id) if may_wait else {}
    for booking in found:
        if letter := letters.get(booking.pk):  # no mail left while it stood: it starts again
            _offer(session, rules, booking, now=now, is_told=letter.finished_at is None)
            continue
        end_booking(booking, BookingState.LAPSED, now=now)
        record(None, "seat_lapsed", booking, session, now=now)
        tell("seat_lapsed", booking, session, now=now)
    return len(found) - len(letters)


def _offer(session: Session, rules: BookingRules, booking: Booking, *, now: datetime, is_told: bool = False) -> Booking:
    """`is_told`: the letter about it waits in the outbox already, and is worded when it leaves."""
    booking.state, booking.offered_at = BookingState.OFFERED, now
    booking.offer_expires_at = rules.offer_ends_at(session, now=now)
    booking.save(update_fields=["state", "offered_at", "offer_expires_at"])
    failpoint("seats.after_offer")
    record(None, "seat_offered", booking, session, now=now)
    if not is_told:
        tell("seat_offered", booking, session, now=now)
    return booking


def _end_waiting(session: Session, state: BookingState, *, now: datetime) -> None:
    for booking in Booking.objects.filter(session=session).waiting_in_order().select_related("membership"):
        end_booking(booking, state, now=now)
        tell("waiting_ended", booking, session, now=now)


def end_booking(booking: Booking, state: BookingState, *, now: datetime) -> None:
    """A step: it is over, and why. The caller settles the session where that frees a seat."""
    booking.state, booking.ended_at, booking.offer_expires_at = state, now, None
    booking.save(update_fields=["state", "ended_at", "offer_expires_at"])
    failpoint("seats.after_end")


def record(actor: object, action: str, booking: Booking, session: Session, *, now: datetime) -> None:
    """A step: one line in the record, about the booking, in its cycle."""
    audit.record(
        actor=actor,
        action=f"programmes.{action}",
        target=booking,
        cycle_id=session.cycle_id,
        detail={"session": session.pk, "membership": booking.membership_id},
        now=now,
    )


def tell(kind: str, booking: Booking, session: Session, *, now: datetime) -> None:
    """A step: one letter to the person. Load the membership."""
    about = {"booking": booking.pk, "session": session.pk, "cycle": session.cycle_id}
    key = f"{kind}:{booking.pk}:{stamp(now)}"
    mail.queue(f"programmes.{kind}", to=booking.membership.user_id, key=key, about=about, now=now)


# --- what happens to bookings when something else changes ---------------------------------------------------------
def follow_session(session: Session, *, now: datetime) -> None:
    """A step of changing a session that is locked: no offer outlasts the time in which it can be taken, and seats that
    came free are offered. Nobody loses a seat.
    """
    closes_at = rules_of(session.cycle).closes_at(session)
    Booking.objects.filter(session=session, state=BookingState.OFFERED, offer_expires_at__gt=closes_at).update(
        offer_expires_at=closes_at
    )
    settle_seats(session, now=now)


def follow_sessions(session_ids: Collection[int], *, now: datetime) -> None:
    """A step of changing many sessions, already written: those with people waiting or offered a seat are looked at.
    One query where there are none.
    """
    for pk in _with_open_questions(session_ids):
        follow_session(locked_session(pk), now=now)


def renew_offers(session_ids: Collection[int], *, now: datetime) -> None:
    """A step of putting sessions back: who had been offered a seat has the full time again, and hears of it."""
    for pk in _with_open_questions(session_ids):
        session = locked_session(pk)
        rules = rules_of(session.cycle)
        if rules.closes_at(session) > now:
            for booking in session.bookings.filter(state=BookingState.OFFERED).select_related("membership"):
                _offer(session, rules, booking, now=now)
        settle_seats(session, now=now)


def _with_open_questions(session_ids: Collection[int]) -> list[int]:
    asked = Booking.objects.filter(state__in=[BookingState.WAITING, BookingState.OFFERED])
    found = asked.filter(session__anyof=list(session_ids)).order_by("session_id").values_list("session_id", flat=True)
    return list(found.distinct())


def end_bookings(membership_ids: Iterable[int], *, now: datetime) -> None:
    """A step of leaving: their live bookings of sessions to come end, and the seats go to whoever is next. It never
    counts as missed.
    """
    leaving = sorted(membership_ids)
    list(Membership.objects.select_for_update().filter(pk__anyof=leaving).order_by("pk").values_list("pk", flat=True))
    theirs = Booking.objects.live().filter(membership__anyof=leaving, session__starts_at__gt=now)
    sessions = sorted(set(theirs.values_list("session_id", flat=True)))
    if not sessions:
        return
    held = [locked_session(pk) for pk in sessions]
    ended = {"state": BookingState.ENDED, "ended_at": now, "offer_expires_at": None}
    had = theirs.filter(session__in=sessions, state=BookingState.BOOKED)
    had.update(**ended, waiting_since=None)  # so that `take_back_bookings` knows a seat from a wait
    theirs.filter(session__in=sessions).update(**ended)
    for session in held:
        settle_seats(session, now=now)


def give_back_late(membership: Membership, *, now: datetime) -> list[int]:
    """A step of somebody's own leaving: seats it is too late to give back count as missed, as if they had given each
    back; leaving and joining again is no way around that. Returns the bookings.
    """
    list(Membership.objects.select_for_update().filter(pk=membership.pk).values_list("pk", flat=True))
    had = Booking.objects.filter(membership=membership, state=BookingState.BOOKED, session__starts_at__gt=now)
    late = []
    for session in [locked_session(pk) for pk in sorted(had.values_list("session_id", flat=True))]:
        rules = rules_of(session.cycle)
        for booking in had.filter(session=session, session__status=SessionStatus.PLANNED):
            if rules.is_late(booking, session, now=now):
                end_booking(booking, BookingState.LATE, now=now)
                late.append(booking.pk)
    return late


def take_back_bookings(membership: Membership, *, left_at: datetime, now: datetime) -> None:
    """A step of undoing: the seats that ended at exactly `left_at` are theirs again, where one is still free."""
    ended = Booking.objects.filter(membership=membership, state=BookingState.ENDED, ended_at=left_at)
    ended = ended.filter(waiting_since=None, session__starts_at__gt=now)
    for booking in ended.order_by("session_id"):
        session = locked_session(booking.session_id)
        if is_booked(session) and seats_free(session) != 0:
            booking.state, booking.ended_at = BookingState.BOOKED, None
            booking.save(update_fields=["state", "ended_at"])


def end_waiting_lists(cycle: Cycle, *, now: datetime) -> int:
    """A step of no longer booking in a cycle: nobody waits or is offered a seat any more, and they are told that it is
    so. Seats stay. Returns how many people that were.
    """
    ended = 0
    for pk in due_in_cycle(cycle, now=now):
        session = locked_session(pk)  # then look: an offer may have been accepted meanwhile, and that seat stays
        asked = session.bookings.filter(state__in=[BookingState.WAITING, BookingState.OFFERED])
        for booking in asked.select_related("membership").order_by("pk"):
            end_booking(booking, BookingState.ENDED, now=now)
            if session.status == SessionStatus.PLANNED:
                tell("waiting_ended", booking, session, now=now)
            ended += 1
    return ended


def due_in_cycle(cycle: Cycle, *, now: datetime) -> list[int]:
    """Sessions of the cycle to come that somebody waits for or was offered a seat at."""
    asked = Booking.objects.filter(state__in=[BookingState.WAITING, BookingState.OFFERED])
    rows = asked.filter(session__cycle=cycle, session__starts_at__gt=now).values_list("session_id", flat=True)
    return sorted(set(rows))


# --- the sweep ----------------------------------------------------------------------------------------------------
def sweep_seats(now: datetime) -> int:
    """Settle every session with an offer that ran out, with a free seat somebody waits for, or with people waiting
    after booking closed; one transaction each. Returns offers made.

    Each may be settled twice, late, or by somebody's click in between: the outcome is the same.
    """
    return sum(_settle_due(pk, now=now) for pk in due_sessions(now))


@transaction.atomic(durable=True)
def _settle_due(session_id: int, *, now: datetime) -> int:
    return settle_seats(locked_session(session_id), now=now)


def due_sessions(now: datetime) -> list[int]:
    """Sessions the sweep has something to do for. Two queries by index, whatever has been booked before."""
    late = Booking.objects.filter(
        state=BookingState.OFFERED, offer_expires_at__lte=now, session__status=SessionStatus.PLANNED
    )
    waiting = (
        Booking.objects.filter(state=BookingState.WAITING, session__status=SessionStatus.PLANNED)
        .order_by()
        .values("session")
        .annotate(
            starts=Min("session__starts_at"),
            lead=Coalesce(Min("session__cycle__booking_rules__lead_hours"), BookingRules().lead_hours),
            seats=Min("session__capacity"),
            held=_held(),
        )
        .values_list("session", "starts", "lead", "seats", "held")
    )
    due = set(late.values_list("session_id", flat=True))
    for pk, starts, lead, seats, held in waiting:
        if starts - timedelta(hours=lead) <= now or seats is None or held < seats:
            due.add(pk)
    return sorted(due)[:SWEPT]


def _held() -> Coalesce:
    rows = Booking.objects.filter(session=OuterRef("session"), state__in=HOLDS_SEAT).order_by().values("session")
    return Coalesce(Subquery(rows.annotate(n=Count("pk")).values("n")), 0)
