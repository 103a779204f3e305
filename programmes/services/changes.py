"""Steps the other services of this aggregate share: lock, set what differs, say what changed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from peerhub.common import audit
from peerhub.common.errors import DomainError
from programmes.models import Cycle, CycleState, Programme
from programmes.queries.setup import step_stamp


class EditRefused(DomainError):
    """Codes: closed, archived."""


class EditConflict(DomainError):
    """Codes: conflict. Somebody saved this part since the form was opened; nothing was changed."""


@dataclass(frozen=True)
class Seen:
    """What somebody had before them when they began to write: a step of the set-up and its stamp then."""

    step: str
    stamp: str


def locked_cycle(cycle_id: int) -> Cycle:
    """The cycle and its programme, locked. Refuses a closed cycle: its record stays as it is."""
    cycle = (
        Cycle.objects.select_for_update(of=("self", "programme"))
        .select_related("programme__activity_type", "programme__owner_unit")
        .get(pk=cycle_id)
    )
    if cycle.state == CycleState.CLOSED:
        raise EditRefused("closed", _("This cycle is closed. Its record stays as it is."))
    return cycle


def locked_programme(programme_id: int) -> Programme:
    return (
        Programme.objects.select_for_update(of=("self",))
        .select_related("activity_type", "owner_unit")
        .get(pk=programme_id)
    )


def put(row: models.Model, **values: Any) -> list[str]:
    """Set the fields that differ and save them. Returns their names."""
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    if isinstance(row, Programme) and changed:
        row.search_text = row.searchable()
        row.save(update_fields=[*changed, "search_text"])
    elif changed:
        row.save(update_fields=changed)
    return changed


def refresh_search(programmes: models.QuerySet[Programme]) -> int:
    """Write again what the catalogue's search looks in, where something it quotes is called something else now.

    A step of the renaming; returns how many programmes that changed.
    """
    stale = []
    for programme in programmes.select_for_update(of=("self",)).select_related("activity_type", "owner_unit"):
        before, programme.search_text = programme.search_text, programme.searchable()
        if programme.search_text != before:
            stale.append(programme)
    return Programme.objects.bulk_update(stale, ["search_text"], batch_size=500)


def looked_at(cycle: Cycle, *parts: str) -> list[str]:
    """Take parts off the list of what wants a fresh look: somebody has just worked on them."""
    left = [part for part in cycle.fresh_look if part not in parts]
    return put(cycle, fresh_look=left)


def is_stale(cycle: Cycle, seen: Seen | None) -> bool:
    """True when the part has been saved since it was `seen`. Ask before writing, with the cycle locked."""
    return seen is not None and seen.stamp != step_stamp(cycle, seen.step)


def record_change(
    *, actor: Any, action: str, cycle: Cycle, changed: list[str], stale: bool = False, now: datetime
) -> None:
    """One line in the record, when anything changed: names of fields, never their text.

    Refuses with `EditConflict`, and all is undone, where the change would go over what somebody wrote in between
    (`stale`). The same words twice are no conflict.
    """
    if stale and changed:
        raise EditConflict(
            "conflict",
            _("Somebody saved this part while you were writing. Yours is below: save again to put it in its place."),
        )
    if changed:
        audit.record(
            actor=actor, action=action, target=cycle.programme, cycle_id=cycle.pk, detail={"changed": changed}, now=now
        )
