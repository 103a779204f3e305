from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Who people are, how they sign in, and what they may ask about themselves."""

    name = "peerhub.accounts"
    label = "accounts"
    verbose_name = _("People")
