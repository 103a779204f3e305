"""Training as the person sees it who does it: all modules asked of them, over all programmes, and one module."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from peerhub.common import dates
from programmes.models import CycleState, Membership, Role
from training.models import Attempt, Completion, CurriculumModule, Module, Observation, QuizQuestion
from training.queries.completions import MODULE_CODE, begun_by, done_by, waived_until
from training.queries.standing import LOOKS, Done, State, state_on

SHOWN = 10


@dataclass(frozen=True, slots=True)
class Line:
    """A module asked of somebody. `asked_by`: programmes, those that insist on it first."""

    module_id: int
    uuid: UUID
    title: str
    summary: str
    hours: Any
    is_live: bool
    is_mandatory: bool
    is_shared: bool
    state: State
    done: Done | None
    exempt_until: date | None
    asked_by: Sequence[str]

    @property
    def look(self) -> tuple[str, Any, str]:
        return LOOKS[self.state]

    @property
    def url(self) -> str:
        return reverse("training:module_detail", args=[self.uuid])

    @property
    def words(self) -> str:
        """Whether it must be, how long it takes, who asks for it, and until when it counts."""
        parts = [_("Mandatory") if self.is_mandatory else _("Optional"), hours_in_words(self.hours)]
        if self.is_live:
            parts.append(_("live"))
        return " ".join(filter(None, (f"{', '.join(parts)}. {', '.join(self.asked_by)}.", self._counts())))

    def _counts(self) -> str:
        if self.state == State.EXEMPT and self.exempt_until:
            return _("You are exempt until %(day)s.") % {"day": dates.long_day(self.exempt_until)}
        if self.done is None or self.done.expires_on is None:
            return ""
        said = _("Ran out on %(day)s.") if self.state == State.EXPIRED else _("Counts until %(day)s.")
        return said % {"day": dates.long_day(self.done.expires_on)}

    @property
    def is_open(self) -> bool:
        """Something is to be done about it, or will be within a month."""
        return self.state not in {State.COMPLETE, State.EXEMPT}


def hours_in_words(hours: Any) -> str:
    """1 hour, 1.5 hours."""
    said = number_format(hours.normalize() if hasattr(hours, "normalize") else hours)
    return ngettext("%(hours)s hour", "%(hours)s hours", 1 if hours == 1 else 2) % {"hours": said}


@dataclass(frozen=True)
class Mine:
    """Everything asked of one person, and hours of it that are done."""

    lines: Sequence[Line]
    memberships: Sequence[Membership]

    @property
    def needed(self) -> list[Line]:
        return [one for one in self.lines if one.is_mandatory]

    @property
    def complete(self) -> int:
        return sum(not one.is_open or one.state == State.EXPIRING for one in self.needed)

    @property
    def hours(self) -> Any:
        return sum((one.hours for one in self.lines if one.state in {State.COMPLETE, State.EXPIRING}), start=0)


def my_training(user: Any, *, now: datetime) -> Mine:
    """Five queries, whatever the number of programmes and modules."""
    places = Membership.objects.active().filter(user=user).exclude(cycle__state=CycleState.CLOSED)
    mine = list(places.select_related("cycle__programme").order_by("cycle__programme__name", "pk"))
    entries = list(_asked(mine)) if mine else []
    modules = {one.module_id for one in entries}
    done = done_by([user.pk], modules) if modules else {}
    begun = begun_by([user.pk], modules) if modules else set()
    exempt = _exempt(mine) if modules else {}
    today = timezone.localdate(now)
    lines = [
        _line(rows, done.get((user.pk, key)), exempt.get(str(rows[0].module.uuid)), (user.pk, key) in begun, today)
        for key, rows in _by_module(entries).items()
    ]
    return Mine(sorted(lines, key=lambda one: not one.is_mandatory), mine)


def _asked(mine: Sequence[Membership]) -> QuerySet[CurriculumModule]:
    wanted = Q()
    for role in {one.role for one in mine}:
        cycles = [one.cycle_id for one in mine if one.role == role]
        wanted |= Q(curriculum__role=role, curriculum__cycle__in=cycles)
    rows = CurriculumModule.objects.filter(wanted, curriculum__replaced_at=None)
    return rows.select_related("module", "curriculum__cycle__programme").order_by("position", "pk")


def _by_module(entries: Sequence[CurriculumModule]) -> dict[int, list[CurriculumModule]]:
    found: dict[int, list[CurriculumModule]] = {}
    for one in entries:
        found.setdefault(one.module_id, []).append(one)
    return found


def _exempt(mine: Sequence[Membership]) -> dict[str, date]:
    """Uuid of a module to the last day of an exemption. One that holds in one programme alone is shown all the same."""
    found: dict[str, date] = {}
    for (_pk, code), until in waived_until(one.pk for one in mine).items():
        if code.startswith(MODULE_CODE):
            key = code.removeprefix(MODULE_CODE)
            found[key] = max(until, found.get(key, until))
    return found


def _line(
    rows: Sequence[CurriculumModule], done: Done | None, until: date | None, has_begun: bool, today: date
) -> Line:
    module = rows[0].module
    exempt = None if module.is_safeguarding else until
    return Line(
        module.pk,
        module.uuid,
        module.title,
        module.summary,
        module.hours,
        module.mode == "live",
        any(one.is_mandatory for one in rows),
        module.owner_id is None,
        state_on(today, done, exempt_until=exempt, has_begun=has_begun),
        done,
        exempt,
        list(dict.fromkeys(one.curriculum.cycle.programme.name for one in rows)),
    )


# --- one module -------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Reading:
    """A module for one reader: where they stand, what they did, and what they may do."""

    module: Module
    state: State
    done: Done | None
    completions: Sequence[Completion]
    attempts: Sequence[Attempt]
    observations: Sequence[Observation]
    questions: int
    open_attempt: Attempt | None
    tries_left: int | None

    @property
    def look(self) -> tuple[str, Any, str]:
        return LOOKS[self.state]

    @property
    def wants(self) -> bool:
        """They may do it (again)."""
        return self.state not in {State.COMPLETE} and self.module.closed_at is None


def reading(module: Module, user: Any, *, now: datetime) -> Reading:
    """Four queries."""
    completions = list(Completion.objects.counting().filter(user=user, module=module).order_by("-completed_on", "-pk"))
    attempts = list(Attempt.objects.filter(user=user, module=module).order_by("-started_at", "-pk")[:SHOWN])
    observations = list(
        Observation.objects.filter(user=user, module=module).select_related("observer").order_by("-observed_on", "-pk")
    )
    is_quiz = module.assessment == "quiz"
    count = QuizQuestion.objects.in_use().filter(module=module).count() if is_quiz else 0
    done = done_of(completions)
    has_begun = bool(attempts or observations)
    held = next((one for one in attempts if one.submitted_at is None and now < one.closes_at), None)
    return Reading(
        module=module,
        state=state_on(timezone.localdate(now), done, has_begun=has_begun),
        done=done,
        completions=completions,
        attempts=[one for one in attempts if one.submitted_at],
        observations=observations,
        questions=min(count, module.questions_drawn or count),
        open_attempt=held,
        tries_left=_tries_left(module, attempts, completions, now),
    )


def done_of(completions: Sequence[Completion]) -> Done | None:
    if not completions:
        return None
    days = [one.expires_on for one in completions]
    lasting = any(day is None for day in days)
    return Done(completions[0].completed_on, None if lasting else max(day for day in days if day))


def _tries_left(
    module: Module, attempts: Sequence[Attempt], completions: Sequence[Completion], now: datetime
) -> int | None:
    """As `start_quiz` counts them: an open try whose time is over is used up."""
    if module.tries is None:
        return None
    since = max((one.recorded_at for one in completions), default=None)
    spent = [
        one
        for one in attempts
        if not one.is_forgiven
        and (over := one.submitted_at or (one.closes_at if one.closes_at <= now else None))
        and (since is None or over > since)
    ]
    return max(module.tries - len(spent), 0)


def questions_of(attempt: Attempt) -> list[QuizQuestion]:
    """The questions of a try, in the order they were drawn. One query."""
    found = {
        str(one.uuid): one for one in QuizQuestion.objects.filter(module=attempt.module_id, uuid__in=attempt.drawn)
    }
    return [found[key] for key in attempt.drawn if key in found]


def is_leader_anywhere(memberships: Sequence[Membership]) -> bool:
    return any(one.role == Role.LEADER for one in memberships)
