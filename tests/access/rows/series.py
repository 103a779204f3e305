"""Series of sessions: planned, listed, read."""

from datetime import date, timedelta
from typing import Any

from programmes.models import CoverRequest, Role, SeriesLeader, SeriesPattern, SessionSeries
from programmes.queries.series_fit import mark_of_cycle
from tests import factories as make
from tests.access.matrix import LOGIN, Row, expect
from tests.access.rows.delivery import DOES, LISTS, PLANS, RUNS, SEES, cycle, session
from tests.factories import NOW, in_days
from tests.world import World


def extend(world: World) -> None:
    """A weekly series of Amara's group with two dates to come and one that is over."""
    world.extra["series"] = series_of(world, world.group)
    make.MembershipFactory(cycle=world.cycle, role=Role.LEADER)
    world.extra["cover"] = CoverRequest.objects.create(
        session=world.upcoming, asked_by=world.memberships["amara"], reason="Exam", asked_at=in_days(-1)
    )


def grow(world: World, times: int) -> None:
    """More series, and more dates of the one."""
    for _ in range(times):
        series_of(world, make.GroupFactory(cycle=world.cycle))
        other = make.MembershipFactory(cycle=world.cycle, role=Role.LEADER)
        session = make.SessionLeaderFactory(session=make.SessionFactory(cycle=world.cycle), membership=other).session
        CoverRequest.objects.create(session=session, asked_by=other, asked_at=in_days(-1))
        add_dates(world, world.extra["series"], [world.extra["series"].sessions.count()])


def series_of(world: World, group: Any) -> SessionSeries:
    series = SessionSeries.objects.create(
        cycle=world.cycle,
        group=group,
        weekdays=[NOW.weekday()],
        starts_on=date(2026, 9, 21),
        ends_on=date(2027, 6, 11),
        calendar_mark=mark_of_cycle(world.cycle),
        created_by=world.rhian,
        created_at=in_days(-30),
    )
    pattern = SeriesPattern.objects.create(
        series=series, from_on=series.starts_on, start="14:00", minutes=60, place="B2.14"
    )
    SeriesLeader.objects.create(pattern=pattern, membership=world.memberships["amara"])
    add_dates(world, series, (-1, 1, 2))
    return series


def add_dates(world: World, series: SessionSeries, weeks: Any) -> None:
    for week in weeks:
        starts_at = NOW.replace(hour=14) + timedelta(weeks=week)
        session = make.SessionFactory(
            group=series.group, starts_at=starts_at, series=series, slot_on=starts_at.date(), place="B2.14"
        )
        make.SessionLeaderFactory(session=session, membership=world.memberships["amara"])


def series(world: World) -> dict[str, Any]:
    return {"uuid": world.extra["series"].uuid}


def wanted(world: World) -> dict[str, Any]:
    """What the form says: asked for, it is shown first."""
    return {
        "groups": [world.group.pk],
        "weekdays": ["0"],
        "every": "1",
        "start": "16:00",
        "minutes": "60",
        "starts_on": "2026-11-05",
        "ends_on": "2026-12-05",
        "teaching_only": "on",
        "mode": "in_person",
    }


def changed(world: World) -> dict[str, Any]:
    return {"from_on": "2026-11-05", "start": "15:00", "minutes": "60", "mode": "in_person", "place": "Lab 1"}


def cover(world: World) -> dict[str, Any]:
    return {"uuid": world.extra["cover"].uuid}


# Cover: whoever leads in the cycle may take it; those who run it may read it; participants know nothing of it.
READS = {"anonymous": LOGIN, "leader": 200, "coordinator": 200, "supervisor": 200}

# What the calendar would do to series is the coordinators' business; the workspace is open to more.
FITS = LISTS | {"supervisor": 403}

ROWS = [
    Row("programmes:series_list", expect(404, **LISTS), kwargs=cycle),
    Row("programmes:series_fit", expect(404, **FITS), kwargs=cycle),
    Row(
        "programmes:series_fit",
        expect(404, **FITS | {"coordinator": 302}),
        kwargs=cycle,
        method="POST",
        data=lambda w: {"seen": "nothing like it"},
    ),
    Row("programmes:series_create", expect(404, **PLANS), kwargs=cycle),
    Row("programmes:series_create", expect(404, **PLANS), kwargs=cycle, method="POST", data=wanted, note="looked at"),
    Row("programmes:series_detail", expect(404, **SEES), kwargs=series),
    Row("programmes:series_detail", expect(404, **SEES), kwargs=series, query="?show=past", note="past"),
    Row("programmes:series_change", expect(404, **RUNS), kwargs=series),
    Row("programmes:series_change", expect(404, **RUNS), kwargs=series, method="POST", data=changed, note="looked at"),
    Row("programmes:series_cancel", expect(404, **RUNS), kwargs=series),
    Row(
        "programmes:series_cancel",
        expect(404, **DOES),
        kwargs=series,
        method="POST",
        data=lambda w: {"from_on": "2026-11-05", "reason": "The room is closed"},
    ),
    Row("programmes:cover_ask", expect(404, **RUNS | {"coordinator": 403}), kwargs=session("upcoming")),
    Row(
        "programmes:cover_ask",
        expect(404, **RUNS | {"coordinator": 403, "leader": 302}),
        kwargs=session("upcoming"),
        method="POST",
        data=lambda w: {"reason": "Exam"},
    ),
    Row("programmes:cover_detail", expect(404, **READS), kwargs=cover),
    Row(
        "programmes:cover_take",
        expect(404, **READS | {"leader": 302, "coordinator": 403, "supervisor": 403}),
        kwargs=cover,
        method="POST",
    ),
    Row(
        "programmes:cover_withdraw",
        expect(404, **READS | {"leader": 302, "coordinator": 403, "supervisor": 403}),
        kwargs=cover,
        method="POST",
    ),
    Row("programmes:series_restore", expect(404, **DOES), kwargs=series, method="POST"),
]
