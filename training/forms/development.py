"""The form of one's own log."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from peerhub.common.formparts import of_our_time
from peerhub.common.keys import uuid_of
from programmes.models import Membership
from training.models import DevelopmentEntry, DevelopmentKind
from training.services.development import EntryText


class EntryForm(forms.Form):
    """What, when, how long; what I learned and will do; and who may read it."""

    on = forms.DateField(
        label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), validators=[of_our_time]
    )
    what = forms.CharField(label=_("What did you do?"), max_length=160)
    kind = forms.ChoiceField(label=_("Kind"), choices=DevelopmentKind.choices)
    hours = forms.DecimalField(label=_("Hours"), min_value=0.1, max_value=24, decimal_places=1, max_digits=4)
    learned = forms.CharField(
        label=_("What I learned"), widget=forms.Textarea(attrs={"rows": 4}), max_length=4000, required=False
    )
    will_do = forms.CharField(
        label=_("What I will do"), widget=forms.Textarea(attrs={"rows": 3}), max_length=4000, required=False
    )

    def __init__(self, data: Any, *, places: list[Membership], entry: DevelopmentEntry | None, today: Any) -> None:
        super().__init__(data, initial=self._of(entry) if entry else {"on": today, "hours": 1})
        self.fields["shared_with"] = forms.ChoiceField(
            label=_("Who may read it"),
            choices=[
                ("", _("Only me")),
                *((str(one.uuid), _("Coordinators and supervisors of %(programme)s, %(cycle)s") % _words(one))
                  for one in places),
            ],
            widget=forms.RadioSelect,
            initial=_shared(entry),
            required=False,
        )  # fmt: skip

    @staticmethod
    def _of(entry: DevelopmentEntry) -> dict[str, Any]:
        return {name: getattr(entry, name) for name in EntryForm.base_fields}

    def text(self) -> EntryText:
        return EntryText(**{**self.cleaned_data, "shared_with": uuid_of(self.cleaned_data["shared_with"])})


def _words(place: Membership) -> dict[str, str]:
    return {"programme": place.cycle.programme.name, "cycle": place.cycle.code}


def _shared(entry: DevelopmentEntry | None) -> str:
    return str(entry.shared_with.uuid) if entry and entry.shared_with else ""
