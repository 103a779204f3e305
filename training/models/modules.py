"""What people are trained in, and that they were."""

import uuid
from calendar import monthrange
from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from peerhub.institution.models import RoleGrant
from programmes.models import Cycle, Membership, Programme, Role

TRAINED = (Role.LEADER, Role.COORDINATOR, Role.SUPERVISOR)


class Mode(models.TextChoices):
    LIVE = "live", _("Live, with others")
    SELF_PACED = "self_paced", _("In one’s own time")


class AssessmentKind(models.TextChoices):
    NONE = "none", _("None: read it and say so")
    QUIZ = "quiz", _("Quiz")
    OBSERVED = "observed", _("Observed practice")
    SIGN_OFF = "sign_off", _("Sign-off with evidence")


class ModuleQuerySet(models.QuerySet["Module"]):
    def open(self) -> "ModuleQuerySet":
        return self.filter(closed_at=None)

    def of_programme(self, programme: Any) -> "ModuleQuerySet":
        """Those its curricula may use: its own, and the shared ones."""
        return self.filter(Q(owner=programme) | Q(owner=None))

    def visible_to(self, user: Any) -> "ModuleQuerySet":
        """Shared ones: whoever leads, coordinates or supervises anywhere, or holds a role in the institution. A
        programme's own: those who do so there, and those who run it.
        """
        if not user.is_authenticated:
            return self.none()
        mine = Membership.objects.active().filter(user=user, role__in=TRAINED)
        runs = Cycle.objects.run_by(user).filter(programme=OuterRef("owner"))
        own = mine.filter(cycle__programme=OuterRef("owner"))
        shared = Exists(mine) | Exists(RoleGrant.objects.held_by(user))
        return self.filter(Q(owner=None) & shared | Exists(own) | Exists(runs))


class Module(models.Model):
    """One part of training. `owner` None: it is on the institution's shared site. A completion counts everywhere."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(
        Programme, null=True, blank=True, on_delete=models.PROTECT, related_name="modules", verbose_name=_("programme")
    )
    title = models.CharField(_("title"), max_length=120)
    summary = models.CharField(_("in one sentence"), max_length=240, blank=True)
    outcomes = models.TextField(_("what people can do afterwards"), blank=True)
    standard = models.CharField(_("standard"), max_length=160, blank=True)
    hours = models.DecimalField(_("hours"), max_digits=4, decimal_places=1)
    mode = models.CharField(_("how"), max_length=12, choices=Mode, default=Mode.SELF_PACED)
    valid_months = models.PositiveSmallIntegerField(_("months it counts"), null=True, blank=True)
    is_safeguarding = models.BooleanField(_("safeguarding"), default=False)
    content = models.TextField(_("content"), blank=True)
    version = models.PositiveSmallIntegerField(default=1)
    assessment = models.CharField(_("assessment"), max_length=10, choices=AssessmentKind, default=AssessmentKind.NONE)
    pass_mark = models.PositiveSmallIntegerField(_("pass mark in percent"), default=80)
    questions_drawn = models.PositiveSmallIntegerField(_("questions in a quiz"), null=True, blank=True)
    tries = models.PositiveSmallIntegerField(_("tries"), null=True, blank=True)
    minutes = models.PositiveSmallIntegerField(_("minutes for a try"), default=60)
    criteria = models.TextField(_("criteria of the observation"), blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField(null=True, blank=True)

    objects = ModuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("module")
        verbose_name_plural = _("modules")
        constraints = [
            models.CheckConstraint(name="module_mode_known", condition=Q(mode__in=Mode.values)),
            models.CheckConstraint(name="module_assessment_known", condition=Q(assessment__in=AssessmentKind.values)),
            models.CheckConstraint(name="module_hours_positive", condition=Q(hours__gt=0)),
            models.CheckConstraint(name="module_pass_mark_is_share", condition=Q(pass_mark__range=(1, 100))),
            models.CheckConstraint(
                name="module_valid_some_months", condition=Q(valid_months=None) | Q(valid_months__gt=0)
            ),
            models.CheckConstraint(
                name="module_draws_some", condition=Q(questions_drawn=None) | Q(questions_drawn__gt=0)
            ),
            models.CheckConstraint(name="module_tries_some", condition=Q(tries=None) | Q(tries__gt=0)),
            models.CheckConstraint(name="module_minutes_positive", condition=Q(minutes__gt=0)),
        ]

    def __str__(self) -> str:
        return self.title

    def expires_on(self, completed_on: date) -> date | None:
        """The first day on which a completion of that day does not count any more; None where it lasts."""
        return months_after(completed_on, self.valid_months) if self.valid_months else None

    def lines(self, field: str) -> list[str]:
        """Outcomes or criteria, one a line."""
        return [line.strip() for line in getattr(self, field).splitlines() if line.strip()]


def months_after(day: date, months: int) -> date:
    """The same day of the month, or its last where there is none: a year after 29 February is 28 February."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


class CompletionSource(models.TextChoices):
    READ = "read", _("Read")
    QUIZ = "quiz", _("Quiz")
    OBSERVED = "observed", _("Observed practice")
    SIGN_OFF = "sign_off", _("Signed off")
    REGISTER = "register", _("Register of a live session")
    IMPORT = "import", _("Import")


class CompletionQuerySet(models.QuerySet["Completion"]):
    def counting(self) -> "CompletionQuerySet":
        """Not taken back. Whether it has run out is a matter of the day."""
        return self.filter(withdrawn_at=None)


class Completion(models.Model):
    """A person completed a module on a day. Rows stay; one that was a mistake is withdrawn, with a reason."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="completions")
    module = models.ForeignKey(Module, on_delete=models.PROTECT, related_name="completions")
    version = models.PositiveSmallIntegerField(help_text=_("The module's version at the time."))
    completed_on = models.DateField()
    expires_on = models.DateField(null=True, blank=True, help_text=_("The first day it does not count any more."))
    score = models.PositiveSmallIntegerField(null=True, blank=True, help_text=_("In percent."))
    source = models.CharField(max_length=10, choices=CompletionSource)
    assessor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    evidence = models.CharField(max_length=400, blank=True)
    imported_from = models.ForeignKey(
        "training.CompletionImport", null=True, blank=True, on_delete=models.PROTECT, related_name="completions"
    )
    import_row = models.PositiveIntegerField(null=True, blank=True, help_text=_("Its row in that file."))
    recorded_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    withdrawn_why = models.CharField(max_length=240, blank=True)

    objects = CompletionQuerySet.as_manager()

    class Meta:
        verbose_name = _("completion")
        verbose_name_plural = _("completions")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "module", "completed_on"], condition=Q(withdrawn_at=None), name="completion_once_a_day"
            ),
            models.CheckConstraint(name="completion_source_known", condition=Q(source__in=CompletionSource.values)),
            models.CheckConstraint(
                name="completion_score_is_share", condition=Q(score=None) | Q(score__range=(0, 100))
            ),
            models.CheckConstraint(
                name="completion_expires_after", condition=Q(expires_on=None) | Q(expires_on__gt=F("completed_on"))
            ),
            models.CheckConstraint(
                name="completion_import_has_row",
                condition=Q(imported_from=None) | Q(source="import", import_row__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["module", "user"], name="completion_by_module"),
            models.Index(fields=["expires_on"], name="completion_by_expiry"),
        ]

    def __str__(self) -> str:
        return str(self.uuid)
