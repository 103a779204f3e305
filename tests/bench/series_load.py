"""Plan a term of so many sessions at once on an empty database and say what it took, as JSON."""

import json
import os
import sys
import time
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime
from datetime import time as wall
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peerhub.settings")
django.setup()

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from peerhub.institution.models import Closure
from programmes.models import Role, Session, SessionLeader
from programmes.queries.occurrences import Pattern, Rule, SeriesPlan
from programmes.queries.series_fit import fits_of, seen_mark
from programmes.queries.series_preview import preview_of
from programmes.services.series import days_of, plan_series
from programmes.services.series_calendar import refit_series
from tests import factories as make

NOW = datetime(2026, 9, 1, 10, tzinfo=UTC)
WEEKS, DAYS = 36, (1, 3)


def plans(cycle: Any, count: int) -> list[SeriesPlan]:
    """As many groups as it takes, each twice a week with two leaders."""
    rule = Rule(DAYS, (), 1, teaching_only=True, starts_on=date(2026, 9, 21), ends_on=date(2027, 5, 28))
    found = []
    for _ in range(-(-count // (WEEKS * len(DAYS)))):
        group = make.GroupFactory(cycle=cycle)
        leaders = tuple(make.MembershipFactory.create_batch(2, cycle=cycle, role=Role.LEADER))
        found.append(SeriesPlan(group, rule, Pattern(wall(14), 60, leaders, place="Library 3")))
    return found


def measured(act: Callable[[], Any]) -> tuple[Any, int, float]:
    with CaptureQueriesContext(connection) as captured:
        started = time.perf_counter()
        result = act()
        seconds = time.perf_counter() - started
    return result, len(captured), seconds


def floor(cycle: Any, wanted: list[SeriesPlan], moments: list[Any]) -> None:
    with transaction.atomic():
        rows = Session.objects.bulk_create(
            (
                Session(cycle=cycle, group=plan.group, starts_at=day.starts_at, ends_at=day.ends_at, created_at=NOW)
                for plan, days in zip(wanted, moments, strict=True)
                for day in days
            ),
            batch_size=1000,
        )
        SessionLeader.objects.bulk_create(
            (SessionLeader(session=row, membership=one) for row in rows for one in wanted[0].pattern.leaders),
            batch_size=1000,
        )


def main(count: int) -> dict[str, float]:
    cycle = make.CycleFactory()
    rhian = make.MembershipFactory(cycle=cycle, role=Role.COORDINATOR).user
    wanted = plans(cycle, count)
    preview, looked, _seconds = measured(lambda: preview_of(cycle, wanted, days_of(cycle, wanted, now=NOW)))
    made, queries, seconds = measured(
        lambda: plan_series(actor=rhian, cycle_id=cycle.pk, plans=wanted, key=uuid.uuid4(), now=NOW)
    )
    assert preview.n == Session.objects.count() >= count
    moments = [[day for day in days if day.happens] for days in days_of(cycle, wanted, now=NOW)]
    _none, _queries, plain = measured(lambda: floor(cycle, wanted, moments))
    Closure.objects.create(name="Snow", starts_on="2026-12-01", ends_on="2026-12-01")
    fits, fit, _seconds = measured(lambda: fits_of([cycle.pk], now=NOW))
    refit = {"actor": rhian, "cycle_id": cycle.pk, "seen": seen_mark(fits), "key": None, "now": NOW}
    _n, follow, _seconds = measured(lambda: refit_series(**refit))
    return {
        "sessions": preview.n,
        "queries": queries,
        "seconds": seconds,
        "floor": plain,
        "preview": looked,
        "fit": fit,
        "refit": follow / len(made),
    }


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
