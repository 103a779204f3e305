"""Inviting somebody from outside to have an account."""

from datetime import datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from peerhub.accounts.models import AccountInvitation, PersonKind, User, clean_email
from peerhub.common import audit, mail
from peerhub.common.errors import DomainError

INVITATION_LASTS = timedelta(days=14)


class InvitationRefused(DomainError):
    """Codes: bad_address, has_account, not_open."""


@transaction.atomic(durable=True)
def invite_person(
    *, actor: Any, email: str, now: datetime, kind: str = PersonKind.EXTERNAL, lasts: timedelta = INVITATION_LASTS
) -> AccountInvitation:
    """Ask this address to open an account, whatever its domain. Inviting again sends a fresh link and a new term.

    Refuses with `InvitationRefused`: bad_address, has_account.
    """
    address = clean_email(email) or ""
    try:
        validate_email(address)
    except ValidationError:
        raise InvitationRefused("bad_address", _("Write an e-mail address, for example name@example.org.")) from None
    if _has_account(address):
        raise InvitationRefused("has_account", _("Somebody with this address has an account already."))
    invitation, made = AccountInvitation.objects.get_or_create(
        email=address, accepted_at=None, revoked_at=None,
        defaults={"kind": kind, "invited_by": actor, "created_at": now, "expires_at": now + lasts},
    )  # fmt: skip
    if not made:
        invitation.kind, invitation.invited_by = kind, actor
        invitation.created_at, invitation.expires_at = now, now + lasts
        invitation.save(update_fields=["kind", "invited_by", "created_at", "expires_at"])
    audit.record(actor=actor, action="accounts.person_invited", target=invitation, now=now)
    key = f"accounts.invitation:{invitation.pk}:{now.isoformat(timespec='minutes')}"
    mail.queue("accounts.invitation", to=None, key=key, about={"invitation": invitation.pk}, now=now)
    return invitation


@transaction.atomic(durable=True)
def withdraw_invitation(*, actor: Any, invitation_id: int, now: datetime) -> AccountInvitation:
    """Make its link useless. Refuses with `InvitationRefused` (not_open) when it was accepted or withdrawn."""
    invitation = AccountInvitation.objects.select_for_update().get(pk=invitation_id)
    if invitation.accepted_at or invitation.revoked_at:
        raise InvitationRefused("not_open", _("This invitation is no longer open."))
    invitation.revoked_at = now
    invitation.save(update_fields=["revoked_at"])
    audit.record(actor=actor, action="accounts.invitation_withdrawn", target=invitation, now=now)
    return invitation


def _has_account(address: str) -> bool:
    confirmed = EmailAddress.objects.filter(email=address, verified=True)
    return confirmed.exists() or any(user.has_usable_password() for user in User.objects.filter(email=address))
