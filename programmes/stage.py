"""Answers of stage 1, and of the programme model itself, to the rest of the house."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from peerhub.common.stages import Check, Erasure, Evidence, Fact, Holding, Progress, Reminder, Silent, Todo
from programmes.models import Programme
from programmes.queries import checks
from programmes.queries.booking_answers import booking_todos
from programmes.queries.cadence_reminders import cadence_reminders
from programmes.queries.cadence_todos import cadence_todos
from programmes.queries.correspondence_holdings import correspondence_holdings
from programmes.queries.covers import cover_todos
from programmes.queries.delivery_facts import FACTS, delivery_evidence, delivery_facts
from programmes.queries.delivery_holdings import delivery_holdings
from programmes.queries.delivery_reminders import delivery_reminders
from programmes.queries.delivery_todos import delivery_todos
from programmes.queries.design_answers import design_evidence
from programmes.queries.joining_answers import joining_reminders, joining_todos
from programmes.queries.message_answers import message_reminders
from programmes.queries.series_todos import series_todos
from programmes.services.announcements import forget_announcements
from programmes.services.changes import refresh_search
from programmes.services.design_erasure import forget_design
from programmes.services.erasure import forget_deliveries
from programmes.services.invitations import forget_invitations


class CoDesign(Silent):
    """Stage 1: students are partners from the outset. Each area of the spine answers in a module of its own."""

    number = 1
    code = "programmes"
    title = _("Student–staff co-design")
    area = _("Programmes and sessions")
    FACTS: Sequence[Fact] = FACTS

    def checklist(self, cycle: Any) -> list[Check]:
        return checks.checklist(cycle)

    def progress(self, cycle_ids: Sequence[int]) -> dict[int, Progress]:
        return checks.progress(cycle_ids)

    def todos(self, user: Any, now: datetime) -> list[Todo]:
        return [
            *delivery_todos(user, now), *cover_todos(user, now), *series_todos(user, now),
            *cadence_todos(user, now), *joining_todos(user, now), *booking_todos(user, now),
        ]  # fmt: skip

    def reminders(self, now: datetime) -> Iterator[Reminder]:
        yield from delivery_reminders(now)
        yield from cadence_reminders(now)
        yield from joining_reminders(now)
        yield from message_reminders(now)

    def facts(self, membership_ids: Sequence[int]) -> dict[int, dict[str, float]]:
        return delivery_facts(membership_ids)

    def evidence(self, user: Any) -> list[Evidence]:
        return [*delivery_evidence(user), *design_evidence(user)]

    def export(self, user: Any) -> list[Holding]:
        return [*delivery_holdings(user), *correspondence_holdings(user)]

    def erase(self, user: Any, now: datetime) -> list[Erasure]:
        return [
            *forget_deliveries(user=user, now=now),
            *forget_invitations(user=user),
            *forget_announcements(user=user),
            *forget_design(user=user, now=now),
        ]

    def units_renamed(self, unit_ids: Sequence[int]) -> None:
        refresh_search(Programme.objects.filter(owner_unit__in=unit_ids))
