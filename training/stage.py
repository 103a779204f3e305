"""Answers of stage 2 to the rest of the house."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from peerhub.common.ical import Event
from peerhub.common.stages import Blocker, Erasure, Evidence, Fact, Holding, Notice, Reminder, Silent, Tab, Todo
from training.queries.clearance import clearance
from training.queries.completions import curriculum_words
from training.queries.delivery_calendar import dates_of
from training.queries.delivery_reminders import delivery_reminders
from training.queries.equality import equality_holdings
from training.queries.handbook_answers import handbook_holdings, handbook_todos
from training.queries.handbooks import rolled_over_words
from training.queries.inactive import inactive_reminders
from training.queries.parts import TAB, parts_for
from training.queries.recruitment_answers import recruitment_holdings, recruitment_notices, recruitment_todos
from training.queries.training_answers import (
    FACTS,
    training_evidence,
    training_facts,
    training_reminders,
    training_todos,
)
from training.queries.training_holdings import training_holdings
from training.services.curricula import copy_training
from training.services.erasure import forget_applications
from training.services.handbook_reading import copy_handbooks, forget_readings
from training.services.training_erasure import forget_training


class Training(Silent):
    """Stage 2: leaders are trained, equipped and assessed before they meet students."""

    number = 2
    code = "training"
    title = _("Training and preparation")
    area = _("Recruitment and training")
    FACTS: Sequence[Fact] = FACTS

    def tabs(self, cycle: Any, user: Any) -> list[Tab]:
        parts = parts_for(user, cycle)
        return [Tab(TAB, _("Recruit and train"), parts[0].url)] if parts else []

    def notices(self, programme: Any, user: Any, now: datetime) -> list[Notice]:
        return [*recruitment_notices(programme, user, now)]

    def todos(self, user: Any, now: datetime) -> list[Todo]:
        lacking = training_todos(user, now)  # first: its statement says whether the other two need one of their own
        return [*recruitment_todos(user, now), *lacking, *handbook_todos(user, now)]

    def export(self, user: Any) -> list[Holding]:
        return [
            *recruitment_holdings(user),
            *equality_holdings(user),
            *training_holdings(user),
            *handbook_holdings(user),
        ]

    def erase(self, user: Any, now: datetime) -> list[Erasure]:
        return [
            *forget_applications(user=user, now=now),
            *forget_training(user=user, now=now),
            *forget_readings(user=user),
        ]

    def carries_over(self, cycle: Any) -> list[str]:
        return [*curriculum_words(cycle), *rolled_over_words(cycle)]

    def rolled_over(self, old_cycle_id: int, new_cycle_id: int, now: datetime) -> None:
        copy_training(old_cycle_id=old_cycle_id, new_cycle_id=new_cycle_id, now=now)
        copy_handbooks(old_cycle_id=old_cycle_id, new_cycle_id=new_cycle_id, now=now)

    def reminders(self, now: datetime) -> Iterator[Reminder]:
        yield from training_reminders(now)
        yield from delivery_reminders(now)
        yield from inactive_reminders(now)

    def events(self, user: Any, since: datetime, language: str) -> list[Event]:
        return dates_of(user, since, language)

    def facts(self, membership_ids: Sequence[int]) -> dict[int, dict[str, float]]:
        return training_facts(membership_ids)

    def evidence(self, user: Any) -> list[Evidence]:
        return [*training_evidence(user)]

    def clearance(self, membership_ids: Sequence[int], now: datetime) -> dict[int, list[Blocker]]:
        return clearance(membership_ids, now)
