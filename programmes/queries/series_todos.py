"""What waits for a coordinator because the institution's calendar changed under a series."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import ngettext

from peerhub.common import clock
from peerhub.common.stages import URGENCY_SOON, Todo
from programmes.models import Role
from programmes.permissions import current_roles
from programmes.queries.series_fit import Fit, fits_of, unfit_cycles


def series_todos(user: Any, now: datetime) -> list[Todo]:
    """A line for each cycle with series that no longer fit. One query; only where the calendar was touched are the
    days themselves compared.
    """
    cycles = current_roles(user).get(Role.COORDINATOR, set())
    if not cycles:
        return []
    touched = unfit_cycles(cycles, today=clock.local(now, "UTC").date())
    by_cycle: dict[int, list[Fit]] = {}
    for fit in fits_of(touched, now=now) if touched else ():
        by_cycle.setdefault(fit.series.cycle_id, []).append(fit)
    return [_todo(fits) for fits in by_cycle.values()]


def _todo(fits: list[Fit]) -> Todo:
    cycle = fits[0].series.cycle
    text = ngettext("%(n)s series no longer fits the calendar", "%(n)s series no longer fit the calendar", len(fits))
    n = sum(fit.n for fit in fits)
    detail = ngettext("%(programme)s. %(n)s date would change.", "%(programme)s. %(n)s dates would change.", n)
    return Todo(
        title=text % {"n": len(fits)},
        url=reverse("programmes:series_fit", args=[cycle.programme.slug, cycle.code]),
        due_at=None,
        urgency=URGENCY_SOON,
        role="coordinator",
        detail=detail % {"programme": cycle.programme.name, "n": n},
        icon="calendar-x",
        cycle_id=cycle.pk,
        code="series_unfit",
    )
