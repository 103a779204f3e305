"""Forms of modules and of the questions of their quizzes."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from training.models import AssessmentKind, Mode, Module, QuizQuestion
from training.models.quizzes import FEWEST_OPTIONS, MOST_OPTIONS
from training.services.modules import ModuleText, QuestionText


def _lines(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class ModuleForm(forms.Form):
    """Everything about a module but its questions."""

    title = forms.CharField(label=_("Title"), max_length=120)
    summary = forms.CharField(label=_("In one sentence"), max_length=240, required=False)
    hours = forms.DecimalField(label=_("Hours it takes"), min_value=0.5, max_value=100, decimal_places=1, max_digits=4)
    mode = forms.ChoiceField(
        label=_("How"),
        choices=Mode.choices,
        widget=forms.RadioSelect,
        help_text=_("A live module has dates. Its register completes it, unless a quiz or an observation does."),
    )
    outcomes = forms.CharField(
        label=_("What people can do afterwards"), help_text=_("One a line."), widget=_lines(4), required=False
    )
    standard = forms.CharField(
        label=_("Standard it meets"),
        help_text=_("For example the name of a certification, or of the institution’s own standard."),
        max_length=160,
        required=False,
    )
    content = forms.CharField(
        label=_("Content"),
        help_text=_("Markdown: # for a heading, - for a list, [words](https://…) for a link to a file or a video."),
        widget=_lines(14),
        required=False,
        max_length=40000,
    )
    assessment = forms.ChoiceField(
        label=_("How it is completed"), choices=AssessmentKind.choices, widget=forms.RadioSelect
    )
    pass_mark = forms.IntegerField(label=_("Quiz: pass mark in percent"), min_value=1, max_value=100, initial=80)
    questions_drawn = forms.IntegerField(
        label=_("Quiz: questions in a try"),
        help_text=_("Drawn by chance from all there are. Empty: all of them."),
        min_value=1,
        max_value=100,
        required=False,
    )
    tries = forms.IntegerField(
        label=_("Quiz: tries"), help_text=_("Empty: no limit."), min_value=1, max_value=50, required=False
    )
    minutes = forms.IntegerField(label=_("Quiz: minutes for a try"), min_value=5, max_value=480, initial=60)
    criteria = forms.CharField(
        label=_("Observation: what is looked at"),
        help_text=_("One criterion a line. Each gets a mark from 1 to 4."),
        widget=_lines(4),
        required=False,
    )
    valid_months = forms.IntegerField(
        label=_("Months it counts"),
        help_text=_("Then it is to be done again. Empty: it lasts."),
        min_value=1,
        max_value=120,
        required=False,
    )
    is_safeguarding = forms.BooleanField(label=_("Training in safeguarding: nobody can be let off it"), required=False)

    @classmethod
    def of(cls, module: Module) -> dict[str, Any]:
        return {name: getattr(module, name) for name in cls.base_fields}

    def text(self) -> ModuleText:
        """The clean values, as the service takes them."""
        return ModuleText(**self.cleaned_data)


class QuestionForm(forms.Form):
    """A question with up to six answers, one of them right."""

    text = forms.CharField(label=_("Question"), max_length=400, widget=_lines(2))
    feedback = forms.CharField(
        label=_("What to say afterwards"),
        help_text=_("Shown once it is handed in, whatever was answered: why that is so, and where to read on."),
        max_length=600,
        widget=_lines(3),
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        feedback = self.fields.pop("feedback")
        for number in range(1, MOST_OPTIONS + 1):
            self.fields[f"option{number}"] = forms.CharField(
                label=_("Answer %(n)s") % {"n": number}, max_length=240, required=number <= FEWEST_OPTIONS
            )
        self.fields["right"] = forms.ChoiceField(
            label=_("Which answer is right?"),
            choices=[(str(n), _("Answer %(n)s") % {"n": n}) for n in range(1, MOST_OPTIONS + 1)],
        )
        self.fields["feedback"] = feedback

    @staticmethod
    def of(question: QuizQuestion) -> dict[str, Any]:
        options = {f"option{number}": text for number, text in enumerate(question.options, 1)}
        return {"text": question.text, "feedback": question.feedback, "right": str(question.right + 1), **options}

    def question(self) -> QuestionText:
        """Answers left empty are left out; the right one moves with them."""
        said = self.cleaned_data
        given = [n for n in range(1, MOST_OPTIONS + 1) if said[f"option{n}"].strip()]
        right = int(said["right"])
        options = [said[f"option{n}"] for n in given]
        return QuestionText(said["text"], options, given.index(right) if right in given else -1, said["feedback"])
