"""What the institution adds to every page's frame: its name and look, and the pages of those who lead it."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from peerhub.common.context import Branding, NavItem
from peerhub.institution.permissions import is_institution_lead
from peerhub.institution.queries import current_branding


def page_context(request: HttpRequest) -> dict[str, object]:
    """Answers for peerhub.common.context.Page."""
    own = current_branding()
    said: dict[str, object] = {
        "branding": Branding(
            name=own.product_name,
            institution=own.institution_name,
            logo_url=own.logo_url,
            css_url=own.css_url,
            help_email=own.help_email,
            help_url=own.help_url,
            emergency=own.emergency_text,
            safeguarding_contact=own.safeguarding_contact,
        )
    }
    if request.user.is_authenticated:
        said["nav"] = [_item(request, _("Support"), "institution:service_list", "life-preserver", 70)]
        if is_institution_lead(request.user):
            said["account"] = [_item(request, _("Institution settings"), "institution:unit_list", "building", 60)]
    return said


def _item(request: HttpRequest, label: str, name: str, icon: str, order: int) -> NavItem:
    url = reverse(name)
    return NavItem(label, url, icon, request.path.startswith(url), order)
