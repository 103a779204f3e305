"""People: accounts, what other systems call them, and invitations to have one."""

from peerhub.accounts.models.external_ids import ExternalId
from peerhub.accounts.models.users import PersonKind, Theme, User, shown_name

__all__ = ["ExternalId", "PersonKind", "Theme", "User", "shown_name"]
