"""Changing what is to come of a series: otherwise from a day on, called off, put back. One message to each person."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from peerhub.common import audit, mail
from peerhub.common.bulk import update_rows
from peerhub.common.once import spend
from programmes.models import (
    Cycle,
    CycleState,
    Group,
    MembershipStatus,
    Mode,
    SeriesLeader,
    SeriesPattern,
    SeriesStop,
    Session,
    SessionLeader,
    SessionSeries,
    SessionStatus,
)
from programmes.queries.expected import expected_user_ids, leader_user_ids, waiting_user_ids
from programmes.queries.occurrences import Pattern, SeriesPlan, rule_of
from programmes.queries.series_coming import as_changed, coming_of
from programmes.services.booking_pauses import recount_late
from programmes.services.cover import settle_covers
from programmes.services.leader_hours import refuse_too_many_hours
from programmes.services.seats import follow_sessions, renew_offers
from programmes.services.series import SeriesRefused, refuse_groups, refuse_leaders, refuse_pattern

COLUMNS = [
    "starts_at", "ends_at", "mode", "place", "link", "title", "capacity", "moved_at", "sequence", "revised_at",
]  # fmt: skip


@dataclass(frozen=True)
class SeriesChanged:
    """How many dates changed, and how many people are told."""

    n: int
    told: int


@transaction.atomic(durable=True)
def change_series(
    *, actor: Any, series_id: int, from_on: date, pattern: Pattern, key: UUID | None, now: datetime
) -> SeriesChanged:
    """How a series is from a day on. Earlier dates stay as they were; what was changed for one alone stays its own.

    Refuses with `SeriesRefused` and `TooManyHours` as planning does, and with `past` (it would begin before now),
    `nothing_left`.
    """
    spend(user=actor, key=key, now=now)
    cycle, series = lock_series(series_id)
    refuse_pattern(cycle, pattern)
    refuse_groups(actor, cycle, [SeriesPlan(series.group, rule_of(series), pattern)])
    refuse_leaders(cycle, {one.pk for one in pattern.leaders}, now=now)
    sessions = _hold(coming_of(series, from_on=from_on, now=now))
    told = people_of(sessions)
    wanted = as_changed(sessions, pattern, cycle.time_zone)
    if any(one.starts_at != before.starts_at and one.starts_at <= now for before, one in wanted):
        raise SeriesRefused("past", _("That time has passed on the first of these days. Begin with a later one."))
    _refuse_hours(cycle, [one for _before, one in wanted if not one.has_own_leaders], pattern)
    moved = [one for before, one in wanted if _is_told(before, one)]
    _store([one for _before, one in wanted], {one.pk for one in moved}, now)
    _lead([one for one in sessions if not one.has_own_leaders], [one.pk for one in pattern.leaders])
    settle_covers([one.pk for one in sessions], now=now)
    if not series.group_id:
        follow_sessions([one.pk for one in sessions], now=now)
    row = _note_pattern(series, from_on, pattern)
    after = people_of(sessions)
    changed = (told.everyone | after.everyone) if moved else (told.leaders ^ after.leaders)
    out = told.leaders - after.everyone
    about = {"pattern": row.pk}
    tell("series_changed", series, changed - out - {actor.pk}, about, now)
    tell("series_changed", series, (changed & out) - {actor.pk}, {**about, "led": 1}, now)
    detail = {"sessions": len(sessions), "moved": len(moved), "from": from_on.isoformat()}
    _record(actor, "series_changed", series, detail, now)
    return SeriesChanged(len(sessions), len(changed - {actor.pk}))


@transaction.atomic(durable=True)
def cancel_rest(
    *, actor: Any, series_id: int, from_on: date, reason: str, key: UUID | None, now: datetime
) -> SeriesStop:
    """Call off all that is to come of a series from a day on; everybody concerned hears once, with the reason.

    Refuses with `SeriesRefused`: `closed`, `no_reason`, `nothing_left`.
    """
    spend(user=actor, key=key, now=now)
    cycle, series = lock_series(series_id)
    _refuse_closed(cycle)
    if not reason.strip():
        raise SeriesRefused("no_reason", _("Say in a few words why it is called off."))
    sessions = _hold(coming_of(series, from_on=from_on, now=now))
    told = people_of(sessions).everyone - {actor.pk}
    stop = SeriesStop.objects.create(series=series, from_on=from_on, reason=reason.strip(), by=actor, at=now)
    Session.objects.filter(pk__anyof=[one.pk for one in sessions]).update(
        status=SessionStatus.CANCELLED,
        status_note=stop.reason,
        stop=stop,
        sequence=F("sequence") + 1,
        revised_at=now,
    )
    if not series.group_id:
        recount_late([one.pk for one in sessions], is_off=True, now=now)
    tell("series_cancelled", series, told, {"stop": stop.pk}, now)
    _record(actor, "series_cancelled", series, {"sessions": len(sessions), "from": from_on.isoformat()}, now)
    return stop


@transaction.atomic(durable=True)
def restore_rest(*, actor: Any, stop_id: int, now: datetime) -> int:
    """Put back what one calling-off took away and is still to come; everybody concerned hears once. Returns how many.

    Whoever has left since leads none of it; who leads the series now does. Again changes nothing. Refuses with
    `SeriesRefused`: `closed`, `wrong_group` (it has ended), `nothing_left`, `not_cleared`.
    """
    series_id = SeriesStop.objects.values_list("series_id", flat=True).get(pk=stop_id)
    cycle, series = lock_series(series_id)
    stop = SeriesStop.objects.get(pk=stop_id)
    if stop.lifted_at:
        return 0
    _refuse_closed(cycle)
    # A group ends only without planned sessions, so it is held until these are planned again.
    if series.group_id and not Group.objects.select_for_update().filter(pk=series.group_id, ended_at=None).exists():
        raise SeriesRefused("wrong_group", _("That group is not part of this cycle any more."))
    gone = Session.objects.filter(stop=stop, status=SessionStatus.CANCELLED, starts_at__gt=now)
    sessions = _hold(gone)
    keys = [one.pk for one in sessions]
    SessionLeader.objects.filter(session__anyof=keys).exclude(membership__status=MembershipStatus.ACTIVE).delete()
    lead_alone(series, sessions)
    led = SessionLeader.objects.filter(session__anyof=keys).values_list("membership_id", flat=True)
    refuse_leaders(cycle, set(led), now=now)
    Session.objects.filter(pk__anyof=keys).update(
        status=SessionStatus.PLANNED, status_note="", stop=None, sequence=F("sequence") + 1, revised_at=now
    )
    stop.lifted_at = now
    stop.save(update_fields=["lifted_at"])
    if not series.group_id:
        follow_restored(sessions, now=now)
    tell("series_restored", series, people_of(sessions).everyone - {actor.pk}, {"stop": stop.pk}, now)
    _record(actor, "series_restored", series, {"sessions": len(sessions)}, now)
    return len(sessions)


# --- steps ---------------------------------------------------------------------------------------
def lock_series(series_id: int) -> tuple[Cycle, SessionSeries]:
    """A step of changing: the cycle locked as whoever ends a membership does, then the series."""
    cycle_id = SessionSeries.objects.values_list("cycle_id", flat=True).get(pk=series_id)
    cycle = Cycle.objects.select_for_update(of=("self",)).get(pk=cycle_id)
    return cycle, SessionSeries.objects.select_for_update(of=("self",)).select_related("group").get(pk=series_id)


def _refuse_closed(cycle: Cycle) -> None:
    if cycle.state == CycleState.CLOSED:
        raise SeriesRefused("closed", _("This cycle is closed; what happened in it stays as it is."))


def _hold(sessions: Any) -> list[Session]:
    held = list(sessions.select_for_update(of=("self",)).order_by("pk"))
    if not held:
        raise SeriesRefused("nothing_left", _("Nothing of it is still to come from that day."))
    return held


def _refuse_hours(cycle: Cycle, sessions: Sequence[Session], pattern: Pattern) -> None:
    users = [one.user_id for one in pattern.leaders]
    wanted = [(one.starts_at, one.ends_at, users) for one in sessions if one.mode != Mode.ASYNC]
    refuse_too_many_hours(cycle, wanted, changed=[one.pk for one in sessions])


def _is_told(before: Session, after: Session) -> bool:
    names = ("starts_at", "ends_at", "mode", "place", "link")
    return any(getattr(before, name) != getattr(after, name) for name in names)


def _store(sessions: Sequence[Session], moved: set[int], now: datetime) -> None:
    for one in sessions:
        if one.pk in moved:
            one.moved_at = now
            one.revise(now=now)
    update_rows(Session, COLUMNS, [[one.pk, *(getattr(one, name) for name in COLUMNS)] for one in sessions])


def _lead(sessions: Iterable[Session], membership_ids: Sequence[int]) -> None:
    keys = [one.pk for one in sessions]
    SessionLeader.objects.filter(session__anyof=keys).exclude(membership__in=membership_ids).delete()
    rows = [SessionLeader(session_id=key, membership_id=one) for key in keys for one in membership_ids]
    SessionLeader.objects.bulk_create(rows, ignore_conflicts=True)


def lead_alone(series: SessionSeries, sessions: Iterable[Session]) -> None:
    """A step: whoever leads the series now leads those of its sessions that nobody leads any more."""
    keys = {one.pk for one in sessions}
    led = set(SessionLeader.objects.filter(session__anyof=sorted(keys)).values_list("session_id", flat=True))
    newest = SeriesPattern.objects.filter(series=series).order_by("-from_on").values("pk")[:1]
    leaders = SeriesLeader.objects.filter(pattern=newest, membership__status=MembershipStatus.ACTIVE)
    who = list(leaders.values_list("membership_id", flat=True))
    SessionLeader.objects.bulk_create(
        [SessionLeader(session_id=key, membership_id=one) for key in sorted(keys - led) for one in who]
    )


def _note_pattern(series: SessionSeries, from_on: date, pattern: Pattern) -> SeriesPattern:
    """The series is so from that day on; what was to be otherwise later is not any more."""
    since = max(from_on, series.starts_on)
    SeriesPattern.objects.filter(series=series, from_on__gte=since).delete()
    row = SeriesPattern.objects.create(series=series, from_on=since, **pattern.values())
    SeriesLeader.objects.bulk_create(SeriesLeader(pattern=row, membership=one) for one in pattern.leaders)
    return row


@dataclass(frozen=True)
class People:
    expected: frozenset[int]
    leaders: frozenset[int]

    @property
    def everyone(self) -> frozenset[int]:
        return self.expected | self.leaders


def people_of(sessions: Sequence[Session]) -> People:
    """A step: users expected at any of them, and those who lead any."""
    expected, leaders = expected_user_ids(sessions), leader_user_ids(sessions)
    waiting = waiting_user_ids(sessions)
    return People(frozenset().union(*expected.values(), *waiting.values()), frozenset().union(*leaders.values()))


def follow_restored(sessions: Iterable[Session], *, now: datetime) -> None:
    """A step of putting back: seats given back too late count again, and offered seats are offered anew."""
    keys = [one.pk for one in sessions]
    recount_late(keys, is_off=False, now=now)
    renew_offers(keys, now=now)


def _stamp(now: datetime) -> int:
    return int(now.timestamp() * 1000)


def tell(kind: str, series: SessionSeries, user_ids: Iterable[int], about: dict[str, int], now: datetime) -> None:
    """A step: one message to each, whatever the number of sessions."""
    ids = {"series": series.pk, "cycle": series.cycle_id, **about}
    key = f"{kind}:{series.pk}:{_stamp(now)}"
    mail.queue_many((mail.Entry(f"programmes.{kind}", pk, f"{key}:{pk}", ids) for pk in sorted(user_ids)), now=now)


def _record(actor: Any, action: str, series: SessionSeries, detail: dict[str, Any], now: datetime) -> None:
    audit.record(
        actor=actor,
        action=f"programmes.{action}",
        target=series,
        cycle_id=series.cycle_id,
        detail=detail,
        now=now,
    )
