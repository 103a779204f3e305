"""Answers of stage 2 to the rest of the house. Nothing is asked yet, and every answer says so."""

from django.utils.translation import gettext_lazy as _

from peerhub.common.stages import Silent


class Training(Silent):
    """Stage 2: leaders are trained, equipped and assessed before they meet students."""

    number = 2
    code = "training"
    title = _("Training and preparation")
