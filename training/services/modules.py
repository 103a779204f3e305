"""Writing modules and the questions of their quizzes."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext_lazy as _

from peerhub.common import audit
from peerhub.common.access import can
from peerhub.common.errors import DomainError
from peerhub.common.once import spend
from programmes.models import Programme
from training.models import AssessmentKind, Mode, Module, QuizQuestion
from training.models.quizzes import FEWEST_OPTIONS, MOST_OPTIONS


class ModuleRefused(DomainError):
    """Codes: no_criteria, options, right, closed, safeguarding."""


@dataclass(frozen=True)
class ModuleText:
    """What a module says and asks for. `questions_drawn` and `tries` None: all questions, no limit."""

    title: str
    hours: Decimal
    summary: str = ""
    outcomes: str = ""
    standard: str = ""
    mode: str = Mode.SELF_PACED
    valid_months: int | None = None
    is_safeguarding: bool = False
    content: str = ""
    assessment: str = AssessmentKind.NONE
    pass_mark: int = 80
    questions_drawn: int | None = None
    tries: int | None = None
    minutes: int = 60
    criteria: str = ""


@dataclass(frozen=True)
class QuestionText:
    """A question, its answers, which of them is right (from 0), and what to say afterwards."""

    text: str
    options: Sequence[str]
    right: int
    feedback: str = ""


# What somebody who has read it would want to know of: a change to these makes a new version.
OF_VERSION = ("content", "outcomes", "standard", "assessment", "pass_mark")


@transaction.atomic(durable=True)
def create_module(
    *, actor: Any, owner: Programme | None, text: ModuleText, key: UUID | None = None, now: datetime
) -> Module:
    """A new module of a programme, or with `owner` None of the shared site. Refuses with `ModuleRefused`."""
    spend(user=actor, key=key, now=now)
    _refuse(text)
    module = Module.objects.create(owner=owner, created_by=actor, created_at=now, **asdict(text))
    audit.record(actor=actor, action="training.module_created", target=module, now=now)
    return module


@transaction.atomic(durable=True)
def change_module(*, actor: Any, module_id: int, text: ModuleText, now: datetime) -> Module:
    """Change a module. What was completed stays complete; other content makes a new version."""
    module = Module.objects.select_for_update().get(pk=module_id)
    _refuse(text)
    wanted = asdict(text)
    changed = [name for name, value in wanted.items() if getattr(module, name) != value]
    if not changed:
        return module
    weaker = {"is_safeguarding", "assessment"} & set(changed)
    if module.is_safeguarding and weaker and not can(actor, "training.change_shared"):
        raise ModuleRefused(
            "safeguarding", _("What counts as safeguarding training, and how it is assessed, is for those who lead it.")
        )
    for name in changed:
        setattr(module, name, wanted[name])
    if set(changed) & set(OF_VERSION):
        module.version += 1
    module.changed_at = now
    module.save(update_fields=[*changed, "version", "changed_at"])
    audit.record(actor=actor, action="training.module_changed", target=module, detail={"parts": changed}, now=now)
    return module


@transaction.atomic(durable=True)
def close_module(*, actor: Any, module_id: int, is_open: bool, now: datetime) -> Module:
    """Close a module, or open it again: nobody begins or hands in a closed one. What was completed still counts."""
    module = Module.objects.select_for_update().get(pk=module_id)
    if (module.closed_at is None) is is_open:
        return module
    module.closed_at = None if is_open else now
    module.save(update_fields=["closed_at"])
    action = "training.module_reopened" if is_open else "training.module_closed"
    audit.record(actor=actor, action=action, target=module, now=now)
    return module


@transaction.atomic(durable=True)
def save_question(
    *,
    actor: Any,
    module_id: int,
    text: QuestionText,
    replaces: int | None = None,
    key: UUID | None = None,
    now: datetime,
) -> QuizQuestion:
    """A question of the bank; with `replaces` in place of another, which those who were asked it keep."""
    spend(user=actor, key=key, now=now)
    module = Module.objects.select_for_update().get(pk=module_id)
    _refuse_question(text)
    last = QuizQuestion.objects.filter(module=module).aggregate(last=Max("position"))["last"] or 0
    position = last + 1
    if replaces:
        old = QuizQuestion.objects.in_use().get(pk=replaces, module=module)
        position = old.position
        QuizQuestion.objects.filter(pk=old.pk).update(retired_at=now)
    question = QuizQuestion.objects.create(
        module=module,
        text=text.text.strip(),
        options=[one.strip() for one in text.options],
        right=text.right,
        feedback=text.feedback.strip(),
        position=position,
    )
    _renew(actor, module, "question_saved", now)
    return question


@transaction.atomic(durable=True)
def retire_question(*, actor: Any, question_id: int, now: datetime) -> QuizQuestion:
    """Ask it no more. Those who were asked it keep it."""
    question = QuizQuestion.objects.select_related("module").select_for_update(of=("self",)).get(pk=question_id)
    if question.retired_at is None:
        question.retired_at = now
        question.save(update_fields=["retired_at"])
        _renew(actor, question.module, "question_retired", now)
    return question


def _renew(actor: Any, module: Module, action: str, now: datetime) -> None:
    Module.objects.filter(pk=module.pk).update(version=F("version") + 1, changed_at=now)
    audit.record(actor=actor, action=f"training.{action}", target=module, now=now)


def _refuse(text: ModuleText) -> None:
    if text.assessment == AssessmentKind.OBSERVED and not text.criteria.strip():
        raise ModuleRefused("no_criteria", _("Write what an observer looks at, one criterion a line."))


def _refuse_question(text: QuestionText) -> None:
    said = [one.strip() for one in text.options]
    if not FEWEST_OPTIONS <= len(said) <= MOST_OPTIONS or not all(said) or len(set(said)) < len(said):
        raise ModuleRefused("options", _("Give two to six different answers."))
    if not 0 <= text.right < len(said):
        raise ModuleRefused("right", _("Say which answer is right."))
