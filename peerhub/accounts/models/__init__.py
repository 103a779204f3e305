"""People: accounts, what other systems call them, invitations to have one, and wishes to be forgotten."""

from peerhub.accounts.models.erasure import ErasureOutcome, ErasureRequest
from peerhub.accounts.models.external_ids import ExternalId
from peerhub.accounts.models.invitations import AccountInvitation
from peerhub.accounts.models.users import PersonKind, Theme, User, clean_email, shown_name

__all__ = [
    "AccountInvitation",
    "ErasureOutcome",
    "ErasureRequest",
    "ExternalId",
    "PersonKind",
    "Theme",
    "User",
    "clean_email",
    "shown_name",
]
