"""How people come to a cycle's open sessions, the rules of booking, and why a pause is lifted."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from programmes.models import AttendanceMode, Cycle
from programmes.models.bookings import RULES
from programmes.queries.bookings import rules_of


class ComingForm(forms.Form):
    """The mode, and the rules of booking (`programmes.models.bookings.RULES`); an empty limit is no limit."""

    mode = forms.ChoiceField(
        label=_("How do people come?"),
        choices=AttendanceMode.choices,
        widget=forms.RadioSelect,
        help_text=_("For what is open to everyone in the programme. Sessions of a group are for its members."),
    )
    weeks_ahead = forms.IntegerField(label=_("How many weeks ahead can people book?"), min_value=1, max_value=26)
    lead_hours = forms.IntegerField(
        label=_("Until how many hours before the start?"),
        min_value=0,
        max_value=336,
        help_text=_("0: until it starts."),
    )
    late_cancel_hours = forms.IntegerField(
        label=_("How many hours before the start can a seat still be given back?"),
        min_value=0,
        max_value=336,
        help_text=_("Later than that counts as missed. 0: it never does."),
    )
    grace_minutes = forms.IntegerField(
        label=_("Minutes to think again after booking"),
        min_value=0,
        max_value=1440,
        help_text=_("Giving a seat back so soon never counts."),
    )
    accept_hours = forms.IntegerField(
        label=_("Hours to accept a seat that came free"),
        min_value=1,
        max_value=168,
        help_text=_("At the longest until booking closes. Then it goes to the next on the waiting list."),
    )
    weekly_limit = forms.IntegerField(
        label=_("Seats a week for each person"),
        min_value=1,
        max_value=50,
        required=False,
        help_text=_("Weeks begin on Monday. Empty: no limit."),
    )
    misses = forms.IntegerField(
        label=_("Times missed until booking pauses"),
        min_value=1,
        max_value=50,
        required=False,
        help_text=_("Not there, or given back too late; never when excused. Empty: it never pauses."),
    )
    misses_days = forms.IntegerField(label=_("Within how many days?"), min_value=1, max_value=366)
    pause_days = forms.IntegerField(label=_("For how many days does it pause?"), min_value=1, max_value=366)
    leader_hours = forms.IntegerField(
        label=_("Hours a week that somebody leads at most"),
        min_value=1,
        max_value=60,
        required=False,
        help_text=_("Over all programmes they lead in. More cannot be planned here. Empty: no limit."),
    )

    @classmethod
    def of(cls, cycle: Cycle, data: Any) -> "ComingForm":
        rules = rules_of(cycle)
        return cls(data, initial={"mode": cycle.attendance_mode, **{name: getattr(rules, name) for name in RULES}})

    def rules(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in RULES}


class LiftForm(forms.Form):
    """Why somebody may book again already."""

    reason = forms.CharField(
        label=_("Why can they book again?"),
        max_length=240,
        help_text=_("Those who run the programme read it, and the person in their own data."),
    )
