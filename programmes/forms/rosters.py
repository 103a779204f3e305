"""Forms of a class list's way in: the file, its columns, the last word before it is imported."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.template.defaultfilters import capfirst
from django.utils.translation import gettext_lazy as _

from peerhub.common.errors import DomainError
from programmes.models import Programme, RosterImport
from programmes.queries.rosters import FIELDS
from programmes.rosters import headings
from programmes.rosters.detect import normal_heading

HINTS = {
    "identifier": _("Leading zeros are kept."),
    "status": _("Words such as withdrawn end somebody’s place."),
    "role": _("Words such as mentor or mentee; it wins over the choice below."),
    "group": _("Groups that do not exist yet are made."),
}


class UploadForm(forms.Form):
    """One file."""

    file = forms.FileField(
        label=_("Class list"),
        error_messages={"required": _("Choose the file first.")},
        help_text=_(
            "CSV, Excel (.xlsx) or a OneRoster zip, up to 50 MB. Nothing is imported before you have seen the check."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.zip"}),
        allow_empty_file=True,
        max_length=400,
    )

    def refuse(self, error: DomainError) -> None:
        self.add_error("file", str(error.message))


class ColumnsForm(forms.Form):
    """Which column is which. A choice shows what the first rows hold, so that nobody needs the file open beside it."""

    mark_optional = False

    def __init__(
        self,
        data: Any,
        *,
        roster_import: RosterImport,
        columns: Sequence[str],
        sample: Sequence[Sequence[str]],
        programme: Programme,
    ) -> None:
        super().__init__(data)
        choices = [("", _("Not in this file")), *_choices(columns, sample)]
        offered = {normal_heading(value): value for value, _label in choices}
        for field, label in FIELDS.items():
            self.fields[f"column_{field}"] = forms.ChoiceField(
                label=str(label),
                choices=choices,
                required=False,
                help_text=HINTS.get(field, ""),
                initial=offered.get(normal_heading(roster_import.columns.get(field, "")), ""),
            )
        self.fields["role"] = forms.ChoiceField(
            label=_("Everybody in this list comes in as"),
            widget=forms.RadioSelect,
            choices=[
                ("participant", capfirst(programme.word("participant"))),
                ("leader", capfirst(programme.word("leader"))),
                ("supervisor", _("Supervisor")),
            ],
            initial=roster_import.role or "participant",
        )
        self.fields["source"] = forms.CharField(
            label=_("System the numbers come from"),
            max_length=40,
            initial=roster_import.source,
            help_text=_(
                "Lists of the same system recognise each other’s people. “records” is the student record system."
            ),
        )
        self.fields["save_as"] = forms.CharField(
            label=_("Save these columns under a name (optional)"),
            max_length=80,
            required=False,
            initial=roster_import.mapping.name if roster_import.mapping else "",
            help_text=_("Next time a list has these headings, they are filled in like this."),
        )

    @property
    def columns(self) -> dict[str, str]:
        return {field: self.cleaned_data[f"column_{field}"] for field in FIELDS if self.cleaned_data[f"column_{field}"]}

    def refuse(self, error: DomainError) -> None:
        """Show a refusal at the field it is about."""
        field = {"no_key": "column_email", "name_taken": "save_as", "role_not_allowed": "role"}.get(error.code)
        self.add_error(field, str(error.message))


def _choices(columns: Sequence[str], sample: Sequence[Sequence[str]]) -> list[tuple[str, str]]:
    """Headings with examples. What is never stored (ethnicity, dates of birth) cannot be chosen."""
    found = []
    for index, heading in enumerate(columns):
        if not heading.strip() or normal_heading(heading) in headings.SENSITIVE:
            continue
        examples = [cells[index].strip() for cells in sample if index < len(cells) and cells[index].strip()]
        shown = ", ".join(example[:24] for example in examples[:2])
        found.append((heading, f"{heading[:60]} ({shown})" if shown else heading[:60]))
    return found


class RoleForm(forms.Form):
    """A OneRoster package: as it says, or everybody in one role."""

    def __init__(self, data: Any, *, roster_import: RosterImport, programme: Programme) -> None:
        super().__init__(data)
        self.fields["role"] = forms.ChoiceField(
            label=_("Take people as"),
            required=False,
            choices=[
                ("", _("The package says: students, and tutors as leaders")),
                ("participant", capfirst(programme.word("participants"))),
                ("leader", capfirst(programme.word("leaders"))),
                ("supervisor", _("Supervisors")),
            ],
            initial=roster_import.role,
        )


class ImportForm(forms.Form):
    """The last word: what else happens with it."""

    deactivate_missing = forms.BooleanField(required=False)
    invite = forms.BooleanField(required=False)
