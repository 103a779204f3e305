"""What changed about the way somebody signs in: recorded, and said to them at once."""

from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import transaction

from peerhub.accounts.models import User, clean_email
from peerhub.accounts.models.addresses import is_unclaimed
from peerhub.common import audit, mail
from peerhub.common.models.outbox import Message

# what happened -> the mail that says so
NOTICES = {
    "password_changed": "accounts.password_changed",
    "totp_activated": "accounts.second_factor_changed",
    "totp_deactivated": "accounts.second_factor_changed",
    "webauthn_added": "accounts.second_factor_changed",
    "webauthn_removed": "accounts.second_factor_changed",
    "recovery_codes_generated": "accounts.second_factor_changed",
    "address_change_asked": "accounts.address_change_asked",
    "factor_taken_away": "accounts.second_factor_changed",
}


@transaction.atomic(durable=True)
def tell_of_change(*, user: User, what: str, now: datetime) -> None:
    """Record a change to how `user` signs in and tell them by mail. `what` is a key of NOTICES."""
    _record_and_tell(user, user, what, now)


@transaction.atomic(durable=True)
def take_factor_away(*, actor: Any, factor_id: int, now: datetime) -> None:
    """Remove somebody's second factor: they have lost phone and codes, and the help desk has seen their card.

    They are told at once. A factor that is gone already is no change.
    """
    factor = Authenticator.objects.select_for_update(of=("self",)).select_related("user").filter(pk=factor_id).first()
    if factor is None:
        return
    factor.delete()
    _record_and_tell(actor, factor.user, "factor_taken_away", now)


def _record_and_tell(actor: Any, user: User, what: str, now: datetime) -> None:
    audit.record(actor=actor, action=f"accounts.{what}", target=user, now=now)
    key = f"accounts.{what}:{user.pk}:{now.isoformat()}"
    mail.queue(NOTICES[what], to=user, key=key, about={"user": user.pk, "what": what}, now=now, channels=("email",))


@transaction.atomic(durable=True)
def reset_asked(*, email: str, now: datetime) -> None:
    """Somebody asks for a new password with this address: the account that signs in with it gets a link.

    A roster person who never chose a password gets the link that opens their account instead. Known or not, the
    database is asked the same number of questions, and the caller learns nothing.
    """
    user = User.objects.active().filter(email=clean_email(email) or "").first()
    audit.record(actor=None, action="accounts.reset_asked", target=user, now=now)
    key = f"accounts.reset:{user.pk if user else 0}:{int(now.timestamp() // 60)}"
    if user is None:
        Message.objects.filter(dedupe_key=key).exists()  # as many steps as for somebody we know
    elif not is_unclaimed(user):
        about = {"user": user.pk}
        mail.queue("accounts.reset_password", to=user, key=key, about=about, now=now, channels=("email",))
    else:
        address, _made = EmailAddress.objects.get_or_create(user=user, email=user.email)
        about = {"address": address.pk}
        mail.queue("accounts.verify_email", to=user, key=key, about=about, now=now, channels=("email",))
