"""A message to people: to whom, a subject, plain text."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from programmes.models import Audience, Cycle, Group
from programmes.queries.announcements import audience_words
from programmes.services.announcements import Draft

MOST_GROUPS = 500
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class AnnouncementForm(forms.Form):
    """Words are kept as they are: no markup, and a subject of one line."""

    mark_optional = False

    audience = forms.ChoiceField(label=_("To"))
    group = forms.ChoiceField(label=_("Which group"), required=False, help_text=_("Only where you write to one group."))
    subject = forms.CharField(label=_("Subject"), max_length=120)
    text = forms.CharField(
        label=_("Message"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=_("Plain text; addresses of pages become links. Answers go to the point person."),
    )

    def __init__(self, *args: Any, cycle: Cycle, groups: list[Group], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cycle, self.groups = cycle, {str(one.uuid): one for one in groups}
        offered = [one for one in Audience if groups or one != Audience.GROUP]
        self.fields["audience"].choices = [(one.value, audience_words(cycle, one)) for one in offered]  # type: ignore[attr-defined]
        self.fields["group"].choices = [("", _("Choose")), *((key, one.name) for key, one in self.groups.items())]  # type: ignore[attr-defined]
        if not groups:
            del self.fields["group"]

    def clean_subject(self) -> str:
        return " ".join(CONTROL.sub(" ", self.cleaned_data["subject"]).split())

    def clean_text(self) -> str:
        text: str = CONTROL.sub("", self.cleaned_data["text"].replace("\r\n", "\n")).strip()
        return text

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("audience") == Audience.GROUP and not cleaned.get("group"):
            self.add_error("group", _("Choose the group you write to."))
        return cleaned

    def draft(self) -> Draft:
        values = self.cleaned_data
        is_group = values["audience"] == Audience.GROUP
        return Draft(
            audience=values["audience"],
            subject=values["subject"],
            text=values["text"],
            group=self.groups[values["group"]] if is_group else None,
        )
