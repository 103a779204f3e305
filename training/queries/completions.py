"""Completions, exemptions and curricula of many people at once: each a query, whatever the number."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Max, Q, QuerySet
from django.utils.translation import ngettext

from peerhub.common.statements import compiled
from programmes.models import Role
from training.models import (
    Attempt,
    ClearanceWaiver,
    Completion,
    Curriculum,
    CurriculumModule,
    DeliveryPlace,
    Observation,
    PlaceState,
)
from training.queries.standing import Done

MODULE_CODE = "module-"
Key = tuple[int, int]  # pks of a user and a module


@dataclass(frozen=True, slots=True)
class Asked:
    """A module of a current curriculum."""

    module_id: int
    uuid: UUID
    title: str
    is_mandatory: bool
    is_safeguarding: bool
    required_from: date

    @property
    def code(self) -> str:
        """What its blocker and a waiver of it are called."""
        return f"{MODULE_CODE}{self.uuid}"


def asked_in(
    cycle_ids: Iterable[int], *, role: str = Role.LEADER, only_mandatory: bool = False
) -> dict[int, list[Asked]]:
    """Cycle pk to what its current curriculum asks of a role, in order. One query."""
    rows = CurriculumModule.objects.filter(
        curriculum__cycle__anyof=sorted(set(cycle_ids)), curriculum__role=role, curriculum__replaced_at=None
    )
    if only_mandatory:
        rows = rows.filter(is_mandatory=True)
    found: dict[int, list[Asked]] = {}
    values: list[Any]
    for cycle_id, *values in rows.order_by("curriculum__cycle_id", "position", "pk").values_list(
        "curriculum__cycle_id",
        "module_id",
        "module__uuid",
        "module__title",
        "is_mandatory",
        "module__is_safeguarding",
        "required_from",
    ):
        found.setdefault(cycle_id, []).append(Asked(*values))
    return found


FEW = 50  # people of a page: their statements are written once


def done_by(user_ids: Iterable[int], module_ids: Iterable[int]) -> dict[tuple[int, int], Done]:
    """(user pk, module pk) to what their completions come to. One query."""
    users, modules = sorted(set(user_ids)), sorted(set(module_ids))
    if not users or not modules:
        return {}
    counting = Completion.objects.counting()
    rows: Iterable[Any] = (
        _done_by_few(users=users, modules=modules)
        if len(users) <= FEW
        else _done(counting.filter(user__anyof=users, module__in=modules))
    )
    return {(user, module): Done(last, None if lasting else until) for user, module, last, until, lasting in rows}


@compiled
def _done_by_few(*, users: list[int], modules: list[int]) -> QuerySet[Completion, tuple[Any, ...]]:
    return _done(Completion.objects.counting().filter(user__in=users, module__in=modules))


def _done(rows: QuerySet[Completion]) -> QuerySet[Completion, tuple[Any, ...]]:
    return (
        rows.order_by()
        .values_list("user_id", "module_id")
        .annotate(last=Max("completed_on"), until=Max("expires_on"), lasting=Count("pk", filter=Q(expires_on=None)))
    )


def standing_by(user_ids: Iterable[int], module_ids: Iterable[int]) -> tuple[dict[Key, Done], dict[Key, datetime]]:
    """What `done_by` says, and by the same keys when a completion was last taken back that counted until then. One
    query for both.
    """
    users, modules = sorted(set(user_ids)), sorted(set(module_ids))
    if not users or not modules:
        return {}, {}
    counts, lasts = Q(withdrawn_at=None), Q(expires_on=None)
    counted_then = Q(withdrawn_at__isnull=False) & (lasts | Q(expires_on__gt=F("withdrawn_at__date")))
    rows = (
        Completion.objects.filter(user__anyof=users, module__in=modules)
        .order_by()
        .values_list("user_id", "module_id")
        .annotate(
            last=Max("completed_on", filter=counts),
            until=Max("expires_on", filter=counts),
            lasting=Count("pk", filter=counts & lasts),
            taken_back=Max("withdrawn_at", filter=counted_then),
        )
    )
    done: dict[Key, Done] = {}
    taken_back: dict[Key, datetime] = {}
    for user, module, last, until, lasting, taken in rows:
        if last is not None:
            done[user, module] = Done(last, None if lasting else until)
        if taken is not None:
            taken_back[user, module] = taken
    return done, taken_back


def waived_until(membership_ids: Iterable[int]) -> dict[tuple[int, str], date]:
    """(membership pk, blocker code) to the last day of its waiver, past or to come. One ended by hand held until the
    day before: who led meanwhile was cleared then. One query.
    """
    wanted = sorted(set(membership_ids))
    if not wanted:
        return {}
    columns = ("membership_id", "code", "until", "ended_at")
    rows: Iterable[Any] = (
        _waivers_of_few(members=wanted)
        if len(wanted) <= FEW
        else ClearanceWaiver.objects.filter(membership__anyof=wanted).values_list(*columns)
    )
    found: dict[tuple[int, str], date] = {}
    for pk, code, until, ended_at in rows:
        held = until if ended_at is None else min(until, ended_at.date() - timedelta(days=1))
        found[pk, code] = max(held, found.get((pk, code), held))
    return found


@compiled
def _waivers_of_few(*, members: list[int]) -> QuerySet[ClearanceWaiver, tuple[Any, ...]]:
    rows = ClearanceWaiver.objects.filter(membership__in=members)
    return rows.values_list("membership_id", "code", "until", "ended_at")


def begun_by(user_ids: Collection[int], module_ids: Collection[int]) -> set[tuple[int, int]]:
    """(user pk, module pk) where somebody has tried a quiz, was observed, or came to a date. One query."""
    users, modules = sorted(set(user_ids)), sorted(set(module_ids))
    if not users or not modules:
        return set()
    if len(users) <= FEW:
        return set(_begun_by_few(users=users, modules=modules))
    return set(_begun(Q(user__anyof=users), modules))


@compiled
def _begun_by_few(*, users: list[int], modules: list[int]) -> QuerySet[Any, tuple[int, int]]:
    return _begun(Q(user__in=users), modules)


def _begun(people: Q, modules: list[int]) -> QuerySet[Any, tuple[int, int]]:
    tried = Attempt.objects.filter(people, module__in=modules).order_by().values_list("user_id", "module_id")
    seen = Observation.objects.filter(people, module__in=modules).order_by().values_list("user_id", "module_id")
    came = DeliveryPlace.objects.filter(people, state=PlaceState.CAME, delivery__module__in=modules)
    return tried.union(seen, came.order_by().values_list("user_id", "delivery__module_id"))


def current_curriculum(cycle: Any, role: str = Role.LEADER) -> Curriculum | None:
    return Curriculum.objects.current().filter(cycle=cycle, role=role).first()


def curriculum_words(cycle: Any) -> list[str]:
    """What the next cycle gets of what is asked of its leaders, in a sentence."""
    entries = CurriculumModule.objects.filter(curriculum__cycle=cycle, curriculum__replaced_at=None)
    count = entries.filter(module__closed_at=None).count()
    words = {"count": count}
    said = ngettext(
        "%(count)s training module that leaders need", "%(count)s training modules that leaders need", count
    )
    return [said % words] if count else []
