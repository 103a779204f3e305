"""Writing handbooks: a document, a section, how a draft is published, which briefing was given when."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from peerhub.common.formparts import Hinted
from programmes.models import Group
from training.models import HandbookKind, HandbookVersion, Reader
from training.services.handbooks import NewHandbook, Publication, Words

DAY = {"type": "date"}
MAJOR, MINOR = "major", "minor"


class HandbookForm(forms.Form):
    """A new document."""

    kind = forms.ChoiceField(label=_("What is it?"), choices=HandbookKind.choices, widget=forms.RadioSelect)
    reader = forms.ChoiceField(label=_("Who reads it?"), choices=Reader.choices, widget=forms.RadioSelect)
    title = forms.CharField(
        label=_("Title"), max_length=120, help_text=_("As readers see it, for example “Handbook for PASS leaders”.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hints = {
            HandbookKind.HANDBOOK: _("Expectations, how things are done, boundaries and where to refer"),
            HandbookKind.AGREEMENT: _("What both sides promise; short"),
            HandbookKind.BRIEFING: _("Purpose, benefits and process, for those who begin; given in person or read"),
        }
        self.fields["kind"].choices = [  # type: ignore[attr-defined]
            (one.value, Hinted(one.label, hints[one])) for one in HandbookKind
        ]

    def new(self) -> NewHandbook:
        values = self.cleaned_data
        return NewHandbook(values["kind"], values["reader"], " ".join(values["title"].split()))


class SectionForm(forms.Form):
    """One section. `seen` says what the writer began from."""

    title = forms.CharField(label=_("Heading"), max_length=120)
    text = forms.CharField(
        label=_("Text"),
        max_length=20000,
        widget=forms.Textarea(attrs={"rows": 16}),
        help_text=_("Markdown: “- ” begins a point of a list, “### ” a heading, **two stars** make bold."),
    )
    seen = forms.CharField(required=False, max_length=32, widget=forms.HiddenInput)

    def words(self) -> Words:
        values = self.cleaned_data
        text = values["text"].replace("\r\n", "\n").strip()
        return Words(" ".join(values["title"].split()), text, values["seen"])


class PublishForm(forms.Form):
    """How a draft becomes a version. The very first has nothing to choose but goes out all the same."""

    mark_optional = False

    seen = forms.CharField(widget=forms.HiddenInput, required=False)  # the digest of the words that are shown
    size = forms.ChoiceField(label=_("How much is different?"), widget=forms.RadioSelect)
    due_on = forms.DateField(
        label=_("To be read again by"),
        required=False,
        widget=forms.DateInput(attrs=DAY),
        help_text=_("For a big change. Who leads and has not read it by then is not cleared until they have."),
    )
    summary = forms.CharField(
        label=_("What is new, in a sentence"),
        max_length=300,
        required=False,
        help_text=_("Readers see it above the marked changes, and in the mail."),
    )

    def __init__(self, *args: Any, newest: HandbookVersion | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.newest = newest
        if newest is None:
            del self.fields["size"], self.fields["due_on"], self.fields["summary"]
            return
        major, minor = newest.major or 0, newest.minor or 0
        self.fields["size"].choices = [  # type: ignore[attr-defined]
            (MINOR, Hinted(_("A small change: %(n)s") % {"n": f"{major}.{minor + 1}"}, _("Nobody is asked again"))),
            (
                MAJOR,
                Hinted(_("A big change: %(n)s") % {"n": f"{major + 1}.0"}, _("Everybody is asked to read it again")),
            ),
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("size") == MAJOR and not cleaned.get("due_on") and "due_on" not in self.errors:
            self.add_error("due_on", _("Say by which day it is to be read again."))
        return cleaned

    def publication(self) -> Publication:
        values = self.cleaned_data
        is_major = values.get("size", MAJOR) == MAJOR
        due_on = values.get("due_on") if is_major else None
        return Publication(is_major, values.get("summary", ""), due_on, seen=values["seen"])


class BriefingForm(forms.Form):
    """That a briefing was given: to whom, on which day."""

    mark_optional = False

    group = forms.ChoiceField(label=_("To whom"), required=False)
    on = forms.DateField(label=_("On"), widget=forms.DateInput(attrs=DAY))

    def __init__(self, *args: Any, groups: list[Group], everybody: str, today: date, **kwargs: Any) -> None:
        super().__init__(*args, initial={"on": today}, **kwargs)
        self.groups = {str(one.uuid): one for one in groups}
        self.fields["group"].choices = [("", everybody), *((key, one.name) for key, one in self.groups.items())]  # type: ignore[attr-defined]

    def chosen_group(self) -> Group | None:
        return self.groups.get(self.cleaned_data["group"])
