"""The attendance grid's form: what the address asks to see, and the changed marks its script sends along as JSON."""

import json
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from peerhub.common.keys import uuid_of
from programmes.queries.attendance_grid import EVERY_GROUP, Asked
from programmes.services.marks import Marked

LONGEST = 200_000  # characters: a full page of 30 sessions and 60 people is 120,000
MOST_PAGES = 10_000


class SpanForm(forms.Form):
    """Which group, which days, which page. What cannot be read is left out: a link may be old."""

    group = forms.CharField(required=False, max_length=36)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    page = forms.IntegerField(required=False, min_value=1, max_value=MOST_PAGES)
    sessions = forms.IntegerField(required=False, min_value=1, max_value=MOST_PAGES)

    def asked(self) -> Asked:
        self.is_valid()
        said = self.cleaned_data
        group = said.get("group", "")
        return Asked(
            group=group if group == EVERY_GROUP or uuid_of(group) else "",
            since=said.get("since"),
            until=said.get("until"),
            people=said.get("page") or 1,
            sessions=said.get("sessions") or 1,
        )


class MarksForm(forms.Form):
    """`changes`: {session uuid: {"version": 3, "marks": {membership uuid: "late"}}}."""

    changes = forms.CharField(widget=forms.HiddenInput, max_length=LONGEST)
    reason = forms.CharField(label=_("Why do you change it?"), max_length=240, required=False)

    def clean_changes(self) -> dict[UUID, Marked]:
        try:
            said = json.loads(self.cleaned_data["changes"])
            return {UUID(key): _marked(one) for key, one in said.items()}
        except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
            raise ValidationError(_("Your changes could not be read. Load the page again.")) from error


def _marked(said: Any) -> Marked:
    version, marks = said["version"], said["marks"]
    if type(version) is not int:
        raise TypeError(version)
    return Marked(version, {UUID(key): str(mark) for key, mark in marks.items()})
