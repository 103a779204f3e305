"""Typing a code."""

from django import forms
from django.utils.translation import gettext_lazy as _


class CodeForm(forms.Form):
    """Six characters, as they stand on the screen in the room."""

    code = forms.CharField(
        label=_("Check-in code"),
        max_length=20,
        error_messages={"required": _("Type the six characters that are on the screen in the room.")},
    )
