"""What an applicant tells about themselves: made of whichever set of questions is in use."""

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from training.models.equality_questions import NO_DISABILITY, PREFER, PREFER_LABEL, Asked
from training.queries.equality import Given

ALONE = {PREFER: PREFER_LABEL, NO_DISABILITY: _("None of these")}  # true only by themselves
LEFT_OUT = ("", _("Leave this one out"))


class EqualityForm(forms.Form):
    """Every question may be left out."""

    mark_optional = False  # all are: the page says so once

    def __init__(self, data: Any, *, asked: Sequence[Asked], given: Given) -> None:
        super().__init__(data)
        self.asked = asked
        for one in asked:
            self.fields[one.code] = _field(one, given.get(one.code, ()))

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        for one in self.asked:
            chosen = said.get(one.code)
            alone = [str(ALONE[code]) for code in ALONE if isinstance(chosen, list) and code in chosen]
            if isinstance(chosen, list) and alone and len(chosen) > 1:
                self.add_error(one.code, _("Choose “%(words)s” by itself, or leave it out.") % {"words": alone[0]})
        return said

    def given(self) -> Given:
        return {one.code: list(_listed(self.cleaned_data[one.code])) for one in self.asked}


def _field(one: Asked, chosen: Sequence[str]) -> forms.Field:
    choices = [*((option.code, option.label) for option in one.options), (PREFER, PREFER_LABEL)]
    if one.several:
        return forms.MultipleChoiceField(
            label=one.title,
            help_text=one.hint,
            choices=choices,
            required=False,
            initial=list(chosen),
            widget=forms.CheckboxSelectMultiple,
        )
    return forms.ChoiceField(
        label=one.title,
        help_text=one.hint,
        choices=[*choices, LEFT_OUT],
        required=False,
        initial=chosen[0] if chosen else "",
        widget=forms.RadioSelect,
    )


def _listed(chosen: Any) -> Iterator[str]:
    if isinstance(chosen, str):
        chosen = [chosen]
    return (one for one in chosen if one)
