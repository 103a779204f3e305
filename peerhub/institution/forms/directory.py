"""The form of a support service."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from peerhub.institution.forms.units import UnitChoice
from peerhub.institution.models import SupportService


class ServiceForm(forms.ModelForm):
    what_for = forms.CharField(
        label=_("What for"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("In a student’s words: money, sleep, exams, housing."),
    )  # fmt: skip
    url = forms.URLField(label=_("Web page"), required=False, assume_scheme="https", max_length=200)
    owner_unit = UnitChoice(label=_("Owner"), required=False, help_text=_("Who keeps this entry right."))
    is_urgent = forms.BooleanField(
        label=_("For urgent help"), required=False, help_text=_("Shown first, on every page that points to help.")
    )
    is_internal = forms.BooleanField(label=_("Part of the institution"), required=False, initial=True)

    class Meta:
        model = SupportService
        fields = [
            "name",
            "what_for",
            "hours",
            "phone",
            "email",
            "url",
            "place",
            "is_urgent",
            "is_internal",
            "owner_unit",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner_unit"].set_tree()  # type: ignore[attr-defined]
        if self.instance.owner_unit_id:
            self.initial["owner_unit"] = str(self.instance.owner_unit.uuid)
        self.fields["hours"].help_text = _("For example Monday to Friday, 9:00 to 17:00.")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not any(cleaned.get(way) for way in ("phone", "email", "url", "place")):
            raise forms.ValidationError(_("Give at least one way to reach it: phone, e-mail, web page or place."))
        return cleaned

    def _post_clean(self) -> None:
        """The service writes the row; the form leaves it alone."""
