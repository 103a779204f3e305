"""The admin as a whole: for superusers only, behind the same sign-in as everything else; and how it writes."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.apps import AdminConfig
from django.contrib.admin.widgets import AdminURLFieldWidget
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from peerhub.common.errors import DomainError


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


class ServiceAdmin(admin.ModelAdmin):
    """Writes through use cases: `save_model` calls a service, and a refusal is said instead of an error page.

    Services open their own transaction, so the admin's own must not be around them.
    """

    formfield_overrides = {models.URLField: {"assume_scheme": "https", "widget": AdminURLFieldWidget}}

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            return self._changeform_view(request, object_id, form_url, extra_context)  # type: ignore[attr-defined]
        except DomainError as refusal:
            messages.error(request, str(refusal.message))
            return redirect(request.get_full_path())

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
