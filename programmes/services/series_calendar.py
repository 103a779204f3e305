"""The calendar changed: every series of a cycle follows it at once, as it was shown before."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from peerhub.common import audit, clock, stages
from peerhub.common.bulk import update_rows
from peerhub.common.failpoints import failpoint
from peerhub.common.once import spend
from programmes.models import (
    Cycle,
    CycleState,
    MembershipStatus,
    SeriesStop,
    Session,
    SessionLeader,
    SessionSeries,
    SessionStatus,
)
from programmes.queries.series import leaders_of_patterns, pattern_on
from programmes.queries.series_fit import Fit, fits_of, mark_of_cycle, seen_mark, unfit_cycles
from programmes.services.booking_pauses import recount_late
from programmes.services.seats import follow_sessions
from programmes.services.series import SeriesRefused, write_sessions
from programmes.services.series_changes import follow_restored, lead_alone, people_of, tell

CYCLES_AT_ONCE = 20
COLUMNS = ["slot_on", "starts_at", "ends_at", "status", "status_note", "stop", "moved_at", "sequence", "revised_at"]


@transaction.atomic(durable=True)
def refit_series(*, actor: Any, cycle_id: int, seen: str, key: UUID | None, now: datetime) -> int:
    """Move, leave out, put back and add what the institution's calendar asks for; each person hears once for a series.

    What is over, and what was moved by hand, stays. Returns how many dates that were. Refuses with `SeriesRefused`:
    `closed`, `changed` (it would do something else than `seen` names: look again).
    """
    spend(user=actor, key=key, now=now)
    cycle = Cycle.objects.select_for_update(of=("self",)).get(pk=cycle_id)
    if cycle.state == CycleState.CLOSED:
        raise SeriesRefused("closed", _("This cycle is closed; what happened in it stays as it is."))
    list(SessionSeries.objects.select_for_update().filter(cycle=cycle).order_by("pk").values_list("pk", flat=True))
    fits = fits_of([cycle.pk], now=now)
    if seen_mark(fits) != seen:
        raise SeriesRefused("changed", _("The calendar or a series changed since you looked. Look again."))
    touched = [[*(row for row, _day in fit.moves), *(row for row, _why in fit.off), *fit.back] for fit in fits]
    before = [people_of(rows).everyone for rows in touched]
    added = _add(actor, cycle, fits, now)
    failpoint("series.before_moves")
    _store(actor, fits, now)
    _follow_seats(fits, now)
    for fit, rows, told in zip(fits, touched, before, strict=True):
        fresh = Session.objects.filter(pk__in=added.get(fit.series.pk, []))
        everyone = told | people_of([*rows, *fresh]).everyone
        tell("series_refitted", fit.series, everyone - {actor.pk}, {}, now)
    failpoint("series.before_mark")
    SessionSeries.objects.filter(cycle=cycle).update(calendar_mark=mark_of_cycle(cycle))
    n = sum(fit.n for fit in fits)
    detail = {"sessions": n, "series": [fit.series.pk for fit in fits]}
    audit.record(
        actor=actor, action="programmes.series_refitted", target=cycle, cycle_id=cycle.pk, detail=detail, now=now
    )
    return n


def settle_marks(*, now: datetime) -> int:
    """Note for series that fit today's calendar that they do, so that nobody is asked to look. Returns cycles noted.

    In steps of a few cycles: when a term moves, every series of the institution is compared.
    """
    running = Cycle.objects.exclude(state=CycleState.CLOSED).values_list("pk", flat=True)
    touched = unfit_cycles(running, today=clock.local(now, "UTC").date())
    keys = sorted(touched)
    steps = (keys[at : at + CYCLES_AT_ONCE] for at in range(0, len(keys), CYCLES_AT_ONCE))
    return sum(_settle({pk: touched[pk].mark for pk in step}, now) for step in steps)


@transaction.atomic(durable=True)
def _settle(marks: Mapping[int, str], now: datetime) -> int:
    unfit = {fit.series.cycle_id for fit in fits_of(marks, now=now)}
    fitting = [pk for pk in marks if pk not in unfit]
    for pk in fitting:
        SessionSeries.objects.filter(cycle=pk).update(calendar_mark=marks[pk])
        failpoint("series.in_settle_marks")
    return len(fitting)


def _add(actor: Any, cycle: Cycle, fits: Sequence[Fit], now: datetime) -> dict[int, list[int]]:
    """The new sessions; series pk to their keys. Whoever may not lead now leads none of them."""
    wanted = [(fit, pattern_on(fit.patterns, day.on), day) for fit in fits for day in fit.new]
    leaders = leaders_of_patterns({pattern.pk for _fit, pattern, _day in wanted})
    blocked = stages.clearance(sorted({pk for rows in leaders.values() for pk, _name in rows}), now)
    cleared = {one: [pk for pk, _name in rows if not blocked[pk]] for one, rows in leaders.items()}
    rows = [(fit.series, pattern, day, cleared.get(pattern.pk, [])) for fit, pattern, day in wanted]
    keys = write_sessions(actor, cycle, rows, now=now)
    added: dict[int, list[int]] = {}
    for (fit, _pattern, _day), key in zip(wanted, keys, strict=True):
        added.setdefault(fit.series.pk, []).append(key)
    return added


def _follow_seats(fits: Sequence[Fit], now: datetime) -> None:
    """What is booked of sessions that are open to all follows them."""
    for fit in fits:
        if not fit.series.group_id:
            follow_sessions([row.pk for row, _day in fit.moves], now=now)
            recount_late([row.pk for row, _why in fit.off], is_off=True, now=now)
            follow_restored(fit.back, now=now)


def _store(actor: Any, fits: Sequence[Fit], now: datetime) -> None:
    changed: list[Session] = []
    stops = _stops(actor, [fit for fit in fits if fit.off], now)
    for fit in fits:
        for session, day in fit.moves:
            session.slot_on, session.starts_at, session.ends_at = day.on, day.starts_at, day.ends_at
            session.moved_at = now
        for session, why in fit.off:
            session.status, session.stop = SessionStatus.CANCELLED, stops[fit.series.pk]
            session.status_note = why or _("The calendar changed.")
        for session in fit.back:
            session.status, session.status_note, session.stop = SessionStatus.PLANNED, "", None
        changed += [*(row for row, _day in fit.moves), *(row for row, _why in fit.off), *fit.back]
        _lead_again(fit.series, fit.back, now)
    for session in changed:
        session.revise(now=now)
    update_rows(Session, COLUMNS, [[one.pk, *_values(one)] for one in changed])


def _values(session: Session) -> Iterable[Any]:
    return (getattr(session, "stop_id" if name == "stop" else name) for name in COLUMNS)


def _stops(actor: Any, fits: Sequence[Fit], now: datetime) -> dict[int, SeriesStop]:
    rows = [
        SeriesStop(
            series=fit.series,
            from_on=fit.off[0][0].slot_on,
            reason=_("The calendar changed."),
            by=actor,
            at=now,
            is_by_calendar=True,
        )
        for fit in fits
    ]
    return {stop.series_id: stop for stop in SeriesStop.objects.bulk_create(rows)}


def _lead_again(series: SessionSeries, sessions: Sequence[Session], now: datetime) -> None:
    """Who has left meanwhile, or is not cleared, leads none of what is on again; who leads the series now does."""
    if sessions:
        keys = [one.pk for one in sessions]
        SessionLeader.objects.filter(session__in=keys).exclude(membership__status=MembershipStatus.ACTIVE).delete()
        lead_alone(series, sessions)
        led = set(SessionLeader.objects.filter(session__in=keys).values_list("membership_id", flat=True))
        blocked = [pk for pk, blockers in stages.clearance(sorted(led), now).items() if blockers]
        SessionLeader.objects.filter(session__in=keys, membership__in=blocked).delete()
