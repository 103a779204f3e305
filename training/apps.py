from django.apps import AppConfig


class TrainingConfig(AppConfig):
    """Stage 2: leaders are trained, equipped and assessed before they meet students."""

    name = "training"
