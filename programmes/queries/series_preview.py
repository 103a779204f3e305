"""What planning a series would do, before it is done: how many, on which days, what is left out and what clashes."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.template.defaultfilters import capfirst
from django.utils.translation import gettext as _

from peerhub.common import dates
from programmes.models import Cycle, Mode
from programmes.queries.clashes import Slot, clashes_of
from programmes.queries.occurrences import Occurrence, SeriesPlan

CLASHES_LISTED = 12


@dataclass(frozen=True)
class Day:
    """One day that would be: `notes` are what to know about it."""

    starts_at: datetime
    ends_at: datetime
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Left:
    """A day on which nothing would happen, and why."""

    on: datetime
    why: str


@dataclass(frozen=True)
class SeriesPreview:
    """One series: what it is called, who leads it, its days and what is left out."""

    name: str
    leaders: str
    place: str
    days: list[Day]
    left: list[Left]
    n_past: int

    @property
    def has_notes(self) -> bool:
        return any(day.notes for day in self.days)

    @property
    def last_at(self) -> datetime | None:
        return self.days[-1].starts_at if self.days else None


@dataclass(frozen=True)
class Preview:
    """All of them. `mark` is the same as long as nothing that is shown changed."""

    series: list[SeriesPreview]
    n: int
    n_clashes: int
    mark: str


def name_of(plan: SeriesPlan, cycle: Cycle) -> str:
    """What a series is called: its title, its group, or the programme's word. Load the activity type."""
    if plan.pattern.title:
        return plan.pattern.title
    return plan.group.name if plan.group else str(capfirst(cycle.programme.word("sessions")))


def preview_of(cycle: Cycle, plans: Sequence[SeriesPlan], days: Sequence[Sequence[Occurrence]]) -> Preview:
    """`days` are those of each plan, in the same order. Four queries at most."""
    slots = [
        _slot(cycle, plan, day) for plan, all_days in zip(plans, days, strict=True) for day in all_days if day.happens
    ]
    in_time = [at for at, slot in enumerate(slots) if slot]
    met = clashes_of([slot for slot in slots if slot])
    notes = {at: met[number] for number, at in enumerate(in_time) if number in met}
    shown, at = [], 0
    for plan, all_days in zip(plans, days, strict=True):
        n = sum(day.happens for day in all_days)
        shown.append(_series(cycle, plan, all_days, [notes.get(at + number, []) for number in range(n)]))
        at += n
    mark = hashlib.sha256(repr([(one.name, one.leaders, one.place, one.days, one.left) for one in shown]).encode())
    return Preview(shown, len(slots), len(notes), mark.hexdigest()[:20])


def _slot(cycle: Cycle, plan: SeriesPlan, day: Occurrence) -> Slot | None:
    """What could clash; nothing does that people do in their own time."""
    pattern = plan.pattern
    if pattern.mode == Mode.ASYNC:
        return None
    return Slot(
        starts_at=day.starts_at,
        ends_at=day.ends_at,
        name=name_of(plan, cycle),
        group_id=plan.group.pk if plan.group else None,
        place=pattern.place if pattern.mode == Mode.IN_PERSON else "",
        user_ids=frozenset(one.user_id for one in pattern.leaders),
    )


def _series(cycle: Cycle, plan: SeriesPlan, days: Sequence[Occurrence], notes: Sequence[list[str]]) -> SeriesPreview:
    happening = [day for day in days if day.happens]
    return SeriesPreview(
        name=name_of(plan, cycle),
        leaders=", ".join(one.user.display_name for one in plan.pattern.leaders),
        place=plan.pattern.place or ("" if plan.pattern.mode == Mode.IN_PERSON else str(Mode(plan.pattern.mode).label)),
        days=[
            Day(day.starts_at, day.ends_at, [*_shifted(day), *said]) for day, said in zip(happening, notes, strict=True)
        ],
        left=[Left(day.starts_at, day.skipped) for day in days if day.skipped and not day.is_past],
        n_past=sum(day.is_past for day in days),
    )


def _shifted(day: Occurrence) -> list[str]:
    if not day.is_shifted:
        return []
    return [_("The clocks go forward that night, so it starts at %(time)s.") % {"time": dates.clock(day.starts_at)}]
