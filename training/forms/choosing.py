"""Preparing, scoring and deciding."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from training.models import Answer, Criterion
from training.services.applications import LONGEST
from training.services.assessing import LONGEST as LONGEST_EVIDENCE
from training.services.assessing import Given

POINTS = (
    (0, _("no evidence")),
    (1, _("some evidence")),
    (2, _("clear evidence")),
    (3, _("strong evidence")),
    (4, _("outstanding")),
)


class CopyForm(forms.Form):
    """The copy assessors read, one field for each answer."""

    mark_optional = False

    def __init__(self, data: Any, *, answers: list[Answer]) -> None:
        super().__init__(data)
        self.answers = answers
        for one in answers:
            self.fields[f"copy_{one.pk}"] = forms.CharField(
                label=one.question.text,
                max_length=LONGEST,
                required=False,
                initial=one.redacted,
                widget=forms.Textarea(attrs={"rows": 8, "class": "form-control"}),
            )

    def texts(self) -> dict[int, str]:
        return {one.pk: self.cleaned_data[f"copy_{one.pk}"] for one in self.answers}


class IneligibleForm(forms.Form):
    """Why an application does not go further."""

    reason = forms.CharField(
        label=_("What is missing?"),
        help_text=_("The applicant reads this. Say what would make it possible another time."),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ScoreForm(forms.Form):
    """A score and a sentence for each criterion. A draft may leave out either."""

    def __init__(self, data: Any, *, criteria: list[Criterion]) -> None:
        super().__init__(data)
        self.criteria = criteria
        for one in criteria:
            self.fields[f"value_{one.pk}"] = forms.IntegerField(
                label=one.name, min_value=0, max_value=4, required=False
            )
            self.fields[f"evidence_{one.pk}"] = forms.CharField(
                label=one.name, max_length=LONGEST_EVIDENCE, required=False
            )

    def given(self) -> dict[int, Given]:
        said = self.cleaned_data
        return {one.pk: Given(said[f"value_{one.pk}"], said[f"evidence_{one.pk}"]) for one in self.criteria}


class ConflictForm(forms.Form):
    """Why somebody does not score an application."""

    reason = forms.CharField(
        label=_("Why?"),
        help_text=_("A few words, without a name: “a friend”, “I taught them”. Who coordinates reads it."),
        max_length=300,
    )


class AgreeForm(forms.Form):
    """What assessors agreed on."""

    criterion = forms.IntegerField(widget=forms.HiddenInput)
    value = forms.IntegerField(label=_("Agreed score"), min_value=0, max_value=4)
    reason = forms.CharField(label=_("What you agreed on"), max_length=400)


class CutForm(forms.Form):
    """Where the shortlist begins."""

    cut = forms.IntegerField(label=_("Points of 100 from which people are invited to talk"), min_value=0, max_value=100)
