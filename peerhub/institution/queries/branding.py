"""Whose PeerHub this is: read once, kept in the shared cache, dropped when it changes."""

from dataclasses import dataclass
from hashlib import sha256

from django.core.cache import cache
from django.urls import reverse

from peerhub.common.contrast import brand_css
from peerhub.institution.models import Branding

CACHE_KEY = "institution.branding"
CACHE_SECONDS = 3600


@dataclass(frozen=True)
class BrandingFacts:
    """What pages and mails show of the institution. Empty means: not said yet, or PeerHub's own look."""

    institution_name: str = ""
    product_name: str = "PeerHub"
    logo_version: str = ""
    css_version: str = ""
    primary: str = ""
    primary_dark: str = ""
    help_email: str = ""
    help_url: str = ""
    emergency_text: str = ""
    safeguarding_contact: str = ""

    @property
    def css_url(self) -> str:
        """The stylesheet with the institution's colours, or ""."""
        return reverse("institution:brand_css", args=[self.css_version]) if self.css_version else ""

    @property
    def logo_url(self) -> str:
        return reverse("institution:brand_logo", args=[self.logo_version]) if self.logo_version else ""

    @property
    def css(self) -> str:
        return brand_css(self.primary, self.primary_dark)


def current_branding() -> BrandingFacts:
    """The institution's words and look; PeerHub's where nothing is set. One cache read; one query when it is cold."""
    known = cache.get(CACHE_KEY)
    if isinstance(known, BrandingFacts):
        return known
    facts = _read()
    cache.set(CACHE_KEY, facts, CACHE_SECONDS)
    return facts


def forget_branding() -> None:
    """Called when the row has changed and the change is in."""
    cache.delete(CACHE_KEY)


def _read() -> BrandingFacts:
    row = Branding.objects.first()
    if row is None:
        return BrandingFacts()
    return BrandingFacts(
        institution_name=row.institution_name,
        product_name=row.product_name or "PeerHub",
        logo_version=_version(str(row.logo.name)) if row.logo else "",
        css_version=_version(brand_css(row.primary, row.primary_dark)) if row.primary else "",
        primary=row.primary,
        primary_dark=row.primary_dark,
        help_email=row.help_email,
        help_url=row.help_url,
        emergency_text=row.emergency_text,
        safeguarding_contact=row.safeguarding_contact,
    )


def mail_context() -> dict[str, object]:
    """The names in every mail's head (settings.PEERHUB_MAIL_CONTEXT)."""
    branding = current_branding()
    return {"product_name": branding.product_name, "institution_name": branding.institution_name}


def _version(content: str) -> str:
    return sha256(content.encode()).hexdigest()[:12]
