"""The form of names, colours and logo."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from peerhub.institution.models import Branding
from peerhub.institution.models.branding import hex_colour
from peerhub.institution.services.branding import BrandingRefused, clean_logo, unreadable


class ColourField(forms.CharField):
    """#rrggbb, or empty for PeerHub's own. Refused when text in it could not be read on every ground."""

    def __init__(self, *, dark: bool = False, **kwargs: Any) -> None:
        self.dark = dark
        widget = forms.TextInput(attrs={"spellcheck": "false", "autocomplete": "off"})
        super().__init__(max_length=7, required=False, validators=[hex_colour], widget=widget, **kwargs)

    def clean(self, value: Any) -> str:
        colour = str(super().clean(value)).upper()
        problem = unreadable(colour, dark=self.dark)
        if problem:
            raise forms.ValidationError(problem, code="contrast")
        return colour


class BrandingForm(forms.ModelForm):
    primary = ColourField(
        label=_("Main colour"), help_text=_("For buttons, links and the bar at the top, for example #0D5661.")
    )
    primary_dark = ColourField(
        dark=True, label=_("Main colour in dark mode"),
        help_text=_("A lighter one. Leave it empty and we lighten the main colour for you."),
    )  # fmt: skip
    logo = forms.FileField(
        label=_("Logo"), required=False, widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
        help_text=_("PNG, JPEG or WebP, up to 2 MB. It stands on a dark bar."),
    )  # fmt: skip
    drop_logo = forms.BooleanField(label=_("Remove the logo"), required=False)
    help_url = forms.URLField(label=_("Help page"), required=False, assume_scheme="https")

    class Meta:
        model = Branding
        fields = [
            "institution_name", "product_name", "primary", "primary_dark", "logo", "drop_logo", "help_email",
            "help_url", "emergency_text", "safeguarding_contact",
        ]  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.logo:
            del self.fields["drop_logo"]
        self.initial["logo"] = None

    def clean_logo(self) -> Any:
        upload = self.cleaned_data.get("logo")
        if not upload:
            return None
        try:
            clean_logo(upload)
        except BrandingRefused as refusal:
            raise forms.ValidationError(str(refusal.message), code=refusal.code) from refusal
        upload.seek(0)
        return upload

    def _post_clean(self) -> None:
        """The service writes the row; the form leaves it alone."""
