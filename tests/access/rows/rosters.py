"""Class lists of a cycle: for those who coordinate it or own its unit."""

from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from programmes.models import RosterImport, RosterMapping
from programmes.rosters.errors import Problem
from programmes.services.rosters.writing import packed
from tests.access.matrix import LOGIN, Row, expect
from tests.factories import NOW, in_days
from tests.world import World

LIST = "Student ID,Email,Ethnicity\n0041,new@student.aberwen.ac.uk,\n"
COUNTS = {
    "people": {"created": 3, "updated": 1, "unchanged": 2, "deactivated": 0, "rejected": 1},
    "memberships": {"created": 3, "updated": 0, "unchanged": 2, "deactivated": 0, "rejected": 0},
    "errors": 1,
    "warnings": 1,
    "left_out": 0,
    "rejected": 1,
    "skipped": {"teachers": 2},
    "waiting": 1,
    "writes": 7,
    "missing": 4,
    "missing_of": 9,
    "missing_kept": True,
}
PROBLEMS = [
    Problem(3, "email", "bad_email", "“x” is not an e-mail address.", "error", "x", "list.csv"),
    Problem(4, "group", "date_for_text", "“20-Oct” may be a range.", "warning", "20-Oct", "list.csv"),
]
STATES = ("uploaded", "checking", "checked", "applying", "applied", "undoing", "undone", "failed")


def new_import(world: World, state: str, **more: Any) -> RosterImport:
    name = default_storage.save("rosters/matrix", ContentFile(LIST.encode()))
    full: dict[str, Any] = {
        "cycle": world.cycle,
        "kind": "list",
        "source": "records",
        "file": name,
        "file_name": f"{state}.csv",
        "file_sha256": "0" * 64,
        "state": state,
        "columns": {"email": "Email", "identifier": "Student ID"},
        "counts": COUNTS,
        "problems": packed([list(problem) for problem in PROBLEMS]),
        "created_by": world.rhian,
        "created_at": in_days(-0.1),
        "applied_at": NOW,
        "undo_until": in_days(3),
        "progress_total": 9,
        **more,
    }
    return RosterImport.objects.create(**full)


def extend(world: World) -> None:
    world.extra |= {f"roster_{state}": new_import(world, state) for state in STATES}
    world.extra["roster_package"] = new_import(world, "checked", kind="oneroster", columns={}, file_name="pack.zip")


def grow(world: World, times: int) -> None:
    """More imports, more to put right in each, and more saved mappings."""
    for _ in range(times):
        number = RosterImport.objects.count()
        new_import(world, STATES[number % len(STATES)])
        for unit in (None, world.biosciences):
            RosterMapping.objects.create(
                name=f"Mapping {number}", source="sits", columns={}, owner_unit=unit, created_at=NOW
            )
        more = packed([list(problem) for problem in PROBLEMS * number])
        RosterImport.objects.filter(cycle=world.cycle).update(problems=more)


def cycle(world: World) -> dict[str, Any]:
    return {"slug": world.programme.slug, "code": world.cycle.code}


def one(state: str) -> Any:
    return lambda world: {**cycle(world), "uuid": world.extra[f"roster_{state}"].uuid}


# Rhian coordinates the cycle. Imran supervises in it and Carys leads the institution: they know the workspace.
SEES = {"anonymous": LOGIN, "coordinator": 200, "supervisor": 403, "institution_lead": 403}
DOES = SEES | {"coordinator": 302}
COLUMNS = {"column_email": "Email", "column_identifier": "Student ID", "role": "participant", "source": "records"}


def sees(name: str, state: str = "", note: str = "", **more: Any) -> Row:
    kwargs = one(state) if state else cycle
    return Row(f"programmes:{name}", expect(404, **SEES), kwargs=kwargs, note=note or state, **more)


def does(name: str, state: str, data: dict[str, Any] | None = None, **more: Any) -> Row:
    given = data or {}
    return Row(
        f"programmes:{name}",
        expect(404, **DOES),
        kwargs=one(state),
        method="POST",
        data=lambda w: given,
        note=state,
        **more,
    )


def upload(world: World) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("list.csv", LIST.encode())}


ROWS = [
    sees("roster_list"),
    sees("roster_upload"),
    Row("programmes:roster_upload", expect(404, **DOES), kwargs=cycle, method="POST", data=upload),
    Row(
        "programmes:roster_upload",
        expect(404, **SEES | {"coordinator": 422}),
        kwargs=cycle,
        method="POST",
        note="no file",
    ),
    *(sees("roster_detail", state) for state in STATES if state != "uploaded"),
    sees("roster_detail", "package"),
    Row("programmes:roster_detail", expect(404, **DOES), kwargs=one("uploaded"), note="uploaded"),
    sees("roster_columns", "uploaded"),
    Row("programmes:roster_columns", expect(404, **DOES), kwargs=one("applied"), note="applied"),
    does("roster_columns", "uploaded", COLUMNS),
    Row(
        "programmes:roster_columns",
        expect(404, **SEES | {"coordinator": 422}),
        kwargs=one("uploaded"),
        method="POST",
        data=lambda w: {"role": "coordinator"},
        note="not offered",
    ),
    sees("roster_progress", "checking"),
    sees("roster_progress", "applied"),
    does("roster_check", "package"),
    does("roster_import", "checked"),
    does("roster_import", "applied"),
    sees("roster_undo", "applied"),
    Row("programmes:roster_undo", expect(404, **DOES), kwargs=one("checked"), note="checked"),
    does("roster_undo", "applied"),
    does("roster_discard", "uploaded"),
    sees("roster_problems", "checked"),
]
