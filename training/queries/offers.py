"""Pages from the shortlist on: times to talk, and everybody who talked in the order of their points."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, QuerySet

from training.models import Application, ApplicationState, Criterion, InterviewSlot, RecruitmentRound
from training.queries.scores import outcomes_of

S = ApplicationState
AFTER_TALK = (S.INTERVIEWED, S.OFFERED, S.ACCEPTED, S.DECLINED, S.RESERVE, S.INVITED, S.SHORTLISTED)


def slots_of(round_: RecruitmentRound) -> QuerySet[InterviewSlot, InterviewSlot]:
    """Times of a round in order, with `taken`."""
    return InterviewSlot.objects.filter(round=round_).annotate(taken=Count("booked")).order_by("starts_at", "pk")


def slots_to_book(application: Application, *, now: datetime) -> list[InterviewSlot]:
    """Times to come with room in them, the first forty; one's own among them."""
    free = slots_of(application.round).filter(starts_at__gt=now)
    own = free.filter(pk=application.slot_id) if application.slot_id else free.none()
    return sorted({*free.filter(taken__lt=F("capacity"))[:40], *own}, key=lambda one: (one.starts_at, one.pk))


@dataclass(frozen=True)
class Talked:
    """Somebody from the shortlist on, with their points."""

    application: Application
    points: int


def talked_with(round_: RecruitmentRound) -> list[Talked]:
    """Everybody on the shortlist: by what comes next, then by points. Five queries."""
    rows = Application.objects.filter(round=round_, state__in=AFTER_TALK).select_related("applicant", "slot")
    applications = list(rows)
    outcomes = outcomes_of([one.pk for one in applications])
    criteria = list(Criterion.objects.filter(round=round_))
    found = [Talked(one, int(outcomes[one.pk].total(criteria))) for one in applications]
    order = {state: number for number, state in enumerate(AFTER_TALK)}
    return sorted(
        found,
        key=lambda one: (
            order[S(one.application.state)], one.application.reserve_rank or 0, -one.points, one.application.code,
        ),
    )  # fmt: skip
