"""Completions from files: those of Bio PASS for its coordinators, shared ones for those who keep the site."""

from datetime import date
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from programmes.services.rosters.writing import packed
from tests import factories as make
from tests.access.matrix import LOGIN, Row, expect
from tests.access.rows.delivery import cycle
from tests.access.rows.training import COORDINATES, KEEPS, moves, said
from tests.factories import NOW, in_days
from tests.world import World
from training.models import CompletionImport
from training.services.completion_imports import seal_of
from training.services.completion_plan import Line

TEXT = "Email,First steps\namara.okafor@student.aberwen.ac.uk,90\n"
STATES = ("uploaded", "checked", "applied")


def new_import(world: World, state: str, **more: Any) -> CompletionImport:
    module = world.extra["first_steps"]
    line = Line(
        2, "amara.okafor@student.aberwen.ac.uk", world.amara.pk, "Amara Okafor", str(module.uuid), module.title, 90,
        "2026-10-20", "record", "",
    )  # fmt: skip
    chosen = {"module": str(module.uuid), "column": 1, "out_of": "100", "enough": 80, "day": None}
    full: dict[str, Any] = {
        "owner": world.programme,
        "cycle": world.cycle,
        "kind": "table",
        "file": default_storage.save("completions/matrix", ContentFile(TEXT.encode())),
        "file_name": f"{state}.csv",
        "file_sha256": "0" * 64,
        "state": state,
        "columns": {
            "identifier": None, "email": 0, "source": "records", "on": "2026-10-20", "month_first": False,
            "modules": [chosen],
        },
        "counts": {"record": 1, "recorded": 1, "empty": 2},
        "lines": packed([list(line)]),
        "created_by": world.rhian,
        "created_at": in_days(-0.1),
        "applied_at": NOW if state == "applied" else None,
        "applied_by": world.rhian if state == "applied" else None,
        **more,
    }  # fmt: skip
    return CompletionImport.objects.create(**full)


def extend(world: World) -> None:
    """A module of Bio PASS with an import in every state, and a shared one."""
    world.extra["first_steps"] = make.ModuleFactory(owner=world.programme, title="First steps")
    for state in STATES:
        world.extra[f"completions_{state}"] = new_import(world, state)
    row = world.extra["completions_applied"]
    make.CompletionFactory(
        user=world.ben, module=world.extra["first_steps"], completed_on=date(2026, 10, 21), source="import",
        imported_from=row, import_row=2,
    )  # fmt: skip
    world.extra["completions_shared"] = new_import(world, "applied", owner=None, cycle=None)


def grow(world: World, times: int) -> None:
    """More files, more modules, more rows in a check."""
    for number in range(times):
        make.ModuleFactory(owner=world.programme, title=f"Next steps {number}")
        for state in STATES:
            new_import(world, state)
        new_import(world, "applied", owner=None, cycle=None)


def of(state: str) -> Any:
    return lambda world: {"uuid": world.extra[f"completions_{state}"].uuid}


# A programme's own: who coordinates it; who runs it otherwise may know of it.
OWN = {"anonymous": LOGIN, "coordinator": 200, "supervisor": 403, "institution_lead": 403, "last_year": 403}
SHARED = {"anonymous": LOGIN, "institution_lead": 200, "safeguarding_lead": 200, "coordinator": 403}


def file(world: World) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("grades.csv", TEXT.encode())}


def chosen(world: World) -> dict[str, str]:
    modules = sorted(world.programme.modules.filter(closed_at=None).exclude(assessment="observed"), key=_title)
    number = modules.index(world.extra["first_steps"])
    rest = {f"{name}{place}": value for place in range(len(modules)) for name, value in (("enough", 80), ("out_of", 9))}
    return {**rest, f"column{number}": "1", "email": "0", "source": "records", "on": "2026-10-20"}


def _title(module: Any) -> tuple[str, int]:
    return module.title, module.pk


def seal(world: World) -> dict[str, str]:
    module = world.extra["first_steps"]
    line = Line(
        2, "amara.okafor@student.aberwen.ac.uk", world.amara.pk, "Amara Okafor", str(module.uuid), module.title, 90,
        "2026-10-20", "record", "",
    )  # fmt: skip
    return {"seal": seal_of([line])}


ROWS = [
    Row("training:import_list", expect(404, **COORDINATES), cycle),
    Row("training:import_create", expect(404, **COORDINATES), cycle),
    Row("training:import_create", expect(404, **moves(COORDINATES)), cycle, method="POST", data=file),
    Row("training:shared_import_list", expect(403, **KEEPS)),
    Row("training:shared_import_create", expect(403, **KEEPS)),
    Row("training:shared_import_create", expect(403, **moves(KEEPS)), method="POST", data=file),
    Row("training:import_columns", expect(404, **OWN), of("uploaded")),
    Row("training:import_columns", expect(404, **moves(OWN)), of("uploaded"), method="POST", data=chosen),
    Row("training:import_detail", expect(404, **OWN), of("checked"), note="checked"),
    Row("training:import_detail", expect(404, **OWN), of("applied"), note="applied"),
    Row("training:import_detail", expect(404, **SHARED), of("shared"), note="shared"),
    Row("training:import_apply", expect(404, **moves(OWN)), of("checked"), method="POST", data=seal),
    Row("training:import_undo", expect(404, **OWN), of("applied")),
    Row("training:import_undo", expect(404, **moves(OWN)), of("applied"), method="POST", data=said({})),
    Row("training:import_discard", expect(404, **moves(OWN)), of("uploaded"), method="POST"),
    Row("training:import_report", expect(404, **OWN), of("checked")),
]
