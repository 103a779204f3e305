"""Forms of groups."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peerhub.common.formparts import Hinted
from programmes.models import Shape
from programmes.services.groups import GroupFields


class GroupForm(forms.Form):
    """What a group is called, where it meets, how many it takes."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    shape = forms.ChoiceField(label=gettext_lazy("Shape"), widget=forms.RadioSelect)
    subject = forms.CharField(label=gettext_lazy("Module or topic"), max_length=120, required=False)
    place = forms.CharField(label=gettext_lazy("Usual place"), max_length=120, required=False)
    link = forms.URLField(
        label=gettext_lazy("Usual link"),
        help_text=gettext_lazy("For meetings online. It starts with https://"),
        required=False,
        assume_scheme="https",
    )
    capacity = forms.IntegerField(
        label=gettext_lazy("Places for those who take part"),
        help_text=gettext_lazy("Leave empty for no limit; a pair then has one."),
        min_value=1,
        max_value=1000,
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shape"].choices = [  # type: ignore[attr-defined]
            (
                Shape.GROUP.value,
                Hinted(_("Group"), _("One or more who lead, several who take part, meeting in sessions")),
            ),
            (
                Shape.PAIR.value,
                Hinted(_("Pair"), _("One who leads and one or a few who take part, in contact one to one")),
            ),
        ]

    def fields_of_group(self) -> GroupFields:
        """The clean values, as the service takes them."""
        return GroupFields(**self.cleaned_data)
