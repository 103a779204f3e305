"""A recruitment round: the advert, what applicants are asked, and what they are scored by."""

import uuid
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from programmes.models import Cycle, Membership, Programme, Role


class RoundState(models.TextChoices):
    """What a person decided. That applications have closed is a matter of the clock (`takes_applications`)."""

    DRAFT = "draft", _("Being written")
    OPEN = "open", _("Published")
    FINISHED = "finished", _("Finished")


# What an advert must say before it can be published (domain.md, 4.1); eligibility only where it is needed.
MUST_SAY = (
    "purpose", "tasks", "hours", "reward", "training_dates", "how_selected", "adjustments", "contact", "closes_at",
)  # fmt: skip


class RoundQuerySet(models.QuerySet["RecruitmentRound"]):
    def advertised(self) -> "RoundQuerySet":
        """Published, and not finished: what applicants may read."""
        return self.filter(state=RoundState.OPEN)

    def taking_applications(self, *, now: datetime) -> "RoundQuerySet":
        return self.advertised().filter(closes_at__gt=now)

    def visible_to(self, user: Any) -> "RoundQuerySet":
        """Published rounds of programmes the reader may know of; every round of cycles they coordinate."""
        public = Q(state=RoundState.OPEN, cycle__programme__in=Programme.objects.visible_to(user).values("pk"))
        if not user.is_authenticated:
            return self.filter(public)
        runs = Membership.objects.active().filter(user=user, cycle=OuterRef("cycle"), role=Role.COORDINATOR)
        return self.filter(public | Exists(runs))


class RecruitmentRound(models.Model):
    """One round for each cycle. Questions and criteria are fixed when the advert is published, so that nobody has seen
    an application before; applications are looked at from the moment they have closed.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    cycle = models.OneToOneField(Cycle, on_delete=models.PROTECT, related_name="recruitment")
    state = models.CharField(_("state"), max_length=8, choices=RoundState, default=RoundState.DRAFT)
    places = models.PositiveSmallIntegerField(_("leaders wanted"))
    closes_at = models.DateTimeField(_("applications close"), null=True, blank=True)
    purpose = models.TextField(_("why this role exists"), blank=True)
    tasks = models.TextField(_("what leaders do"), blank=True)
    hours = models.TextField(_("hours and pattern"), blank=True)
    reward = models.TextField(_("reward"), blank=True)
    training_dates = models.TextField(_("training dates"), blank=True)
    eligibility = models.TextField(_("who can apply"), blank=True)
    how_selected = models.TextField(_("how people are chosen"), blank=True)
    adjustments = models.TextField(_("adjustments"), blank=True)
    contact = models.TextField(_("whom to ask"), blank=True)
    guarantees_interview = models.BooleanField(_("guaranteed interviews"), default=True)
    offer_days = models.PositiveSmallIntegerField(_("days to answer an offer"), default=7)
    created_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True, blank=True)
    shortlisted_at = models.DateTimeField(null=True, blank=True)
    shortlist_from = models.PositiveSmallIntegerField(null=True, blank=True)  # of 100
    finished_at = models.DateTimeField(null=True, blank=True)
    forgotten_at = models.DateTimeField(null=True, blank=True)

    objects = RoundQuerySet.as_manager()

    class Meta:
        verbose_name = _("recruitment round")
        verbose_name_plural = _("recruitment rounds")
        constraints = [
            models.CheckConstraint(name="round_state_known", condition=Q(state__in=RoundState.values)),
            models.CheckConstraint(name="round_places_positive", condition=Q(places__gt=0)),
            models.CheckConstraint(name="round_some_days_to_answer", condition=Q(offer_days__gt=0)),
            models.CheckConstraint(
                name="round_published_with_closing",
                condition=Q(state="draft", opened_at=None)
                | (~Q(state="draft") & Q(opened_at__isnull=False, closes_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="round_finished_when_over",
                condition=Q(state="finished", finished_at__isnull=False) | (~Q(state="finished") & Q(finished_at=None)),
            ),
        ]
        indexes = [models.Index(fields=["state", "closes_at"], name="round_by_closing")]

    def __str__(self) -> str:
        return f"recruitment of {self.cycle_id}"

    def is_draft(self) -> bool:
        return self.state == RoundState.DRAFT

    def takes_applications(self, *, now: datetime) -> bool:
        """Until the closing moment, to the second: at that moment it is closed."""
        return self.state == RoundState.OPEN and self.closes_at is not None and now < self.closes_at

    def is_selecting(self, *, now: datetime) -> bool:
        """Applications have closed and the round is not finished: now they are looked at."""
        return self.state == RoundState.OPEN and self.closes_at is not None and now >= self.closes_at


class Question(models.Model):
    """One of the programme's own questions."""

    round = models.ForeignKey(RecruitmentRound, on_delete=models.CASCADE, related_name="questions")
    position = models.PositiveSmallIntegerField()
    text = models.CharField(_("question"), max_length=300)
    hint = models.CharField(_("hint"), max_length=300, blank=True)
    most_words = models.PositiveSmallIntegerField(_("words at most"), default=250)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "position"], name="question_position_once"),
            models.CheckConstraint(name="question_some_words", condition=Q(most_words__range=(20, 1000))),
        ]

    def __str__(self) -> str:
        return self.text


class Criterion(models.Model):
    """What every application is scored by, 0 to 4, times its weight. Essential ones decide on guaranteed interviews."""

    round = models.ForeignKey(RecruitmentRound, on_delete=models.CASCADE, related_name="criteria")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(_("criterion"), max_length=120)
    looks_like = models.CharField(_("what strong evidence looks like"), max_length=300, blank=True)
    weight = models.PositiveSmallIntegerField(_("weight"), default=1)
    is_essential = models.BooleanField(_("essential"), default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "position"], name="criterion_position_once"),
            models.CheckConstraint(name="criterion_weight_sane", condition=Q(weight__range=(1, 5))),
        ]

    def __str__(self) -> str:
        return self.name


ADVERT = (
    "places", "closes_at", "purpose", "tasks", "hours", "reward", "training_dates", "eligibility", "how_selected",
    "adjustments", "contact", "guarantees_interview", "offer_days",
)  # fmt: skip
