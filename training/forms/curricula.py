"""The form of a curriculum: every module that may be used, whether it is, and in which place."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peerhub.common.formparts import of_our_time
from training.models import CurriculumModule, Module
from training.services.curricula import Entry

OUT, MUST, MAY = "", "must", "may"


class CurriculumForm(forms.Form):
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    new_from = forms.DateField(
        label=gettext_lazy("What is new is asked for from"),
        help_text=gettext_lazy("Until then nobody is held up by it. What was asked for before stays asked for."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=[of_our_time],
    )

    def __init__(
        self,
        data: Any = None,
        *,
        modules: Sequence[Module],
        entries: Mapping[int, CurriculumModule],
        seen: int,
        today: date,
    ) -> None:
        super().__init__(data, initial={"seen": seen, "new_from": today})
        self.modules = modules
        for place, one in enumerate(modules, 1):
            entry = entries.get(one.pk)
            use = OUT if entry is None else MUST if entry.is_mandatory else MAY
            self.fields[f"use-{one.uuid}"] = forms.ChoiceField(
                label=_("Use of %(module)s") % {"module": one.title},
                choices=[(OUT, _("Not used")), (MUST, _("Mandatory")), (MAY, _("Optional"))],
                initial=use,
                required=False,
                widget=forms.Select(attrs={"class": "form-select"}),
            )
            self.fields[f"place-{one.uuid}"] = forms.IntegerField(
                label=_("Place of %(module)s") % {"module": one.title},
                initial=place,
                min_value=1,
                max_value=999,
                required=False,
                widget=forms.NumberInput(attrs={"class": "form-control"}),
            )

    def rows(self) -> Iterator[tuple[Module, forms.BoundField, forms.BoundField]]:
        for one in self.modules:
            yield one, self[f"use-{one.uuid}"], self[f"place-{one.uuid}"]

    def clean(self) -> dict[str, Any]:
        known = {f"use-{one.uuid}" for one in self.modules}
        if {name for name in self.data if name.startswith("use-")} - known:
            raise forms.ValidationError(_("One of the modules is not offered here any more."))
        return self.cleaned_data

    def entries(self) -> list[Entry]:
        """The modules in use, by place and then as they were listed."""
        said = self.cleaned_data
        used = [(said.get(f"place-{one.uuid}") or 999, one) for one in self.modules if said.get(f"use-{one.uuid}")]
        used.sort(key=lambda pair: pair[0])
        return [Entry(one.pk, said[f"use-{one.uuid}"] == MUST) for _place, one in used]
