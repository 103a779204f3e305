"""What somebody in a queue wants help with."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from programmes.models.queues import ABOUT_LENGTH
from programmes.services.queues import Wish


class WishForm(forms.Form):
    """A topic of the programme, or a few words; neither is asked for."""

    topic = forms.ChoiceField(label=_("Topic"), required=False, widget=forms.Select(attrs={"class": "form-select"}))
    about = forms.CharField(
        label=_("What is it about?"),
        max_length=ABOUT_LENGTH,
        required=False,
        help_text=_("A few words for who helps you, nothing private. It is deleted after a month."),
    )

    def __init__(self, *args: Any, topics: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if topics:
            field = cast(forms.ChoiceField, self.fields["topic"])
            field.choices = [("", _("Something else")), *((str(pk), name) for pk, name in topics)]
        else:
            del self.fields["topic"]

    def wish(self) -> Wish:
        """What was said, as far as it can be used: nobody loses their place in the queue over a word too many."""
        self.full_clean()
        said = self.cleaned_data
        about = said.get("about") or str(self.data.get("about", ""))[:ABOUT_LENGTH]
        return Wish(int(said["topic"]) if said.get("topic") else None, about)
