"""An application, from the side of who applies: saved, sent, withdrawn."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from peerhub.common import audit
from peerhub.common.errors import DomainError
from programmes.models import Membership, Role
from training.models import Answer, Application, ApplicationEvent, ApplicationState, RecruitmentRound, RoundHelper
from training.queries.redaction import identity_of, redact
from training.services.application_steps import lock_application, lock_round, move, tell
from training.services.offers import fill_places

LONGEST = 12_000  # characters of one answer, whatever its words
# What applicants are called until the shortlist is decided: they mean nothing and are easy to say.
WORDS = (
    "Acorn", "Alder", "Amber", "Ash", "Badger", "Barley", "Beech", "Birch", "Brook", "Cedar", "Cliff", "Clover",
    "Cobalt", "Copper", "Coral", "Curlew", "Dune", "Elm", "Fern", "Finch", "Flint", "Gorse", "Granite", "Harbour",
    "Hawthorn", "Hazel", "Heron", "Ivory", "Juniper", "Kestrel", "Larch", "Lichen", "Linden", "Marble", "Meadow",
    "Moss", "Oak", "Osprey", "Otter", "Pebble", "Pine", "Plover", "Quartz", "Raven", "Reed", "River", "Rowan", "Sage",
    "Sedge", "Slate", "Sorrel", "Spruce", "Stone", "Swift", "Teal", "Thistle", "Thyme", "Tide", "Walnut", "Willow",
    "Wren", "Yarrow",
)  # fmt: skip


class ApplyRefused(DomainError):
    """Codes: closed, chooses, sent, withdrawn, incomplete, too_long, over."""


@dataclass(frozen=True)
class Said:
    """What an applicant has written so far. `answers`: question's key to text; questions left out keep theirs."""

    answers: Mapping[int, str] = field(default_factory=dict)
    eligibility_note: str = ""
    adjustments: str = ""
    wants_guarantee: bool = False


@transaction.atomic(durable=True)
def save_application(*, actor: Any, round_id: int, said: Said, by_itself: bool = False, now: datetime) -> Application:
    """Keep a draft, as often as wanted. Nobody else can see it. Refuses after the closing moment (`closed`).

    What is saved `by_itself` never takes a withdrawn application up again (`withdrawn`): a page left open somewhere
    would. Only a person who presses does.
    """
    return _save(actor, round_id, said, by_itself=by_itself, now=now)


@transaction.atomic(durable=True)
def submit_application(*, actor: Any, round_id: int, said: Said, now: datetime) -> Application:
    """Send it. Pressed twice, it is sent once: the second press finds it sent."""
    sent = Application.objects.own(actor).filter(round_id=round_id).exclude(state=ApplicationState.DRAFT).first()
    if sent is not None and sent.state != ApplicationState.WITHDRAWN:
        return sent
    application = _save(actor, round_id, said, now=now)
    _refuse_incomplete(application)
    application.submitted_at, application.redacted_at = now, None
    _redact_answers(application)
    move(application, ApplicationState.SUBMITTED, actor=actor, now=now)
    tell("application_received", application, now=now)
    return application


@transaction.atomic(durable=True)
def withdraw_application(*, actor: Any, application_id: int, reason: str = "", now: datetime) -> Application:
    """Take it back, at any step before a role was accepted. While applications are taken it can be sent again."""
    application = lock_application(application_id)
    if application.state == ApplicationState.WITHDRAWN:
        return application  # pressed twice
    if application.is_over:
        raise ApplyRefused("over", _("This application is over already."))
    was_sent = application.state != ApplicationState.DRAFT
    application.slot = None
    move(application, ApplicationState.WITHDRAWN, actor=actor, reason=reason.strip(), now=now)
    fill_places(application.round, now=now)
    if was_sent:
        tell("application_withdrawn", application, now=now)
    return application


def _save(actor: Any, round_id: int, said: Said, *, by_itself: bool = False, now: datetime) -> Application:
    round_ = lock_round(round_id)
    if not round_.takes_applications(now=now):
        raise ApplyRefused("closed", _("Applications have closed."))
    _refuse_choosers(actor, round_)
    application = _own(actor, round_, now=now)
    if application.state == ApplicationState.WITHDRAWN and by_itself:
        raise ApplyRefused("withdrawn", _("You withdrew it, so nothing is saved. Press “Save” to take it up again."))
    if application.state == ApplicationState.WITHDRAWN:
        application.submitted_at = None
        move(application, ApplicationState.DRAFT, actor=actor, now=now)
    if application.state != ApplicationState.DRAFT:
        raise ApplyRefused("sent", _("Your application is sent. Withdraw it first if you want to change it."))
    application.eligibility_note = said.eligibility_note[:LONGEST]
    application.adjustments = said.adjustments[:LONGEST]
    application.wants_guarantee = said.wants_guarantee and round_.guarantees_interview
    application.saved_at = now
    application.save()
    _write_answers(application, said.answers)
    return application


def _own(actor: Any, round_: RecruitmentRound, *, now: datetime) -> Application:
    known = Application.objects.filter(round=round_, applicant=actor).first()
    if known is not None:
        known.round = round_
        return known
    taken = set(Application.objects.filter(round=round_).values_list("code", flat=True))
    application: Application = Application.objects.create(
        round=round_, applicant=actor, code=_free_code(taken), created_at=now, saved_at=now, moved_at=now
    )
    ApplicationEvent.objects.create(application=application, to=ApplicationState.DRAFT, by=actor, at=now)
    audit.record(
        actor=actor, action="training.application_draft", target=application, cycle_id=round_.cycle_id, now=now
    )
    return application


def _free_code(taken: set[str]) -> str:
    """A word and a number, by chance: it tells neither who came first nor anything else."""
    while True:
        code = f"{secrets.choice(WORDS)} {secrets.randbelow(990) + 10}"
        if code not in taken:
            return code


def _write_answers(application: Application, texts: Mapping[int, str]) -> None:
    asked = set(application.round.questions.values_list("pk", flat=True))
    if any(len(text) > LONGEST for text in texts.values()):
        raise ApplyRefused("too_long", _("One of the answers is far too long."))
    Answer.objects.bulk_create(
        [Answer(application=application, question_id=pk, text=text) for pk, text in texts.items() if pk in asked],
        update_conflicts=True,
        unique_fields=["application", "question"],
        update_fields=["text"],
    )


def _redact_answers(application: Application) -> None:
    """The copy for assessors, as far as a machine can make it. A person reads it before they do."""
    identity, answers = identity_of(application.applicant), list(application.answers.all())
    for one in answers:
        one.redacted = redact(one.text, identity)
    Answer.objects.bulk_update(answers, ["redacted"])


def _refuse_choosers(actor: Any, round_: RecruitmentRound) -> None:
    """Whoever chooses does not apply."""
    mine = Membership.objects.active().filter(user=actor, cycle=round_.cycle_id, role=Role.COORDINATOR)
    helps = RoundHelper.objects.filter(user=actor, round=round_, released_at=None)
    if mine.exists() or helps.exists():
        raise ApplyRefused("chooses", _("You help to choose in this round, so you cannot apply in it."))


def _refuse_incomplete(application: Application) -> None:
    answers = {one.question_id: one.text for one in application.answers.all()}
    for question in application.round.questions.all():
        text = answers.get(question.pk, "")
        if not text.strip():
            raise ApplyRefused("incomplete", _("Answer every question first. What you wrote is kept as a draft."))
        if len(text.split()) > question.most_words:
            raise ApplyRefused("too_long", _("One of the answers has more words than it may have."))
    if application.round.eligibility and not application.eligibility_note.strip():
        raise ApplyRefused("incomplete", _("Say how you meet what is asked for first."))
