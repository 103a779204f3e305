"""The composition root: settings, URLs, Celery, and the shared floor below the five stage apps."""

from peerhub.celery import app as celery_app

__all__ = ["celery_app"]
