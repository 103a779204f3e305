"""What is asked of whom in a cycle."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from peerhub.common import audit
from peerhub.common.errors import DomainError
from peerhub.common.once import spend
from programmes.models import Cycle, CycleState, Role
from training.models import Curriculum, CurriculumModule, LeaderTerms, Module


class CurriculumRefused(DomainError):
    """Codes: closed, changed, unknown_module, twice, empty, safeguarding."""


@dataclass(frozen=True)
class Entry:
    """A module in its place."""

    module_id: int
    is_mandatory: bool = True


@transaction.atomic(durable=True)
def save_curriculum(
    *,
    actor: Any,
    cycle_id: int,
    entries: Sequence[Entry],
    seen: int,
    new_from: date,
    role: str = Role.LEADER,
    key: UUID | None = None,
    now: datetime,
) -> Curriculum:
    """Make these modules, in this order, what a role needs: a new version. Nothing listed: nothing is asked any more.

    What was mandatory stays asked for since then; what becomes mandatory now is asked for from `new_from`. `seen` is
    the version looked at (0: none). Refuses with `CurriculumRefused`: `closed`, `changed` (somebody saved meanwhile),
    `unknown_module` (not this programme's, nor shared, or closed), `twice`, `safeguarding` (never optional, and never
    taken out unless other safeguarding training stays). The same again changes nothing.
    """
    spend(user=actor, key=key, now=now)
    cycle = Cycle.objects.select_for_update(of=("self",)).select_related("programme").get(pk=cycle_id)
    if cycle.state == CycleState.CLOSED:
        raise CurriculumRefused("closed", _("This cycle is closed; what was asked in it stays as it is."))
    before = Curriculum.objects.current().filter(cycle=cycle, role=role).first()
    if (before.version if before else 0) != seen:
        raise CurriculumRefused("changed", _("Somebody else changed it meanwhile. Look at it again."))
    old = {one.module_id: one for one in before.entries.order_by("position", "pk")} if before else {}
    _refuse(cycle, entries, set(old))
    _refuse_unsafe(entries, old)
    if before is None and not entries:
        raise CurriculumRefused("empty", _("Choose at least one module."))
    said = [(one.module_id, one.is_mandatory) for one in old.values()]
    if before and said == [(one.module_id, one.is_mandatory) for one in entries]:
        return before
    if before:
        before.replaced_at = now
        before.save(update_fields=["replaced_at"])
    since = {key: one.required_from for key, one in old.items() if one.is_mandatory}
    rows = [(one, since.get(one.module_id, new_from) if one.is_mandatory else new_from) for one in entries]
    return _write(actor, cycle, rows, role=role, now=now)


def _refuse(cycle: Cycle, entries: Sequence[Entry], known: set[int]) -> None:
    wanted = {one.module_id for one in entries}
    if len(wanted) < len(entries):
        raise CurriculumRefused("twice", _("A module is listed twice."))
    usable = set(Module.objects.of_programme(cycle.programme).filter(pk__in=wanted).open().values_list("pk", flat=True))
    if wanted - usable - known:
        raise CurriculumRefused("unknown_module", _("One of the modules is not offered here any more."))


def _refuse_unsafe(entries: Sequence[Entry], old: Mapping[int, CurriculumModule]) -> None:
    keys = {one.module_id for one in entries} | set(old)
    safe = set(Module.objects.filter(pk__in=keys, is_safeguarding=True).values_list("pk", flat=True))
    if any(one.module_id in safe and not one.is_mandatory for one in entries):
        raise CurriculumRefused("safeguarding", _("Safeguarding training is never optional."))
    if safe & set(old) and not any(one.module_id in safe for one in entries):
        raise CurriculumRefused("safeguarding", _("Keep some safeguarding training: nobody meets students without it."))


def _write(actor: Any, cycle: Cycle, rows: Sequence[tuple[Entry, date]], *, role: str, now: datetime) -> Curriculum:
    last = Curriculum.objects.filter(cycle=cycle, role=role).order_by("-version").first()
    made = Curriculum.objects.create(
        cycle=cycle, role=role, version=last.version + 1 if last else 1, created_by=actor, created_at=now
    )
    CurriculumModule.objects.bulk_create(
        CurriculumModule(
            curriculum=made,
            module_id=one.module_id,
            position=place,
            is_mandatory=one.is_mandatory,
            required_from=since,
        )
        for place, (one, since) in enumerate(rows)
    )
    detail = {"version": made.version, "modules": [one.module_id for one, _since in rows]}
    audit.record(
        actor=actor, action="training.curriculum_changed", target=made, cycle_id=cycle.pk, detail=detail, now=now
    )
    return made


@transaction.atomic(durable=True)
def set_leader_terms(*, actor: Any, cycle_id: int, is_paid: bool, now: datetime) -> LeaderTerms:
    """Say whether leading in a cycle is paid. The right to work is asked for from that day on. Again: no change."""
    cycle = Cycle.objects.select_for_update(of=("self",)).get(pk=cycle_id)
    if cycle.state == CycleState.CLOSED:
        raise CurriculumRefused("closed", _("This cycle is closed; what was asked in it stays as it is."))
    terms, _is_new = LeaderTerms.objects.get_or_create(cycle=cycle)
    if terms.is_paid is not is_paid:
        terms.is_paid, terms.paid_since = is_paid, cycle.today(now=now) if is_paid else None
        terms.paid_set_at = now if is_paid else None
        terms.save(update_fields=["is_paid", "paid_since", "paid_set_at"])
        detail = {"paid": is_paid}
        audit.record(
            actor=actor, action="training.terms_changed", target=terms, cycle_id=cycle.pk, detail=detail, now=now
        )
    return terms


def copy_training(*, old_cycle_id: int, new_cycle_id: int, now: datetime) -> int:
    """A step of rolling a cycle over: the next one asks for the same modules, from its first day on the books, and pays
    as the old one does. Returns how many curricula.
    """
    cycle = Cycle.objects.get(pk=new_cycle_id)
    today, made = cycle.today(now=now), 0
    for curriculum in Curriculum.objects.current().filter(cycle=old_cycle_id).order_by("pk"):
        entries = list(curriculum.entries.filter(module__closed_at=None).order_by("position", "pk"))
        if entries:
            rows = [(Entry(one.module_id, one.is_mandatory), today) for one in entries]
            _write(None, cycle, rows, role=curriculum.role, now=now)
            made += 1
    if LeaderTerms.objects.filter(cycle=old_cycle_id, is_paid=True).exists():
        LeaderTerms.objects.create(cycle=cycle, is_paid=True, paid_since=today)
    return made
