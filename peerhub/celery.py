"""Celery is the doorbell: it wakes workers, it never holds the truth (docs/architecture.md, "Outbox")."""

import os
import sys
from typing import Any

from celery import Celery, signals
from django.core.exceptions import ImproperlyConfigured

from peerhub.common.production import refuse_to_start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peerhub.settings")

app = Celery("peerhub")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@signals.celeryd_init.connect
@signals.beat_init.connect
def refuse(**kwargs: Any) -> None:
    """Worker and planner refuse what the web refuses. Celery swallows exceptions here, so the process ends at once."""
    try:
        refuse_to_start()
    except ImproperlyConfigured as error:
        sys.stderr.write(f"{error}\n")
        sys.stderr.flush()
        os._exit(1)
