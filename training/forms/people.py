"""Forms about one leader: sign-off, observation, waiver, right to work."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peerhub.common.formparts import of_our_time
from training.models import RightToWorkKind

MARKS = (
    (1, gettext_lazy("1, not yet")),
    (2, gettext_lazy("2, in part")),
    (3, gettext_lazy("3, well")),
    (4, gettext_lazy("4, very well")),
)


def _day(label: Any, **more: Any) -> forms.DateField:
    return forms.DateField(
        label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), validators=[of_our_time], **more
    )


class SignOffForm(forms.Form):
    completed_on = _day(gettext_lazy("Completed on"))
    evidence = forms.CharField(
        label=gettext_lazy("What it rests on"),
        help_text=gettext_lazy("For example: was at the training day; certificate seen, in the team’s folder."),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ObservationForm(forms.Form):
    """A mark for each criterion, the verdict, and words that help."""

    observed_on = _day(gettext_lazy("Observed on"))
    occasion = forms.CharField(
        label=gettext_lazy("What was observed"),
        help_text=gettext_lazy("For example a simulated session, or the first half of a real one."),
        max_length=160,
        required=False,
    )

    def __init__(self, *args: Any, criteria: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.count = len(criteria)
        for number, criterion in enumerate(criteria):
            self.fields[f"mark{number}"] = forms.TypedChoiceField(
                label=criterion, choices=MARKS, coerce=int, widget=forms.RadioSelect
            )
        self.fields["is_enough"] = forms.TypedChoiceField(
            label=_("Is it good enough to lead?"),
            choices=[("yes", _("Yes")), ("no", _("Not yet"))],
            coerce=lambda value: value == "yes",
            widget=forms.RadioSelect,
        )
        self.fields["feedback"] = forms.CharField(
            label=_("Feedback"),
            help_text=_("The person reads it: what went well, and one thing to try."),
            max_length=2000,
            widget=forms.Textarea(attrs={"rows": 4}),
        )

    def said(self) -> dict[str, Any]:
        """As the service takes it."""
        values = dict(self.cleaned_data)
        values["marks"] = [values.pop(f"mark{number}") for number in range(self.count)]
        return values


class WithdrawForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Why was it a mistake?"), max_length=240)


class WaiverForm(forms.Form):
    until = _day(gettext_lazy("Until, and with that day"))
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        help_text=gettext_lazy("Everybody who runs the programme can read it."),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class RightToWorkForm(forms.Form):
    kind = forms.ChoiceField(
        label=gettext_lazy("What was checked"), choices=RightToWorkKind.choices, widget=forms.RadioSelect
    )
    checked_on = _day(gettext_lazy("Checked on"))
    valid_until = _day(
        gettext_lazy("Valid until"), help_text=gettext_lazy("Empty where it does not run out."), required=False
    )
