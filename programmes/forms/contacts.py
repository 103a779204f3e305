"""Logging a contact: how, and whether it worked. Everything else has a default."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from peerhub.common import clock
from programmes.forms.cycles import DayField
from programmes.models import Channel, Group
from programmes.services.contacts import ContactEntry

TRIED = "tried"


class ContactForm(forms.Form):
    """`did` is a channel, or "tried" for an attempt without an answer."""

    did = forms.ChoiceField(
        label=_("How were you in touch?"), choices=[*Channel.choices, (TRIED, _("Tried, no answer"))]
    )
    on = DayField(label=_("Day"), required=False)
    at = forms.TimeField(label=_("Time"), required=False, widget=forms.TimeInput(attrs={"type": "time"}))
    tried_by = forms.ChoiceField(label=_("How did you try?"), choices=Channel.choices, required=False)
    minutes = forms.IntegerField(label=_("Length in minutes"), min_value=0, max_value=1440, required=False)
    support = forms.MultipleChoiceField(choices=[("academic", ""), ("social", ""), ("emotional", "")], required=False)
    service = forms.IntegerField(label=_("Pointed to a service"), required=False)
    shared_note = forms.CharField(label=_("Note for the programme team"), max_length=500, required=False)

    def __init__(self, *args: Any, group: Group, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = group.cycle.time_zone
        self.fields["did"].error_messages["required"] = _("Choose how you were in touch.")

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        said["happened_at"] = None
        if said.get("on"):
            at = said.get("at") or clock.NOON
            try:
                said["happened_at"] = clock.instant(said["on"], at, self.zone)
            except clock.NoSuchTime as refusal:
                self.add_error("at", str(refusal.message))
        elif said.get("at"):
            self.add_error("on", _("Choose the day too."))
        return said

    def entry(self) -> ContactEntry:
        """What the form says, for the use case."""
        said = self.cleaned_data
        is_attempt = said["did"] == TRIED
        return ContactEntry(
            channel=(said["tried_by"] or Channel.CALL) if is_attempt else said["did"],
            is_attempt=is_attempt,
            happened_at=said["happened_at"],
            minutes=said["minutes"],
            is_academic="academic" in said["support"],
            is_social="social" in said["support"],
            is_emotional="emotional" in said["support"],
            service_id=said["service"],
            shared_note=said["shared_note"],
        )
