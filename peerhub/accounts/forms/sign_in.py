"""allauth's forms in our words: labels instead of placeholders, nothing asked twice."""

from typing import Any

from allauth.account import forms as account_forms
from allauth.account.adapter import get_adapter
from allauth.mfa.base import forms as factor_forms
from allauth.mfa.totp import forms as totp_forms
from allauth.mfa.webauthn import forms as passkey_forms
from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from peerhub.accounts.models import PersonKind
from peerhub.accounts.queries.sign_up import kind_of_domain

PASSWORD_HINT = _("At least 12 characters. Four words that do not belong together are easy to keep and hard to guess.")
CODE_HINT = _("Six digits from your authenticator app, or one of your recovery codes.")


class Plain(forms.Form):
    """No placeholders (a label says it), and the labels and hints given here."""

    labels: dict[str, Any] = {}
    hints: dict[str, Any] = {}
    dropped: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.dropped:
            self.fields.pop(name, None)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = self.labels.get(name, field.label)
            field.help_text = self.hints.get(name, "")


class LoginForm(Plain, account_forms.LoginForm):
    labels = {"login": _("E-mail"), "password": _("Password")}


class ResetPasswordForm(forms.Form):
    """Asks for a link by mail. Known or not, the answer is the same."""

    email = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "email"}))

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        get_adapter().reset_asked(self.cleaned_data["email"])
        return str(self.cleaned_data["email"])


class ResetPasswordKeyForm(Plain, account_forms.ResetPasswordKeyForm):
    labels = {"password1": _("New password")}
    hints = {"password1": PASSWORD_HINT}
    dropped = ("password2",)


class ChangePasswordForm(Plain, account_forms.ChangePasswordForm):
    labels = {"oldpassword": _("Current password"), "password1": _("New password")}
    hints = {"password1": PASSWORD_HINT}
    dropped = ("password2",)


class SetPasswordForm(Plain, account_forms.SetPasswordForm):
    labels = {"password1": _("New password")}
    hints = {"password1": PASSWORD_HINT}
    dropped = ("password2",)


class ReauthenticateForm(Plain, account_forms.ReauthenticateForm):
    labels = {"password": _("Password")}


class ChangeEmailForm(Plain, account_forms.AddEmailForm):
    """A new address instead of the present one. Students and staff stay within the institution's domains."""

    labels = {"email": _("New e-mail")}

    def clean_email(self) -> str:
        address = super().clean_email()
        if self.user.kind != PersonKind.EXTERNAL and not kind_of_domain(address):
            raise forms.ValidationError(_("Use an address of the institution."), code="not_allowed")
        return str(address)

    def save(self, request: HttpRequest) -> Any:
        saved = super().save(request)
        get_adapter().address_change_asked(self.user)
        return saved


class AuthenticateForm(Plain, factor_forms.AuthenticateForm):
    labels = {"code": _("Code")}
    hints = {"code": CODE_HINT}


class FactorReauthenticateForm(Plain, factor_forms.ReauthenticateForm):
    labels = {"code": _("Code")}
    hints = {"code": CODE_HINT}


class ActivateTOTPForm(Plain, totp_forms.ActivateTOTPForm):
    labels = {"code": _("Code from the app")}
    hints = {"code": _("Six digits. A new code comes every 30 seconds.")}


class AddPasskeyForm(Plain, passkey_forms.AddWebAuthnForm):
    """Every key added here can sign in by itself: the person is asked for a fingerprint, face or PIN."""

    labels = {"name": _("A name for it")}
    hints = {"name": _("So that you know it from others, for example “My phone”.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["passwordless"].widget = forms.HiddenInput()
        self.initial["passwordless"] = True

    def clean_passwordless(self) -> bool:
        return True


class RenamePasskeyForm(Plain, passkey_forms.EditWebAuthnForm):
    labels = {"name": _("Name")}
