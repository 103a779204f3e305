from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProgrammesConfig(AppConfig):
    """The spine: programmes, cycles, people in them, groups, sessions and their logs."""

    name = "programmes"
    verbose_name = _("Programmes")
