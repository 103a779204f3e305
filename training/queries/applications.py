"""Reads of an application, for who wrote it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from training.models import Application, ApplicationState, RecruitmentRound
from training.queries.offers import slots_to_book
from training.queries.scores import in_words, outcomes_of

S = ApplicationState

# What each state means to the applicant: kind of tag, sentence.
MEANING: dict[str, tuple[str, Promise]] = {
    S.DRAFT: ("turn", _("You have not sent it yet. Only you can read it.")),
    S.SUBMITTED: ("progress", _("It has arrived. When applications have closed, somebody looks whether all is there.")),
    S.ELIGIBLE: (
        "progress",
        _("At least two people read what you wrote, without your name, each for themselves. Then they compare."),
    ),
    S.INELIGIBLE: ("late", _("It does not meet what the role cannot do without.")),
    S.SHORTLISTED: ("done", _("You are on the shortlist. An invitation to talk follows.")),
    S.REJECTED: ("todo", _("You were not chosen this time. Thank you for the work you put in.")),
    S.INVITED: ("turn", _("Those who choose would like to talk with you. Choose a time that suits you.")),
    S.INTERVIEWED: ("progress", _("You have talked. You hear as soon as everybody has had their turn.")),
    S.OFFERED: ("turn", _("The role is yours if you want it. Please answer in time.")),
    S.RESERVE: ("progress", _("You are on the reserve list: when a place comes free, it is offered in order.")),
    S.ACCEPTED: ("done", _("You are in. What comes before your first session is in your training.")),
    S.DECLINED: ("todo", _("You said no to the role. Thank you for answering.")),
    S.WITHDRAWN: ("todo", _("You took it back. Nobody reads it any more.")),
    S.LAPSED: ("todo", _("The time for the next step has passed.")),
}


@dataclass(frozen=True)
class Happened:
    """One step on the applicant's own page. Who took it stays with those who choose."""

    label: str
    at: datetime
    reason: str
    was_you: bool


def own_application(user: Any, round_: RecruitmentRound) -> Application | None:
    """The reader's own application in this round."""
    return Application.objects.own(user).filter(round=round_).first()


def _scored(application: Application) -> list[tuple[str, str]]:
    """Criterion and what it came to of 4, once the shortlist is decided: who scored stays with those who chose."""
    if application.round.shortlisted_at is None:
        return []
    outcome = outcomes_of([application.pk])[application.pk]
    if not outcome.is_complete:
        return []
    criteria = application.round.criteria.order_by("position")
    return [(one.name, in_words(outcome.value(one.pk))) for one in criteria]


def where_it_stands(application: Application, *, now: datetime) -> dict[str, Any]:
    """What the applicant's page says: the state in words, and every step with its day and reason."""
    kind, meaning = MEANING[application.state]
    return {
        "kind": kind,
        "meaning": meaning,
        "steps": [
            Happened(str(S(one.to).label), one.at, one.reason, one.by_id == application.applicant_id)
            for one in application.events.order_by("at", "pk")
        ],
        "answers": list(application.answers.select_related("question").order_by("question__position")),
        "scored": _scored(application),
        "slots": slots_to_book(application, now=now) if application.state == S.INVITED else [],
        "can_withdraw": application.may_become(S.WITHDRAWN),
        "can_send": application.state in {S.DRAFT, S.WITHDRAWN} and application.round.takes_applications(now=now),
    }
