"""Forms of the calendar."""

import re
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from peerhub.common.formparts import of_our_time
from peerhub.institution.models import AcademicYear, Closure, Term

LINE = re.compile(
    r"(?P<first>\d{4}-\d{2}-\d{2})(?:\s*(?:to|until|–|/|\.\.)\s*(?P<last>\d{4}-\d{2}-\d{2}))?[\s,;:]+(?P<name>\S.*)"
)
MAX_LINES = 200


def day_field(label: Any, **kwargs: Any) -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, widget=widget, validators=[of_our_time], **kwargs)


class YearForm(forms.Form):
    code = forms.RegexField(
        r"^[A-Za-z0-9][A-Za-z0-9_-]{1,19}$", label=_("Code"), help_text=_("For example 2026-27."),
        error_messages={"invalid": _("Use letters, digits and hyphens, at most 20, for example 2026-27.")},
    )  # fmt: skip
    starts_on = day_field(_("First day"))
    ends_on = day_field(_("Last day"))

    def __init__(self, *args: Any, year: AcademicYear | None = None, **kwargs: Any) -> None:
        if year is not None:
            kwargs["initial"] = {"code": year.code, "starts_on": year.starts_on, "ends_on": year.ends_on}
        super().__init__(*args, **kwargs)


class CalendarEntryForm(forms.ModelForm):
    """Shows a row; the service checks and writes it."""

    def _post_clean(self) -> None:
        """The row stays as it is until the service writes it."""


class TermForm(CalendarEntryForm):
    starts_on = day_field(_("First day"))
    ends_on = day_field(_("Last day"))
    first_week = forms.IntegerField(
        label=_("Number of its first week"), min_value=0, max_value=53, initial=1,
        help_text=_("Weeks are numbered on from here, Monday to Sunday."),
    )  # fmt: skip

    class Meta:
        model = Term
        fields = ["name", "kind", "starts_on", "ends_on", "first_week"]


class ClosureForm(CalendarEntryForm):
    starts_on = day_field(_("First day"))
    ends_on = day_field(_("Last day"), help_text=_("The same as the first, for a single day."))

    class Meta:
        model = Closure
        fields = ["name", "starts_on", "ends_on"]


class ClosureListForm(forms.Form):
    """Many closures at once, one a line, as one would paste them from a list."""

    lines = forms.CharField(
        label=_("Closures"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        help_text=_("One a line: 2026-12-24 to 2027-01-03 Christmas. A single day: 2027-05-03 May Day."),
    )  # fmt: skip

    def clean_lines(self) -> list[tuple[date, date, str]]:
        rows, problems = [], []
        lines = [(n, line.strip()) for n, line in enumerate(self.cleaned_data["lines"].splitlines(), 1) if line.strip()]
        if len(lines) > MAX_LINES:
            raise forms.ValidationError(_("At most %(most)s lines at a time."), params={"most": MAX_LINES})
        for number, line in lines:
            row = read_line(line)
            if isinstance(row, tuple):
                rows.append(row)
            else:
                problems.append(_("Line %(number)s: %(problem)s") % {"number": number, "problem": row})
        if problems:
            raise forms.ValidationError(problems[:10])
        return rows


def read_line(line: str) -> Any:
    """(first day, last day, name) of a line, or the sentence saying what is wrong with it."""
    found = LINE.fullmatch(line)
    if found is None:
        return _("Write a date such as 2026-12-24, then the name.")
    try:
        first = date.fromisoformat(found["first"])
        last = date.fromisoformat(found["last"] or found["first"])
        of_our_time(first)
    except forms.ValidationError as error:
        return error.message
    except ValueError:
        return _("There is no such day.")
    if last < first:
        return _("The last day must not be before the first day.")
    if (last - first).days > 120:
        return _("A closure is at most 120 days long. Check the dates.")
    return first, last, found["name"].strip()[:80]
