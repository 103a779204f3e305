"""Counting the figures of units ahead. Derived rows: no audit line, nothing is decided here."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta

from django.utils import timezone

from peerhub.institution.models import OrgUnit
from programmes.models import Context, Role, UnitReach, UnitWeek
from programmes.queries.unit_figures import WEEK, Week, people_of_week, reach_of, sessions_of_weeks

KEPT_WEEKS = 66  # this year's, and last year's to set beside them
LIVELY_WEEKS = 2  # these change all the time; older ones change when somebody corrects a register
RECOUNT_AFTER = timedelta(days=1)
BATCH = 1_000


def mondays_until(now: datetime) -> list[date]:
    """The Mondays of the weeks that are kept, oldest first; the last is this week's."""
    today = timezone.localdate(now, timezone.get_default_timezone())
    monday = today - timedelta(days=today.weekday())
    return [monday - WEEK * back for back in reversed(range(KEPT_WEEKS))]


def stale_weeks(now: datetime) -> list[date]:
    """The weeks to count again: the lively ones, and each other one once a day."""
    mondays = mondays_until(now)
    fresh = UnitWeek.objects.filter(counted_at__gt=now - RECOUNT_AFTER, starts_on__in=mondays[:-LIVELY_WEEKS])
    known = set(fresh.values_list("starts_on", flat=True).distinct())
    return [monday for monday in mondays if monday not in known]


def count_units(*, now: datetime, mondays: Collection[date] | None = None) -> int:
    """Count what is stale (or the weeks given) and the present reach; returns how many weeks were counted.

    Counting holds no lock: what is counted is saved week by week, each in one statement. May run twice at once.
    """
    lines = _lines()
    if not lines:
        return 0
    _count_reach(lines, now=now)
    weeks = stale_weeks(now) if mondays is None else sorted(mondays)
    for monday in weeks:
        _count_week(monday, lines, now=now)
    UnitWeek.objects.filter(starts_on__lt=mondays_until(now)[0]).delete()
    return len(weeks)


def _lines() -> dict[int, list[int]]:
    """Each unit's own key and those above it."""
    return {
        pk: [int(part) for part in path.strip("/").split("/") if part]
        for pk, path in OrgUnit.objects.values_list("pk", "path")
    }


def _count_reach(lines: dict[int, list[int]], *, now: datetime) -> None:
    people: dict[tuple[int, str, bool, str], set[int]] = defaultdict(set)
    for owner, context, role, user in reach_of():
        for which in (context, ""):
            people[owner, which, True, role].add(user)
            for unit in lines[owner]:
                people[unit, which, False, role].add(user)
    rows = [
        UnitReach(
            unit_id=unit,
            context=context,
            is_own=is_own,
            students=len(people.get((unit, context, is_own, Role.PARTICIPANT), ())),
            leaders=len(people.get((unit, context, is_own, Role.LEADER), ())),
            counted_at=now,
        )
        for unit in lines
        for context in ("", *Context.values)
        for is_own in (False, True)
    ]
    UnitReach.objects.bulk_create(
        rows,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["unit", "context", "is_own"],
        update_fields=["students", "leaders", "counted_at"],
    )


def _count_week(monday: date, lines: dict[int, list[int]], *, now: datetime) -> None:
    weeks = {unit: Week() for unit in lines}
    for unit, people in _people_by_unit(people_of_week(monday), lines).items():
        weeks[unit].students = len(people)
    for row in sessions_of_weeks([monday], now=now):
        for unit in lines[row["unit"]]:
            week = weeks[unit]
            week.held, week.due, week.prompt = (
                week.held + row["held"],
                week.due + row["due"],
                week.prompt + row["prompt"],
            )
    UnitWeek.objects.bulk_create(
        (UnitWeek(unit_id=unit, starts_on=monday, counted_at=now, **vars(week)) for unit, week in weeks.items()),
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["unit", "starts_on"],
        update_fields=["students", "held", "due", "prompt", "counted_at"],
    )


def _people_by_unit(pairs: Iterable[tuple[int, int]], lines: dict[int, list[int]]) -> dict[int, set[int]]:
    """Everyone of each unit's subtree. Everyone is put at the owner first: most pairs share few owners."""
    at_owner: dict[int, set[int]] = defaultdict(set)
    for owner, person in pairs:
        at_owner[owner].add(person)
    found: dict[int, set[int]] = defaultdict(set)
    for owner, people in at_owner.items():
        for unit in lines[owner]:
            found[unit] |= people
    return found
