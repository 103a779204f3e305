"""What waits for a coordinator because the institution's calendar changed under a series."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import ngettext

from peerhub.common import clock
from peerhub.common.stages import URGENCY_SOON, Todo
from programmes.models import Role
from programmes.permissions import current_roles
from programmes.queries.series_fit import Touched, unfit_cycles


def series_todos(user: Any, now: datetime) -> list[Todo]:
    """A line for each cycle whose series were made from another calendar. One query: home pages do not compare days.

    Where no date would change, a sweep takes the line away (services/series_calendar.py, `settle_marks`).
    """
    cycles = current_roles(user).get(Role.COORDINATOR, set())
    if not cycles:
        return []
    touched = unfit_cycles(cycles, today=clock.local(now, "UTC").date())
    return [_todo(pk, one) for pk, one in touched.items()]


def _todo(cycle_id: int, one: Touched) -> Todo:
    text = ngettext("The calendar changed under a series", "The calendar changed under %(n)s series", one.n)
    return Todo(
        title=text % {"n": one.n},
        url=reverse("programmes:series_fit", args=[one.slug, one.code]),
        due_at=None,
        urgency=URGENCY_SOON,
        role="coordinator",
        detail=one.programme,
        icon="calendar-x",
        cycle_id=cycle_id,
        code="series_unfit",
    )
