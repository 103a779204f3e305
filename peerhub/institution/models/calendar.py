"""The calendar: academic years, terms with their teaching weeks, and the days nothing happens."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class TermKind(models.TextChoices):
    TEACHING = "teaching", _("Teaching")
    EXAMS = "exams", _("Exams and assessment")
    VACATION = "vacation", _("Vacation")


class AcademicYear(models.Model):
    """One academic year. Both dates are inside it."""

    code = models.CharField(_("code"), max_length=20, unique=True, help_text=_("For example 2026-27"))
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))

    class Meta:
        verbose_name = _("academic year")
        verbose_name_plural = _("academic years")
        constraints = [
            models.CheckConstraint(name="academic_year_ends_after_start", condition=Q(ends_on__gt=F("starts_on")))
        ]

    def __str__(self) -> str:
        return self.code


class Term(models.Model):
    """A period of the year. Teaching weeks are its Mondays to Sundays, numbered from `first_week`."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    year = models.ForeignKey(
        AcademicYear, on_delete=models.CASCADE, related_name="terms", verbose_name=_("academic year")
    )
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=10, choices=TermKind, default=TermKind.TEACHING)
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    first_week = models.PositiveSmallIntegerField(_("number of its first week"), default=1)
    external_ref = models.CharField(max_length=160, blank=True)

    class Meta:
        verbose_name = _("term")
        verbose_name_plural = _("terms")
        constraints = [
            models.CheckConstraint(name="term_ends_after_start", condition=Q(ends_on__gte=F("starts_on"))),
            models.CheckConstraint(name="term_kind_known", condition=Q(kind__in=TermKind.values)),
        ]

    def __str__(self) -> str:
        return self.name


class Closure(models.Model):
    """Days on which no session happens: bank holidays, closure days. Both dates are closed."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=80)
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))

    class Meta:
        verbose_name = _("closure")
        verbose_name_plural = _("closures")
        constraints = [
            models.CheckConstraint(name="closure_ends_after_start", condition=Q(ends_on__gte=F("starts_on")))
        ]

    def __str__(self) -> str:
        return self.name
