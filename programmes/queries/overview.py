"""The workspace's overview: the ring, what needs you, stages and gates, next sessions, people."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peerhub.common import ring, stages
from peerhub.common.models import AuditEvent
from peerhub.common.stages import Text, Todo
from peerhub.common.statements import compiled
from programmes.models import (
    Cycle,
    CycleState,
    Membership,
    Role,
    Session,
    SessionKind,
    Value,
)
from programmes.queries.catalogue import CONTEXT_NUMBER
from programmes.queries.gates import GATES, ORDER, StageList, blocking, next_state, stage_lists
from programmes.queries.sessions import leader_names

STAGE_SHORT: tuple[Text, ...] = (
    gettext_lazy("Co-design"),
    gettext_lazy("Training"),
    gettext_lazy("Reward"),
    gettext_lazy("Safeguarding"),
    gettext_lazy("Evaluation"),
)
# After which stage a gate stands on the page.
GATE_AFTER = {CycleState.PREPARING: 1, CycleState.RUNNING: 4, CycleState.CLOSED: 5}
MOST_TODOS = 5
MOST_SESSIONS = 4


@dataclass(frozen=True)
class Gate:
    """A sign-off between stages. `missing` counts what blocks it; `event` says when it was passed and by whom."""

    state: str
    title: Text
    passed: bool
    missing: int
    event: AuditEvent | None


@dataclass(frozen=True)
class StageRow:
    """A stage in the legend and, when it asks for something, in the list."""

    number: int
    title: Text
    short: Text
    part: StageList
    is_now: bool
    gate: Gate | None

    @property
    def total(self) -> int:
        return len(self.part.checks)

    @property
    def done(self) -> int:
        return self.part.done

    @property
    def is_done(self) -> bool:
        return bool(self.total) and self.done == self.total

    @property
    def percent(self) -> int:
        return ring.fill(self.done, self.total).percent


@dataclass
class Wheel:
    """What the ring shows, and says."""

    contexts: tuple[int, ...]
    values: list[int]
    fills: tuple[ring.Fill, ...]
    percent: int
    done: int
    total: int


@dataclass
class Overview:
    rows: list[StageRow]
    wheel: Wheel
    todos: list[Todo]
    all_todos: int
    next_state: str
    blocked: int
    cycles: list[Cycle]
    team: list[Membership] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)


def lit_values(chosen: Sequence[str]) -> list[int]:
    """Numbers 1 to 10 of the chosen values, in the framework's order."""
    return [number for number, value in enumerate(Value.values, start=1) if value in chosen]


def stage_now(pairs: Sequence[tuple[int, int]]) -> int:
    """The stage one is in: the first with something left to do. 0 when all that is asked is done."""
    return next((number for number, (done, total) in enumerate(pairs, start=1) if done < total), 0)


def _wheel(cycle: Cycle, pairs: list[tuple[int, int]]) -> Wheel:
    done, total = sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)
    return Wheel(
        contexts=(CONTEXT_NUMBER[cycle.programme.context],),
        values=lit_values(cycle.programme.values),
        fills=ring.fills(pairs, now=stage_now(pairs)),
        percent=ring.fill(done, total).percent,
        done=done,
        total=total,
    )


def _gates(cycle: Cycle, lists: list[StageList]) -> dict[int, Gate]:
    """By the stage they stand after."""
    moves = _moves(cycle_id=cycle.pk)
    passed_in: dict[str, AuditEvent] = {}
    for event in moves:
        passed_in.setdefault(event.detail.get("to", ""), event)
    reached = ORDER.index(cycle.state)
    gates = {}
    for state, after in GATE_AFTER.items():
        passed = ORDER.index(state) <= reached
        missing = 0 if passed else len(blocking(lists, state))
        gates[after] = Gate(state, GATES[state], passed, missing, passed_in.get(state) if passed else None)
    return gates


@compiled
def _moves(*, cycle_id: int) -> QuerySet[AuditEvent, AuditEvent]:
    return AuditEvent.objects.of_cycle(cycle_id).filter(action="programmes.cycle_moved").select_related("actor")[:12]


def stage_rows(cycle: Cycle, lists: list[StageList]) -> list[StageRow]:
    """All five stages, with the gate that stands after each."""
    gates = _gates(cycle, lists)
    now = stage_now([(part.done, len(part.checks)) for part in lists])
    return [
        StageRow(number, part.stage.title, STAGE_SHORT[number - 1], part, number == now, gates.get(number))
        for number, part in enumerate(lists, start=1)
    ]


@compiled
def _team(*, cycle: Cycle) -> QuerySet[Membership, Membership]:
    """The point person and up to two more who run the cycle."""
    running = Membership.objects.active().filter(cycle=cycle, role__in=[Role.COORDINATOR, Role.SUPERVISOR])
    return running.select_related("user").order_by("-is_point_person", "role", "pk")[:3]


def next_sessions(cycle: Cycle, now: datetime) -> list[Session]:
    """The next few sessions of the cycle with their `leader_names`. For people who may see all its sessions."""
    rows = _upcoming(cycle=cycle, now=now)
    names = leader_names(rows)
    for row in rows:
        row.leader_names = names.get(row.pk, [])  # type: ignore[attr-defined]
    return rows


@compiled
def _upcoming(*, cycle: Cycle, now: datetime) -> QuerySet[Session, Session]:
    rows = Session.objects.upcoming(now=now).filter(cycle=cycle, kind=SessionKind.SESSION)
    return rows.select_related("group").order_by("starts_at", "pk")[:MOST_SESSIONS]


def overview(user: Any, cycle: Cycle, cycles: list[Cycle], *, now: datetime, with_sessions: bool) -> Overview:
    """Everything on the page. Load the cycle, and the others of its programme, by `cycles_or_404`."""
    lists = stage_lists(cycle)
    onward = next_state(cycle.state)
    mine = [todo for todo in stages.todos(user, now) if todo.cycle_id == cycle.pk]
    return Overview(
        rows=stage_rows(cycle, lists),
        wheel=_wheel(cycle, [(part.done, len(part.checks)) for part in lists]),
        todos=mine[:MOST_TODOS],
        all_todos=len(mine),
        next_state=onward,
        blocked=len(blocking(lists, onward)) if onward else 0,
        cycles=cycles[:8],
        team=_team(cycle=cycle),
        sessions=next_sessions(cycle, now) if with_sessions else [],
    )


def wheel_in_words(rows: Sequence[StageRow], wheel: Wheel) -> str:
    """The ring as one description for people who cannot see it."""
    parts = [_("%(percent)s per cent of what is asked is done.") % {"percent": wheel.percent}]
    for row in rows:
        values = {"number": row.number, "percent": row.percent}
        if not row.total:
            parts.append(_("Stage %(number)s asks nothing yet.") % values)
        elif row.is_done:
            parts.append(_("Stage %(number)s is done.") % values)
        elif row.is_now:
            parts.append(_("Stage %(number)s is %(percent)s per cent done and is where you are now.") % values)
        else:
            parts.append(_("Stage %(number)s is %(percent)s per cent done.") % values)
    return " ".join(parts)
