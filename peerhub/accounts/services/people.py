"""Closing and opening accounts, one's own details, and what an administrator may write about somebody."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from peerhub.accounts.models import User
from peerhub.common import audit
from peerhub.common.errors import DomainError

PROFILE_FIELDS = ("given_name", "family_name", "preferred_name", "pronouns", "time_zone", "locale", "theme")


class AccountRefused(DomainError):
    """Codes: oneself, erased."""


@transaction.atomic(durable=True)
def change_profile(*, actor: User, details: Mapping[str, str], now: datetime) -> User:
    """Write one's own details. `details` may hold the names in PROFILE_FIELDS; anything else is refused by KeyError."""
    unknown = set(details) - set(PROFILE_FIELDS)
    if unknown:
        raise KeyError(f"not a detail one may change: {sorted(unknown)}")
    person = User.objects.select_for_update().get(pk=actor.pk)
    changed = [name for name, value in details.items() if getattr(person, name) != value]
    for name in changed:
        setattr(person, name, details[name])
    if changed:
        person.save(update_fields=changed)
        audit.record(actor=actor, action="accounts.profile_changed", target=person, detail={"fields": changed}, now=now)
    return person


@transaction.atomic(durable=True)
def deactivate_person(*, actor: Any, user: User, now: datetime) -> User:
    """Close an account: its sessions end with their next request, and it cannot sign in. Nothing is deleted.

    Refuses with `AccountRefused` (oneself): nobody locks themselves out.
    """
    if actor is not None and actor.pk == user.pk:
        raise AccountRefused("oneself", _("You cannot close your own account here."))
    person = User.objects.select_for_update().get(pk=user.pk)
    if person.is_active:
        person.is_active, person.deactivated_at = False, now
        person.save(update_fields=["is_active", "deactivated_at"])
        audit.record(actor=actor, action="accounts.person_deactivated", target=person, now=now)
    return person


@transaction.atomic(durable=True)
def reactivate_person(*, actor: Any, user: User, now: datetime) -> User:
    """Open a closed account again. Refuses with `AccountRefused` (erased): a forgotten person stays forgotten."""
    person = User.objects.select_for_update().get(pk=user.pk)
    if person.erased_at:
        raise AccountRefused("erased", _("This person’s data was erased. They can sign up again."))
    if not person.is_active:
        person.is_active, person.deactivated_at = True, None
        person.save(update_fields=["is_active", "deactivated_at"])
        audit.record(actor=actor, action="accounts.person_reactivated", target=person, now=now)
    return person


@transaction.atomic(durable=True)
def save_person(*, actor: Any, person: User, changed: Sequence[str], now: datetime) -> User:
    """Add a person, or save one as an administrator has set them; `changed` names the fields.

    Somebody new gets in by the link that sign-up or "forgotten password" sends; nobody sets passwords for others. A
    changed address is theirs once they have confirmed it. Refuses with `AccountRefused`: erased, oneself (nobody takes
    the right to look after PeerHub from themselves).
    """
    before = User.objects.select_for_update().filter(pk=person.pk).first() if person.pk else None
    if before and before.erased_at:
        raise AccountRefused("erased", _("This person’s data was erased. The row stays about nobody."))
    if before and actor is not None and before.pk == actor.pk and before.is_superuser and not person.is_superuser:
        raise AccountRefused("oneself", _("You cannot take this right from yourself. Ask another administrator."))
    if before is None:
        person.set_unusable_password()
    person.save()
    if before and before.email != person.email:
        EmailAddress.objects.filter(user=person).delete()
    action = "accounts.person_changed" if before else "accounts.person_added"
    audit.record(actor=actor, action=action, target=person, detail={"fields": list(changed)}, now=now)
    return person
