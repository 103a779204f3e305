"""Times to talk, and what came of a conversation."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from peerhub.common import clock
from programmes.forms.cycles import DayField
from programmes.models import Cycle


class SlotsForm(forms.Form):
    """Several times one after the other."""

    on = DayField(label=_("Day"))
    start = forms.TimeField(label=_("From"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    minutes = forms.IntegerField(label=_("Minutes each"), min_value=5, max_value=240, initial=20)
    count = forms.IntegerField(label=_("How many, one after the other"), min_value=1, max_value=40, initial=6)
    capacity = forms.IntegerField(label=_("People at once"), min_value=1, max_value=50, initial=1)
    where = forms.CharField(
        label=_("Where"), max_length=200, help_text=_("A room or a link, and how to get there without steps.")
    )

    def __init__(self, *args: Any, cycle: Cycle, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cycle = cycle

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if {"on", "start"} <= said.keys():
            try:
                said["starts_at"] = clock.instant(said["on"], said["start"], self.cycle.time_zone)
            except clock.NoSuchTime as refusal:
                self.add_error("start", str(refusal.message))
        return said


class TalkForm(forms.Form):
    """What came of it."""

    note = forms.CharField(
        label=_("Notes (optional)"),
        help_text=_("The applicant can ask to read them. They go with the round’s records."),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class TurnDownForm(forms.Form):
    """Why it is a no."""

    reason = forms.CharField(
        label=_("Why not this time?"),
        help_text=_("They read this. Say what you saw, and what would make it a yes another time."),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
