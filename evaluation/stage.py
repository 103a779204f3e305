"""Answers of stage 5 to the rest of the house. Nothing is asked yet, and every answer says so."""

from django.utils.translation import gettext_lazy as _

from peerhub.common.stages import Silent


class Evaluation(Silent):
    """Stage 5: a stated rationale, fair measures, honest results."""

    number = 5
    code = "evaluation"
    title = _("Evaluation and reflection")
