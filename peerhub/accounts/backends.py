"""Who somebody is, from an address and a password: one question to the database, whoever asks."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from peerhub.accounts.models import User, clean_email


class EmailBackend(AuthenticationBackend):
    """Sign-in by e-mail. A known and an unknown address cost the same: one query and one hash (trust.md, threat 16)."""

    def _authenticate_by_email(self, email: str, password: str) -> User | None:
        user = User.objects.filter(email=clean_email(email)).first()
        return self._check_password(user, password)

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Permissions come from django-rules alone; Django's permission tables are not asked."""
        return False

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return False
