"""Addresses and what proves them. The rows are allauth's; a link carries a signed key, never the address."""

from datetime import timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import signing

from peerhub.accounts.models.users import User

CONFIRM_SALT = "accounts.confirm_address"


def is_unclaimed(user: User) -> bool:
    """True for somebody known (from a roster, an invitation, half a sign-up) who never chose a way to sign in."""
    return (
        user.is_active
        and not user.has_usable_password()
        and not EmailAddress.objects.filter(user=user, verified=True).exists()
    )


def confirmation_token(address: EmailAddress) -> str:
    """What a link carries instead of the address. Made when the mail leaves; good once, for three days."""
    return signing.dumps(address.pk, salt=CONFIRM_SALT)


def address_of_token(token: str) -> EmailAddress | None:
    """The address still to be confirmed by this link, with its person; None when the link is false, old or used."""
    try:
        days = settings.ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS
        pk = signing.loads(token, salt=CONFIRM_SALT, max_age=timedelta(days=days))
    except signing.BadSignature:
        return None
    return EmailAddress.objects.select_related("user").filter(pk=pk, verified=False, user__is_active=True).first()
