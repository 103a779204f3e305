"""A coordinator's part of an import: upload, say what the columns mean, import, undo, throw away."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import PurePath
from typing import Any, Final
from uuid import UUID, uuid4

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from peerhub.common import audit, once
from peerhub.common.doorbell import ring_after_commit
from peerhub.common.errors import DomainError
from peerhub.common.failpoints import failpoint
from programmes.models import Cycle, ImportState, Role, RosterImport, RosterKind, RosterMapping
from programmes.rosters import headings
from programmes.rosters.errors import RosterError
from programmes.rosters.mapping import DEFAULT_SOURCE, ColumnMapping, check_mapping, guess_mapping
from programmes.rosters.oneroster import SOURCE
from programmes.rosters.oneroster_files import looks_like_oneroster
from programmes.rosters.opening import open_only_table
from programmes.rosters.sources import UPLOAD_LIMIT, open_source
from programmes.rosters.tables import Table
from programmes.services.rosters.files import FOLDER, as_path, digest, local_copy

# The task that finds and does what is due; named here because services may not see tasks.
WORKER_TASK: Final = "programmes.tasks.sweep_imports"
ROLES: Final = (Role.PARTICIPANT, Role.LEADER, Role.SUPERVISOR)
SAMPLE: Final = 3


class ImportRefused(DomainError):
    """Codes: wrong_state, too_late, not_yours, name_taken, role_not_allowed."""


@transaction.atomic(durable=True)
def upload_roster(
    *, actor: Any, cycle: Cycle, file: Any, name: str, form_key: UUID | None, now: datetime
) -> RosterImport:
    """Take in a file. A OneRoster package goes straight to its check; a list waits for its columns to be confirmed.

    Refuses with RosterError what cannot be a roster at all, before anything is kept.
    """
    once.spend(user=actor, key=form_key, now=now)
    name = PurePath(name.replace("\\", "/")).name[-200:] or "roster"
    if file.size > UPLOAD_LIMIT:
        raise RosterError(
            "too_large", _("The file is larger than %(limit)s MB.") % {"limit": UPLOAD_LIMIT >> 20}, file=name
        )
    roster_import = RosterImport(cycle=cycle, file_name=name, file_size=file.size, created_by=actor, created_at=now)
    roster_import.asked_by = actor
    with as_path(file, name) as path:
        source = open_source(path, name=name)
        if looks_like_oneroster(source):
            roster_import.kind, roster_import.source = RosterKind.ONEROSTER, SOURCE
            roster_import.state = ImportState.CHECKING
            ring_after_commit(WORKER_TASK)
        else:
            _guess(roster_import, open_only_table(source), cycle)
    roster_import.file_sha256 = digest(file)
    file.seek(0)
    roster_import.file.name = default_storage.save(f"{FOLDER}/{uuid4().hex}", file)
    failpoint("roster.after_store")
    roster_import.save()
    audit.record(
        actor=actor,
        action="programmes.roster_uploaded",
        target=roster_import,
        cycle_id=cycle.pk,
        detail={"sha256": roster_import.file_sha256, "kind": roster_import.kind},
        now=now,
    )
    return roster_import


def _guess(roster_import: RosterImport, table: Table, cycle: Cycle) -> None:
    """Put a saved mapping that fits on the import, else what the headings say."""
    roster_import.kind = RosterKind.LIST
    fitting = [mapping for mapping in mappings_for(cycle) if _fits(mapping, table)]
    best = max(fitting, key=lambda mapping: len(mapping.columns), default=None)
    if best is not None:
        roster_import.mapping, roster_import.source = best, best.source
        roster_import.columns, roster_import.month_first = best.columns, best.month_first
        return
    roster_import.columns, roster_import.source = dict(guess_mapping(table.columns).columns), DEFAULT_SOURCE


def mappings_for(cycle: Cycle) -> list[RosterMapping]:
    """Saved mappings of the cycle's unit and those for everyone, by name."""
    mine = RosterMapping.objects.filter(owner_unit=cycle.programme.owner_unit_id)
    shared = RosterMapping.objects.filter(owner_unit=None)
    return list((mine | shared).order_by("name", "pk"))


def never_stored(columns: Sequence[str]) -> list[str]:
    """Columns of a list that are never read, whatever anybody chooses."""
    return list(guess_mapping(columns).ignored)


def _fits(mapping: RosterMapping, table: Table) -> bool:
    try:
        check_mapping(ColumnMapping(mapping.columns), table.columns)
    except RosterError:
        return False
    return True


def table_of(roster_import: RosterImport) -> tuple[tuple[str, ...], list[list[str]]]:
    """Headings of a list and its first rows, for the page that confirms columns. Refuses with RosterError."""
    with local_copy(roster_import) as path:
        table = open_only_table(open_source(path, name=roster_import.file_name))
        rows = []
        for _number, cells in table.rows():
            rows.append(list(cells))
            if len(rows) == SAMPLE:
                break
        return table.columns, rows


@transaction.atomic(durable=True)
def confirm_columns(
    *,
    actor: Any,
    import_id: int,
    columns: Mapping[str, str],
    source: str,
    role: str,
    month_first: bool = False,
    is_complete: bool = False,
    save_as: str = "",
    now: datetime,
) -> RosterImport:
    """Say which column means what, and have the list checked. Nothing is imported yet.

    Refuses with ImportRefused (wrong_state, role_not_allowed, name_taken); where the columns do not fit, RosterError.
    """
    roster_import = _locked(import_id, ImportState.UPLOADED, ImportState.CHECKED, ImportState.FAILED)
    if role not in ROLES:
        raise ImportRefused("role_not_allowed", _("A list can bring in participants, leaders or supervisors."))
    chosen = {field: heading for field, heading in columns.items() if heading}
    with local_copy(roster_import) as path:
        table = open_only_table(open_source(path, name=roster_import.file_name))
        check_mapping(ColumnMapping(chosen), table.columns, file=roster_import.file_name)
    roster_import.columns, roster_import.month_first = chosen, month_first
    roster_import.source = slugify(source)[:40] or DEFAULT_SOURCE
    roster_import.role = "" if headings.ROLE in chosen and role == Role.PARTICIPANT else role
    roster_import.is_complete, roster_import.deactivate_missing = is_complete, False
    if save_as:
        roster_import.mapping = _save_mapping(roster_import, actor, save_as, now)
    _start(roster_import, ImportState.CHECKING, actor)
    return roster_import


def _save_mapping(roster_import: RosterImport, actor: Any, name: str, now: datetime) -> RosterMapping:
    unit = roster_import.cycle.programme.owner_unit if roster_import.cycle else None
    if RosterMapping.objects.filter(owner_unit=unit, name=name).exclude(pk=roster_import.mapping_id or 0).exists():
        raise ImportRefused("name_taken", _("There is a saved mapping with this name. Choose another."))
    values = {
        "source": roster_import.source,
        "columns": roster_import.columns,
        "month_first": roster_import.month_first,
    }
    made = {**values, "created_by": actor, "created_at": now}
    return RosterMapping.objects.update_or_create(owner_unit=unit, name=name, defaults=values, create_defaults=made)[0]


@transaction.atomic(durable=True)
def check_again(*, actor: Any, import_id: int, role: str, now: datetime) -> RosterImport:
    """Have a OneRoster package checked once more, with its people taken as `role` ("" as the file says)."""
    roster_import = _locked(import_id, ImportState.CHECKED, ImportState.FAILED)
    if role and role not in ROLES:
        raise ImportRefused("role_not_allowed", _("A list can bring in participants, leaders or supervisors."))
    roster_import.role = role
    _start(roster_import, ImportState.CHECKING, actor)
    return roster_import


@transaction.atomic(durable=True)
def start_import(
    *, actor: Any, import_id: int, deactivate_missing: bool, invite: bool, form_key: UUID | None, now: datetime
) -> RosterImport:
    """Have a checked roster imported by a worker. Refuses with ImportRefused (wrong_state)."""
    once.spend(user=actor, key=form_key, now=now)
    roster_import = _locked(import_id, ImportState.CHECKED)
    roster_import.deactivate_missing, roster_import.invite = deactivate_missing, invite
    _start(roster_import, ImportState.APPLYING, actor)
    return roster_import


@transaction.atomic(durable=True)
def start_undo(*, actor: Any, import_id: int, form_key: UUID | None, now: datetime) -> RosterImport:
    """Have an import undone by a worker. Refuses with ImportRefused (wrong_state, too_late, not_yours)."""
    once.spend(user=actor, key=form_key, now=now)
    roster_import = _locked(import_id, ImportState.APPLIED)
    if not roster_import.can_be_undone(now=now):
        raise ImportRefused("too_late", _("An import can be undone for 24 hours. This one is older."))
    if not roster_import.may_be_undone_by(actor):
        raise ImportRefused("not_yours", _("An administrator imported this. Ask them to take it back."))
    _start(roster_import, ImportState.UNDOING, actor)
    return roster_import


@transaction.atomic(durable=True)
def discard_import(*, actor: Any, import_id: int, now: datetime) -> None:
    """Throw an upload away that was never imported, with its file. Refuses with ImportRefused (wrong_state)."""
    roster_import = _locked(import_id, ImportState.UPLOADED, ImportState.CHECKED, ImportState.FAILED)
    audit.record(
        actor=actor,
        action="programmes.roster_discarded",
        target=roster_import,
        cycle_id=roster_import.cycle_id,
        now=now,
    )
    stored = roster_import.file.name
    roster_import.delete()
    if stored:
        transaction.on_commit(partial(_delete_stored, stored), robust=True)


def _delete_stored(name: str) -> None:
    failpoint("roster.before_delete")
    default_storage.delete(name)


def _locked(import_id: int, *states: str) -> RosterImport:
    """The row, held; refuses when it has moved on since the page was shown."""
    rows = RosterImport.objects.select_for_update(of=("self",)).select_related("cycle__programme__owner_unit")
    roster_import = rows.get(pk=import_id)
    if roster_import.state not in states:
        raise ImportRefused("wrong_state", _("This import has moved on since you opened the page."))
    return roster_import


def _start(roster_import: RosterImport, state: str, actor: Any) -> None:
    roster_import.state, roster_import.asked_by = state, actor
    roster_import.failure = ""
    roster_import.attempts = roster_import.progress_done = 0
    roster_import.lease = roster_import.lease_until = None
    roster_import.save()
    ring_after_commit(WORKER_TASK)
