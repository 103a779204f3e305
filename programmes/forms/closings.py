"""Forms of endings and of wishes for another match. Every word in them is optional."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from programmes.models import EndedHow, Feeling

NOBODY_ELSE = _("Only those who coordinate the programme read it. It is in no e-mail.")


def _in_private(label: Any) -> forms.CharField:
    """A few words for the coordinators alone."""
    return forms.CharField(
        label=label, help_text=NOBODY_ELSE, max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class EndForm(forms.Form):
    """How a group or pair ended, and why, if there is something to keep."""

    mark_optional = False

    how = forms.ChoiceField(
        label=_("How does it end?"), choices=EndedHow.choices, widget=forms.RadioSelect, required=False
    )
    reason = _in_private(_("Reason (optional)"))

    def clean_how(self) -> str:
        """Without a word it ended as it should."""
        return str(self.cleaned_data["how"] or EndedHow.COMPLETED)


class LeaveGroupForm(forms.Form):
    """Why somebody leaves, if they want to say."""

    reason = _in_private(_("Would you like to say why?"))


class RematchForm(forms.Form):
    """A wish for another match needs no reason."""

    note = _in_private(_("Anything that helps to find a better match?"))


class ClosingForm(forms.Form):
    """The short question at the end."""

    mark_optional = False

    feeling = forms.ChoiceField(
        label=_("How was it?"), choices=Feeling.choices, required=False, widget=forms.RadioSelect
    )
    helped = forms.CharField(
        label=_("What would have helped?"),
        help_text=_("Only those who coordinate the programme read it, with your name."),
        max_length=600,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
