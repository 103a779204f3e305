"""Every address of the house, from its rooms."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # one door, one lockout, one MFA

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("peerhub.accounts.urls")),
    path("", include("peerhub.institution.urls")),
    path("", include("peerhub.common.urls")),
    path("", include("peerhub.demo.urls")),
    path("", include("programmes.urls")),
]
