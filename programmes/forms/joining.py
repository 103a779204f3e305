"""Forms of joining, deciding and leaving."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class NoteForm(forms.Form):
    """What somebody wants the coordinator to know."""

    note = forms.CharField(
        label=_("Anything the coordinator should know?"),
        help_text=_("Coordinators and supervisors read it. Please leave out anything about your health."),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ConsentForm(forms.Form):
    """The tick before joining."""

    agree = forms.BooleanField(
        label=_("I know who sees what, and I agree to what is expected"),
        error_messages={"required": _("Tick the box if you agree. Otherwise go back: nothing has happened yet.")},
    )


class LeaveForm(forms.Form):
    """Why somebody leaves, if they want to say."""

    reason = forms.CharField(
        label=_("Would you like to say why?"),
        help_text=_("Only those who run the programme can read it. Nobody else is told."),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ReasonForm(forms.Form):
    """A reason in words: one of some kind beginnings, changed as wanted, or one's own."""

    mark_optional = False  # one of both is needed: the page says so

    template = forms.ChoiceField(label=_("Start from"), required=False, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, templates: list[str], hint: str, own_words: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.templates = templates
        choices = [(str(number), text) for number, text in enumerate(templates)]
        self.fields["template"].choices = [*choices, ("own", own_words)]  # type: ignore[attr-defined]
        self.fields["reason"].help_text = hint
        if not templates:
            del self.fields["template"]
            self.fields["reason"].required = True

    def clean(self) -> dict[str, Any]:
        """The words typed, else the ready sentence chosen. One of both is needed."""
        cleaned: dict[str, Any] = super().clean() or {}
        typed, chosen = str(cleaned.get("reason") or "").strip(), str(cleaned.get("template") or "")
        ready = self.templates[int(chosen)] if chosen.isdigit() and int(chosen) < len(self.templates) else ""
        cleaned["reason"] = typed or ready
        if not cleaned["reason"] and not self.fields["reason"].required:
            self.add_error("reason", _("Choose a sentence or write one of your own."))
        return cleaned
