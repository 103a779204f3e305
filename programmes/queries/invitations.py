"""Reading invitations: links, letters, lists and what became of them."""

from datetime import datetime
from typing import Any

from programmes.models import Invitation


def addresses_of(user: Any) -> set[str]:
    """Every address that is proven to be this person's, in lower case."""
    verified = user.emailaddress_set.filter(verified=True).values_list("email", flat=True)
    return {address.lower() for address in (user.email, *verified) if address}


def has_open_invitation(email: str, now: datetime) -> bool:
    """True when this address may be given an account because a programme has invited it. For PEERHUB_SIGNUP_HOOKS."""
    return Invitation.objects.open(now=now).filter(email=email.strip().lower()).exists()
