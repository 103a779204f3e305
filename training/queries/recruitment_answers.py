"""What recruitment answers to the rest of the house: the programme page, people's to-do lists, what it holds on one."""

from datetime import datetime
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peerhub.accounts.models import PersonKind
from peerhub.common import dates
from peerhub.common.stages import URGENCY_SOON, Holding, Notice, Todo
from peerhub.common.statements import compiled
from training.models import Answer, Application, ApplicationState, RecruitmentRound, RoundState

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
    """Applications with what was written and every step. Three queries where somebody applied, else one."""
    rows = Application.objects.filter(applicant=user).select_related("round__cycle__programme")
    answers = Prefetch("answers", Answer.objects.select_related("question").order_by("question__position"))
    found = list(rows.prefetch_related(answers, "events").order_by("pk"))
    return [
        Holding(
            gettext_lazy("Applications to lead"),
            gettext_lazy("So that leaders are chosen fairly, and you can see where you stand."),
            gettext_lazy("Six months after the round, then deleted"),
            [_held(one) for one in found],
            about=[("training.application", str(one.pk)) for one in found],
        )
    ]


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
