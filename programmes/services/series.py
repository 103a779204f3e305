"""Planning series: all their sessions at once, to the end, by the institution's calendar."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from peerhub.common import audit, stages
from peerhub.common.bulk import insert_rows, reserve_keys
from peerhub.common.errors import DomainError
from peerhub.common.failpoints import failpoint
from peerhub.common.once import spend
from programmes.models import (
    DAY_MINUTES,
    LONGEST_MINUTES,
    Cycle,
    CycleState,
    Group,
    GroupMember,
    Membership,
    Mode,
    Role,
    SeriesLeader,
    SeriesPattern,
    Session,
    SessionLeader,
    SessionSeries,
)
from programmes.queries.occurrences import Occurrence, Pattern, SeriesPlan, Timing, calendar_for, occurrences
from programmes.queries.series_fit import mark_of_cycle
from programmes.services.leader_hours import refuse_too_many_hours

MOST = 5000  # sessions in one go


class SeriesRefused(DomainError):
    """Codes: closed, outside_cycle, too_long, ends_before_start, no_days, nothing_left, too_many, no_leader,
    not_cleared, wrong_group, not_your_group, past, no_reason, changed.
    """


@transaction.atomic(durable=True)
def plan_series(
    *, actor: Any, cycle_id: int, plans: Sequence[SeriesPlan], key: UUID | None, now: datetime
) -> list[SessionSeries]:
    """Put one or many series in the calendar with all their sessions: what is past, closed or not taught is left out.

    The same few statements for any number. Refuses with `SeriesRefused`, `TooManyHours`, or
    `Repeated` for the same form sent twice.
    """
    spend(user=actor, key=key, now=now)
    # As whoever ends a membership or a group does: nobody leads, and no group meets, that is just going.
    cycle = Cycle.objects.select_for_update(of=("self",)).get(pk=cycle_id)
    for plan in plans:
        refuse_plan(cycle, plan)
    refuse_groups(actor, cycle, plans)
    refuse_leaders(cycle, {one.pk for plan in plans for one in plan.pattern.leaders}, now=now)
    days = [[day for day in one if day.happens] for one in days_of(cycle, plans, now=now)]
    if not any(days):
        raise SeriesRefused("nothing_left", _("No day is left on which it could happen. Look at the days and dates."))
    if sum(map(len, days)) > MOST:
        raise SeriesRefused("too_many", _("That is too much in one go. Plan fewer groups at a time."))
    _refuse_hours(cycle, plans, days)
    made = _write(actor, cycle, plans, days, now)
    detail = {"series": [one.pk for one in made], "sessions": sum(map(len, days))}
    audit.record(
        actor=actor, action="programmes.series_planned", target=made[0], cycle_id=cycle.pk, detail=detail, now=now
    )
    return made


def days_of(cycle: Cycle, plans: Sequence[SeriesPlan], *, now: datetime) -> list[list[Occurrence]]:
    """The days of each plan, with the reasons where nothing happens. Two queries for any number of plans."""
    calendar = calendar_for(cycle.starts_on, cycle.ends_on)
    return [
        occurrences(plan.rule, Timing(plan.pattern.start, plan.pattern.minutes, cycle.time_zone), calendar, now=now)
        for plan in plans
    ]


def refuse_plan(cycle: Cycle, plan: SeriesPlan) -> None:
    """A step of planning: what a plan alone can get wrong."""
    rule = plan.rule
    refuse_pattern(cycle, plan.pattern)
    if not rule.weekdays and not rule.days:
        raise SeriesRefused("no_days", _("Choose at least one day."))
    if rule.ends_on < rule.starts_on:
        raise SeriesRefused("ends_before_start", _("The last day must not be before the first."))
    if not (cycle.starts_on <= rule.starts_on and rule.ends_on <= cycle.ends_on):
        raise SeriesRefused("outside_cycle", _("That is outside this cycle’s dates."))


def refuse_pattern(cycle: Cycle, pattern: Pattern) -> None:
    """A step of planning and changing: what can be wrong however many days there are."""
    if cycle.state == CycleState.CLOSED:
        raise SeriesRefused("closed", _("This cycle is closed. Plan in the next one."))
    if not 0 < pattern.minutes <= (LONGEST_MINUTES if pattern.mode == Mode.ASYNC else DAY_MINUTES):
        raise SeriesRefused("too_long", _("That is longer than a day. Check how long it lasts."))
    if not pattern.leaders:
        raise SeriesRefused("no_leader", _("Choose who leads it."))


def refuse_groups(actor: Any, cycle: Cycle, plans: Sequence[SeriesPlan]) -> None:
    """A step of planning: groups of this cycle that still meet, held until the end of the transaction. Whoever only
    leads plans for groups they lead, with themselves among the leaders.
    """
    wanted = {plan.group.pk for plan in plans if plan.group}
    running = Group.objects.select_for_update().filter(pk__in=wanted, cycle=cycle, ended_at=None, shape="group")
    if {one.pk for one in running.order_by("pk")} != wanted:
        raise SeriesRefused("wrong_group", _("That group is not part of this cycle any more."))
    roles = dict(Membership.objects.active().filter(cycle=cycle, user=actor).values_list("role", "pk"))
    if Role.COORDINATOR in roles:
        return
    mine = roles.get(Role.LEADER, 0)
    places = GroupMember.objects.filter(membership_id=mine, ended_at=None, group__in=wanted)
    led = set(places.values_list("group_id", flat=True))
    if led != wanted or not all(mine in {one.pk for one in plan.pattern.leaders} for plan in plans):
        raise SeriesRefused("not_your_group", _("You can plan for your own groups. For others, ask the coordinator."))


def refuse_leaders(cycle: Cycle, membership_ids: Iterable[int], *, now: datetime) -> None:
    """A step of planning: everybody named leads in this cycle now, and is cleared to."""
    wanted = set(membership_ids)
    active = Membership.objects.active().filter(pk__in=wanted, cycle=cycle, role=Role.LEADER).count()
    if active != len(wanted):
        raise SeriesRefused("no_leader", _("Choose who leads it."))
    blocked = [blockers[0] for blockers in stages.clearance(sorted(wanted), now).values() if blockers]
    if blocked:
        raise SeriesRefused("not_cleared", blocked[0].public_reason)


def _refuse_hours(cycle: Cycle, plans: Sequence[SeriesPlan], days: Sequence[Sequence[Occurrence]]) -> None:
    wanted = [
        (day.starts_at, day.ends_at, [one.user_id for one in plan.pattern.leaders])
        for plan, happening in zip(plans, days, strict=True)
        for day in happening
        if plan.pattern.mode != Mode.ASYNC
    ]
    refuse_too_many_hours(cycle, wanted)


def _write(
    actor: Any, cycle: Cycle, plans: Sequence[SeriesPlan], days: Sequence[Sequence[Occurrence]], now: datetime
) -> list[SessionSeries]:
    mark = mark_of_cycle(cycle)
    made = SessionSeries.objects.bulk_create(_series(actor, cycle, plan, mark, now) for plan in plans)
    patterns = SeriesPattern.objects.bulk_create(
        SeriesPattern(series=one, from_on=one.starts_on, **plan.pattern.values())
        for one, plan in zip(made, plans, strict=True)
    )
    pairs = list(zip(patterns, plans, strict=True))
    SeriesLeader.objects.bulk_create(
        SeriesLeader(pattern=pattern, membership=leader) for pattern, plan in pairs for leader in plan.pattern.leaders
    )
    failpoint("series.after_patterns")
    fresh = [(one, plan, day) for one, plan, happening in zip(made, plans, days, strict=True) for day in happening]
    write_sessions(
        actor,
        cycle,
        [(one, plan.pattern, day, [leader.pk for leader in plan.pattern.leaders]) for one, plan, day in fresh],
        now=now,
    )
    return made


def _series(actor: Any, cycle: Cycle, plan: SeriesPlan, mark: str, now: datetime) -> SessionSeries:
    rule = plan.rule
    return SessionSeries(
        cycle=cycle,
        group=plan.group,
        weekdays=list(rule.weekdays),
        days=[day.isoformat() for day in rule.days],
        every=rule.every,
        teaching_only=rule.teaching_only,
        starts_on=rule.starts_on,
        ends_on=rule.ends_on,
        calendar_mark=mark,
        created_by=actor,
        created_at=now,
    )


COLUMNS = [
    "id", "cycle", "group", "title", "starts_at", "ends_at", "mode", "place", "link", "capacity", "created_by",
    "created_at", "series", "slot_on",
]  # fmt: skip


def write_sessions(
    actor: Any,
    cycle: Cycle,
    rows: Sequence[tuple[SessionSeries, Any, Occurrence, Sequence[int]]],
    *,
    now: datetime,
) -> list[int]:
    """A step of planning: the sessions of these days, each with its series, its pattern (or the row of it) and who
    leads it (membership pks). Three statements for any number; returns their keys.
    """
    keys = reserve_keys(Session, len(rows))
    insert_rows(
        Session,
        COLUMNS,
        (
            [key, cycle.pk, series.group_id, pattern.title, day.starts_at, day.ends_at, pattern.mode, pattern.place,
             pattern.link, pattern.capacity, getattr(actor, "pk", None), now, series.pk, day.on]
            for key, (series, pattern, day, _leaders) in zip(keys, rows, strict=True)
        ),
    )  # fmt: skip
    failpoint("series.before_leaders")
    insert_rows(
        SessionLeader,
        ["session", "membership"],
        ([key, leader] for key, (*_row, leaders) in zip(keys, rows, strict=True) for leader in leaders),
    )
    return keys
