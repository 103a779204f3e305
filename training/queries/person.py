"""One leader's training and clearance, for those who run the programme."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from programmes.models import Cycle, Membership
from training.models import (
    AssessmentKind,
    Attempt,
    ClearanceWaiver,
    Completion,
    CurriculumModule,
    DeliveryPlace,
    Module,
    Observation,
    PlaceState,
    RightToWork,
)
from training.queries.clearance import RIGHT_TO_WORK, Lapse, lapses, members_of
from training.queries.completions import MODULE_CODE
from training.queries.deliveries import latest_places, only_by_register
from training.queries.learning import done_of
from training.queries.standing import LOOKS, Done, State, state_on


@dataclass(frozen=True, slots=True)
class Line:
    """A module of the curriculum, where they stand with it, and what is on record."""

    module: Module
    is_mandatory: bool
    required_from: date
    state: State
    done: Done | None
    completions: Sequence[Completion]
    observations: Sequence[Observation]
    failed: int
    waiver: ClearanceWaiver | None
    dates: Sequence[DeliveryPlace]

    @property
    def look(self) -> tuple[str, Any, str]:
        return LOOKS[self.state]

    @property
    def code(self) -> str:
        return f"{MODULE_CODE}{self.module.uuid}"

    @property
    def by_hand(self) -> str:
        """How somebody who runs the programme can record it: "observe", "sign", or "" for a quiz, a register, and for
        safeguarding that one reads or attends oneself.
        """
        by_oneself = self.module.is_safeguarding and self.module.assessment == AssessmentKind.NONE
        if by_oneself or self.module.assessment == AssessmentKind.QUIZ or only_by_register(self.module):
            return ""
        return "observe" if self.module.assessment == AssessmentKind.OBSERVED else "sign"

    @property
    def is_out_of_tries(self) -> bool:
        return self.module.tries is not None and self.failed >= self.module.tries and not self.is_current

    @property
    def is_current(self) -> bool:
        return self.state in {State.COMPLETE, State.EXPIRING}

    @property
    def can_waive(self) -> bool:
        return self.is_mandatory and not self.module.is_safeguarding and not self.is_current and self.waiver is None


@dataclass(frozen=True)
class Dossier:
    lines: Sequence[Line]
    missing: Sequence[Lapse]
    is_paid: bool
    check: RightToWork | None
    paper_waiver: ClearanceWaiver | None
    other_waivers: Sequence[ClearanceWaiver]


def dossier(cycle: Cycle, membership: Membership, *, now: datetime) -> Dossier:
    """A constant number of queries: what is asked, what is on record, and what is missing."""
    user, today = membership.user_id, cycle.today(now=now)
    entries = list(
        CurriculumModule.objects.filter(
            curriculum__cycle=cycle, curriculum__role=membership.role, curriculum__replaced_at=None
        )
        .select_related("module")
        .order_by("position", "pk")
    )
    mine: dict[str, Any] = {"user": user, "module__in": [one.module_id for one in entries]}
    done = _by_module(Completion.objects.counting().filter(**mine).select_related("assessor").order_by("-completed_on"))
    seen = _by_module(Observation.objects.filter(**mine).select_related("observer").order_by("-observed_on", "-pk"))
    dates = latest_places(user, mine["module__in"])
    tried = _by_module(Attempt.objects.spent().filter(**mine, is_passed=False))
    standing = ClearanceWaiver.objects.standing().filter(membership=membership, until__gte=today)
    waivers = {one.code: one for one in standing.select_related("by")}
    members = members_of(Membership.objects.filter(pk=membership.pk), now)
    lines = [
        _line(
            one,
            (done.get(one.module_id, []), seen.get(one.module_id, []), tried.get(one.module_id, [])),
            waivers,
            today,
            dates.get(one.module_id, []),
        )
        for one in entries
    ]
    own = {RIGHT_TO_WORK, *(one.code for one in lines)}
    return Dossier(
        lines,
        [one for one in lapses(members) if one.has_come()],
        any(one.is_paid for one in members),
        RightToWork.objects.filter(user=user).select_related("checked_by").order_by("-checked_on", "-pk").first(),
        waivers.get(RIGHT_TO_WORK),
        [one for code, one in waivers.items() if code not in own],
    )


def _by_module(rows: Any) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for one in rows:
        found.setdefault(one.module_id, []).append(one)
    return found


def _line(
    entry: CurriculumModule,
    on_record: tuple[list[Any], ...],
    waivers: dict[str, ClearanceWaiver],
    today: date,
    dates: Sequence[DeliveryPlace],
) -> Line:
    completions, observations, failed = on_record
    module, done = entry.module, done_of(completions)
    waiver = None if module.is_safeguarding else waivers.get(f"{MODULE_CODE}{module.uuid}")
    since = max((one.recorded_at for one in completions), default=None)
    late = [one for one in failed if since is None or (one.submitted_at and one.submitted_at > since)]
    until = waiver.until if waiver else None
    has_begun = bool(failed or observations or any(one.state == PlaceState.CAME for one in dates))
    state = state_on(today, done, exempt_until=until, has_begun=has_begun)
    return Line(
        module,
        entry.is_mandatory,
        entry.required_from,
        state,
        done,
        completions,
        observations,
        len(late),
        waiver,
        dates,
    )
