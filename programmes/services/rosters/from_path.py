"""Rosters from a path on this machine: what the command does. Run by an administrator, so with authority."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from peerhub.common import audit
from peerhub.common.errors import DomainError
from programmes.models import Cycle, ImportState, RosterImport, RosterKind
from programmes.services.rosters import applying
from programmes.services.rosters.applying import Wanted
from programmes.services.rosters.files import digest_of
from programmes.services.rosters.outcome import Outcome
from programmes.services.rosters.undo import undo_journal
from programmes.services.rosters.writing import Rehearsal, Writer


class UndoRefused(DomainError):
    """Codes: not_found, too_late."""


def check_path(wanted: Wanted) -> Outcome:
    """What an import would do. Writes nothing at all. Refuses with RosterError."""
    return applying.perform(replace(wanted, is_authority=True), Rehearsal())


@transaction.atomic(durable=True)
def import_path(*, actor: Any, wanted: Wanted, now: datetime) -> tuple[Outcome, RosterImport | None]:
    """Import in one transaction. Where nothing changes nothing is written, not even a row about the import: (…, None).

    Refuses with RosterError; then nothing has changed.
    """
    cycle = wanted.cycle
    if cycle is not None:
        cycle = (
            Cycle.objects.select_for_update(of=("self",)).select_related("programme__activity_type").get(pk=cycle.pk)
        )
    writer = Writer()
    outcome = applying.perform(replace(wanted, cycle=cycle, is_authority=True), writer)
    if not outcome.writes:
        return outcome, None
    sha256, size = digest_of(wanted.path)
    roster_import = RosterImport(
        cycle=cycle,
        role=wanted.role,
        kind=RosterKind.ONEROSTER if outcome.is_package else RosterKind.LIST,
        source=outcome.source,
        columns=dict(wanted.mapping.columns) if wanted.mapping else {},
        is_complete=wanted.is_complete,
        deactivate_missing=wanted.deactivate_missing,
        file_name=wanted.name[-200:],
        file_size=size,
        file_sha256=sha256,
        created_by=actor,
        asked_by=actor,
        created_at=now,
    )
    applying.mark_applied(roster_import, outcome, with_authority=True, now=now)
    roster_import.save()
    applying.settle_applied(roster_import, outcome, writer, actor=actor, now=now)
    return outcome, roster_import


@transaction.atomic(durable=True)
def undo_import(*, actor: Any, uuid: UUID, now: datetime) -> dict[str, dict[str, int]]:
    """Take an import back. Refuses with UndoRefused (not_found, too_late)."""
    roster_import = (
        RosterImport.objects.select_for_update(of=("self",)).filter(uuid=uuid, state=ImportState.APPLIED).first()
    )
    if roster_import is None:
        raise UndoRefused("not_found", _("There is no import with this number that could be undone."))
    if not roster_import.can_be_undone(now=now):
        raise UndoRefused("too_late", _("An import can be undone for 24 hours. This one is older."))
    undone = {model: dict(counter) for model, counter in undo_journal(roster_import, now=now).items()}
    roster_import.counts = {**roster_import.counts, "undone": undone}
    roster_import.state, roster_import.undone_at = ImportState.UNDONE, now
    roster_import.save()
    detail = {"undone": undone}
    cycle_id = roster_import.cycle_id
    audit.record(
        actor=actor, action="programmes.roster_undone", target=roster_import, cycle_id=cycle_id, detail=detail, now=now
    )
    return undone
