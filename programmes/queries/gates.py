"""The whole checklist of a cycle: every stage's checks with their waivers, and the gates they guard."""

from dataclasses import dataclass, replace
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from peerhub.common import stages
from peerhub.common.stages import Check, Stage, Text
from peerhub.common.statements import compiled
from programmes.models import Cycle, CycleState, Waiver

ORDER: tuple[str, ...] = tuple(CycleState.values)
# The gates, by the state they open, and what people call them.
GATES: dict[str, Text] = {
    CycleState.PREPARING: _("Design agreed"),
    CycleState.RUNNING: _("Safe to start"),
    CycleState.EVALUATING: _("Time to look back"),
    CycleState.CLOSED: _("Ready to renew"),
}


@dataclass(frozen=True)
class StageList:
    """One stage and what it asks, waivers filled in."""

    stage: Stage
    checks: list[Check]

    @property
    def done(self) -> int:
        return sum(is_settled(check) for check in self.checks)


def is_settled(check: Check) -> bool:
    return check.done or bool(check.waived)


def stage_lists(cycle: Cycle) -> list[StageList]:
    """All five stages in order, each check with its waiver's reason. Silent stages have no checks."""
    waivers = dict(_reasons(cycle=cycle))
    return [
        StageList(stage, [replace(check, waived=waivers.get(check.code, check.waived)) for check in checks])
        for stage, checks in stages.checklist(cycle)
    ]


@compiled
def _reasons(*, cycle: Cycle) -> QuerySet[Waiver, tuple[str, str]]:
    return Waiver.objects.filter(cycle=cycle).values_list("check_code", "reason")


def next_state(state: str) -> str:
    """The state after `state`, or "" after the last."""
    position = ORDER.index(state) + 1
    return ORDER[position] if position < len(ORDER) else ""


def previous_state(state: str) -> str:
    position = ORDER.index(state)
    return ORDER[position - 1] if position else ""


def blocking(lists: list[StageList], to: str) -> list[Check]:
    """What still stands between a cycle and state `to`: undone, not waived, guarding this gate.

    Running also needs what preparing needed. Later states do not: a cycle that lost something can still end.
    """
    guarded = {to, CycleState.PREPARING.value} if to == CycleState.RUNNING else {to}
    return [
        check
        for part in lists
        for check in part.checks
        if check.blocking and not is_settled(check) and check.gate in guarded
    ]


def find_check(lists: list[StageList], code: str) -> Check | None:
    return next((check for part in lists for check in part.checks if check.code == code), None)


def waivers_of(cycle: Cycle) -> dict[str, Any]:
    """The waivers with who and when, by check."""
    return {waiver.check_code: waiver for waiver in cycle.waivers.select_related("by").order_by("pk")}
