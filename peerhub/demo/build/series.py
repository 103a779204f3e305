"""Series of the programmes whose groups meet every week or two, on the days the university's calendar leaves them."""

from collections.abc import Iterable
from datetime import time, timedelta

from peerhub.common.bulk import reserve_keys
from peerhub.demo.build.anchor import Anchor, at
from peerhub.demo.build.load import load
from peerhub.demo.build.people import stable_uuid
from peerhub.demo.build.programmes import Run, RunSeries
from programmes.models import Mode, SeriesLeader, SeriesPattern, SessionSeries
from programmes.queries.occurrences import Rule, Timing, calendar_for, occurrences
from programmes.queries.series_fit import mark_of, spans_of

KINDS = {"pass", "pal", "pltl"}


def write_series(runs: Iterable[Run], anchor: Anchor) -> None:
    """A series for every group of these runs that are PASS, PAL or the like; the runs know them from now on."""
    wanted = [(run, index) for run in runs if _comes_back(run) for index in range(len(run.groups))]
    keys = reserve_keys(SessionSeries, len(wanted)), reserve_keys(SeriesPattern, len(wanted))
    series, patterns, leaders = [], [], []
    calendars = {run.years_ago: calendar_for(run.cycle.starts_on, run.cycle.ends_on) for run, _index in wanted}
    for (run, index), key, pattern in zip(wanted, *keys, strict=True):
        rule, timing = _rule(run, index, anchor), Timing(_start(run, index), _minutes(run), run.cycle.time_zone)
        begun = at(run.cycle.starts_on, 0) - timedelta(days=1)
        days = occurrences(rule, timing, calendars[run.years_ago], now=begun)
        run.series[index] = RunSeries(key, [day for day in days if day.happens])
        mark = mark_of(spans_of(calendars[run.years_ago]), run.cycle.starts_on, run.cycle.ends_on)
        series.append(_series(run, index, key, rule, mark))
        patterns.append(_pattern(run, index, pattern, key, timing))
        leaders += [{"pattern": pattern, "membership": leader.pk} for leader in run.led_by[index]]
    load(SessionSeries, series)
    load(SeriesPattern, patterns)
    load(SeriesLeader, leaders)


def _comes_back(run: Run) -> bool:
    return run.plan.type_code in KINDS and run.plan.state != "design" and bool(run.groups)


def _rule(run: Run, index: int, anchor: Anchor) -> Rule:
    plan, day = run.plan, run.plan.weekdays[index % len(run.plan.weekdays)]
    first = run.cycle.starts_on + timedelta(weeks=index % plan.every)
    return Rule((day,), (), plan.every, teaching_only=True, starts_on=first, ends_on=run.cycle.ends_on)


def _start(run: Run, index: int) -> time:
    return time(run.plan.hour + (index // len(run.plan.weekdays)) % 3)


def _minutes(run: Run) -> int:
    return 120 if run.plan.type_code == "pltl" else 60


def _series(run: Run, index: int, key: int, rule: Rule, mark: str) -> dict[str, object]:
    return {
        "id": key,
        "uuid": stable_uuid("series", run.programme.slug, run.cycle.code, index).hex,
        "cycle": run.cycle.pk,
        "group": run.groups[index].pk,
        "weekdays": _text(rule.weekdays),
        "days": _text(()),
        "every": rule.every,
        "teaching_only": rule.teaching_only,
        "starts_on": rule.starts_on,
        "ends_on": rule.ends_on,
        "calendar_mark": mark,
        "created_by": run.staff[0].user_id,
        "created_at": run.cycle.created_at + timedelta(days=92),
    }


def _text(days: Iterable[int]) -> str:
    """A list as the JSON column takes it."""
    return f"[{', '.join(map(str, days))}]"


def _pattern(run: Run, index: int, pattern: int, key: int, timing: Timing) -> dict[str, object]:
    place = run.plan.places[index % len(run.plan.places)]
    online = place == "Online"
    return {
        "id": pattern,
        "series": key,
        "from_on": run.cycle.starts_on,
        "start": timing.start.isoformat(),
        "minutes": timing.minutes,
        "mode": Mode.ONLINE if online else Mode.IN_PERSON,
        "place": "" if online else place,
        "link": "https://meet.example.org/aberwen" if online else "",
        "title": run.groups[index].name,
    }
