"""Forms of workshops, and of replies to what students said."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from programmes.forms.cycles import DayField
from programmes.models import DesignPartner, ReplyKind, Side
from programmes.services.workshops import Notes, Reply


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class WorkshopForm(forms.Form):
    """A workshop. What came of it and who was there may wait until it was."""

    title = forms.CharField(label=_("Title"), max_length=140)
    on = DayField(label=_("Day"))
    agenda = forms.CharField(label=_("Agenda"), max_length=2000, required=False, widget=_area(4))
    came = forms.MultipleChoiceField(
        label=_("Partners who were there"), required=False, widget=forms.CheckboxSelectMultiple
    )
    other_students = forms.IntegerField(label=_("Other students there"), min_value=0, max_value=500, required=False)
    other_staff = forms.IntegerField(label=_("Other staff there"), min_value=0, max_value=500, required=False)
    outputs = forms.CharField(label=_("What came of it"), max_length=4000, required=False, widget=_area(4))
    adjustments = forms.CharField(
        label=_("Adjustments for access"), max_length=1000, required=False, widget=_area(2),
        help_text=_("Only those who coordinate read this."),
    )  # fmt: skip

    def __init__(self, *args: Any, partners: Sequence[DesignPartner], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["came"].choices = [  # type: ignore[attr-defined]
            (str(one.uuid), f"{one.user.display_name} ({str(Side(one.side).label).lower()})") for one in partners
        ]

    def notes(self) -> Notes:
        values = dict(self.cleaned_data)
        for name in ("other_students", "other_staff"):
            values[name] = values[name] or 0
        return Notes(**values)


class ReplyForm(forms.Form):
    """You said, we did, we couldn't because."""

    you_said = forms.CharField(label=_("You said"), max_length=240, widget=_area(2))
    kind = forms.ChoiceField(label=_("What became of it"), choices=ReplyKind, widget=forms.RadioSelect)
    answer = forms.CharField(label=_("What you did, or why you could not"), max_length=400, widget=_area(3))
    decision = forms.TypedChoiceField(label=_("Decision"), required=False, coerce=int, empty_value=None)
    is_published = forms.BooleanField(label=_("Show it on the programme’s page"), required=False)

    def __init__(self, *args: Any, decisions: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(str(number), f"{number}. {question}") for number, question in decisions]
        self.fields["decision"].choices = [("", _("None")), *named]  # type: ignore[attr-defined]

    def reply(self) -> Reply:
        return Reply(**self.cleaned_data)
