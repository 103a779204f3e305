"""Forms of certification schemes, their levels, and what modules cover."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from training.models import CertificationLevel, CertificationScheme, CertificationTopic
from training.services.certification import LevelText, SchemeText

MOST_HOURS = Decimal(2000)


class SchemeForm(forms.Form):
    title = forms.CharField(label=_("Title"), max_length=120)
    summary = forms.CharField(label=_("In one sentence"), max_length=240, required=False)
    source = forms.CharField(
        label=_("Where its requirements come from"),
        help_text=_("For example the name and year of a standard, or the committee that decided it."),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    counts_log = forms.BooleanField(
        label=_("Leading elsewhere, as people share it from their own log, counts as leading"), required=False
    )

    @staticmethod
    def of(scheme: CertificationScheme) -> dict[str, Any]:
        return {name: getattr(scheme, name) for name in ("title", "summary", "source", "counts_log")}

    def text(self) -> SchemeText:
        return SchemeText(**self.cleaned_data)


def _hours(label: Any, help_text: Any = "", **more: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, help_text=help_text, min_value=Decimal(0), max_value=MOST_HOURS, decimal_places=1, max_digits=5,
        **more,
    )  # fmt: skip


class LevelForm(forms.Form):
    """What a level asks for."""

    title = forms.CharField(label=_("Title"), max_length=120)
    hours = _hours(_("Hours of training"), _("In all, not on top of the level below."))
    live_hours = _hours(_("Of these live, with others"), initial=0)
    experience_hours = _hours(
        _("Hours of leading"), _("In all, from what people logged in their programmes."), initial=0
    )
    topics = forms.CharField(
        label=_("Topics"),
        help_text=_("One a line. Which modules cover them is said afterwards."),
        widget=forms.Textarea(attrs={"rows": 8}),
        max_length=4000,
        required=False,
    )
    valid_months = forms.IntegerField(
        label=_("Months an award counts"), help_text=_("Empty: it lasts."), min_value=1, max_value=120, required=False
    )

    @staticmethod
    def of(level: CertificationLevel) -> dict[str, Any]:
        names = ("title", "hours", "live_hours", "experience_hours", "valid_months")
        topics = level.topics.order_by("position", "pk").values_list("title", flat=True)
        return {**{name: getattr(level, name) for name in names}, "topics": "\n".join(topics)}

    def text(self) -> LevelText:
        said = dict(self.cleaned_data)
        return LevelText(**{**said, "topics": said["topics"].splitlines()})


class CoverForm(forms.Form):
    """Which topics of a scheme a module covers."""

    def __init__(self, data: Any, *, topics: list[CertificationTopic], covered: list[UUID]) -> None:
        super().__init__(data)
        self.fields["topics"] = forms.MultipleChoiceField(
            label=_("Topics it covers"),
            choices=[(str(one.uuid), f"{one.level.title}: {one.title}") for one in topics],
            initial=[str(one) for one in covered],
            widget=forms.CheckboxSelectMultiple,
            required=False,
        )

    def chosen(self) -> list[UUID]:
        return [UUID(one) for one in self.cleaned_data["topics"]]
