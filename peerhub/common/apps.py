from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules

from peerhub.common.words import shorten_english


class CommonConfig(AppConfig):
    """The floor: errors, access, audit, mail, stages, ui."""

    name = "peerhub.common"
    label = "common"

    def ready(self) -> None:
        shorten_english()
        # Every app's rules, mail kinds and system checks register themselves when imported; so does bulk's lookup.
        autodiscover_modules("permissions", "emails", "timeline", "checks", "bulk")
