"""What PeerHub says about accounts. Rows hold ids; keys and links are made when the mail leaves: none is stored."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from peerhub.accounts.models import AccountInvitation, ErasureRequest
from peerhub.accounts.models.addresses import confirmation_token, is_unclaimed
from peerhub.common import mail
from peerhub.common.stages import Text

WHY_ASKED = _("You are getting this because this address was given on PeerHub’s sign-up or sign-in pages.")
WHY_ACCOUNT = _("You are getting this because it is about the safety of your account.")
WHAT_CHANGED: Mapping[str, Text] = {
    "totp_activated": _("An authenticator app was added."),
    "totp_deactivated": _("The authenticator app was removed."),
    "webauthn_added": _("A passkey was added."),
    "webauthn_removed": _("A passkey was removed."),
    "factor_taken_away": _(
        "An administrator removed a second step from your sign-in, so that you can set up a new one."
    ),
    "recovery_codes_generated": _("New recovery codes were made. Earlier ones no longer work."),
}


def _addresses(abouts: Sequence[Mapping[str, Any]]) -> dict[int, EmailAddress]:
    return EmailAddress.objects.select_related("user").in_bulk({about["address"] for about in abouts})


@mail.kind(
    "accounts.verify_email", title=_("Confirm your address"), topic="account", essential=True,
    priority=mail.PRIORITY_ACCOUNT, load=_addresses,
)  # fmt: skip
def verify_email(letter: mail.Letter, now: datetime) -> mail.Rendered | mail.NotWanted:
    """The link that opens an account (a new one, or the one a roster made), or confirms a changed address."""
    address = letter.facts.get(letter.about["address"])
    if address is None or address.verified:
        return mail.NotWanted(_("The address was confirmed meanwhile, or dropped."))
    opens = is_unclaimed(address.user)
    return mail.Rendered(
        "accounts/open_account" if opens else "accounts/confirm_address",
        {"days": settings.ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS},
        {"address": address.email},
        url=reverse("account_confirm_email", args=[confirmation_token(address)]),
        why=WHY_ASKED,
        to=address.email,
    )


@mail.kind(
    "accounts.account_exists", title=_("You already have an account"), topic="account", essential=True,
    priority=mail.PRIORITY_ACCOUNT,
)  # fmt: skip
def account_exists(letter: mail.Letter, now: datetime) -> mail.Rendered | mail.NotWanted:
    reset = settings.SITE_URL + reverse("account_reset_password")
    return mail.Rendered("accounts/account_exists", {"reset_url": reset}, url=reverse("account_login"), why=WHY_ASKED)


@mail.kind(
    "accounts.reset_password", title=_("Choose a new password"), topic="account", essential=True,
    priority=mail.PRIORITY_ACCOUNT,
)  # fmt: skip
def reset_password(letter: mail.Letter, now: datetime) -> mail.Rendered | mail.NotWanted:
    """The key signs the password as it is now: using it, or changing the password, makes every earlier link useless."""
    user = letter.recipient
    key = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    hours = settings.PASSWORD_RESET_TIMEOUT // 3600
    url = reverse("account_reset_password_from_key", kwargs=key)
    return mail.Rendered("accounts/reset_password", {"hours": hours}, url=url, why=WHY_ASKED)


@mail.kind(
    "accounts.password_changed", title=_("Your password was changed"), topic="account", essential=True,
    priority=mail.PRIORITY_ACCOUNT,
)  # fmt: skip
def password_changed(letter: mail.Letter, now: datetime) -> mail.Rendered | mail.NotWanted:
    return mail.Rendered("accounts/password_changed", url=reverse("account_reset_password"), why=WHY_ACCOUNT)


@mail.kind(
    "accounts.second_factor_changed", title=_("How you sign in has changed"), topic="account", essential=True,
    priority=mail.PRIORITY_ACCOUNT,
)  # fmt: skip
def second_factor_changed(letter: mail.Letter, now: datetime) -> mail.Rendered | mail.NotWanted:
    said = WHAT_CHANGED.get(letter.about["what"], "")
    context = {"what": str(said)}
    return mail.Rendered("accounts/second_factor_changed", context, url=reverse("mfa_index"), why=WHY_ACCOUNT)


@mail.kind(
    "accounts.address_change_asked", title=_("A new address for your account"), topic="account", essential=True,
    priority=mail.PRIORITY_ACCOUNT,
)  # fmt: skip
def address_change_asked(letter: mail.Letter, now: datetime) -> mail.Rendered | mail.NotWanted:
    """Goes to the address of now, before the change: the one moment when it can still warn."""
    return mail.Rendered("accounts/address_change_asked", url=reverse("account_email"), why=WHY_ACCOUNT)


def _invitations(abouts: Sequence[Mapping[str, Any]]) -> dict[int, AccountInvitation]:
    wanted = {about["invitation"] for about in abouts}
    return AccountInvitation.objects.select_related("invited_by").in_bulk(wanted)


@mail.kind(
    "accounts.invitation", title=_("You are invited to PeerHub"), topic="account", essential=True,
    priority=mail.PRIORITY_ACCOUNT, load=_invitations,
)  # fmt: skip
def invitation(letter: mail.Letter, now: datetime) -> mail.Rendered | mail.NotWanted:
    found = letter.facts.get(letter.about["invitation"])
    if found is None or not found.is_open(now=now):
        return mail.NotWanted(_("The invitation was withdrawn, used or has expired."))
    inviter = found.invited_by.display_name if found.invited_by else ""
    return mail.Rendered(
        "accounts/invitation",
        {"inviter": inviter, "expires_on": found.expires_at.date()},
        url=reverse("account_invitation", args=[found.token()]),
        why=_("You are getting this because somebody at the institution invited this address."),
        to=found.email,
    )


def _requests(abouts: Sequence[Mapping[str, Any]]) -> dict[int, ErasureRequest]:
    return ErasureRequest.objects.in_bulk({about["request"] for about in abouts})


@mail.kind(
    "accounts.erasure_asked", title=_("Somebody asks to be forgotten"), topic="account", essential=True,
    load=_requests,
)  # fmt: skip
def erasure_asked(letter: mail.Letter, now: datetime) -> mail.Rendered | mail.NotWanted:
    """To administrators: that a request waits, not whose. The admin shows whose."""
    found = letter.facts.get(letter.about["request"])
    if found is None or found.outcome != "waiting":
        return mail.NotWanted(_("The request was dealt with or withdrawn."))
    url = reverse("admin:accounts_erasurerequest_change", args=[found.pk])
    why = _("You are getting this because you look after this installation.")
    return mail.Rendered("accounts/erasure_asked", {"asked_on": found.asked_at.date()}, url=url, why=why)
