"""Forms of the partnership that designs a cycle: partners and hours, proposals, the ledger."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from programmes.forms.cycles import DayField
from programmes.models import Decision, Side, Value
from programmes.queries.ledger import STAFF, STUDENT, Named
from programmes.services.decisions import OptionDraft, Outcome, Question
from programmes.services.partners import Terms

OPTIONS = 4


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class TermsForm(forms.Form):
    """What is agreed with a partner."""

    side = forms.ChoiceField(label=_("They speak for"), choices=Side, widget=forms.RadioSelect)
    is_paid = forms.BooleanField(label=_("Paid for their hours"), required=False)
    reward = forms.CharField(
        label=_("What they get, in words"), max_length=200, required=False,
        help_text=_("A rate, a bursary, credit. Only they and the coordinators read it."),
    )  # fmt: skip
    hours_cap = forms.IntegerField(label=_("Hours at most"), min_value=1, max_value=2000, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("is_paid") and not cleaned.get("reward"):
            self.add_error("reward", _("Say what they are paid."))
        return cleaned

    def terms(self) -> Terms:
        return Terms(**self.cleaned_data)


class HoursForm(forms.Form):
    """Time a partner gave on one day."""

    on = DayField(label=_("Day"))
    hours = forms.DecimalField(
        label=_("Hours"), min_value=0.25, max_value=24, decimal_places=2, max_digits=4,
        widget=forms.NumberInput(attrs={"step": "0.25", "inputmode": "decimal"}),
    )  # fmt: skip
    what = forms.CharField(label=_("What for"), max_length=200, required=False)

    def minutes(self) -> int:
        return max(1, round(self.cleaned_data["hours"] * 60))


class ProposalForm(forms.Form):
    title = forms.CharField(label=_("In one line"), max_length=140)
    text = forms.CharField(label=_("What you propose, and why"), max_length=4000, widget=_area(6))


class CommentForm(forms.Form):
    text = forms.CharField(label=_("What do you think?"), max_length=2000, widget=_area(3))


class QuestionForm(forms.Form):
    """A question, and up to four options each with whose idea it was."""

    question = forms.CharField(label=_("Question"), max_length=240, widget=_area(2))

    def __init__(self, *args: Any, people: Mapping[str, Named], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = people
        whose = [
            ("", _("Choose")),
            *((key, one.label) for key, one in people.items()),
            (STUDENT, _("Another student")),
            (STAFF, _("Another member of staff")),
        ]
        for number in range(1, OPTIONS + 1):
            self.fields[f"option{number}"] = forms.CharField(
                label=_("Option %(number)s") % {"number": number}, max_length=400, required=number == 1
            )
            self.fields[f"whose{number}"] = forms.ChoiceField(
                label=_("Whose idea option %(number)s was") % {"number": number}, choices=whose, required=number == 1
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for number in range(2, OPTIONS + 1):
            if cleaned.get(f"option{number}") and not cleaned.get(f"whose{number}"):
                self.add_error(f"whose{number}", _("Say whose idea it was."))
        return cleaned

    def draft(self, *, proposal_id: int | None, supersedes_id: int | None) -> Question:
        options = [self._option(number) for number in range(1, OPTIONS + 1)]
        return Question(self.cleaned_data["question"], [one for one in options if one.text], proposal_id, supersedes_id)

    def _option(self, number: int) -> OptionDraft:
        whose = self.cleaned_data[f"whose{number}"]
        named = self.people.get(whose)
        side = named.side if named else (Side.STUDENT if whose == STUDENT else Side.STAFF)
        return OptionDraft(self.cleaned_data[f"option{number}"], side, named.user if named else None)


class OutcomeForm(forms.Form):
    """What was decided. How student input changed it is always said, also when it did not."""

    chosen = forms.ChoiceField(label=_("Which option"), widget=forms.RadioSelect)
    decision = forms.CharField(label=_("What was decided"), max_length=2000, widget=_area(3))
    reason = forms.CharField(label=_("Why"), max_length=2000, widget=_area(3))
    student_input = forms.CharField(
        label=_("How student input changed it"), max_length=2000, widget=_area(3),
        help_text=_("If it did not, say so, and why."),
    )  # fmt: skip
    dissent = forms.CharField(
        label=_("Who saw it otherwise, and why"), max_length=2000, required=False, widget=_area(2)
    )
    values = forms.MultipleChoiceField(
        label=_("Values it serves"), choices=Value, required=False, widget=forms.CheckboxSelectMultiple
    )
    decided_on = DayField(label=_("Decided on"))
    owner = forms.ChoiceField(label=_("Who sees to it"), required=False)
    review_on = DayField(label=_("Look at it again on"), required=False)

    def __init__(self, *args: Any, entry: Decision, people: Mapping[str, Named], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = people
        options = sorted(entry.options.all(), key=lambda one: one.position)
        self.fields["chosen"].choices = [  # type: ignore[attr-defined]
            *((str(one.position), one.text) for one in options), ("none", _("None of these"))
        ]  # fmt: skip
        self.fields["owner"].choices = [("", _("Nobody yet")), *((key, one.label) for key, one in people.items())]  # type: ignore[attr-defined]

    def outcome(self) -> Outcome:
        values = dict(self.cleaned_data)
        owner, chosen = self.people.get(values.pop("owner")), values.pop("chosen")
        return Outcome(**values, owner=owner.user if owner else None, chosen=None if chosen == "none" else int(chosen))


class StepForm(forms.Form):
    """How an entry goes on."""

    to = forms.CharField(max_length=11, widget=forms.HiddenInput)
    note = forms.CharField(label=_("A word on it"), max_length=400, required=False, widget=_area(2))
    review_on = DayField(label=_("Look at it again on"), required=False)
