"""Pauses of booking: after missing so often in so many days, and lifted by who coordinates, or by a corrected log."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max, Q
from django.utils.translation import gettext_lazy as _

from peerhub.common import audit, mail
from peerhub.common.errors import DomainError
from peerhub.common.failpoints import failpoint
from programmes.models import Booking, BookingPause, BookingRules, BookingState, Cycle, Membership, Session
from programmes.queries.bookings import misses_between, rules_of
from programmes.services.letters import stamp


class PauseLiftRefused(DomainError):
    """Codes: no_reason."""


@transaction.atomic(durable=True)
def lift_pause(*, actor: Any, pause_id: int, reason: str, now: datetime) -> BookingPause:
    """Let somebody book again before their pause is over. What they missed before does not count again.

    Again changes nothing. Refuses with `PauseLiftRefused`: `no_reason`.
    """
    pause = BookingPause.objects.select_for_update(of=("self",)).select_related("membership").get(pk=pause_id)
    if pause.lifted_at or pause.until <= now:
        return pause
    if not reason.strip():
        raise PauseLiftRefused("no_reason", _("Say in a few words why. Those who run the programme read it."))
    _lift([pause], by=actor, reason=reason.strip(), now=now)
    _record(actor, "booking_pause_lifted", pause, now)
    return pause


def pause_after_misses(cycle: Cycle, membership_ids: Collection[int], *, may_begin: bool = True, now: datetime) -> None:
    """A step of whatever may have made somebody miss a seat, or not miss it after all: pauses begin and end by it.

    A pause begins with so many misses in so many days; what a pause before has counted does not count again. One whose
    misses were corrected away ends. Few queries for any number of people. `may_begin` is False where misses can only
    have become fewer: then nobody's place is held, for which they may hold the session.
    """
    rules, ids = rules_of(cycle), sorted(membership_ids)
    if not ids:
        return
    if may_begin:  # two misses at once are counted one after the other
        list(Membership.objects.select_for_update().filter(pk__anyof=ids).order_by("pk").values_list("pk", flat=True))
    running = {one.membership_id: one for one in _running(ids, now)}
    _end_unfounded(running.values(), rules, now=now)
    if rules.misses and may_begin:
        _begin(cycle, rules, [pk for pk in ids if pk not in running], now=now)


def follow_log(session: Session, *, now: datetime) -> None:
    """A step of logging and correcting: who missed their seat is counted again. One query where nobody booked."""
    follow_logs(session.cycle, [session.pk], now=now)


def follow_logs(cycle: Cycle, session_ids: Collection[int], *, now: datetime) -> None:
    """The same for several sessions of a cycle at once."""
    states = [BookingState.BOOKED, BookingState.LATE]
    booked = Booking.objects.filter(session__in=session_ids, state__in=states).order_by().distinct()
    pause_after_misses(cycle, list(booked.values_list("membership_id", flat=True)), now=now)


def recount_late(session_ids: Collection[int], *, is_off: bool, now: datetime) -> None:
    """A step of calling sessions off or putting them back: seats given back too late count no more, or again."""
    late = Booking.objects.filter(session__anyof=list(session_ids), state=BookingState.LATE)
    rows = late.select_related("membership__cycle__booking_rules")
    by_cycle: dict[int, tuple[Cycle, set[int]]] = {}
    for row in rows:
        cycle = row.membership.cycle
        by_cycle.setdefault(cycle.pk, (cycle, set()))[1].add(row.membership_id)
    for cycle, ids in by_cycle.values():
        pause_after_misses(cycle, ids, may_begin=not is_off, now=now)


def hold_late(session_ids: Collection[int]) -> None:
    """A step before sessions are held to be put back: whose misses may count again is held first, as whoever gives a
    seat back holds their own place before the session.
    """
    late = Booking.objects.filter(session__anyof=list(session_ids), state=BookingState.LATE)
    ids = sorted(set(late.values_list("membership_id", flat=True)))
    list(Membership.objects.select_for_update().filter(pk__anyof=ids).order_by("pk").values_list("pk", flat=True))


def lift_all(cycle: Cycle, *, by: Any, reason: str, now: datetime) -> int:
    """A step of switching the rule off: nobody's booking is paused any more. Returns how many were."""
    pauses = list(BookingPause.objects.running(now=now).filter(membership__cycle=cycle))
    _lift(pauses, by=by, reason=reason, now=now)
    return len(pauses)


# --- steps -----------------------------------------------------------------------------------------------------------
def _running(ids: list[int], now: datetime) -> Iterable[BookingPause]:
    return BookingPause.objects.running(now=now).filter(membership__anyof=ids).order_by("pk")


def _end_unfounded(pauses: Iterable[BookingPause], rules: BookingRules, *, now: datetime) -> None:
    """End those that count too little after a correction, or after the rule was switched off."""
    listed = list(pauses)
    unfounded = []
    for pause in listed:
        counted = misses_between([pause.membership_id], pause.since, pause.started_at).get(pause.membership_id, 0)
        if counted < pause.misses:
            unfounded.append(pause)
    _lift(unfounded, by=None, reason="", now=now)
    for pause in unfounded:
        _record(None, "booking_pause_ended", pause, now)


def _begin(cycle: Cycle, rules: BookingRules, ids: list[int], *, now: datetime) -> None:
    since = now - timedelta(days=rules.misses_days)
    before = dict(
        BookingPause.objects.filter(Q(lifted_at=None) | ~Q(lift_reason=""), membership__anyof=ids)
        .order_by()
        .values_list("membership_id")
        .annotate(last=Max("started_at"))
    )
    counted = misses_between(ids, since, now)
    for pk in Membership.objects.active().filter(pk__anyof=ids).order_by("pk").values_list("pk", flat=True):
        start = max(since, before.get(pk, since))
        n = counted.get(pk, 0) if start == since else misses_between([pk], start, now).get(pk, 0)
        if rules.misses and n >= rules.misses:
            _pause(cycle, rules, pk, start, n, now=now)


def _pause(cycle: Cycle, rules: BookingRules, membership_id: int, since: datetime, n: int, *, now: datetime) -> None:
    pause = BookingPause.objects.create(
        membership_id=membership_id,
        since=since,
        started_at=now,
        until=now + timedelta(days=rules.pause_days),
        misses=min(n, rules.misses or n),
    )
    failpoint("booking.after_pause")
    _record(None, "booking_paused", pause, now, cycle_id=cycle.pk)
    user_id = Membership.objects.values_list("user_id", flat=True).get(pk=membership_id)
    mail.queue(
        "programmes.booking_paused",
        to=user_id,
        key=f"booking_paused:{pause.pk}:{stamp(now)}",
        about={"pause": pause.pk, "cycle": cycle.pk},
        now=now,
    )


def _lift(pauses: Iterable[BookingPause], *, by: Any, reason: str, now: datetime) -> None:
    for pause in pauses:
        pause.lifted_at, pause.lifted_by, pause.lift_reason = now, by, reason
        pause.save(update_fields=["lifted_at", "lifted_by", "lift_reason"])


def _record(actor: Any, action: str, pause: BookingPause, now: datetime, *, cycle_id: int = 0) -> None:
    audit.record(
        actor=actor,
        action=f"programmes.{action}",
        target=pause,
        cycle_id=cycle_id or pause.membership.cycle_id,
        detail={"membership": pause.membership_id, "misses": pause.misses},
        now=now,
    )
