"""`manage.py import_roster PATH`: check or import a roster, and say in a table what it does (docs/rosters.md)."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from peerhub.common.csvio import csv_lines
from peerhub.common.errors import DomainError
from programmes.models import Cycle, RosterMapping
from programmes.rosters.errors import Problem, RosterError
from programmes.rosters.mapping import ColumnMapping
from programmes.services.rosters.applying import NothingUsable, Wanted, is_clean
from programmes.services.rosters.from_path import check_path, import_path, undo_import
from programmes.services.rosters.outcome import ACTIONS, Outcome
from programmes.services.rosters.problems import REPORT_HEADER, as_row

CLEAN, WITH_REJECTED, NOTHING_USABLE = 0, 1, 2
SHOWN = 20


class Command(BaseCommand):
    help = (
        "Import people from a class list (CSV, TSV, XLSX) or a OneRoster 1.1 or 1.2 package (folder or zip). "
        "Exit codes: 0 clean, 1 checked or imported with rejected rows, 2 nothing usable."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", nargs="?", help="A file, a folder or a zip.")
        parser.add_argument("--programme", metavar="SLUG", help="Bring people into this programme; needs --cycle.")
        parser.add_argument("--cycle", metavar="CODE", help="The programme's cycle, for example 2026-27.")
        parser.add_argument(
            "--role", choices=["participant", "leader", "supervisor"], help="Take everybody in this role."
        )
        parser.add_argument("--mapping", metavar="NAME", help="A saved column mapping; without it columns are guessed.")
        parser.add_argument("--dry-run", action="store_true", help="Check only: write nothing.")
        parser.add_argument("--report", metavar="FILE", help="Write every problem to this CSV file.")
        parser.add_argument(
            "--deactivate-missing",
            action="store_true",
            help="End places of this source's people who are not in the file, however many they are.",
        )
        parser.add_argument("--undo", metavar="UUID", help="Take back an import of the last 24 hours.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["undo"]:
            self._undo(options["undo"])
            return
        if not options["path"]:
            raise CommandError("Say which file or folder to import.", returncode=NOTHING_USABLE)
        wanted = self._wanted(options)
        try:
            outcome, uuid = self._perform(wanted, is_dry=options["dry_run"])
        except NothingUsable as nothing:
            self._show(nothing.outcome, options["report"])
            raise CommandError(str(nothing.message), returncode=NOTHING_USABLE) from nothing
        except RosterError as refusal:
            raise CommandError(_sentence(refusal), returncode=NOTHING_USABLE) from refusal
        self._show(outcome, options["report"])
        self._conclude(outcome, uuid, is_dry=options["dry_run"])
        if not is_clean(outcome):
            sys.exit(WITH_REJECTED)

    def _perform(self, wanted: Wanted, *, is_dry: bool) -> tuple[Outcome, UUID | None]:
        if is_dry:
            return check_path(wanted), None
        outcome, roster_import = import_path(actor=None, wanted=wanted, now=wanted.now)
        return outcome, roster_import.uuid if roster_import else None

    # --- what is wanted ---

    def _wanted(self, options: dict[str, Any]) -> Wanted:
        if bool(options["programme"]) != bool(options["cycle"]):
            raise CommandError("--programme and --cycle go together.", returncode=NOTHING_USABLE)
        path = Path(options["path"]).expanduser()
        cycle = self._cycle(options["programme"], options["cycle"]) if options["programme"] else None
        return Wanted(
            path=path,
            name=path.name or str(path.resolve().name),
            now=timezone.now(),
            cycle=cycle,
            role=options["role"] or "",
            mapping=self._mapping(options["mapping"], cycle) if options["mapping"] else None,
            deactivate_missing=options["deactivate_missing"],
        )

    @staticmethod
    def _cycle(slug: str, code: str) -> Cycle:
        cycle = Cycle.objects.select_related("programme__activity_type").filter(programme__slug=slug, code=code).first()
        if cycle is None:
            raise CommandError(f"There is no cycle {code} of a programme {slug}.", returncode=NOTHING_USABLE)
        return cycle

    @staticmethod
    def _mapping(name: str, cycle: Cycle | None) -> ColumnMapping:
        """The mapping of that name: the programme's unit's own before one for everyone before any other."""
        found = list(RosterMapping.objects.filter(name=name).order_by("pk"))
        unit = cycle.programme.owner_unit_id if cycle else None
        found.sort(key=lambda mapping: (mapping.owner_unit_id != unit, mapping.owner_unit_id is not None))
        if not found:
            known = ", ".join(RosterMapping.objects.order_by("name").values_list("name", flat=True)[:20]) or "none"
            raise CommandError(f"There is no mapping {name!r}. Saved mappings: {known}.", returncode=NOTHING_USABLE)
        return ColumnMapping(found[0].columns, source=found[0].source, month_first=found[0].month_first)

    # --- what is said ---

    def _show(self, outcome: Outcome, report: str | None) -> None:
        self.stdout.write(f"{'':14}" + "".join(f"{action:>13}" for action in ACTIONS))
        for kind, counter in outcome.counts.items():
            if counter.total():
                self.stdout.write(f"{kind:14}" + "".join(f"{counter[action]:>13,}" for action in ACTIONS))
        for line in _remarks(outcome):
            self.stdout.write(line)
        problems = sorted(outcome.problems.kept, key=lambda problem: (problem.severity, problem.file, problem.row))
        for problem in problems[:SHOWN]:
            self.stdout.write(_line(problem))
        more = outcome.problems.errors + outcome.problems.warnings - min(SHOWN, len(problems))
        if more:
            self.stdout.write(
                f"... and {more:,} more" + (f" in {report}." if report else " (--report FILE keeps them).")
            )
        if report:
            rows = csv_lines(REPORT_HEADER, map(as_row, problems))
            Path(report).write_text("".join(rows), encoding="utf-8", newline="")

    def _conclude(self, outcome: Outcome, uuid: UUID | None, *, is_dry: bool) -> None:
        if is_dry:
            self.stdout.write("Checked only: nothing was written.")
        elif uuid is None:
            self.stdout.write("Nothing changed.")
        else:
            self.stdout.write(f"Imported. To take it back within 24 hours: manage.py import_roster --undo {uuid}")

    def _undo(self, text: str) -> None:
        try:
            undone = undo_import(actor=None, uuid=UUID(text), now=timezone.now())
        except ValueError as error:
            raise CommandError("That is not the number of an import.", returncode=NOTHING_USABLE) from error
        except DomainError as refusal:
            raise CommandError(str(refusal.message), returncode=NOTHING_USABLE) from refusal
        for model, counter in undone.items():
            said = ", ".join(f"{number:,} {action}" for action, number in counter.items() if number)
            self.stdout.write(f"{model}: {said or 'nothing'}")
        self.stdout.write("Undone.")


def _sentence(refusal: RosterError) -> str:
    where = ", ".join(filter(None, [refusal.file, f"row {refusal.row}" if refusal.row else ""]))
    return f"{where}: {refusal.message}" if where else str(refusal.message)


def _line(problem: Problem) -> str:
    where = f"{problem.file} row {problem.row}" if problem.row else problem.file
    named = f" [{problem.field}]" if problem.field else ""
    return f"{problem.severity}: {where}{named}: {problem.message}"


def _remarks(outcome: Outcome) -> list[str]:
    skipped = ", ".join(f"{number:,} {what.replace('_', ' ')}" for what, number in sorted(outcome.skipped.items()))
    remarks = [f"Not ours to import: {skipped}."] if skipped else []
    if outcome.waiting:
        remarks.append(f"{outcome.waiting:,} wait for a place: the cycle is full.")
    if outcome.missing_kept:
        remarks.append(
            f"{outcome.missing:,} of {outcome.missing_of:,} people of this source are not in the file. They were kept; "
            "--deactivate-missing ends their places."
        )
    return remarks
