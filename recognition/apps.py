from django.apps import AppConfig


class RecognitionConfig(AppConfig):
    """Stage 3: every leader's labour is rewarded."""

    name = "recognition"
