"""Getting an account: asking for one, and confirming the address.

Nobody chooses a password before they have proved that the address is theirs. So an account somebody else asked for with
your address is never open to them, and a person on a roster keeps one account: the mail hands it over.
"""

from datetime import datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from peerhub.accounts.models import AccountInvitation, PersonKind, User, clean_email
from peerhub.accounts.models.addresses import is_unclaimed
from peerhub.accounts.queries.sign_up import kind_of_domain, may_sign_up, open_invitation
from peerhub.common import audit, mail
from peerhub.common.errors import DomainError

# A second mail to the same address within this time would only be a nuisance (or somebody's prank).
QUIET = timedelta(minutes=3)


class SignUpRefused(DomainError):
    """Codes: not_allowed, used, taken."""


@transaction.atomic(durable=True)
def ask_for_account(*, email: str, given_name: str, family_name: str, now: datetime) -> None:
    """Send the address what it needs to come in: a link to confirm it, or word that it already has an account.

    The caller learns nothing either way. Somebody known from a roster gets the link to their own account; the names
    given here are for new people only. Refuses with `SignUpRefused` (not_allowed) for addresses we do not take.
    """
    address = clean_email(email) or ""
    if not may_sign_up(address, now=now):
        raise SignUpRefused("not_allowed", _("This address cannot have an account here."))
    user = _holder_of(address) or _new_person(address, given_name, family_name, now)
    if is_unclaimed(user):
        _send_confirmation(user, address, now)
    elif user.is_active:
        key = f"accounts.already:{user.pk}:{_window(now)}"
        mail.queue("accounts.account_exists", to=user, key=key, about={"user": user.pk}, now=now, channels=("email",))


@transaction.atomic(durable=True)
def confirm_address(*, address_id: int, password: str | None, now: datetime) -> User:
    """The person has shown that the address is theirs: it becomes the account's address, and the password theirs.

    `password` None keeps what the account has (a changed address). Refuses with `SignUpRefused`: used (the link has
    done its work), taken (somebody else signs in with this address).
    """
    address = EmailAddress.objects.select_related("user").filter(pk=address_id).first()
    if address is None or address.verified or not address.user.is_active:
        raise SignUpRefused("used", _("This link has been used already, or a newer one was sent."))
    user = User.objects.select_for_update().get(pk=address.user_id)
    if _is_taken(address, user):
        raise SignUpRefused("taken", _("Somebody else signs in with this address."))
    _make_it_theirs(user, address, password)
    AccountInvitation.objects.open(now=now).filter(email=address.email).update(accepted_at=now, user=user)
    action = "accounts.address_confirmed" if password is None else "accounts.account_opened"
    audit.record(actor=user, action=action, target=user, now=now)
    return user


@transaction.atomic(durable=True)
def join_by_invitation(*, invitation_id: int, given_name: str, family_name: str, password: str, now: datetime) -> User:
    """Open the account an invitation stands for. Its link came to the mailbox, so the address needs no second mail.

    Refuses with `SignUpRefused`: used (withdrawn, expired or accepted), taken (the address has an account).
    """
    invitation = AccountInvitation.objects.select_for_update().filter(pk=invitation_id).first()
    if invitation is None or not invitation.is_open(now=now):
        raise SignUpRefused("used", _("This invitation is no longer open."))
    user = _holder_of(invitation.email) or _new_person(invitation.email, given_name, family_name, now, invitation.kind)
    if not is_unclaimed(user):
        raise SignUpRefused("taken", _("You already have an account with this address. Sign in with it."))
    address, _made = EmailAddress.objects.get_or_create(user=user, email=invitation.email)
    _make_it_theirs(user, address, password)
    invitation.accepted_at, invitation.user = now, user
    invitation.save(update_fields=["accepted_at", "user"])
    audit.record(actor=user, action="accounts.account_opened", target=user, detail={"by": "invitation"}, now=now)
    return user


@transaction.atomic(durable=True)
def ask_for_confirmation(*, user: User, address_id: int, now: datetime) -> None:
    """Send the link for one more or a changed address of an account that has a way in."""
    _queue_confirmation(user, address_id, now)


def _holder_of(address: str) -> User | None:
    """Whose address this is: an account's own, or one it has confirmed. Unconfirmed claims count for nothing."""
    user = User.objects.filter(email=address).first()
    if user is not None:
        return user
    held = EmailAddress.objects.select_related("user").filter(email=address, verified=True).first()
    return held.user if held else None


def _new_person(address: str, given_name: str, family_name: str, now: datetime, kind: str = "") -> User:
    invitation = open_invitation(address, now=now)
    kind = kind or kind_of_domain(address) or (invitation.kind if invitation else PersonKind.EXTERNAL.value)
    fresh = {"given_name": given_name, "family_name": family_name, "kind": kind, "date_joined": now}
    # get_or_create: of two who ask at once, the second finds the first's row.
    user, made = User.objects.get_or_create(email=address, defaults={**fresh, "password": make_password(None)})
    if made:
        audit.record(actor=None, action="accounts.account_asked", target=user, now=now)
    return user


def _send_confirmation(user: User, address: str, now: datetime) -> None:
    row, _made = EmailAddress.objects.get_or_create(user=user, email=address)
    _queue_confirmation(user, row.pk, now)


def _queue_confirmation(user: User, address_id: int, now: datetime) -> None:
    key = f"accounts.verify:{address_id}:{_window(now)}"
    about: dict[str, Any] = {"address": address_id}
    mail.queue("accounts.verify_email", to=user, key=key, about=about, now=now, channels=("email",))


def _window(now: datetime) -> int:
    return int(now.timestamp() // QUIET.total_seconds())


def _is_taken(address: EmailAddress, user: User) -> bool:
    """True when the address is somebody else's: confirmed by them, or theirs on a roster."""
    others = EmailAddress.objects.filter(email=address.email, verified=True).exclude(user=user)
    return others.exists() or User.objects.filter(email=address.email).exclude(pk=user.pk).exists()


def _make_it_theirs(user: User, address: EmailAddress, password: str | None) -> None:
    """One person, one address: the confirmed one. What was there before is dropped."""
    EmailAddress.objects.filter(user=user).exclude(pk=address.pk).delete()
    EmailAddress.objects.filter(pk=address.pk).update(verified=True, primary=True)
    user.email = address.email
    if password is not None:
        user.set_password(password)
    user.save(update_fields=["email", "password"])
