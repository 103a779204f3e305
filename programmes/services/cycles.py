"""Moving a cycle through its states, and setting checks aside with a reason."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from peerhub.common import audit
from peerhub.common.errors import DomainError
from programmes.models import Cycle, CycleState, Waiver
from programmes.queries.checks import FRESH_LOOK
from programmes.queries.gates import ORDER, blocking, find_check, next_state, previous_state, stage_lists
from programmes.services import places
from programmes.services.changes import locked_cycle, looked_at, put

REASON_LENGTH = 400


class MoveRefused(DomainError):
    """Codes: unknown, not_next, blocked, no_reason. A blocked move's message lists what is missing."""


class WaiverRefused(DomainError):
    """Codes: unknown, not_blocking, done, no_reason."""


def _locked(cycle_id: int) -> Cycle:
    return (
        Cycle.objects.select_for_update(of=("self",))
        .select_related("programme__activity_type", "programme__owner_unit")
        .get(pk=cycle_id)
    )


def _refuse_blocked(cycle: Cycle, to: str) -> None:
    missing = blocking(stage_lists(cycle), to)
    if missing:
        count = ngettext("One thing is missing", "%(count)s things are missing", len(missing)) % {"count": len(missing)}
        raise MoveRefused("blocked", f"{count}: " + "; ".join(str(check.title) for check in missing) + ".")


@transaction.atomic(durable=True)
def move_cycle(*, actor: Any, cycle_id: int, to: str, reason: str = "", now: datetime) -> Cycle:
    """Move one state on, guarded by blocking checks; or one back, with a reason. Being there already is no change.

    Refuses with `MoveRefused`.
    """
    if to not in CycleState.values:
        raise MoveRefused("unknown", _("There is no such state."))
    cycle = _locked(cycle_id)
    came_from = cycle.state
    if to == came_from:
        return cycle
    reason = reason.strip()[:REASON_LENGTH]
    if to == next_state(came_from):
        _refuse_blocked(cycle, to)
    elif to != previous_state(came_from):
        raise MoveRefused("not_next", _("A cycle moves one step at a time."))
    elif not reason:
        raise MoveRefused("no_reason", _("Say why it goes back. The reason is kept on its timeline."))
    put(cycle, state=to, state_changed_at=now)
    detail = {"from": came_from, "to": to, **({"reason": reason} if ORDER.index(to) < ORDER.index(came_from) else {})}
    audit.record(actor=actor, action="programmes.cycle_moved", target=cycle, cycle_id=cycle.pk, detail=detail, now=now)
    places.settle(cycle, now=now)
    return cycle


@transaction.atomic(durable=True)
def waive_check(*, actor: Any, cycle_id: int, code: str, reason: str, now: datetime) -> Waiver:
    """Set a blocking check aside. The reason stays visible on the cycle. Refuses with `WaiverRefused`."""
    cycle = locked_cycle(cycle_id)
    reason = reason.strip()[:REASON_LENGTH]
    if not reason:
        raise WaiverRefused(
            "no_reason", _("Write why this can be set aside. Everyone who runs the cycle will read it.")
        )
    check = find_check(stage_lists(cycle), code)
    if check is None:
        raise WaiverRefused("unknown", _("This is not asked of the cycle."))
    if not check.blocking:
        raise WaiverRefused("not_blocking", _("This does not hold the cycle up, so there is nothing to set aside."))
    if check.done:
        raise WaiverRefused("done", _("This is done already."))
    waiver, created = Waiver.objects.get_or_create(
        cycle=cycle, check_code=code, defaults={"reason": reason, "by": actor, "at": now}
    )
    if created:
        detail = {"check": code, "reason": reason}
        audit.record(
            actor=actor, action="programmes.check_waived", target=cycle, cycle_id=cycle.pk, detail=detail, now=now
        )
    return waiver


@transaction.atomic(durable=True)
def unwaive_check(*, actor: Any, cycle_id: int, code: str, now: datetime) -> None:
    """Ask for a check again that had been set aside."""
    cycle = locked_cycle(cycle_id)
    deleted, _rows = Waiver.objects.filter(cycle=cycle, check_code=code).delete()
    if deleted:
        detail = {"check": code}
        audit.record(
            actor=actor, action="programmes.check_unwaived", target=cycle, cycle_id=cycle.pk, detail=detail, now=now
        )


@transaction.atomic(durable=True)
def mark_read(*, actor: Any, cycle_id: int, part: str, now: datetime) -> None:
    """Somebody has read a copied part and it is fine: it no longer asks for a fresh look."""
    cycle = locked_cycle(cycle_id)
    if part in FRESH_LOOK and looked_at(cycle, part):
        audit.record(
            actor=actor, action="programmes.part_read", target=cycle, cycle_id=cycle.pk, detail={"part": part}, now=now
        )
