"""Forms of a file of completions: the file, and which of its columns is which module."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from peerhub.common.errors import DomainError
from peerhub.common.formparts import of_our_time
from programmes.rosters.detect import normal_heading
from training.models import AssessmentKind, CompletionImport, Module
from training.rosters.sheets import Column, Sheet
from training.services.completion_imports import ModuleColumn

USUAL_PASS = 80
AT_FIELD = {
    "in_future": "on",
    "no_day": "on",
    "too_old": "on",
    "nobody": "identifier",
}


class CompletionFileForm(forms.Form):
    """One file."""

    file = forms.FileField(
        label=_("File with results"),
        error_messages={"required": _("Choose the file first.")},
        help_text=_("CSV or Excel (.xlsx), up to 10 MB. Nothing is recorded before you have seen the check."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
        allow_empty_file=True,
        max_length=400,
    )

    def refuse(self, error: DomainError) -> None:
        self.add_error("file", str(error.message))


class ModuleColumnsForm(forms.Form):
    """Which column holds which module, and whose the rows are. Choices show what the first rows hold."""

    mark_optional = False

    def __init__(self, data: Any, *, row: CompletionImport, sheet: Sheet, modules: list[Module]) -> None:
        super().__init__(data)
        self.modules = modules
        said = {one["module"]: one for one in row.columns.get("modules", [])}
        people = [("", _("Not in this file")), *((str(one.place), _words(one)) for one in sheet.columns if one.heading)]
        results = [("", _("Not in this file")), *((str(one.place), _words(one)) for one in sheet.results)]
        days = [
            ("", _("The column beside it, or else the day below")),
            *((str(one.place), _words(one) or _("Column %(n)s") % {"n": one.place + 1}) for one in sheet.days),
        ]
        self.fields["identifier"] = _place(_("Student or staff number"), people, sheet.identifier)
        self.fields["email"] = _place(_("E-mail"), people, sheet.email)
        for number, module in enumerate(modules):
            self._add(number, module, said.get(str(module.uuid)), _Offered(sheet, results, days, bool(row.columns)))
        self.fields["on"] = forms.DateField(
            label=_("Day for results that have none of their own"),
            help_text=_("Such as the day of the course. Canvas does not say when something was done."),
            initial=row.columns.get("on") or sheet.downloaded_on,
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            validators=[of_our_time],
            required=False,
        )
        self.fields["month_first"] = forms.BooleanField(
            label=_("Days are written with the month first, as in 11/28/2026"),
            initial=row.columns.get("month_first", False),
            required=False,
        )
        self.fields["source"] = forms.CharField(
            label=_("System the numbers come from"),
            help_text=_("As it was called when people came in with a class list. “records” is the usual one."),
            initial=row.columns.get("source", "records"),
            max_length=40,
        )
        self.sheet = sheet

    def _add(self, number: int, module: Module, said: dict[str, Any] | None, offered: "_Offered") -> None:
        guess = None if said or offered.is_known else offered.like(module)
        column = said["column"] if said else (guess.place if guess else None)
        out_of = said["out_of"] if said else (guess.out_of if guess and guess.out_of else 100)
        is_quiz = module.assessment == AssessmentKind.QUIZ
        enough = said["enough"] if said else (module.pass_mark if is_quiz else USUAL_PASS)
        self.fields[f"column{number}"] = _place(_("Column with the result"), offered.results, column)
        self.fields[f"enough{number}"] = forms.IntegerField(
            label=_("Enough, in percent"), min_value=module.pass_mark if is_quiz else 1, max_value=100, initial=enough
        )
        self.fields[f"out_of{number}"] = forms.DecimalField(
            label=_("Scores are out of"), min_value=Decimal("0.01"), max_value=Decimal(99999), initial=out_of
        )
        self.fields[f"day{number}"] = _place(_("Column with the day"), offered.days, said["day"] if said else None)

    def parts(self) -> list[tuple[Module, list[forms.BoundField]]]:
        """A module and its fields."""
        names = ("column", "enough", "out_of", "day")
        return [(module, [self[f"{name}{number}"] for name in names]) for number, module in enumerate(self.modules)]

    def chosen(self) -> dict[str, Any]:
        """The clean values, as the service takes them."""
        said = self.cleaned_data
        found = []
        for number, module in enumerate(self.modules):
            column = said[f"column{number}"]
            if column is not None:
                found.append(self._chosen(module, number, column))
        names = ("identifier", "email", "source", "on", "month_first")
        return {**{name: said[name] for name in names}, "modules": found}

    def _chosen(self, module: Module, number: int, column: int) -> ModuleColumn:
        said = self.cleaned_data
        day = said[f"day{number}"]
        beside = self.sheet.day_beside(column)
        return ModuleColumn(
            UUID(str(module.uuid)), column, said[f"out_of{number}"], said[f"enough{number}"],
            beside if day is None else day,
        )  # fmt: skip

    def refuse(self, error: DomainError) -> None:
        self.add_error(AT_FIELD.get(error.code), str(error.message))


class _Offered:
    """What may be chosen for a module. `is_known`: somebody has chosen before, so nothing is guessed any more."""

    def __init__(self, sheet: Sheet, results: list[Any], days: list[Any], is_known: bool) -> None:
        self.sheet, self.results, self.days, self.is_known = sheet, results, days, is_known

    def like(self, module: Module) -> Column | None:
        """The column that is called as the module is, whatever the platform put around it."""
        wanted = normal_heading(module.title)
        return next((one for one in self.sheet.results if wanted in normal_heading(one.heading)), None)


def _place(label: Any, choices: list[Any], initial: int | None) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label,
        choices=choices,
        coerce=int,
        empty_value=None,
        required=False,
        initial="" if initial is None else str(initial),
    )


def _words(column: Column) -> str:
    """A heading with what it is out of and what the first rows hold."""
    shown = ", ".join(text[:20] for text in column.samples)
    return f"{column.heading[:60]} ({shown})" if shown else column.heading[:60]
