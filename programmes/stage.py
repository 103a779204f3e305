"""Answers of stage 1, and of the programme model itself, to the rest of the house."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from peerhub.common.stages import Check, Progress, Silent
from programmes.queries import checks


class CoDesign(Silent):
    """Stage 1: students are partners from the outset."""

    number = 1
    code = "programmes"
    title = _("Student–staff co-design")

    def checklist(self, cycle: Any) -> list[Check]:
        return checks.checklist(cycle)

    def progress(self, cycle_ids: Sequence[int]) -> dict[int, Progress]:
        return checks.progress(cycle_ids)
