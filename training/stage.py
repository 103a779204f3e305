"""Answers of stage 2 to the rest of the house."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from peerhub.common.stages import Erasure, Holding, Notice, Silent, Tab, Todo
from training.queries.handbook_answers import handbook_holdings, handbook_todos
from training.queries.handbooks import rolled_over_words
from training.queries.parts import TAB, parts_for
from training.queries.recruitment_answers import recruitment_holdings, recruitment_notices, recruitment_todos
from training.services.erasure import forget_applications
from training.services.handbook_reading import copy_handbooks, forget_readings


class Training(Silent):
    """Stage 2: leaders are trained, equipped and assessed before they meet students."""

    number = 2
    code = "training"
    title = _("Training and preparation")

    def tabs(self, cycle: Any, user: Any) -> list[Tab]:
        parts = parts_for(user, cycle)
        return [Tab(TAB, _("Recruit and train"), parts[0].url)] if parts else []

    def notices(self, programme: Any, user: Any, now: datetime) -> list[Notice]:
        return [*recruitment_notices(programme, user, now)]

    def todos(self, user: Any, now: datetime) -> list[Todo]:
        return [*recruitment_todos(user, now), *handbook_todos(user, now)]

    def export(self, user: Any) -> list[Holding]:
        return [*recruitment_holdings(user), *handbook_holdings(user)]

    def erase(self, user: Any, now: datetime) -> list[Erasure]:
        return [*forget_applications(user=user, now=now), *forget_readings(user=user)]

    def carries_over(self, cycle: Any) -> list[str]:
        return [*rolled_over_words(cycle)]

    def rolled_over(self, old_cycle_id: int, new_cycle_id: int, now: datetime) -> None:
        copy_handbooks(old_cycle_id=old_cycle_id, new_cycle_id=new_cycle_id, now=now)
