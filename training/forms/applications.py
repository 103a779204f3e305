"""Applying: the programme's own questions, what is asked for, what somebody needs."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from training.models import Application, Question, RecruitmentRound
from training.services.applications import LONGEST, Said


class ApplicationForm(forms.Form):
    """One field for each question, in the round's order. Drafts may be half written; what is sent is whole."""

    mark_optional = False

    def __init__(self, data: Any, *, round_: RecruitmentRound, application: Application | None) -> None:
        self.questions = list(round_.questions.order_by("position"))
        super().__init__(data, initial=_initial(application))
        for number, question in enumerate(self.questions, start=1):
            self.fields[_name(question)] = _field(question, number)
        if round_.eligibility:
            self.fields["eligibility_note"] = forms.CharField(
                label=_("How do you meet what is asked for?"),
                help_text=_("Only who checks it reads this, not who scores."),
                max_length=2000,
                widget=forms.Textarea(attrs={"rows": 3}),
            )
        self.fields["adjustments"] = forms.CharField(
            label=_("Do you need anything to take part in a conversation? (optional)"),
            help_text=_("Read once the shortlist is decided, by who arranges the conversations. Never scored."),
            max_length=2000,
            required=False,
            widget=forms.Textarea(attrs={"rows": 2}),
        )
        if round_.guarantees_interview:
            self.fields["wants_guarantee"] = forms.BooleanField(
                label=_("I am disabled and would like a guaranteed conversation if I meet the essential criteria"),
                help_text=_("Optional. Who scores never sees this; it is looked at once the scores stand."),
                required=False,
            )

    def said(self) -> Said:
        """What was written, whether or not it is whole: long texts are cut at what can be kept."""
        raw = {name: str(self.data.get(name) or "") for name in self.fields}
        return Said(
            answers={one.pk: raw[_name(one)][:LONGEST] for one in self.questions},
            eligibility_note=raw.get("eligibility_note", "")[:2000],
            adjustments=raw.get("adjustments", "")[:2000],
            wants_guarantee=bool(raw.get("wants_guarantee")),
        )


def _name(question: Question) -> str:
    return f"answer_{question.position}"


def _field(question: Question, number: int) -> forms.CharField:
    most = ngettext("At most %(n)s word.", "At most %(n)s words.", question.most_words) % {"n": question.most_words}

    def few_enough(text: str) -> None:
        if (many := len(text.split())) > question.most_words:
            raise forms.ValidationError(
                _("%(most)s These are %(many)s.") % {"most": most, "many": many}, code="too_long"
            )

    return forms.CharField(
        label=f"{number}. {question.text}",
        help_text=f"{question.hint} {most}".strip(),
        max_length=LONGEST,
        validators=[few_enough],
        widget=forms.Textarea(attrs={"rows": 7}),
        error_messages={"required": _("Answer this question.")},
    )


def _initial(application: Application | None) -> dict[str, Any]:
    if application is None:
        return {}
    answers = application.answers.select_related("question")
    return {_name(one.question): one.text for one in answers} | {
        "eligibility_note": application.eligibility_note,
        "adjustments": application.adjustments,
        "wants_guarantee": application.wants_guarantee,
    }


class WithdrawForm(forms.Form):
    """Why somebody takes their application back, if they want to say."""

    reason = forms.CharField(
        label=_("Would you like to say why? (optional)"),
        help_text=_("Read only by who coordinates, and only if they know your name by then."),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
