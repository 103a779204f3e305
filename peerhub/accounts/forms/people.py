"""Forms about oneself: opening an account, choosing a password, one's own details."""

import re
import zoneinfo
from datetime import datetime
from functools import cache
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import password_validation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from peerhub.accounts.forms.sign_in import PASSWORD_HINT
from peerhub.accounts.models import Theme, User
from peerhub.accounts.queries.sign_up import may_sign_up, shown_domains
from peerhub.common.widgets import LongSelect

# A name is greeted with in mails: it may hold any letters of the world, but no address, link or invisible control.
NOT_IN_NAMES = re.compile(r"[<>@:\\{}\[\]|\x00-\x1f\u202a-\u202e\u2066-\u2069]|www\.", re.IGNORECASE)


class NameField(forms.CharField):
    """A name as people write it, with space around and inside collapsed."""

    def __init__(self, *, max_length: int = 120, autocomplete: str = "off", **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"autocomplete": autocomplete})
        super().__init__(max_length=max_length, widget=widget, **kwargs)

    def clean(self, value: Any) -> str:
        name = " ".join(super().clean(value).split())
        if NOT_IN_NAMES.search(name):
            raise forms.ValidationError(_("Write words only, without links or special signs."), code="not_a_name")
        return name


class SignUpForm(forms.Form):
    """Asks for an account. The password comes after the address is confirmed."""

    email = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    given_name = NameField(label=_("Given name"), autocomplete="given-name")
    family_name = NameField(label=_("Family name"), autocomplete="family-name", required=False)

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        domains = shown_domains()
        if domains:
            words = ngettext("Your address at %(domains)s.", "Your address at one of these: %(domains)s.", len(domains))
            self.fields["email"].help_text = words % {"domains": ", ".join(domains)}

    def clean_email(self) -> str:
        address = str(self.cleaned_data["email"]).lower()
        if not may_sign_up(address, now=self.now):
            raise forms.ValidationError(not_allowed(shown_domains()), code="not_allowed")
        return address


def not_allowed(domains: list[str]) -> Any:
    """The sentence for an address we do not take. The same whether or not somebody has it."""
    invited = _("If you were invited, use the address the invitation was sent to.")
    if not domains:
        return f"{_('Accounts are by invitation.')} {invited}"
    return f"{_('PeerHub is for addresses at %(domains)s.') % {'domains': ', '.join(domains)}} {invited}"


class ChoosePasswordForm(forms.Form):
    """The password of somebody who has just proved who they are."""

    password = forms.CharField(
        label=_("Password"), strip=False, help_text=PASSWORD_HINT,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        password_validation.validate_password(password, self.user)
        return password


class JoinForm(ChoosePasswordForm):
    """Opening the account an invitation stands for."""

    given_name = NameField(label=_("Given name"), autocomplete="given-name")
    family_name = NameField(label=_("Family name"), autocomplete="family-name", required=False)
    field_order = ["given_name", "family_name", "password"]


class ProfileForm(forms.ModelForm):
    """One's own details."""

    given_name = NameField(label=_("Given name"), autocomplete="given-name")
    family_name = NameField(label=_("Family name"), autocomplete="family-name", required=False)
    preferred_name = NameField(
        label=_("Preferred name"), autocomplete="nickname", required=False,
        help_text=_("What people call you. Leave it empty to use your given name."),
    )  # fmt: skip
    pronouns = NameField(
        label=_("Pronouns"), max_length=40, required=False,
        help_text=_("For example she/her. Shown beside your name to people in your programmes."),
    )  # fmt: skip
    locale = forms.ChoiceField(label=_("Language"), required=False)
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False, widget=LongSelect)
    theme = forms.ChoiceField(label=_("Colours"), choices=Theme.choices, widget=forms.RadioSelect)

    class Meta:
        model = User
        fields = ["given_name", "family_name", "preferred_name", "pronouns", "locale", "time_zone", "theme"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].choices = time_zones()  # type: ignore[attr-defined]
        self.fields["locale"].choices = [("", _("As my browser")), *settings.LANGUAGES]  # type: ignore[attr-defined]


def time_zones() -> list[tuple[str, Any]]:
    """The institution's own zone first, then every zone of the world by name."""
    own = _("The institution’s (%(zone)s)") % {"zone": settings.TIME_ZONE.replace("_", " ")}
    return [("", own), *_zones_of_the_world()]


@cache
def _zones_of_the_world() -> list[tuple[str, str]]:
    names = sorted(name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith("Etc/"))
    return [(name, name.replace("_", " ")) for name in names]
