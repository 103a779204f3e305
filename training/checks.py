"""Refusals at start."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from training.models.equality_questions import SETS


@register("training")
def check_equality_questions(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """What applicants are asked about themselves is a set that exists."""
    if settings.PEERHUB_EQUALITY_QUESTIONS in SETS:
        return []
    message = f"PEERHUB_EQUALITY_QUESTIONS is {settings.PEERHUB_EQUALITY_QUESTIONS!r}; it may be {', '.join(SETS)}."
    return [Error(message, id="training.equality.E001")]
