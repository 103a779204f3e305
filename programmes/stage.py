"""Answers of stage 1, and of the programme model itself, to the rest of the house."""

from django.utils.translation import gettext_lazy as _

from peerhub.common.stages import Silent


class CoDesign(Silent):
    """Stage 1: students are partners from the outset."""

    number = 1
    code = "programmes"
    title = _("Student–staff co-design")
