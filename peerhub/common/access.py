"""The second of the two questions: may this person do it? (The first, "may they know it exists", is `visible_to`.)"""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def can(user: Any, permission: str, target: Any = None) -> bool:
    """True when `user` holds `permission` (registered with django-rules) on `target`. Anonymous people hold none."""
    return bool(user.is_authenticated and user.is_active and user.has_perm(permission, target))


def require_perm(user: Any, permission: str, target: Any = None) -> None:
    """Refuse with 403 unless `can(user, permission, target)`."""
    if not can(user, permission, target):
        raise PermissionDenied(permission)


def own_address(request: HttpRequest, wanted: str | None) -> str:
    """Where a form asks to be led back to, when that is a page of ours ("/…"); "" for everything else.

    A bare word is no address: `redirect` would look for a page of that name.
    """
    address, hosts = wanted or "", {request.get_host()}
    is_ours = url_has_allowed_host_and_scheme(address, hosts, require_https=request.is_secure())
    return address if is_ours and address.startswith("/") else ""
