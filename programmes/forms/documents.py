"""Writing a design document."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from programmes.models import LONGEST_DOCUMENT
from programmes.queries.ledger import Named
from programmes.services.documents import Draft


class DocumentForm(forms.Form):
    """Words in Markdown, what is new in them, and who wrote them."""

    text = forms.CharField(
        label=_("Text"), max_length=LONGEST_DOCUMENT, widget=forms.Textarea(attrs={"rows": 18}),
        help_text=_("Headings begin with #, points of a list with *, **words** stand out."),
    )  # fmt: skip
    note = forms.CharField(label=_("What is new"), max_length=240, required=False)
    authors = forms.MultipleChoiceField(
        label=_("Written by"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("You, where nobody is ticked."),
    )  # fmt: skip
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, people: Mapping[str, Named], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = people
        self.fields["authors"].choices = [(key, one.label) for key, one in people.items()]  # type: ignore[attr-defined]

    def clean_seen(self) -> datetime | None:
        text = self.cleaned_data["seen"]
        try:
            return parse_datetime(text) if text else None
        except ValueError:
            return None

    def draft(self) -> Draft:
        values = self.cleaned_data
        authors = [self.people[key].user for key in values["authors"]]
        return Draft(values["text"], values["note"], authors, values["seen"])
