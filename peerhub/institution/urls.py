"""Addresses of the organisation's pages."""

from django.urls import path

from peerhub.institution.views import branding, calendar, directory, roles, units

app_name = "institution"

urlpatterns = [
    # where to turn
    path("support/", directory.service_list, name="service_list"),
    path("support/new/", directory.service_create, name="service_create"),
    path("support/<uuid:uuid>/edit/", directory.service_edit, name="service_edit"),
    path("support/<uuid:uuid>/verify/", directory.service_verify, name="service_verify"),
    path("support/<uuid:uuid>/switch/", directory.service_switch, name="service_switch"),
    # the calendar
    path("calendar/", calendar.calendar, name="calendar"),
    path("calendar/years/new/", calendar.year_create, name="year_create"),
    path("calendar/years/<slug:code>/edit/", calendar.year_edit, name="year_edit"),
    path("calendar/years/<slug:code>/terms/new/", calendar.term_create, name="term_create"),
    path("calendar/terms/<uuid:uuid>/edit/", calendar.term_edit, name="term_edit"),
    path("calendar/terms/<uuid:uuid>/remove/", calendar.term_remove, name="term_remove"),
    path("calendar/closures/new/", calendar.closure_create, name="closure_create"),
    path("calendar/closures/<uuid:uuid>/edit/", calendar.closure_edit, name="closure_edit"),
    path("calendar/closures/<uuid:uuid>/remove/", calendar.closure_remove, name="closure_remove"),
    # the tree and the roles on it
    path("institution/units/", units.unit_list, name="unit_list"),
    path("institution/units/new/", units.unit_create, name="unit_create"),
    path("institution/units/<uuid:uuid>/edit/", units.unit_edit, name="unit_edit"),
    path("institution/units/<uuid:uuid>/move/", units.unit_move, name="unit_move"),
    path("institution/units/<uuid:uuid>/switch/", units.unit_switch, name="unit_switch"),
    path("institution/roles/", roles.role_list, name="role_list"),
    path("institution/roles/new/", roles.role_grant, name="role_grant"),
    path("institution/roles/<uuid:uuid>/end/", roles.role_end, name="role_end"),
    # the look
    path("institution/branding/", branding.branding_edit, name="branding_edit"),
    path("institution/branding/preview/", branding.branding_preview, name="branding_preview"),
    path("institution/branding/preview.css", branding.brand_preview_css, name="brand_preview_css"),
    path("brand-<slug:version>.css", branding.brand_css_file, name="brand_css"),
    path("brand-logo-<slug:version>.png", branding.brand_logo, name="brand_logo"),
]
