"""Where allauth meets the house: its mails go through the outbox, its names and keys are ours."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import record_authentication
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peerhub.accounts import services
from peerhub.accounts.models import User
from peerhub.accounts.queries.second_factor import is_last_factor, must_have_second_factor
from peerhub.common import envelopes, qr
from peerhub.institution.queries import current_branding

SEED = "accounts.second_factor"
# allauth's notices -> what we call it; what is missing here has its own mail or is not worth one.
CHANGES = {
    "account/email/password_changed": "password_changed",
    "account/email/password_set": "password_changed",
    "account/email/password_reset": "password_changed",
    "mfa/email/totp_activated": "totp_activated",
    "mfa/email/totp_deactivated": "totp_deactivated",
    "mfa/email/webauthn_added": "webauthn_added",
    "mfa/email/webauthn_removed": "webauthn_removed",
    "mfa/email/recovery_codes_generated": "recovery_codes_generated",
}
# Second steps that were just shown to work.
PROVED = {"totp_activated": "totp", "webauthn_added": "webauthn"}
WAYS = {
    "reauthenticate": gettext_lazy("With my password"),
    "mfa_reauthenticate": gettext_lazy("With a code from my app, or a recovery code"),
    "mfa_reauthenticate:webauthn": gettext_lazy("With a passkey"),
}


class AccountAdapter(DefaultAccountAdapter):
    """Our rules for accounts."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": gettext_lazy("This account is closed."),
        "duplicate_email": gettext_lazy("This is your address already."),
        "email_password_mismatch": gettext_lazy(
            "That address and password do not belong together. Check both and try again."
        ),
        "enter_current_password": gettext_lazy("This is not your current password."),
        "incorrect_code": gettext_lazy("That code is not right. Wait for the next one and try again."),
        "incorrect_password": gettext_lazy("This is not your password."),
        "too_many_login_attempts": gettext_lazy("Too many attempts. Wait five minutes, then try again."),
        "rate_limited": gettext_lazy("Too many attempts. Wait a minute, then try again."),
    }

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        raise LookupError(f"PeerHub has no kind of mail for {template_prefix}.")

    def send_confirmation_mail(self, request: HttpRequest, emailconfirmation: Any, signup: bool) -> None:
        address = emailconfirmation.email_address
        services.ask_for_confirmation(user=address.user, address_id=address.pk, now=timezone.now())

    def send_notification_mail(
        self, template_prefix: str, user: Any, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        what = CHANGES.get(template_prefix)
        if what in PROVED:
            # Setting it up was using it. Who has no password (single sign-on) would else be asked for it at once again.
            record_authentication(self.request, user, method="mfa", type=PROVED[what], reauthenticated=True)
        if what:
            services.tell_of_change(user=user, what=what, now=timezone.now())

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        methods = super().get_reauthentication_methods(user)
        return [{**method, "description": WAYS.get(method["id"], method["description"])} for method in methods]

    def reset_asked(self, email: str) -> None:
        """Somebody wants a new password for this address. The clock is read here, at the edge, not in the form."""
        services.reset_asked(email=email, now=timezone.now())

    def address_change_asked(self, user: User) -> None:
        """Somebody signed in wants another address: the present one hears of it while it still can."""
        services.tell_of_change(user=user, what="address_change_asked", now=timezone.now())

    def get_user_search_fields(self) -> list[str]:
        return ["given_name", "family_name", "preferred_name", "email"]


class SecondFactorAdapter(DefaultMFAAdapter):
    """Our rules for second factors."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": AccountAdapter.error_messages["incorrect_code"],
        "cannot_delete_authenticator": gettext_lazy(
            "Your role needs a second step when you sign in. Add another one before you remove this."
        ),
    }

    def encrypt(self, text: str) -> str:
        return envelopes.enclose(text, purpose=SEED)

    def decrypt(self, encrypted_text: str) -> str:
        return envelopes.open_envelope(encrypted_text, purpose=SEED)

    def is_mfa_enabled(self, user: User, types: Iterable[str] | None = None) -> bool:
        """Asked several times by a page that is only shown: then read once. Nothing is remembered beyond the request,
        nor in one that changes something.
        """
        request = context.request
        if user.is_anonymous or request is None or request.method not in {"GET", "HEAD"}:
            return bool(super().is_mfa_enabled(user, types))
        known: dict[int, set[str]] = request.__dict__.setdefault("factors_of", {})
        if user.pk not in known:
            known[user.pk] = set(Authenticator.objects.filter(user_id=user.pk).values_list("type", flat=True))
        return bool(known[user.pk] if types is None else known[user.pk].intersection(types))

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return not (must_have_second_factor(authenticator.user) and is_last_factor(authenticator))

    def build_totp_svg(self, url: str) -> str:
        return qr.qr_svg(url, title=_("Code to scan with your authenticator app"))

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return _("Passkey") if number == 1 else _("Passkey %(number)s") % {"number": number}

    def get_totp_issuer(self) -> str:
        branding = current_branding()
        return " ".join(filter(None, (branding.product_name, branding.institution_name)))

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Passkeys belong to the site's own host, never to whatever Host header came in."""
        return {"id": urlsplit(settings.SITE_URL).hostname or "localhost", "name": current_branding().product_name}
