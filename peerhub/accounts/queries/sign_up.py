"""Who may have an account: people of the institution's e-mail domains, and people somebody invited.

PEERHUB_SIGNUP_DOMAINS lists the domains: "aberwen.ac.uk" is exactly that domain, ".aberwen.ac.uk" that domain and every
one below it. "=staff", "=student" or "=external" after a domain says who its people are; without it they are students.
"""

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.utils.module_loading import import_string

from peerhub.accounts.models import AccountInvitation, PersonKind, clean_email


def sign_up_domains() -> Iterator[tuple[str, str]]:
    """(domain, kind) in the order of the setting; a domain with a leading dot includes those below it."""
    for entry in settings.PEERHUB_SIGNUP_DOMAINS:
        domain, _, kind = entry.partition("=")
        yield domain.strip().lower().lstrip("@"), kind.strip().lower() or PersonKind.STUDENT.value


def shown_domains() -> list[str]:
    """The domains as a person should read them: "aberwen.ac.uk"."""
    return list(dict.fromkeys(domain.lstrip(".") for domain, _ in sign_up_domains()))


def kind_of_domain(email: str) -> str | None:
    """student, staff or external when the address is in one of our domains, else None. The first match wins."""
    domain = (clean_email(email) or "").rpartition("@")[2]
    for allowed, kind in sign_up_domains():
        if domain == allowed.lstrip(".") or (allowed.startswith(".") and domain.endswith(allowed)):
            return kind
    return None


def open_invitation(email: str, *, now: datetime) -> AccountInvitation | None:
    return AccountInvitation.objects.open(now=now).filter(email=clean_email(email) or "").first()


def may_sign_up(email: str, *, now: datetime) -> bool:
    """True when this address may have an account. Never says whether it has one.

    Besides domains and account invitations, settings.PEERHUB_SIGNUP_HOOKS names functions `(email, now) -> bool`:
    a programme's invitation is a permission to sign up, too.
    """
    if kind_of_domain(email) or open_invitation(email, now=now):
        return True
    address = clean_email(email) or ""
    return any(import_string(path)(address, now) for path in settings.PEERHUB_SIGNUP_HOOKS)
