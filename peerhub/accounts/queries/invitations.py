"""Invitations by their links."""

import uuid
from datetime import datetime

from django.core import signing

from peerhub.accounts.models import AccountInvitation
from peerhub.accounts.models.invitations import INVITATION_SALT


def invitation_of_token(token: str, *, now: datetime) -> AccountInvitation | None:
    """The open invitation of this link; None when it is false, withdrawn, expired or accepted."""
    try:
        found = uuid.UUID(signing.loads(token, salt=INVITATION_SALT))
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return AccountInvitation.objects.open(now=now).filter(uuid=found).select_related("invited_by").first()
