"""Answers of stage 4 to the rest of the house. Nothing is asked yet, and every answer says so."""

from django.utils.translation import gettext_lazy as _

from peerhub.common.stages import Silent


class Safeguarding(Silent):
    """Stage 4: boundaries, concerns and supervision."""

    number = 4
    code = "safeguarding"
    title = _("Safeguarding and supervision")
