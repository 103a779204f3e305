from django.apps import AppConfig


class SafeguardingConfig(AppConfig):
    """Stage 4: boundaries, concerns and supervision."""

    name = "safeguarding"
