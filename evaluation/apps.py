from django.apps import AppConfig


class EvaluationConfig(AppConfig):
    """Stage 5: a stated rationale, fair measures, honest results."""

    name = "evaluation"
