"""What training adds to the frame: the way to one's own, and to the shared site for those who keep it."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from peerhub.common.context import NavItem
from programmes.models import Role
from programmes.permissions import current_roles
from training.permissions import analyses_equality, keeps_site


def page_context(request: HttpRequest) -> dict[str, object]:
    """For settings.PEERHUB_PAGE_CONTEXT. No queries beyond who the person is."""
    if not request.user.is_authenticated:
        return {}
    links = []
    if Role.LEADER in current_roles(request.user):
        links.append(NavItem(_("My training"), reverse("training:mine"), "mortarboard", order=20))
    if keeps_site(request.user):
        links.append(NavItem(_("Shared training"), reverse("training:shared_modules"), "mortarboard-fill", order=21))
    if analyses_equality(request.user):
        links.append(NavItem(_("Fairness of recruitment"), reverse("training:fairness_list"), "bar-chart", order=22))
    return {"account": links}
