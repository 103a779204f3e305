"""Until when somebody is away."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

LONGEST = timedelta(days=366)


class PauseForm(forms.Form):
    """The day they are back; empty when they are back already."""

    until = forms.DateField(required=False, error_messages={"invalid": _("Write the day as a date.")})

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_until(self) -> date | None:
        until: date | None = self.cleaned_data["until"]
        if until and not self.today < until <= self.today + LONGEST:
            raise forms.ValidationError(_("Choose a day after today, within a year."))
        return until
