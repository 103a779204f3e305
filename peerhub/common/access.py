"""The second of the two questions: may this person do it? (The first, "may they know it exists", is `visible_to`.)"""

from typing import Any

from django.core.exceptions import PermissionDenied


def can(user: Any, permission: str, target: Any = None) -> bool:
    """True when `user` holds `permission` (registered with django-rules) on `target`. Anonymous people hold none."""
    return bool(user.is_authenticated and user.is_active and user.has_perm(permission, target))


def require_perm(user: Any, permission: str, target: Any = None) -> None:
    """Refuse with 403 unless `can(user, permission, target)`."""
    if not can(user, permission, target):
        raise PermissionDenied(permission)
