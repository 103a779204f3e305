"""What recruitment answers to the rest of the house: the programme page, people's to-do lists, what it holds on one."""

from datetime import datetime
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peerhub.accounts.models import PersonKind
from peerhub.common import dates
from peerhub.common.stages import URGENCY_SOON, Holding, Notice, Todo
from peerhub.common.statements import compiled
from training.models import Answer, Application, ApplicationState, RecruitmentRound, RoundHelper, RoundState, Score

S = ApplicationState
WAITS_FOR_APPLICANT = (S.DRAFT,)


def recruitment_notices(programme: Any, user: Any, now: datetime) -> list[Notice]:
    """On the programme's page: that leaders are wanted, until when. One query."""
    return [_wanted(one, now) for one in _taking(programme=programme, now=now)]


@compiled
def _taking(*, programme: Any, now: datetime) -> QuerySet[RecruitmentRound, RecruitmentRound]:
    rows = RecruitmentRound.objects.filter(cycle__programme=programme, state=RoundState.OPEN, closes_at__gt=now)
    return rows.select_related("cycle__programme__activity_type").order_by("closes_at", "pk")


def _wanted(round_: RecruitmentRound, now: datetime) -> Notice:
    cycle = round_.cycle
    words = {"leaders": cycle.programme.word("leaders"), "when": dates.when(round_.closes_at, now)}
    return Notice(
        title=capfirst(_("%(leaders)s wanted") % words),
        text=_("Read what it is about and what is asked, then apply. Closes: %(when)s.") % words,
        url=reverse("training:advert_detail", args=[cycle.programme.slug, cycle.code]),
        action=_("What the role is"),
    )


# --- what waits ------------------------------------------------------------------------------------------------------
def recruitment_todos(user: Any, now: datetime) -> list[Todo]:
    """For applicants: what they have to do next. One query, for students alone: they are who applies."""
    if user.kind != PersonKind.STUDENT:
        return []
    return [todo for one in _waiting(user=user) if (todo := _of_applicant(one, now))]


@compiled
def _waiting(*, user: Any) -> QuerySet[Application, Application]:
    rows = Application.objects.filter(
        applicant=user, state__in=[str(one) for one in WAITS_FOR_APPLICANT], round__state=RoundState.OPEN
    )
    return rows.select_related("round__cycle__programme").order_by("moved_at", "pk")[:10]


def _of_applicant(application: Application, now: datetime) -> Todo | None:
    round_ = application.round
    cycle = round_.cycle
    if not round_.takes_applications(now=now):
        return None
    return Todo(
        title=_("Finish your application: %(programme)s") % {"programme": cycle.programme.name},
        url=reverse("training:application_edit", args=[cycle.programme.slug, cycle.code]),
        due_at=round_.closes_at,
        urgency=URGENCY_SOON,
        role="student",
        detail=_("Closes: %(when)s.") % {"when": dates.when(round_.closes_at, now)},
        icon="pencil",
        cycle_id=cycle.pk,
        code="application_draft",
    )


# --- what is held ----------------------------------------------------------------------------------------------------
def recruitment_holdings(user: Any) -> list[Holding]:
    """Applications with what was written, every step and every locked score; rounds one helps to choose in. Two
    queries, and four more where somebody applied.
    """
    rows = Application.objects.filter(applicant=user).select_related("round__cycle__programme")
    answers = Prefetch("answers", Answer.objects.select_related("question").order_by("question__position"))
    found = list(rows.prefetch_related(answers, "events").order_by("pk"))
    scored = _scores_of(found)
    held = [
        Holding(
            gettext_lazy("Applications to lead"),
            gettext_lazy("So that leaders are chosen fairly, and you can see where you stand."),
            gettext_lazy("Six months after the round, then deleted"),
            [_held(one) | {"scores": scored.get(one.pk, "")} for one in found],
            about=[("training.application", str(one.pk)) for one in found],
        )
    ]
    helps = list(_helping(user=user))
    if not helps:
        return held
    return [
        *held,
        Holding(
            gettext_lazy("Rounds you help to choose in"),
            gettext_lazy("So that applications are scored by more than one person, and it is known by whom."),
            gettext_lazy("Six months after the round, then deleted"),
            [
                {
                    "programme": f"{one.round.cycle.programme.name}, {one.round.cycle.code}",
                    "as": str(one.get_kind_display()),
                    "since": one.named_at.isoformat(),
                    "locked": one.locked,
                }
                for one in helps
            ],
        ),
    ]


def _helping(*, user: Any) -> QuerySet[Any, Any]:
    rows = RoundHelper.objects.filter(user=user).select_related("round__cycle__programme").order_by("pk")
    return rows.annotate(locked=Count("assessments", filter=Q(assessments__locked_at__isnull=False)))


def _scores_of(applications: list[Application]) -> dict[int, str]:
    """What was locked about each once its shortlist was decided, without who said it."""
    keys = [one.pk for one in applications if one.round.shortlisted_at]
    if not keys:
        return {}
    rows = Score.objects.filter(assessment__application__in=keys, assessment__locked_at__isnull=False)
    found: dict[int, list[str]] = {}
    for key, name, value, why in rows.order_by("criterion__position", "pk").values_list(
        "assessment__application_id", "criterion__name", "value", "evidence"
    ):
        found.setdefault(key, []).append(f"{name}: {value}, {why}")
    return {key: "; ".join(lines) for key, lines in found.items()}


def _held(application: Application) -> dict[str, Any]:
    cycle = application.round.cycle
    return {
        "programme": f"{cycle.programme.name}, {cycle.code}",
        "called": application.code,
        "state": str(application.get_state_display()),
        "sent_at": application.submitted_at.isoformat() if application.submitted_at else "",
        "answers": "; ".join(f"{one.question.text} {one.text}" for one in application.answers.all()),
        "how_you_meet_what_is_asked": application.eligibility_note,
        "what_you_need": application.adjustments,
        "guaranteed_conversation": str(_("asked for")) if application.wants_guarantee else "",
        "steps": "; ".join(
            f"{one.at.isoformat()} {S(one.to).label} {one.reason}".strip()
            for one in sorted(application.events.all(), key=lambda one: (one.at, one.pk))
        ),
    }
