"""Celery is the doorbell: it wakes workers, it never holds the truth (docs/architecture.md, "Outbox")."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peerhub.settings")

app = Celery("peerhub")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
