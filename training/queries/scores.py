"""What scores come to: who has locked, where they differ, the weighted total. Exact: fractions, never rounded first."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from training.models import Application, ApplicationState, Assessment, Consensus, Criterion, RecruitmentRound, Score
from training.models.assessments import APART, CLEAR

FEWEST = 2  # assessors for each application
MOST = 4  # points for a criterion


@dataclass
class Outcome:
    """How one application was scored. `by_criterion`: criterion's key to the locked scores, in no telling order."""

    application_id: int
    locked: int = 0
    open: int = 0
    by_criterion: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    agreed: dict[int, int] = field(default_factory=dict)

    @property
    def is_complete(self) -> bool:
        """At least two have locked, and nobody is still at it: from now on they may see one another's."""
        return self.locked >= FEWEST and not self.open

    def is_apart(self, criterion_id: int) -> bool:
        """The scores of one criterion are two or more apart: they talk about it."""
        values = self.by_criterion.get(criterion_id, [])
        return bool(values) and max(values) - min(values) >= APART

    def to_discuss(self) -> list[int]:
        """Criteria that are apart and not agreed on yet."""
        return [key for key in self.by_criterion if self.is_apart(key) and key not in self.agreed]

    @property
    def is_settled(self) -> bool:
        return self.is_complete and not self.to_discuss()

    def value(self, criterion_id: int) -> Fraction:
        """What was agreed, else the mean of the originals."""
        if criterion_id in self.agreed:
            return Fraction(self.agreed[criterion_id])
        values = self.by_criterion.get(criterion_id, [])
        return Fraction(sum(values), len(values)) if values else Fraction(0)

    def total(self, criteria: Sequence[Criterion]) -> Fraction:
        """Weighted, of 100."""
        most = sum(one.weight * MOST for one in criteria)
        return sum((self.value(one.pk) * one.weight for one in criteria), Fraction(0)) * 100 / most

    def lacking(self, criteria: Sequence[Criterion]) -> list[Criterion]:
        """Essential criteria without clear evidence."""
        return [one for one in criteria if one.is_essential and self.value(one.pk) < CLEAR]


def outcomes_of(applications: Iterable[int]) -> dict[int, Outcome]:
    """Outcome of each application by key. Three queries for any number."""
    keys = list(applications)
    found = {key: Outcome(key) for key in keys}
    dealt = Assessment.objects.counting().filter(application__in=keys).order_by()
    for key, locked_at in dealt.values_list("application_id", "locked_at"):
        if locked_at is None:
            found[key].open += 1
        else:
            found[key].locked += 1
    scores = Score.objects.filter(
        assessment__application__in=keys, assessment__locked_at__isnull=False, value__isnull=False
    )
    for key, criterion, value in scores.order_by().values_list("assessment__application_id", "criterion_id", "value"):
        found[key].by_criterion[criterion].append(value or 0)
    agreed = Consensus.objects.filter(application__in=keys).order_by()
    for key, criterion, value in agreed.values_list("application_id", "criterion_id", "value"):
        found[key].agreed[criterion] = value
    return found


@dataclass(frozen=True)
class Ranked:
    """One application in the order of its total. `lacks`: essential criteria without clear evidence, by name."""

    application: Application
    total: Fraction
    lacks: list[str]
    is_guaranteed: bool

    @property
    def points(self) -> int:
        """Whole points of 100, rounded down: a cut at 60 never lets 59.9 look like it."""
        return int(self.total)

    def is_chosen(self, cut: int) -> bool:
        """Essentials first; then the total decides, but for guaranteed conversations."""
        return self.is_chosen_by_points(cut) or (self.is_guaranteed and not self.lacks)

    def is_chosen_by_points(self, cut: int) -> bool:
        return not self.lacks and self.total >= cut


@dataclass
class Ranking:
    """Everybody being assessed: those whose scores are settled in order, and how many are not ready for it."""

    rows: list[Ranked]
    not_prepared: int
    unfinished: int
    to_discuss: int

    @property
    def is_ready(self) -> bool:
        return bool(self.rows) and not (self.not_prepared or self.unfinished or self.to_discuss)


def ranking_of(round_: RecruitmentRound, criteria: Sequence[Criterion]) -> Ranking:
    """The round's applications that are being assessed, best first. Five queries for any number."""
    rows = Application.objects.filter(round=round_)
    waiting = rows.filter(state=ApplicationState.SUBMITTED).count()
    applications = {one.pk: one for one in rows.filter(state=ApplicationState.ELIGIBLE)}
    outcomes = outcomes_of(applications)
    settled = [one for one in outcomes.values() if one.is_settled]
    ranked = [_ranked(applications[one.application_id], one, criteria, round_) for one in settled]
    ranked.sort(key=lambda one: (-one.total, one.application.code))
    unfinished = sum(not one.is_complete for one in outcomes.values())
    return Ranking(ranked, waiting, unfinished, len(outcomes) - unfinished - len(settled))


def _ranked(
    application: Application, outcome: Outcome, criteria: Sequence[Criterion], round_: RecruitmentRound
) -> Ranked:
    return Ranked(
        application,
        outcome.total(criteria),
        [one.name for one in outcome.lacking(criteria)],
        round_.guarantees_interview and application.wants_guarantee,
    )


def in_words(value: Fraction) -> str:
    """A mean of whole numbers as people read it: 3, 2.5."""
    return f"{float(value):.1f}".removesuffix(".0")


def values_of(outcome: Outcome, criteria: Sequence[Criterion]) -> Mapping[str, str]:
    """Criterion's name to what it came to."""
    return {one.name: in_words(outcome.value(one.pk)) for one in criteria}
