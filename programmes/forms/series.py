"""Planning a series: days and times on the wall, one series for each group ticked."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dates import WEEKDAYS
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from peerhub.common import clock
from programmes.forms.cycles import DayField
from programmes.forms.sessions import MeetingForm, choices_of
from programmes.models import DAY_MINUTES, LONGEST_MINUTES, Cycle, Group, Mode, SeriesPattern, SessionSeries
from programmes.queries.occurrences import Pattern, Rule, SeriesPlan

EVERY = ((1, _("Every week")), (2, _("Every two weeks")))
SPELLINGS = ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d %B %Y", "%d %b %Y")
MOST_DAYS = 200


class DaysField(forms.CharField):
    """Days chosen one by one: a line each. Cleans to dates in order, each once."""

    widget = forms.Textarea(attrs={"rows": 3})

    def to_python(self, value: Any) -> Any:
        words = [line.strip() for line in re.split(r"[\n,;]+", str(value or "")) if line.strip()]
        if len(words) > MOST_DAYS:
            raise ValidationError(_("That is more than %(most)s days."), params={"most": MOST_DAYS})
        return tuple(sorted({_day(word) for word in words}))

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(day.isoformat() for day in value) if isinstance(value, list | tuple) else value

    def run_validators(self, value: Any) -> None:
        """Every line was read already."""


def _day(word: str) -> date:
    for spelling in SPELLINGS:
        try:
            return datetime.strptime(word, spelling).date()  # noqa: DTZ007 - a day has no time zone
        except ValueError:
            continue
    raise ValidationError(_("“%(word)s” is no day we can read. Write it like 2026-11-20."), params={"word": word[:40]})


class PatternForm(MeetingForm):
    """How the sessions of a series are."""

    leaders_as_usual = _("None ticked: each group’s own.")
    field_order = ["start", "minutes"]

    minutes = forms.IntegerField(label=_("Minutes"), min_value=5, max_value=LONGEST_MINUTES, initial=60)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if said.get("minutes", 0) > DAY_MINUTES and said.get("mode") != Mode.ASYNC:
            self.add_error("minutes", _("That is longer than a day."))
        return said

    def pattern(self, group: Group | None, *, user_id: Any) -> Pattern:
        """What was said, with what was left to the usual filled in for this group."""
        usual = self.filled_in(group, user_id=user_id)
        leaders = tuple(dict.fromkeys(usual.pop("leaders")))
        said = self.cleaned_data
        return Pattern(start=said["start"], minutes=said["minutes"], leaders=leaders, **usual)


class SeriesForm(PatternForm):
    """One series, or the same for several groups at once."""

    groups = forms.MultipleChoiceField(
        label=_("Groups"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Each group you tick gets a series of its own, with its own leaders and place."),
    )
    weekdays = forms.MultipleChoiceField(
        label=_("Days of the week"), required=False, choices=list(WEEKDAYS.items()), widget=forms.CheckboxSelectMultiple
    )
    every = forms.TypedChoiceField(
        label=_("How often"),
        coerce=int,
        choices=EVERY,
        initial=1,
        widget=forms.RadioSelect,
        help_text=_("Every two weeks counts teaching weeks, so a break changes nobody’s turn."),
    )
    days = DaysField(
        label=_("More days"),
        required=False,
        help_text=_("Chosen one by one, a line each, for example 2026-11-20. They may be outside teaching weeks."),
    )
    starts_on = DayField(label=_("First day"))
    ends_on = DayField(label=_("Last day"))
    teaching_only = forms.BooleanField(label=_("In teaching weeks only"), required=False, initial=True)

    field_order = ["groups", "weekdays", "every", "start", "minutes", "starts_on", "ends_on", "teaching_only", "days"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.on_offer = {str(one.pk): one for one in self.planning.groups}
        choices_of(self, "groups").choices = [(pk, one.name) for pk, one in self.on_offer.items()]
        if not self.on_offer:
            self.fields["groups"].widget = forms.MultipleHiddenInput()
        everyone = format_lazy(_("None ticked: everyone in {programme}."), programme=self.cycle.programme.name)
        self.fields["groups"].help_text = format_lazy("{} {}", self.fields["groups"].help_text, everyone)

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        if not said.get("weekdays") and not said.get("days") and "days" not in self.errors:
            self.add_error("weekdays", _("Choose at least one day."))
        if {"starts_on", "ends_on"} <= said.keys() and said["ends_on"] < said["starts_on"]:
            self.add_error("ends_on", _("The last day must not be before the first."))
        return said

    def plans(self, *, user_id: Any) -> list[SeriesPlan]:
        """A plan for each group, or one for everybody."""
        said = self.cleaned_data
        rule = Rule(
            weekdays=tuple(sorted(int(day) for day in said["weekdays"])),
            days=said["days"],
            every=said["every"],
            teaching_only=said["teaching_only"],
            starts_on=said["starts_on"],
            ends_on=said["ends_on"],
        )
        wanted: list[Group | None] = [self.on_offer[pk] for pk in said["groups"]]
        return [SeriesPlan(one, rule, self.pattern(one, user_id=user_id)) for one in wanted or [None]]


class ChangeSeriesForm(PatternForm):
    """How a series is from a day on."""

    from_on = DayField(label=_("From this day on"), help_text=_("What is before stays as it is."))

    field_order = ["from_on", "start", "minutes"]

    def __init__(self, *args: Any, series: SessionSeries, **kwargs: Any) -> None:
        super().__init__(*args, cycle=series.cycle, **kwargs)
        self.series = series
        self.fields["place"].help_text = self.fields["link"].help_text = ""

    def clean_from_on(self) -> date:
        day: date = self.cleaned_data["from_on"]
        if day > self.series.ends_on:
            raise ValidationError(_("That is after the last day of the series."))
        return day


def current_values(pattern: SeriesPattern, leader_ids: Sequence[int], *, from_on: date) -> dict[str, Any]:
    """What the form of a change begins with: how it is now."""
    names = ("start", "minutes", "mode", "place", "link", "title", "capacity")
    values = {name: getattr(pattern, name) for name in names}
    return {**values, "leaders": [str(pk) for pk in leader_ids], "from_on": from_on}


class StopForm(forms.Form):
    """Why the rest is called off; those concerned read it."""

    from_on = DayField(label=_("From this day on"))
    reason = forms.CharField(
        label=_("Why is it called off?"), max_length=240, help_text=_("Everyone expected reads this. No names, please.")
    )


def first_values(cycle: Cycle, *, now: datetime, group: str = "") -> dict[str, Any]:
    """What the form begins with: from today, or the cycle's first day if that is to come, to its end."""
    today = clock.local(now, cycle.time_zone).date()
    return {
        "starts_on": min(max(today, cycle.starts_on), cycle.ends_on),
        "ends_on": cycle.ends_on,
        "groups": [group] if group else [],
        "teaching_only": True,
    }
