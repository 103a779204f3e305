"""Writing a recruitment round: the advert, the questions, the criteria, more time."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from peerhub.common import clock
from programmes.forms.cycles import DayField
from programmes.models import Cycle
from training.models import RecruitmentRound
from training.services.rounds import Asked, ScoredBy

MOST_QUESTIONS, MOST_CRITERIA = 6, 8


def _area(label: Any, hint: Any, *, rows: int = 3) -> forms.CharField:
    return forms.CharField(
        label=label, help_text=hint, max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": rows})
    )


class ClosingForm(forms.Form):
    """A moment on the wall clock of the cycle."""

    closes_on = DayField(label=_("Applications close on"), required=False)
    closes_time = forms.TimeField(
        label=_("At"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=_("To the second: what is sent later does not arrive."),
    )

    def __init__(self, *args: Any, cycle: Cycle, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cycle = cycle

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        on, at = said.get("closes_on"), said.get("closes_time")
        said["closes_at"] = None
        if on and not at and "closes_time" not in self.errors:
            self.add_error("closes_time", _("Say at what time, too."))
        elif on and at:
            try:
                said["closes_at"] = clock.instant(on, at, self.cycle.time_zone)
            except clock.NoSuchTime as refusal:
                self.add_error("closes_time", str(refusal.message))
        return said


def closing_initial(moment: datetime | None, cycle: Cycle) -> dict[str, Any]:
    if moment is None:
        return {}
    local = clock.local(moment, cycle.time_zone)
    return {"closes_on": local.date(), "closes_time": local.time()}


class ExtendForm(ClosingForm):
    """More time for applications."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("closes_on", "closes_time"):
            self.fields[name].required = True


class AdvertForm(ClosingForm):
    """Everything an applicant must know. It may be saved half written; it is published whole."""

    mark_optional = False
    field_order = ["places", "purpose", "tasks", "hours", "reward", "training_dates", "eligibility", "how_selected",
                   "adjustments", "guarantees_interview", "offer_days", "contact", "closes_on",
                   "closes_time"]  # fmt: skip

    places = forms.IntegerField(label=_("How many people do you look for?"), min_value=1, max_value=500)
    purpose = _area(_("Why this role exists"), _("What changes for students because somebody does it."))
    tasks = _area(_("What they will do"), _("Week by week, in plain words."))
    hours = _area(_("Hours and pattern"), _("How many, when, for how long, and what can be moved."), rows=2)
    reward = _area(_("Reward"), _("Pay, credit or recognition. Say so when there is none."), rows=2)
    training_dates = _area(_("Training dates"), _("Days, times and place, and what if one cannot come."), rows=2)
    eligibility = _area(
        _("Who can apply"), _("Only what the role cannot do without. Empty: every student can apply."), rows=2
    )
    how_selected = _area(_("How people are chosen"), _("The steps, who reads, and when people hear."))
    adjustments = _area(
        _("Adjustments"), _("How to ask for another format, more time or anything else, and from whom."), rows=2
    )
    guarantees_interview = forms.BooleanField(
        label=_("Disabled applicants who meet the essential criteria are invited to talk (Disability Confident)"),
        required=False,
    )
    offer_days = forms.IntegerField(label=_("Days to answer an offer"), min_value=1, max_value=60, initial=7)
    contact = _area(_("Whom to ask"), _("A name, an address, and when they answer."), rows=2)

    @classmethod
    def of(cls, round_: RecruitmentRound | None, data: Any, *, cycle: Cycle) -> "AdvertForm":
        initial: dict[str, Any] = {"guarantees_interview": True, "offer_days": 7}
        if round_ is not None:
            names = [name for name in cls.base_fields if name not in {"closes_on", "closes_time"}]
            initial = {name: getattr(round_, name) for name in names} | closing_initial(round_.closes_at, cycle)
        return cls(data, initial=initial, cycle=cycle)


class RowForm(forms.Form):
    """A row of a list that is saved whole: what was there before counts like what is new."""

    mark_optional = False

    def has_changed(self) -> bool:
        return True


class QuestionForm(RowForm):
    """One question. Left empty, it is not asked."""

    text = forms.CharField(label=_("Question"), max_length=300, required=False)
    hint = forms.CharField(label=_("Hint"), max_length=300, required=False)
    most_words = forms.IntegerField(label=_("Words at most"), min_value=20, max_value=1000, initial=250)


class CriterionForm(RowForm):
    """One criterion. Left empty, it does not count."""

    name = forms.CharField(label=_("Criterion"), max_length=120, required=False)
    looks_like = forms.CharField(label=_("Strong evidence looks like"), max_length=300, required=False)
    weight = forms.IntegerField(label=_("Weight"), min_value=1, max_value=5, initial=1)
    is_essential = forms.BooleanField(label=_("Essential"), required=False)


QuestionSet = forms.formset_factory(QuestionForm, extra=0, max_num=MOST_QUESTIONS, validate_max=True)
CriterionSet = forms.formset_factory(CriterionForm, extra=0, max_num=MOST_CRITERIA, validate_max=True)
EMPTY_QUESTION = {"text": "", "hint": "", "most_words": 250}
EMPTY_CRITERION = {"name": "", "looks_like": "", "weight": 1, "is_essential": True}


def question_sets(round_: RecruitmentRound, data: Any) -> tuple[Any, Any]:
    """Both lists, filled with what there is and rows to write more in."""
    questions: list[Any] = list(round_.questions.order_by("position").values("text", "hint", "most_words"))
    criteria: list[Any] = list(
        round_.criteria.order_by("position").values("name", "looks_like", "weight", "is_essential")
    )
    questions += [EMPTY_QUESTION] * max(0, MOST_QUESTIONS - len(questions))
    criteria += [EMPTY_CRITERION] * max(0, MOST_CRITERIA - len(criteria))
    return QuestionSet(data, initial=questions, prefix="q"), CriterionSet(data, initial=criteria, prefix="c")


def asked(formset: Any) -> list[Asked]:
    rows = [row for row in formset.cleaned_data if row.get("text", "").strip()]
    return [Asked(row["text"].strip(), row["hint"].strip(), row["most_words"]) for row in rows]


def scored_by(formset: Any) -> list[ScoredBy]:
    rows = [row for row in formset.cleaned_data if row.get("name", "").strip()]
    return [
        ScoredBy(row["name"].strip(), row["looks_like"].strip(), row["weight"], row["is_essential"]) for row in rows
    ]
