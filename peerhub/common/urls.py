"""Addresses of the floor: health, notifications, and what people want to hear about."""

from django.urls import path

from peerhub.common.views import health, notifications, offline, preferences

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("sw.js", offline.service_worker, name="service_worker"),
    path("manifest.webmanifest", offline.app_manifest, name="app_manifest"),
    path("offline/", offline.offline, name="offline"),
    path("notifications/", notifications.notification_list, name="notification_list"),
    path("notifications/read/", notifications.notification_read_all, name="notification_read_all"),
    path("notifications/preferences/", preferences.preferences_edit, name="preferences_edit"),
    path("notifications/<uuid:message_id>/", notifications.notification_open, name="notification_open"),
    path("u/<str:token>/", preferences.mail_unsubscribe, name="mail_unsubscribe"),
]
