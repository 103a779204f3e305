"""Who must have a second factor, and who has one."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings

from peerhub.institution.permissions import grants_of

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def must_have_second_factor(user: Any) -> bool:
    """True when one of the person's institution roles is named in PEERHUB_MFA_ROLES ("superuser" names superusers)."""
    wanted = set(settings.PEERHUB_MFA_ROLES)
    if not wanted:
        return False
    return ("superuser" in wanted and user.is_superuser) or any(grant.role in wanted for grant in grants_of(user))


def has_second_factor(user: Any) -> bool:
    return Authenticator.objects.filter(user_id=user.pk, type__in=FACTORS).exists()


def lacks_second_factor(user: Any) -> bool:
    """True when a role demands a second factor and the person has not set one up yet."""
    return must_have_second_factor(user) and not has_second_factor(user)


def is_last_factor(authenticator: Authenticator) -> bool:
    """True when removing this one would leave the person without any."""
    others = Authenticator.objects.filter(user_id=authenticator.user_id, type__in=FACTORS).exclude(pk=authenticator.pk)
    return authenticator.type in FACTORS and not others.exists()
