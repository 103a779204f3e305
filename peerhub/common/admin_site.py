"""The admin as a whole: for superusers only, behind the same sign-in as everything else."""

from django.contrib import admin
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class PeerHubAdminSite(admin.AdminSite):
    """A tool for who looks after the installation, never a product screen."""

    site_header = _("PeerHub administration")
    site_title = _("PeerHub administration")
    index_title = _("Accounts, vocabularies and support")
    site_url = "/"

    def has_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)


class PeerHubAdminConfig(AdminConfig):
    default_site = "peerhub.common.admin_site.PeerHubAdminSite"
