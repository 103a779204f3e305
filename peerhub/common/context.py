"""What every page needs to draw its frame: `page` in every template.

The floor may not look up, so other floors answer through functions named in settings.PEERHUB_PAGE_CONTEXT:

    def page_context(request) -> dict[str, object]:
        return {"nav": [NavItem(_("Programmes"), reverse("..."), "people", is_current=...)], "theme": "dark"}

A key is a field of `Page`. Lists are joined and sorted by `order`; of anything else the last one wins.
Built only when a template first looks, once per request: a partial that shows no frame costs nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.module_loading import import_string

PHONE_TABS = 4


@dataclass(frozen=True)
class NavItem:
    """A link of the frame: main navigation, phone tab bar, account menu, footer, tabs of a page head."""

    label: str
    url: str
    icon: str = ""
    is_current: bool = False
    order: int = 50
    badge: str = ""  # a short word or count after the label, such as "3"
    lang: str = ""  # the language of the label, where it is not the page's


@dataclass(frozen=True)
class Branding:
    """Whose PeerHub this is. The institution app answers with its own."""

    name: str = "PeerHub"
    institution: str = ""
    logo_url: str = ""
    css_url: str = ""  # the institution's colours: contrast.brand_css served as a stylesheet
    help_email: str = ""
    help_url: str = ""
    emergency: str = ""  # one line: who to call when someone is in danger
    safeguarding_contact: str = ""  # one line: who to tell of a worry


@dataclass
class Page:
    """Fields of the frame. Empty addresses are not shown."""

    branding: Branding = field(default_factory=Branding)
    home_url: str = "/"
    search_url: str = ""
    sign_in_url: str = ""
    sign_up_url: str = ""
    sign_out_url: str = ""
    language_url: str = ""  # where a form posts `language`: Django's set_language
    person: str = ""  # the signed-in person's display name
    theme: str = ""  # "light", "dark", or "" to follow the system
    banner: str = ""  # one quiet line above everything, such as "Demo: nothing here is real"
    nav: list[NavItem] = field(default_factory=list)
    account: list[NavItem] = field(default_factory=list)
    roles: list[NavItem] = field(default_factory=list)  # the homes of somebody who has several, for those pages
    footer: list[NavItem] = field(default_factory=list)

    @property
    def tabs(self) -> list[NavItem]:
        """The phone's bar: the first four of the navigation. The menu holds them all."""
        return self.nav[:PHONE_TABS]


Provider = Callable[[HttpRequest], dict[str, object]]
_FIELDS = {one.name for one in fields(Page)}


@lru_cache(maxsize=8)
def _providers(paths: tuple[str, ...]) -> tuple[Provider, ...]:
    return tuple(import_string(path) for path in paths)


def build_page(request: HttpRequest) -> Page:
    """Ask every provider and merge. Unknown keys raise: a typing error must not be a missing menu."""
    page = Page()
    if not hasattr(request, "user"):  # refused before sign-in was looked at: the plain frame
        return page
    for provider in _providers(tuple(settings.PEERHUB_PAGE_CONTEXT)):
        for key, value in provider(request).items():
            if key not in _FIELDS:
                raise ValueError(
                    f"{provider.__module__}.{provider.__qualname__} answers {key!r}, which Page does not have."
                )
            current = getattr(page, key)
            setattr(page, key, [*current, *value] if isinstance(current, list) else value)  # type: ignore[misc]
    for listed in (page.nav, page.account, page.footer):
        listed.sort(key=lambda item: item.order)
    return page


def page(request: HttpRequest) -> dict[str, object]:
    """Context processor: `page`, built once per request."""
    if not hasattr(request, "peerhub_page"):
        request.peerhub_page = SimpleLazyObject(lambda: build_page(request))  # type: ignore[attr-defined]
    return {"page": request.peerhub_page}  # type: ignore[attr-defined]
