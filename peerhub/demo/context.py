"""What the demo adds to every page: one quiet line that says nothing here is real, and the two doors."""

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from peerhub.common.context import NavItem


def page(request: HttpRequest) -> dict[str, object]:
    """The banner and footer links, where this is a demo."""
    if not settings.PEERHUB_DEMO:
        return {}
    return {
        "banner": _("Demo: the University of Aberwen and everyone in it are made up."),
        "footer": [
            NavItem(_("Demo: sign in as someone else"), reverse("demo"), order=80),
            NavItem(_("Demo: every e-mail sent"), reverse("demo_mail_list"), order=81),
        ],
    }
