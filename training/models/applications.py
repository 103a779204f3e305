"""An application to lead, its answers, and every step it took."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from programmes.models import Membership, Role
from training.models.rounds import Question, RecruitmentRound


class ApplicationState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Sent")
    ELIGIBLE = "eligible", _("Being assessed")
    INELIGIBLE = "ineligible", _("Not eligible")
    SHORTLISTED = "shortlisted", _("Shortlisted")
    REJECTED = "rejected", _("Not chosen")
    INVITED = "invited", _("Invited to talk")
    INTERVIEWED = "interviewed", _("We have talked")
    OFFERED = "offered", _("Offered the role")
    RESERVE = "reserve", _("On the reserve list")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    LAPSED = "lapsed", _("Ran out")


S = ApplicationState
# domain.md, 4.1. What follows "accepted" is a membership: a leader who is not cleared yet is in onboarding.
MOVES: dict[str, frozenset[str]] = {
    S.DRAFT: frozenset({S.SUBMITTED, S.WITHDRAWN, S.LAPSED}),
    S.SUBMITTED: frozenset({S.ELIGIBLE, S.INELIGIBLE, S.WITHDRAWN}),
    S.ELIGIBLE: frozenset({S.INELIGIBLE, S.SHORTLISTED, S.REJECTED, S.WITHDRAWN}),
    S.INELIGIBLE: frozenset({S.ELIGIBLE}),
    S.SHORTLISTED: frozenset({S.INVITED, S.WITHDRAWN}),
    S.INVITED: frozenset({S.INTERVIEWED, S.LAPSED, S.WITHDRAWN}),
    S.INTERVIEWED: frozenset({S.OFFERED, S.RESERVE, S.REJECTED, S.WITHDRAWN}),
    S.OFFERED: frozenset({S.ACCEPTED, S.DECLINED, S.LAPSED, S.WITHDRAWN}),
    S.RESERVE: frozenset({S.OFFERED, S.REJECTED, S.WITHDRAWN}),
    S.REJECTED: frozenset(),
    S.ACCEPTED: frozenset(),
    S.DECLINED: frozenset(),
    S.LAPSED: frozenset(),
    S.WITHDRAWN: frozenset({S.DRAFT}),  # thought again, while applications are still taken
}
OVER = (S.INELIGIBLE, S.REJECTED, S.ACCEPTED, S.DECLINED, S.WITHDRAWN, S.LAPSED)


class ApplicationQuerySet(models.QuerySet["Application"]):
    def sent(self) -> "ApplicationQuerySet":
        """Sent at some time: what those who choose may know of. A draft is nobody's but its writer's."""
        return self.exclude(submitted_at=None).exclude(state=S.DRAFT)

    def own(self, user: Any) -> "ApplicationQuerySet":
        return self.filter(applicant=user) if user.is_authenticated else self.none()

    def visible_to(self, user: Any) -> "ApplicationQuerySet":
        """One's own; those sent to cycles one coordinates. Not those of others: assessors have `Assessment`."""
        if not user.is_authenticated:
            return self.none()
        runs = Membership.objects.active().filter(user=user, cycle=OuterRef("round__cycle"), role=Role.COORDINATOR)
        was_sent = ~Q(state=S.DRAFT) & Q(submitted_at__isnull=False)
        return self.filter(Q(applicant=user) | Exists(runs) & was_sent)


class Application(models.Model):
    """One person's wish to lead in one round. Those who choose know it by `code` until the shortlist is decided."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    round = models.ForeignKey(RecruitmentRound, on_delete=models.CASCADE, related_name="applications")
    applicant = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(_("applicant code"), max_length=24)
    state = models.CharField(_("state"), max_length=11, choices=ApplicationState, default=S.DRAFT)
    eligibility_note = models.TextField(_("how they meet what is asked"), blank=True)
    adjustments = models.TextField(_("what they need"), blank=True)
    wants_guarantee = models.BooleanField(_("guaranteed interview"), default=False)
    created_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    redacted_at = models.DateTimeField(null=True, blank=True)
    redacted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    revealed_at = models.DateTimeField(null=True, blank=True)
    slot = models.ForeignKey(
        "training.InterviewSlot", null=True, blank=True, on_delete=models.SET_NULL, related_name="booked"
    )
    talk_note = models.TextField(_("notes of the conversation"), blank=True)
    offer_expires_at = models.DateTimeField(null=True, blank=True)
    reserve_rank = models.PositiveSmallIntegerField(null=True, blank=True)
    membership = models.ForeignKey(Membership, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    moved_at = models.DateTimeField()

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("application to lead")
        verbose_name_plural = _("applications to lead")
        constraints = [
            models.UniqueConstraint(fields=["round", "applicant"], name="applied_once"),
            models.UniqueConstraint(fields=["round", "code"], name="applicant_code_once"),
            models.CheckConstraint(name="application_state_known", condition=Q(state__in=ApplicationState.values)),
            models.CheckConstraint(
                name="role_offer_has_expiry", condition=~Q(state="offered") | Q(offer_expires_at__isnull=False)
            ),
            models.CheckConstraint(
                name="reserve_has_rank", condition=~Q(state="reserve") | Q(reserve_rank__isnull=False)
            ),
            models.UniqueConstraint(
                fields=["round", "reserve_rank"], condition=Q(state="reserve"), name="reserve_rank_once"
            ),
            models.CheckConstraint(
                name="application_sent_when_sent",
                condition=Q(state__in=["draft", "withdrawn", "lapsed"]) | Q(submitted_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["round", "state"], name="application_by_round"),
            models.Index(fields=["applicant"], name="application_by_applicant"),
            models.Index(fields=["offer_expires_at"], condition=Q(state="offered"), name="application_offers"),
        ]

    def __str__(self) -> str:
        return self.code

    def may_become(self, state: str) -> bool:
        return state in MOVES[self.state]

    @property
    def is_over(self) -> bool:
        return self.state in OVER


class Answer(models.Model):
    """What an applicant wrote to one question. `redacted` is the copy assessors read; nobody scores from `text`."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="+")
    text = models.TextField(blank=True)
    redacted = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["application", "question"], name="answered_once")]

    def __str__(self) -> str:
        return f"answer {self.question_id} of {self.application_id}"


class ApplicationEvent(models.Model):
    """Append-only: who moved an application, when and why. `by` is None for the clock."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="events")
    came_from = models.CharField(max_length=11, choices=ApplicationState, blank=True)
    to = models.CharField(max_length=11, choices=ApplicationState)
    reason = models.CharField(max_length=400, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(name="event_to_known", condition=Q(to__in=ApplicationState.values))]
        indexes = [models.Index(fields=["application", "at"], name="event_by_application")]

    def __str__(self) -> str:
        return f"{self.came_from} to {self.to}"
