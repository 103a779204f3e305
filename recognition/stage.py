"""Answers of stage 3 to the rest of the house. Nothing is asked yet, and every answer says so."""

from django.utils.translation import gettext_lazy as _

from peerhub.common.stages import Silent


class Recognition(Silent):
    """Stage 3: every leader's labour is rewarded."""

    number = 3
    code = "recognition"
    title = _("Reward and recognition")
