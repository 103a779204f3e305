"""Pages of choosing: what is to prepare, what an assessor was dealt, one application as who coordinates sees it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from programmes.models import Membership, Role
from training.models import (
    Application,
    ApplicationState,
    Assessment,
    Criterion,
    RecruitmentRound,
    RoundHelper,
    RoundState,
    Score,
)
from training.queries.redaction import marked_parts
from training.queries.scores import Outcome, in_words, outcomes_of

S = ApplicationState
TO_PREPARE = (S.SUBMITTED, S.ELIGIBLE, S.INELIGIBLE)


# --- preparing -------------------------------------------------------------------------------------------------------
def rounds_to_prepare(user: Any) -> QuerySet[RecruitmentRound, RecruitmentRound]:
    """Published rounds this person coordinates or prepares copies in."""
    if not user.is_authenticated:
        return RecruitmentRound.objects.none()
    runs = Membership.objects.active().filter(user=user, cycle=OuterRef("cycle"), role=Role.COORDINATOR)
    helps = RoundHelper.objects.filter(user=user, round=OuterRef("pk"), kind="redactor", released_at=None)
    rows = RecruitmentRound.objects.filter(Exists(runs) | Exists(helps), state=RoundState.OPEN)
    return rows.select_related("cycle__programme__activity_type", "cycle__programme__owner_unit")


def to_prepare(round_: RecruitmentRound) -> QuerySet[Application, Application]:
    """Applications of a round by code: first those that wait to be prepared."""
    rows = Application.objects.filter(round=round_, state__in=TO_PREPARE)
    return rows.annotate(waits=Q(state=S.SUBMITTED)).order_by("-waits", "code", "pk")


# --- assessing -------------------------------------------------------------------------------------------------------
def own_assessments(user: Any, round_: RecruitmentRound) -> QuerySet[Assessment, Assessment]:
    """What an assessor was dealt, in their own order. Loads the application's code, and nothing of who wrote it."""
    rows = Assessment.objects.visible_to(user).filter(application__round=round_)
    return rows.select_related("application").only(*OF_ASSESSMENT).order_by("position", "pk")


OF_ASSESSMENT = (
    "uuid", "position", "conflict", "conflicted_at", "locked_at", "helper_id",
    "application__code", "application__uuid", "application__round_id",
)  # fmt: skip


@dataclass(frozen=True)
class Far:
    """How far an assessor is."""

    total: int
    locked: int

    @property
    def percent(self) -> int:
        return 100 * self.locked // self.total if self.total else 0


def how_far(user: Any, round_: RecruitmentRound) -> Far:
    counted = own_assessments(user, round_).order_by().aggregate(
        total=Count("pk", filter=Q(conflicted_at=None)), locked=Count("pk", filter=Q(locked_at__isnull=False))
    )  # fmt: skip
    return Far(counted["total"], counted["locked"])


def round_to_assess_or_404(user: Any, uuid: Any) -> RecruitmentRound:
    if not user.is_authenticated:
        raise Http404
    helps = RoundHelper.objects.filter(user=user, round=OuterRef("pk"), kind="assessor", released_at=None)
    rows = RecruitmentRound.objects.filter(Exists(helps), state=RoundState.OPEN)
    found: RecruitmentRound = get_object_or_404(rows.select_related("cycle__programme"), uuid=uuid)
    return found


@dataclass(frozen=True)
class Line:
    """A criterion on an assessor's page: what they said, and what others said once everybody has locked."""

    criterion: Criterion
    value: int | None
    evidence: str
    others: list[tuple[int, str]] = field(default_factory=list)
    agreed: int | None = None
    is_apart: bool = False


@dataclass(frozen=True)
class Sheet:
    """One application as an assessor sees it."""

    code: str
    answers: list[tuple[str, list[tuple[str, bool]]]]
    lines: list[Line]
    sees_others: bool


def sheet_of(assessment: Assessment) -> Sheet:
    """Redacted answers and one's own scores; others' only when all who score it have locked. Six queries."""
    application = assessment.application
    answers = application.answers.order_by("question__position").values_list("question__text", "redacted")
    criteria = list(Criterion.objects.filter(round=application.round_id).order_by("position"))
    outcome = outcomes_of([application.pk])[application.pk]
    sees = assessment.locked_at is not None and outcome.is_complete
    shown = Score.objects.filter(assessment__application=application.pk)
    shown = shown.filter(assessment__locked_at__isnull=False) if sees else shown.filter(assessment=assessment.pk)
    rows = list(shown.order_by("pk").values_list("assessment_id", "criterion_id", "value", "evidence"))
    lines = [_line(one, rows, assessment.pk, outcome if sees else None) for one in criteria]
    return Sheet(application.code, [(text, marked_parts(copy)) for text, copy in answers], lines, sees)


def _line(criterion: Criterion, rows: Sequence[Any], own: int, outcome: Outcome | None) -> Line:
    value, why = next(((value, why) for key, of, value, why in rows if key == own and of == criterion.pk), (None, ""))
    if outcome is None:
        return Line(criterion, value, why)
    others = [(score, said) for key, of, score, said in rows if key != own and of == criterion.pk]
    agreed = outcome.agreed.get(criterion.pk)
    return Line(criterion, value, why, others, agreed, is_apart=outcome.is_apart(criterion.pk))


# --- one application, for who coordinates ---------------------------------------------------------------------------
@dataclass(frozen=True)
class Scored:
    """A criterion on the coordinator's page, once everybody has locked."""

    criterion: Criterion
    originals: list[tuple[int, str]]
    is_apart: bool
    agreed: Any
    counts: str


def who_assesses(application: Application) -> list[tuple[str, str]]:
    """Each assessor and how far they are: "locked", "open" or "conflict". Never their scores."""
    rows = Assessment.objects.filter(application=application).select_related("helper__user").order_by("pk")
    return [(one.helper.user.display_name, _far(one)) for one in rows]


def _far(one: Assessment) -> str:
    if one.conflicted_at:
        return "conflict"
    return "locked" if one.locked_at else "open"


def scored(application: Application, outcome: Outcome) -> list[Scored]:
    """What each criterion was scored, with the sentences; nothing before everybody has locked. Three queries."""
    if not outcome.is_complete:
        return []
    criteria = Criterion.objects.filter(round=application.round_id).order_by("position")
    rows = Score.objects.filter(assessment__application=application.pk, assessment__locked_at__isnull=False)
    given = list(rows.order_by("assessment__position", "pk").values_list("criterion_id", "value", "evidence"))
    agreed = {one.criterion_id: one for one in application.agreed.all()}
    return [
        Scored(
            one,
            [(value or 0, why) for of, value, why in given if of == one.pk],
            outcome.is_apart(one.pk),
            agreed.get(one.pk),
            in_words(outcome.value(one.pk)),
        )
        for one in criteria
    ]
