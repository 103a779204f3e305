from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InstitutionConfig(AppConfig):
    """The organisation people belong to: its tree, calendar, services and look."""

    name = "peerhub.institution"
    label = "institution"
    verbose_name = _("Institution")
