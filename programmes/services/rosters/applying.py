"""Checking and importing a roster, from wherever it comes. The import is one transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from peerhub.common import audit
from programmes.models import Cycle, CycleState, ImportState, RosterImport
from programmes.rosters.errors import RosterError
from programmes.rosters.mapping import ColumnMapping
from programmes.rosters.opening import open_roster
from programmes.services.rosters import problems
from programmes.services.rosters.load import load
from programmes.services.rosters.outcome import ACTIONS, REJECTED, Options, Outcome, Progress
from programmes.services.rosters.writing import Rehearsal, Writer

UNDO_FOR: Final = timedelta(hours=24)
Report = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A roster and how to take it, before it is opened."""

    path: Path
    name: str
    now: datetime
    cycle: Cycle | None = None
    role: str = ""
    mapping: ColumnMapping | None = None
    source: str = ""
    is_complete: bool = False
    deactivate_missing: bool = False
    is_authority: bool = False


def perform(wanted: Wanted, hand: Rehearsal, report: Report = lambda _done, _total: None) -> Outcome:
    """Read and load. Refuses with RosterError what cannot be used, and what holds nothing that can (nothing_usable)."""
    if wanted.cycle is not None and wanted.cycle.state == CycleState.CLOSED:
        raise RosterError("cycle_closed", _("This cycle is closed: nobody can be added any more."))
    zone = ZoneInfo(wanted.cycle.time_zone) if wanted.cycle else None
    options = Options(
        now=wanted.now,
        today=wanted.now.astimezone(zone).date(),
        cycle=wanted.cycle,
        role=wanted.role,
        is_authority=wanted.is_authority,
        deactivate_missing=wanted.deactivate_missing,
    )
    roster = open_roster(
        wanted.path, name=wanted.name, mapping=wanted.mapping, complete=wanted.is_complete, source=wanted.source
    )
    report(0, roster.total)
    outcome = load(roster, options, hand, Progress(report, roster.total))
    if not outcome.usable and not outcome.skipped:
        raise NothingUsable(outcome)
    return outcome


class NothingUsable(RosterError):
    """Codes: nothing_usable. Every row was rejected; `outcome` says why."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__("nothing_usable", _("No row of this file can be used."))
        self.outcome = outcome


def write_down(roster_import: RosterImport, outcome: Outcome) -> None:
    """Put counts and problems on the row (unsaved)."""
    roster_import.counts = counts_of(outcome)
    roster_import.problems = problems.stored(outcome.problems)


def counts_of(outcome: Outcome) -> dict[str, Any]:
    """{kind: {action: number}} for kinds that occur, and what else there is to say."""
    counts: dict[str, Any] = {
        kind: {action: counter[action] for action in ACTIONS}
        for kind, counter in outcome.counts.items()
        if any(counter.values())
    }
    counts["errors"], counts["warnings"] = outcome.problems.errors, outcome.problems.warnings
    counts["left_out"], counts["rejected"] = outcome.problems.left_out, outcome.rejected
    counts["skipped"] = dict(outcome.skipped)
    counts["missing"], counts["missing_of"] = outcome.missing, outcome.missing_of
    counts["missing_kept"], counts["waiting"] = outcome.missing_kept, outcome.waiting
    counts["writes"] = outcome.writes
    return counts


def settle_applied(roster_import: RosterImport, outcome: Outcome, writer: Writer, *, actor: Any, now: datetime) -> None:
    """The end of an import's transaction: journal and the audit line. The row has been saved."""
    writer.keep_journal(roster_import)
    detail = {
        kind: {action: number for action, number in counter.items() if number}
        for kind, counter in outcome.counts.items()
        if counter.total()
    }
    audit.record(
        actor=actor,
        action="programmes.roster_imported",
        target=roster_import,
        cycle_id=roster_import.cycle_id,
        detail={"sha256": roster_import.file_sha256, "source": roster_import.source, "counts": detail},
        now=now,
    )


def mark_applied(roster_import: RosterImport, outcome: Outcome, *, with_authority: bool, now: datetime) -> None:
    """Set the row's fields for an import that is in (unsaved)."""
    write_down(roster_import, outcome)
    roster_import.state, roster_import.with_authority = ImportState.APPLIED, with_authority
    roster_import.applied_at = now
    roster_import.undo_until = now + UNDO_FOR


def is_clean(outcome: Outcome) -> bool:
    """No row was left out."""
    return not outcome.problems.errors and not sum(counter[REJECTED] for counter in outcome.counts.values())
