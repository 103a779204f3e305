"""Answers of stage 2 to the rest of the house."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from peerhub.common.stages import Silent, Tab
from training.queries.parts import TAB, parts_for


class Training(Silent):
    """Stage 2: leaders are trained, equipped and assessed before they meet students."""

    number = 2
    code = "training"
    title = _("Training and preparation")

    def tabs(self, cycle: Any, user: Any) -> list[Tab]:
        parts = parts_for(user, cycle)
        return [Tab(TAB, _("Recruit and train"), parts[0].url)] if parts else []
