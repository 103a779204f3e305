"""What tests of recruitment share: a published round, people who apply, and what they were told."""

from datetime import datetime, timedelta
from typing import Any

from peerhub.common.errors import DomainError
from peerhub.common.mail.writing import write_letters
from peerhub.common.models.outbox import Message
from programmes.models import Cycle
from tests import factories as make
from tests.factories import NOW, in_days
from training.models import Application, Assessment, RecruitmentRound, RoundHelper
from training.services import applications, assessing, preparing, round_helpers, rounds
from training.services.applications import Said
from training.services.assessing import Given
from training.services.rounds import Asked, ScoredBy

CLOSES = in_days(7)
ADVERT = {
    "places": 2,
    "closes_at": CLOSES,
    "purpose": "First-years find their feet.",
    "tasks": "Plan and lead one session a week.",
    "hours": "Two hours a week in term.",
    "reward": "£12.60 an hour.",
    "training_dates": "Two days in September.",
    "eligibility": "",
    "how_selected": "Two people score what you write.",
    "adjustments": "Ask Rhian for another format.",
    "contact": "rhian@aberwen.ac.uk",
    "guarantees_interview": True,
}
QUESTIONS = (Asked("Tell us about a time you helped someone learn."), Asked("Why this programme?", most_words=50))
CRITERIA = (ScoredBy("Facilitating", weight=3), ScoredBy("Reliability"), ScoredBy("Ideas", is_essential=False))


def draft_round(cycle: Cycle | None = None, **advert: Any) -> RecruitmentRound:
    cycle = cycle or make.CycleFactory()
    actor = make.UserFactory()
    round_ = rounds.write_advert(actor=actor, cycle_id=cycle.pk, said=ADVERT | advert, now=in_days(-10))
    return rounds.set_questions(
        actor=actor, round_id=round_.pk, questions=QUESTIONS, criteria=CRITERIA, now=in_days(-10)
    )


def open_round(cycle: Cycle | None = None, **advert: Any) -> RecruitmentRound:
    round_ = draft_round(cycle, **advert)
    return rounds.publish_round(actor=make.UserFactory(), round_id=round_.pk, now=in_days(-9))


def said(round_: RecruitmentRound, text: str = "I asked what they saw, and listened.", **more: Any) -> Said:
    return Said(answers={one.pk: text for one in round_.questions.all()}, **more)


def apply(
    round_: RecruitmentRound, who: Any = None, *, text: str = "", now: datetime = NOW, **more: Any
) -> Application:
    words = said(round_, text, **more) if text else said(round_, **more)
    return applications.submit_application(actor=who or make.UserFactory(), round_id=round_.pk, said=words, now=now)


def state(application: Application) -> str:
    return str(Application.objects.values_list("state", flat=True).get(pk=application.pk))


def refused(call: Any, *args: Any, **more: Any) -> str:
    """The refusal's code; "" when it went through."""
    try:
        call(*args, **more)
    except DomainError as refusal:
        return refusal.code
    return ""


def letters_to(user: Any, *, now: datetime = NOW) -> dict[str, Any]:
    """Kind to what becomes of every e-mail to this person: a mail to send, or why not."""
    rows = list(Message.objects.filter(recipient=user, channel="email").order_by("pk"))
    return {row.kind.removeprefix("training."): what for row, what in write_letters(rows, now)}


# --- choosing --------------------------------------------------------------------------------------------------------
LATER = CLOSES + timedelta(hours=1)


def name(round_: RecruitmentRound, who: Any = None, kind: str = "assessor") -> RoundHelper:
    who = who or make.UserFactory()
    return round_helpers.name_helper(
        actor=make.UserFactory(), round_id=round_.pk, user_id=who.pk, kind=kind, now=in_days(-1)
    )


def prepare(application: Application, *, by: Any = None, now: datetime = LATER) -> Application:
    texts = {one.pk: one.redacted for one in application.answers.all()}
    return preparing.release_copy(actor=by or make.UserFactory(), application_id=application.pk, texts=texts, now=now)


def dealt(application: Application, helper: RoundHelper) -> Assessment:
    return Assessment.objects.get(application=application, helper=helper)


def points(round_: RecruitmentRound, *values: int) -> dict[int, Given]:
    """Values for the criteria in order; the last stands for the rest."""
    criteria = list(round_.criteria.order_by("position"))
    return {one.pk: Given(values[min(number, len(values) - 1)], "They say how.") for number, one in enumerate(criteria)}


def lock(application: Application, helper: RoundHelper, *values: int, now: datetime = LATER) -> Assessment:
    return assessing.lock_scores(
        actor=helper.user,
        assessment_id=dealt(application, helper).pk,
        given=points(application.round, *values),
        now=now,
    )


def scored(
    round_: RecruitmentRound, helpers: list[RoundHelper], *values: int, who: Any = None, **more: Any
) -> Application:
    """Somebody who applied, prepared and scored the same by everybody."""
    application = prepare(apply(round_, who, **more))
    for helper in helpers:
        lock(application, helper, *values)
    return application
