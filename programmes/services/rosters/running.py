"""A worker's part of an import. The row says what is to be done; a lease says who is doing it.

Whoever holds the lease works. A worker that dies lets it run out, and the next one starts again: a check writes
nothing, an import and an undo are one transaction each, fenced by the lease at their end. On PostgreSQL progress is
told through a second connection while that transaction is open; SQLite has one writer, so there an import tells when
it is done.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from django.db import DatabaseError, connection, connections, transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import override

from peerhub.common import audit
from peerhub.common.failpoints import failpoint
from programmes.models import Cycle, ImportState, RosterImport
from programmes.models.rosters import WORKING
from programmes.rosters.errors import RosterError
from programmes.rosters.mapping import ColumnMapping
from programmes.services.rosters import applying
from programmes.services.rosters.applying import NothingUsable, Report, Wanted
from programmes.services.rosters.files import local_copy
from programmes.services.rosters.invites import invite_new_members
from programmes.services.rosters.undo import undo_journal
from programmes.services.rosters.writing import Rehearsal, Writer

log = logging.getLogger(__name__)
LEASE: Final = timedelta(minutes=2)
MOST_ATTEMPTS: Final = 3
Clock = Callable[[], datetime]


class LeaseLost(Exception):
    """Somebody else works on this import now: what we did is rolled back."""


@dataclass(frozen=True, slots=True)
class Claim:
    """An import that is ours until the lease runs out."""

    roster_import: RosterImport
    lease: UUID
    clock: Clock

    @property
    def is_ours(self) -> Any:
        return {"pk": self.roster_import.pk, "lease": self.lease}


def run_due(clock: Clock, *, most: int = 20) -> int:
    """Do what is due, one import after another; returns how many. Safe to run anywhere, any number of times."""
    done = 0
    while done < most and (claim := claim_next(clock)) is not None:
        failpoint("roster.after_claim")
        work_on(claim)
        done += 1
    return done


def claim_next(clock: Clock) -> Claim | None:
    """Take the import that has waited longest, or None. One of several workers wins; the others look further."""
    now = clock()
    for pk in RosterImport.objects.due(now=now).order_by("created_at", "pk").values_list("pk", flat=True)[:10]:
        lease = uuid4()
        taken = RosterImport.objects.due(now=now).filter(pk=pk)
        if taken.update(lease=lease, lease_until=now + LEASE, attempts=F("attempts") + 1):
            row = RosterImport.objects.select_related("cycle__programme__activity_type", "created_by", "asked_by").get(
                pk=pk
            )
            return Claim(row, lease, clock)
    return None


def work_on(claim: Claim) -> None:
    """Check, import or undo; whatever goes wrong ends in a sentence on the row."""
    row = claim.roster_import
    if row.attempts > MOST_ATTEMPTS:
        fail(
            claim,
            _("It was started three times and never finished. Nothing was changed. Please tell an administrator."),
        )
        return
    steps = {ImportState.CHECKING: check, ImportState.APPLYING: apply, ImportState.UNDOING: undo}
    language = row.asked_by.locale if row.asked_by and row.asked_by.locale else None
    try:
        with override(language) if language else _no_change():
            steps[ImportState(row.state)](claim)
    except LeaseLost:
        log.warning("Import %s was taken over by another worker.", row.pk)
    except RosterError as refusal:
        fail(claim, str(refusal.message))
    except DatabaseError as error:
        # Somebody changed the same rows at the same moment, or the database went away: the next turn starts afresh.
        log.warning("Import %s will be tried again (%s).", row.pk, type(error).__name__)
        RosterImport.objects.filter(**claim.is_ours).update(lease=None, lease_until=None)


@contextmanager
def _no_change() -> Iterator[None]:
    yield


def fail(claim: Claim, sentence: str) -> None:
    """Stop, with a reason people can read."""
    values = {"state": ImportState.FAILED, "failure": sentence[:400], "lease": None, "lease_until": None}
    if claim.roster_import.state == ImportState.UNDOING:
        values["state"] = ImportState.APPLIED
    RosterImport.objects.filter(**claim.is_ours, state__in=WORKING).update(**values)


# --- the three kinds of work ---
def check(claim: Claim) -> None:
    """Read the file and compare it with the database. Writes nothing but the result."""
    row, now = claim.roster_import, claim.clock()
    with local_copy(row) as path:
        wanted = _wanted(row, path, now)
        try:
            outcome = applying.perform(wanted, Rehearsal(), reporter(claim))
        except NothingUsable as nothing:
            outcome = nothing.outcome
    applying.write_down(row, outcome)
    row.state, row.checked_at, row.failure = ImportState.CHECKED, now, ""
    _finish(claim, "state", "checked_at", "failure", "counts", "problems")


def apply(claim: Claim) -> None:
    """Import, in one transaction with its journal, its audit line and its letters."""
    with local_copy(claim.roster_import) as path, reporting_aside(claim) as report:
        _apply(claim, path, report, now=claim.clock())
        failpoint("roster.after_apply")


@transaction.atomic(durable=True)
def _apply(claim: Claim, path: Any, report: Report, *, now: datetime) -> None:
    row, writer = claim.roster_import, Writer()
    row.cycle = _locked_cycle(row.cycle_id)
    outcome = applying.perform(_wanted(row, path, now), writer, report)
    failpoint("roster.after_load")
    applying.mark_applied(row, outcome, with_authority=_has_authority(row), now=now)
    _finish(claim, "state", "counts", "problems", "applied_at", "undo_until", "with_authority")
    failpoint("roster.before_journal")
    applying.settle_applied(row, outcome, writer, actor=row.asked_by, now=now)
    if row.invite:
        invite_new_members(row, outcome.new_memberships, now=now)


def undo(claim: Claim) -> None:
    """Take an import back, in one transaction."""
    _undo(claim, now=claim.clock())


@transaction.atomic(durable=True)
def _undo(claim: Claim, *, now: datetime) -> None:
    row = claim.roster_import
    _locked_cycle(row.cycle_id)
    undone = undo_journal(row, now=now)
    failpoint("roster.in_undo")
    row.counts = {**row.counts, "undone": {model: dict(counter) for model, counter in undone.items()}}
    row.state, row.undone_at = ImportState.UNDONE, now
    _finish(claim, "state", "counts", "undone_at")
    audit.record(
        actor=row.asked_by,
        action="programmes.roster_undone",
        target=row,
        cycle_id=row.cycle_id,
        detail=row.counts["undone"],
        now=now,
    )


def _locked_cycle(cycle_id: int | None) -> Cycle | None:
    """The cycle, held: places are counted against it."""
    rows = Cycle.objects.select_for_update(of=("self",)).select_related("programme__activity_type")
    return rows.get(pk=cycle_id) if cycle_id else None


def _wanted(row: RosterImport, path: Any, now: datetime) -> Wanted:
    mapping = ColumnMapping(row.columns, source=row.source, month_first=row.month_first) if row.columns else None
    return Wanted(
        path=path,
        name=row.file_name,
        now=now,
        cycle=row.cycle,
        role=row.role,
        mapping=mapping,
        source=row.source,
        is_complete=row.is_complete,
        deactivate_missing=row.deactivate_missing,
        is_authority=_has_authority(row),
    )


def _has_authority(row: RosterImport) -> bool:
    """An administrator's file, and an administrator who asks: neither lends it to somebody else's."""
    return all(person is not None and person.is_superuser for person in (row.created_by, row.asked_by))


def _finish(claim: Claim, *fields: str) -> None:
    """Save the row's fields and give the lease back, if it is still ours."""
    row = claim.roster_import
    values = {field: getattr(row, field) for field in fields}
    values["progress_done"] = F("progress_total")
    if not RosterImport.objects.filter(**claim.is_ours).update(**values, lease=None, lease_until=None):
        raise LeaseLost


# --- progress ---
def reporter(claim: Claim) -> Report:
    """Tells how far a check is, and keeps the lease."""

    def report(done: int, total: int) -> None:
        told = {"progress_done": min(done, total), "progress_total": total, "lease_until": claim.clock() + LEASE}
        if not RosterImport.objects.filter(**claim.is_ours).update(**told):
            raise LeaseLost

    return report


@contextmanager
def reporting_aside(claim: Claim) -> Iterator[Report]:
    """The same while the import's transaction is open: through a connection of its own, where the database has that."""
    if connection.vendor != "postgresql":
        yield lambda _done, _total: None
        return
    aside = connections.create_connection("default")

    def report(done: int, total: int) -> None:
        with aside.cursor() as cursor:
            table = aside.ops.quote_name(RosterImport._meta.db_table)
            cursor.execute(
                f"UPDATE {table} SET progress_done = %s, progress_total = %s, lease_until = %s "  # noqa: S608 - our name
                "WHERE id = %s AND lease = %s",
                [min(done, total), total, claim.clock() + LEASE, claim.roster_import.pk, claim.lease],
            )

    try:
        yield report
    finally:
        aside.close()
