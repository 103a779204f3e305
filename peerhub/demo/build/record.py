"""The record of every cycle: what the use cases would have written while it was set up, opened and moved on."""

import itertools
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from peerhub.common.models import AuditEvent
from peerhub.demo.build.anchor import Anchor, at
from peerhub.demo.build.people import BATCH
from peerhub.demo.build.programmes import Run
from programmes.models import CycleState

ORDER = list(CycleState)
OF_THE_PROGRAMME = {"programme_created", "purpose_changed", "visibility_changed"}


def write_record(*, runs: Iterable[Run], anchor: Anchor) -> None:
    """Write the lines of each cycle's timeline; they say who opened its gates, and when."""
    AuditEvent.objects.bulk_create(
        (event for run in runs for event in (*_set_up(run), *_moves(run, anchor))), batch_size=BATCH
    )


def _line(run: Run, action: str, when: datetime, detail: dict[str, Any] | None = None) -> AuditEvent:
    target = run.programme if action in OF_THE_PROGRAMME else run.cycle
    return AuditEvent(
        actor=run.staff[0].user,
        action=f"programmes.{action}",
        target_type=target._meta.label_lower,
        target_id=str(target.pk),
        cycle_id=run.cycle.pk,
        detail=detail or {},
        at=when,
    )


def _set_up(run: Run) -> Iterator[AuditEvent]:
    """The first cycle was written step by step; a later one was copied and read again."""
    begun = run.cycle.created_at
    if run.cycle.previous is not None:
        yield _line(run, "cycle_rolled_over", begun, {"from": run.cycle.previous.pk})
        for days, part in enumerate(("dates", "people", "purpose"), start=9):
            yield _line(run, "part_read", begun + timedelta(days=days), {"part": part})
        return
    yield _line(run, "programme_created", begun)
    yield _line(run, "purpose_changed", begun + timedelta(days=6))
    if run.plan.state != "design":
        yield _line(run, "boundaries_changed", begun + timedelta(days=13))
        yield _line(run, "visibility_changed", begun + timedelta(days=30), {"visibility": "public"})


def _moves(run: Run, anchor: Anchor) -> Iterator[AuditEvent]:
    start, end = anchor.year_start(run.years_ago), anchor.year_end(run.years_ago)
    when = {
        CycleState.PREPARING: at(start - timedelta(days=40), 10),
        CycleState.RUNNING: at(start - timedelta(days=7), 9),
        CycleState.EVALUATING: min(at(end, 16), anchor.now - timedelta(days=4)),
        CycleState.CLOSED: at(end + timedelta(days=14), 9),
    }
    reached = ORDER[: ORDER.index(CycleState(run.cycle.state)) + 1]
    for came_from, to in itertools.pairwise(reached):
        yield _line(run, "cycle_moved", when[to], {"from": came_from.value, "to": to.value})
