"""What accounts add to every page's frame: the person, their menu, the ways in and out, the foot."""

from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from peerhub.accounts.models import Theme
from peerhub.common.context import NavItem


def page_context(request: HttpRequest) -> dict[str, object]:
    """Answers for peerhub.common.context.Page."""
    said: dict[str, object] = {"language_url": reverse("set_language"), "footer": _foot(request)}
    user = request.user
    if not user.is_authenticated:
        return said | {"sign_in_url": _sign_in(request), "sign_up_url": reverse("account_signup")}
    return said | {
        "person": user.display_name,
        "theme": "" if user.theme == Theme.SYSTEM else user.theme,
        "sign_out_url": reverse("account_logout"),
        "account": _menu(request),
    }


def _item(request: HttpRequest, label: str, name: str, icon: str, order: int) -> NavItem:
    url = reverse(name)
    return NavItem(label, url, icon, request.path == url, order)


def _menu(request: HttpRequest) -> list[NavItem]:
    items = [
        _item(request, _("My details"), "profile", "person", 10),
        _item(request, _("Sign-in and security"), "mfa_index", "key", 20),
        _item(request, _("My privacy"), "privacy", "lock", 40),
    ]
    if request.user.is_superuser:
        items.append(_item(request, _("Django admin"), "admin:index", "gear", 90))
    return items


def _foot(request: HttpRequest) -> list[NavItem]:
    return [
        _item(request, _("Accessibility"), "accessibility", "", 10),
        _item(request, _("Privacy"), "privacy_notice", "", 20),
        _item(request, _("How we keep people safe"), "safety", "", 30),
        _item(request, _("Help and contact"), "help", "", 40),
    ]


def _sign_in(request: HttpRequest) -> str:
    """Back to this page afterwards, unless it is one of the sign-in pages."""
    url = reverse("account_login")
    on_the_way = request.method != "GET" or request.path.startswith(url.rpartition("login/")[0])
    return url if on_the_way else f"{url}?{urlencode({'next': request.get_full_path()})}"
