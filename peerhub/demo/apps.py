from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DemoConfig(AppConfig):
    """The demo institution. Its pages answer only when PEERHUB_DEMO=1."""

    name = "peerhub.demo"
    label = "demo"
    verbose_name = _("Demo")
