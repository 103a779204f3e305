"""Completions from files: take one in, say what its columns are, import it as a whole, take it back."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from hashlib import sha256
from pathlib import PurePath
from typing import Any, Final
from uuid import UUID, uuid4

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from peerhub.common import audit
from peerhub.common.errors import DomainError
from peerhub.common.once import spend
from programmes.models import Cycle, SessionLeader, SessionStatus
from programmes.rosters.errors import RosterError
from programmes.rosters.mapping import DEFAULT_SOURCE
from programmes.rosters.opening import open_only_table
from programmes.rosters.sources import open_source
from programmes.services.rosters.files import KEPT_FOR, as_path, copy_of, digest, forget_unknown
from programmes.services.rosters.writing import packed, unpacked
from training.models import (
    AssessmentKind,
    CertificationAward,
    Completion,
    CompletionImport,
    CompletionImportState,
    CompletionSource,
    CurriculumModule,
    FileKind,
    Mode,
    Module,
)
from training.rosters.sheets import Sheet, read_sheet
from training.services.completion_plan import RECORD, Choice, Line, Wanted, plan_of

FOLDER: Final = "completions"
LARGEST: Final = 10 * 1024 * 1024
OLDEST: Final = timedelta(days=365 * 20)


class ImportRefused(DomainError):
    """Codes: wrong_state, nothing_chosen, not_here, observed, pass_too_low, out_of, column, nobody, no_day, in_future,
    too_old, changed, nothing_new, led_since, awarded.
    """


@dataclass(frozen=True, slots=True)
class ModuleColumn:
    """What somebody chose for a module: places of columns, what the scores are out of, how many percent are enough."""

    module: UUID
    column: int
    out_of: Decimal
    enough: int
    day: int | None = None


@transaction.atomic(durable=True)
def upload_completions(
    *, actor: Any, cycle: Cycle | None, file: Any, name: str, key: UUID | None = None, now: datetime
) -> CompletionImport:
    """Take in a file for the modules of the cycle's programme, or for shared ones. Refuses with RosterError what holds
    no results, before anything is kept.
    """
    spend(user=actor, key=key, now=now)
    name = PurePath(name.replace("\\", "/")).name[-200:] or "completions"
    if file.size > LARGEST:
        said = _("The file is larger than %(limit)s MB.") % {"limit": LARGEST >> 20}
        raise RosterError("too_large", said, file=name)
    with as_path(file, name) as path:
        kind = read_sheet(open_only_table(open_source(path, name=name))).kind
    row = CompletionImport(
        owner=cycle.programme if cycle else None, cycle=cycle, kind=FileKind(kind), file_name=name,
        file_sha256=digest(file), created_by=actor, created_at=now,
    )  # fmt: skip
    file.seek(0)
    row.file.name = default_storage.save(f"{FOLDER}/{uuid4().hex}", file)
    row.save()
    _note(actor, "training.completions_uploaded", row, now, sha256=row.file_sha256)
    return row


@contextmanager
def opened(row: CompletionImport) -> Iterator[Sheet]:
    """The file, read: everything a page needs to ask what its columns are. Refuses with RosterError."""
    with copy_of(row.file.name or "", row.file_name) as path:
        yield read_sheet(open_only_table(open_source(path, name=row.file_name)))


@transaction.atomic(durable=True)
def check_completions(
    *,
    actor: Any,
    import_id: int,
    identifier: int | None,
    email: int | None,
    source: str,
    modules: list[ModuleColumn],
    on: date | None,
    month_first: bool = False,
    now: datetime,
) -> CompletionImport:
    """Say which column is what, and see what importing would do. Nothing is recorded.

    Refuses with ImportRefused, and with RosterError where the file cannot be read.
    """
    row = _locked(import_id, CompletionImportState.UPLOADED, CompletionImportState.CHECKED)
    row.columns = {
        "identifier": identifier,
        "email": email,
        "source": slugify(source)[:40] or DEFAULT_SOURCE,
        "on": on.isoformat() if on else None,
        "month_first": month_first,
        "modules": [
            {"module": str(one.module), "column": one.column, "out_of": str(one.out_of), "enough": one.enough,
             "day": one.day}
            for one in modules
        ],
    }  # fmt: skip
    lines, row.counts = planned(row, choice_of(row), actor, now)
    row.lines, row.state = packed([list(one) for one in lines]), CompletionImportState.CHECKED
    row.save()
    _note(actor, "training.completions_checked", row, now)
    return row


@transaction.atomic(durable=True)
def import_completions(
    *, actor: Any, import_id: int, seen: str, key: UUID | None = None, now: datetime
) -> CompletionImport:
    """Record what the check showed, all of it or nothing. `seen` is the check's seal: what has changed since is shown
    again first. Twice is once: what is there already stays as it was.
    """
    spend(user=actor, key=key, now=now)
    row = _locked(import_id, CompletionImportState.CHECKED)
    choice = choice_of(row)
    lines, _counts = planned(row, choice, actor, now)
    if seen != seal_of(lines):
        raise ImportRefused("changed", _("Something has changed since you looked. Check the file again."))
    new = [one for one in lines if one.outcome == RECORD]
    if not new:
        raise ImportRefused("nothing_new", _("There is nothing in this file to record."))
    modules = {str(one.module.uuid): one.module for one in choice.wanted}
    Completion.objects.bulk_create(
        [_completion(row, one, modules[one.module], actor, now) for one in new], ignore_conflicts=True, batch_size=500
    )
    row.state, row.applied_by, row.applied_at = CompletionImportState.APPLIED, actor, now
    row.counts["recorded"] = row.completions.count()
    row.save(update_fields=["state", "applied_by", "applied_at", "counts"])
    _note(actor, "training.completions_imported", row, now, recorded=row.counts["recorded"], sha256=row.file_sha256)
    return row


def _completion(row: CompletionImport, line: Line, module: Module, actor: Any, now: datetime) -> Completion:
    on = date.fromisoformat(line.on)
    where = {"file": row.file_name, "row": line.row}
    return Completion(
        user_id=line.user,
        module=module,
        version=module.version,
        completed_on=on,
        expires_on=module.expires_on(on),
        score=line.score,
        source=CompletionSource.IMPORT,
        assessor=actor,
        evidence=_("%(file)s, row %(row)s") % where,
        imported_from=row,
        import_row=line.row,
        recorded_at=now,
    )


@transaction.atomic(durable=True)
def undo_completions(*, actor: Any, import_id: int, key: UUID | None = None, now: datetime) -> CompletionImport:
    """Take back everything an import recorded. Refuses where somebody has led since on its strength (led_since)."""
    spend(user=actor, key=key, now=now)
    row = _locked(import_id, CompletionImportState.APPLIED)
    refuse_leaning(row, now=now)
    row.completions.counting().update(
        withdrawn_at=now, withdrawn_by=actor, withdrawn_why=_("The import of the file was undone.")
    )
    row.state, row.undone_at = CompletionImportState.UNDONE, now
    row.save(update_fields=["state", "undone_at"])
    _note(actor, "training.completions_undone", row, now)
    return row


def refuse_leaning(row: CompletionImport, *, now: datetime) -> None:
    """Nothing is taken from under what was done since: awards, and sessions led where these modules are mandatory."""
    counting = row.completions.counting()
    led = SessionLeader.objects.filter(
        membership__user__in=counting.values("user"),
        session__status=SessionStatus.HELD,
        session__starts_at__range=(row.applied_at, now),
        session__cycle__curricula__in=_asking(row),
    )
    people = led.order_by().values("membership__user").distinct().count()
    if people:
        said = _(
            "Since then %(n)s of these people have led sessions. Take back what is wrong one by one, on their pages."
        )
        raise ImportRefused("led_since", said % {"n": people})
    ours = {str(key) for key in counting.values_list("uuid", flat=True)}
    awards = CertificationAward.objects.standing().filter(
        user__in=counting.values("user"), granted_at__gte=row.applied_at
    )
    if any(ours & {said["completion"] for said in one.evidence["modules"]} for one in awards):
        raise ImportRefused("awarded", _("Somebody was granted a level on its strength. Take that back first."))


def _asking(row: CompletionImport) -> Any:
    """Curricula that insist on one of the import's modules."""
    asked = CurriculumModule.objects.filter(is_mandatory=True, curriculum__replaced_at=None)
    return asked.filter(module__in=row.completions.counting().values("module")).values("curriculum")


@transaction.atomic(durable=True)
def discard_completions(*, actor: Any, import_id: int, now: datetime) -> None:
    """Throw a file away of which nothing was recorded."""
    row = _locked(import_id, CompletionImportState.UPLOADED, CompletionImportState.CHECKED)
    _note(actor, "training.completions_discarded", row, now)
    stored = row.file.name
    row.delete()
    if stored:
        transaction.on_commit(partial(default_storage.delete, stored), robust=True)


# --- what is kept -----------------------------------------------------------------------------------------------------
@transaction.atomic(durable=True)
def forget_completion_files(*, now: datetime) -> int:
    """Files and their checks, 30 days on; uploads that came to nothing, altogether. Returns how many."""
    old = CompletionImport.objects.filter(created_at__lt=now - KEPT_FOR)
    forgotten = 0
    for row in old.exclude(file="", lines=b"").order_by("pk")[:200]:
        if row.file.name:
            transaction.on_commit(partial(default_storage.delete, row.file.name), robust=True)
        if row.is_open:
            row.delete()
        else:
            CompletionImport.objects.filter(pk=row.pk).update(file="", lines=b"")
        forgotten += 1
    return forgotten


def forget_in_checks(user: Any) -> int:
    """A step of erasing an account: nobody is named in a check any more who is forgotten. Returns how many rows."""
    address, count = (user.email or "").lower(), 0
    for row in CompletionImport.objects.exclude(lines=b"").order_by("pk"):
        lines = lines_of(row)
        kept = [one for one in lines if one.user != user.pk and one.who.lower() != (address or None)]
        if len(kept) < len(lines):
            count += len(lines) - len(kept)
            CompletionImport.objects.filter(pk=row.pk).update(lines=packed([list(one) for one in kept]))
    return count


def forget_left_files(*, now: datetime) -> int:
    """Files that a process which died left lying. Returns how many."""
    known = CompletionImport.objects.exclude(file="").values_list("file", flat=True)
    return forget_unknown(FOLDER, known, now=now)


# --- steps ------------------------------------------------------------------------------------------------------------
def _locked(import_id: int, *states: str) -> CompletionImport:
    row = CompletionImport.objects.select_for_update(of=("self",)).select_related("owner", "cycle").get(pk=import_id)
    if row.state not in states:
        raise ImportRefused("wrong_state", _("This import has moved on since you opened the page."))
    return row


def planned(row: CompletionImport, choice: Choice, actor: Any, now: datetime) -> tuple[list[Line], dict[str, int]]:
    """What importing would do now: every row, and how many of each outcome. Refuses a choice that makes no sense."""
    with opened(row) as sheet:
        _refuse_choice(choice, sheet, timezone.localdate(now))
        return plan_of(row, sheet, choice, actor=actor, now=now)


def choice_of(row: CompletionImport) -> Choice:
    """What was said of the columns, with the modules as they are now. Refuses modules that are not for it."""
    said: Mapping[str, Any] = row.columns
    modules = {str(one.uuid): one for one in modules_for(row)}
    unknown = [one for one in said["modules"] if one["module"] not in modules]
    if unknown:
        raise ImportRefused("not_here", _("A module you chose is closed, or not looked after here."))
    wanted = [
        Wanted(modules[one["module"]], one["column"], Decimal(one["out_of"]), one["enough"], one["day"])
        for one in said["modules"]
    ]
    on = date.fromisoformat(said["on"]) if said["on"] else None
    return Choice(said["identifier"], said["email"], said["source"], wanted, on, said["month_first"])


def modules_for(row: CompletionImport) -> list[Module]:
    """Open modules of the import's owner whose completion a file can show. What is observed, somebody has to see; where
    being there is all, the register says who was.
    """
    rows = Module.objects.open().filter(owner=row.owner_id).exclude(assessment=AssessmentKind.OBSERVED)
    rows = rows.exclude(mode=Mode.LIVE, assessment=AssessmentKind.NONE)
    return list(rows.order_by("title", "pk"))


def _refuse_choice(choice: Choice, sheet: Sheet, today: date) -> None:
    width = len(sheet.columns)
    places = [choice.identifier, choice.email, *(place for one in choice.wanted for place in (one.column, one.day))]
    if not choice.wanted:
        raise ImportRefused("nothing_chosen", _("Choose the column of at least one module."))
    if choice.identifier is None and choice.email is None:
        raise ImportRefused("nobody", _("Say which column holds the number or the e-mail address."))
    if any(place is not None and not 0 <= place < width for place in places):
        raise ImportRefused("column", _("There is no such column in this file."))
    for one in choice.wanted:
        _refuse_wanted(one)
    if choice.on is None and any(one.day is None for one in choice.wanted):
        raise ImportRefused("no_day", _("Say on which day it was completed, or choose a column that does."))
    if choice.on and choice.on > today:
        raise ImportRefused("in_future", _("That day has not come yet."))
    if choice.on and choice.on < today - OLDEST:
        raise ImportRefused("too_old", _("That is more than 20 years ago."))


def _refuse_wanted(one: Wanted) -> None:
    if not 0 < one.out_of < 1_000_000:
        raise ImportRefused("out_of", _("What scores are out of is a number above 0."))
    lowest = one.module.pass_mark if one.module.assessment == AssessmentKind.QUIZ else 1
    if not lowest <= one.enough <= 100:
        said = _("%(module)s is passed with %(mark)s %% or more: a file cannot ask for less.")
        raise ImportRefused("pass_too_low", said % {"module": one.module.title, "mark": lowest})


def seal_of(lines: list[Line]) -> str:
    """A seal of what a check says: other lines, another seal."""
    return sha256(packed([list(one) for one in lines])).hexdigest()[:32]


def lines_of(row: CompletionImport) -> list[Line]:
    """The check as it was kept; nothing once it is forgotten."""
    return [Line(*one) for one in unpacked(row.lines)] if row.lines else []


def _note(actor: Any, action: str, row: CompletionImport, now: datetime, **detail: Any) -> None:
    audit.record(actor=actor, action=action, target=row, cycle_id=row.cycle_id, detail=detail or None, now=now)
