"""What training holds on a person, for "My privacy"."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from peerhub.common.stages import Holding
from training.models import (
    Attempt,
    CertificationAward,
    ClearanceWaiver,
    Completion,
    DeliveryPlace,
    DevelopmentEntry,
    Observation,
    QuizQuestion,
    RightToWork,
)

CHECKS_KEPT = _("Six years after you led last, as the law may ask for it; then deleted")
KEPT = _("As long as the programme’s records are kept; without your name once your account is erased.")


def training_holdings(user: Any) -> list[Holding]:
    """Nine queries at most."""
    return [
        Holding(_("Training completed"), _("So that everybody who leads is prepared."), KEPT, _completions(user)),
        Holding(
            _("Places at training dates"),
            _("So that everybody who booked has a place, and coming counts."),
            _("Until your account is erased; that you came, as long as the programme’s records are kept."),
            _places(user),
        ),
        Holding(
            _("Tries at quizzes"),
            _("So that a quiz is passed before somebody leads."),
            _("Until your account is erased."),
            _attempts(user),
        ),
        Holding(_("Observed practice"), _("So that you get feedback on how you lead."), KEPT, _observations(user)),
        Holding(
            _("Right to work"),
            _("So that you can be paid for leading. No copy of a document is kept."),
            CHECKS_KEPT,
            _checks(user),
        ),
        Holding(
            _("Training set aside for you"),
            _("So that it is known who decided that you may lead, and why."),
            KEPT,
            _waivers(user),
        ),
        Holding(
            _("Certificates"),
            _("So that you can show what you were granted, and what it rested on."),
            KEPT,
            _awards(user),
        ),
        Holding(
            _("Your own log"),
            _("For yourself, and for those with whom you share an entry."),
            _("Until you delete it, or your account is erased."),
            _log(user),
        ),
    ]


def _completions(user: Any) -> list[dict[str, Any]]:
    rows = Completion.objects.filter(user=user).select_related("module").order_by("completed_on", "pk")
    return [
        {
            "module": one.module.title,
            "completed": one.completed_on.isoformat(),
            "expires": one.expires_on.isoformat() if one.expires_on else "",
            "score": one.score,
            "how": one.get_source_display(),
            "evidence": one.evidence,
            "withdrawn": one.withdrawn_why,
        }
        for one in rows
    ]


def _places(user: Any) -> list[dict[str, Any]]:
    rows = DeliveryPlace.objects.filter(user=user).select_related("delivery__module").order_by("made_at", "pk")
    return [
        {
            "module": one.delivery.module.title,
            "on": one.delivery.starts_at.isoformat(timespec="minutes"),
            "state": one.get_state_display(),
            "booked": one.made_at.isoformat(timespec="seconds"),
        }
        for one in rows
    ]


def _attempts(user: Any) -> list[dict[str, Any]]:
    rows = list(Attempt.objects.filter(user=user).select_related("module").order_by("started_at", "pk"))
    keys = {key for one in rows for key in one.answers}
    asked = QuizQuestion.objects.filter(uuid__in=keys) if keys else QuizQuestion.objects.none()
    texts = {str(one.uuid): one for one in asked}
    return [
        {
            "module": one.module.title,
            "started": one.started_at.isoformat(timespec="seconds"),
            "score": one.score,
            "answers": _answered(one, texts),
        }
        for one in rows
    ]


def _answered(attempt: Attempt, texts: dict[str, QuizQuestion]) -> str:
    """What was answered to which question, in words as they were asked."""
    said = []
    for key, number in attempt.answers.items():
        question = texts.get(key)
        if question is not None and isinstance(number, int) and 0 <= number < len(question.options):
            said.append(f"{question.text} {question.options[number]}")
    return "; ".join(said)


def _observations(user: Any) -> list[dict[str, Any]]:
    rows = Observation.objects.filter(user=user).select_related("module").order_by("observed_on", "pk")
    return [
        {
            "module": one.module.title,
            "on": one.observed_on.isoformat(),
            "occasion": one.occasion,
            "marks": "; ".join(f"{criterion}: {mark}" for criterion, mark in one.marks),
            "enough": one.is_enough,
            "feedback": one.feedback,
        }
        for one in rows
    ]


def _checks(user: Any) -> list[dict[str, Any]]:
    rows = RightToWork.objects.filter(user=user).order_by("checked_on", "pk")
    return [
        {
            "what": one.get_kind_display(),
            "checked": one.checked_on.isoformat(),
            "until": one.valid_until.isoformat() if one.valid_until else "",
        }
        for one in rows
    ]


def _waivers(user: Any) -> list[dict[str, Any]]:
    rows = ClearanceWaiver.objects.filter(membership__user=user).order_by("at", "pk")
    return [{"at": one.at.date().isoformat(), "until": one.until.isoformat(), "reason": one.reason} for one in rows]


def _awards(user: Any) -> list[dict[str, Any]]:
    rows = CertificationAward.objects.filter(user=user).select_related("level__scheme").order_by("granted_on", "pk")
    return [
        {
            "scheme": one.level.scheme.title,
            "level": one.level.title,
            "granted": one.granted_on.isoformat(),
            "expires": one.expires_on.isoformat() if one.expires_on else "",
            "rested on": "; ".join(f"{need['what']}: {need['words']}" for need in one.evidence["needs"]),
            "withdrawn": one.withdrawn_why,
        }
        for one in rows
    ]


def _log(user: Any) -> list[dict[str, Any]]:
    rows = DevelopmentEntry.objects.filter(user=user).select_related("shared_with__cycle__programme")
    return [
        {
            "on": one.on.isoformat(),
            "what": one.what,
            "kind": one.get_kind_display(),
            "hours": str(one.hours),
            "learned": one.learned,
            "will do": one.will_do,
            "shared with": one.shared_with.cycle.programme.name if one.shared_with else "",
            "deleted": one.deleted_at.date().isoformat() if one.deleted_at else "",
        }
        for one in rows.order_by("on", "pk")
    ]
