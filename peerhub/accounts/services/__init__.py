"""What can be done with accounts."""

from peerhub.accounts.services.invitations import InvitationRefused, invite_person, withdraw_invitation
from peerhub.accounts.services.people import (
    AccountRefused,
    change_profile,
    deactivate_person,
    reactivate_person,
    save_person,
)
from peerhub.accounts.services.privacy import Forgotten, ask_for_erasure, erase_person, withdraw_erasure
from peerhub.accounts.services.security import reset_asked, take_factor_away, tell_of_change
from peerhub.accounts.services.sign_up import (
    SignUpRefused,
    ask_for_account,
    ask_for_confirmation,
    confirm_address,
    join_by_invitation,
)

__all__ = [
    "AccountRefused",
    "Forgotten",
    "InvitationRefused",
    "SignUpRefused",
    "ask_for_account",
    "ask_for_confirmation",
    "ask_for_erasure",
    "change_profile",
    "confirm_address",
    "deactivate_person",
    "erase_person",
    "invite_person",
    "join_by_invitation",
    "reactivate_person",
    "reset_asked",
    "save_person",
    "take_factor_away",
    "tell_of_change",
    "withdraw_erasure",
    "withdraw_invitation",
]
