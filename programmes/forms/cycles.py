"""Forms of a cycle as a whole."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from peerhub.common.errors import DomainError
from peerhub.common.formparts import of_our_time
from programmes.services.rollover import NextCycle


class DayField(forms.DateField):
    """A day, picked in the browser's own calendar."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    default_validators = [of_our_time]


class RollOverForm(forms.Form):
    """Code and days of the next cycle."""

    code = forms.SlugField(
        label=_("Code of the next cycle"),
        max_length=20,
        help_text=_("It is part of addresses, for example 2027-28."),
        error_messages={"invalid": _("Use letters, digits and hyphens only, for example 2027-28.")},
    )
    starts_on = DayField(label=_("First day"))
    ends_on = DayField(label=_("Last day"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        starts_on, ends_on = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts_on and ends_on and ends_on <= starts_on:
            self.add_error("ends_on", _("The last day must be after the first."))
        return cleaned

    def new_cycle(self) -> NextCycle:
        return NextCycle(**self.cleaned_data)

    def refuse(self, error: DomainError) -> None:
        """Show a refusal at the field it is about."""
        field = {"code_taken": "code", "code_reserved": "code", "overlaps": "starts_on", "dates": "ends_on"}.get(
            error.code
        )
        self.add_error(field, str(error.message))
