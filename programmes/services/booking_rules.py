"""How people come to a cycle's open sessions, and the rules of booking."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from peerhub.common import audit
from programmes.models import AttendanceMode, BookingRules, Cycle
from programmes.models.bookings import RULES
from programmes.queries.bookings import rules_of
from programmes.services.booking_pauses import lift_all
from programmes.services.changes import locked_cycle, put
from programmes.services.seats import due_in_cycle, end_waiting_lists, follow_sessions


@dataclass(frozen=True, slots=True)
class Coming:
    """What became of a change: how many no longer wait for a seat, and whose pauses ended with the rule."""

    cycle: Cycle
    waited: int = 0
    paused: int = 0


@transaction.atomic(durable=True)
def change_coming(*, actor: Any, cycle_id: int, mode: str, rules: Mapping[str, Any], now: datetime) -> Coming:
    """Set how people come, and the rules (`programmes.models.bookings.RULES`).

    Seats that are booked stay booked whatever changes. Where nobody books any more, waiting lists end and those on them
    are told; where the rule about missing is switched off, booking is paused for nobody. Refuses with `EditRefused`.
    """
    cycle = locked_cycle(cycle_id)
    before = rules_of(cycle)
    is_new = before.pk is None
    wanted = {name: rules[name] for name in RULES if name in rules}
    changed = put(cycle, attendance_mode=AttendanceMode(mode).value)
    if is_new:
        BookingRules.objects.create(cycle=cycle, **wanted)
        changed += [name for name in wanted if wanted[name] != getattr(before, name)]
    else:
        changed += put(before, **wanted)
    made = Coming(
        cycle,
        waited=end_waiting_lists(cycle, now=now) if mode != AttendanceMode.BOOK else 0,
        paused=lift_all(cycle, by=actor, reason=_("The rule was switched off."), now=now)
        if wanted.get("misses", before.misses) is None
        else 0,
    )
    if changed:
        detail = {"changed": changed, "mode": mode}
        audit.record(
            actor=actor, action="programmes.coming_changed", target=cycle, cycle_id=cycle.pk, detail=detail, now=now
        )
        follow_sessions(due_in_cycle(cycle, now=now), now=now)
    return made
