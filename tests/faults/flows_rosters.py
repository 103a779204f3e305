"""Class lists: uploaded, imported, undone, thrown away."""

from typing import Any
from uuid import UUID, uuid4

from django.core.files.uploadedfile import SimpleUploadedFile

from programmes.models import Cycle, RosterImport
from programmes.services.rosters import uploads
from programmes.services.rosters.running import run_due
from tests.faults import world
from tests.faults.flow import Flow

HEAD = "Student ID,First name,Surname,Email,Group\n"


def listed() -> bytes:
    """Four people nobody knows yet, in two groups."""
    mark = uuid4().hex[:8]
    rows = (f"{mark}{n},Given{n},Listed,{mark}.{n}@example.edu,{'Red' if n % 2 else 'Blue'}\n" for n in range(4))
    return (HEAD + "".join(rows)).encode()


def ready() -> dict[str, Any]:
    here = world.cycle()
    return world.ids(here, users=[world.coordinator(here.pk).pk], text=listed().decode())


def upload(given: dict[str, Any]) -> RosterImport:
    return uploads.upload_roster(
        actor=world.coordinator(given["cycle"]),
        cycle=Cycle.objects.select_related("programme").get(pk=given["cycle"]),
        file=SimpleUploadedFile("list.csv", given["text"].encode()),
        name="list.csv",
        form_key=UUID(given["key"]),
        now=world.now(),
    )


def uploaded() -> dict[str, Any]:
    given = ready()
    row = upload(given)
    return {**given, "import": row.pk, "key": str(uuid4())}


def confirm(given: dict[str, Any]) -> None:
    row = RosterImport.objects.get(pk=given["import"])
    uploads.confirm_columns(
        actor=world.coordinator(given["cycle"]),
        import_id=row.pk,
        columns=row.columns,
        source=row.source,
        role="participant",
        now=world.now(),
    )


def checked() -> dict[str, Any]:
    given = uploaded()
    confirm(given)
    work(given)
    return given


def start(given: dict[str, Any]) -> None:
    uploads.start_import(
        actor=world.coordinator(given["cycle"]),
        import_id=given["import"],
        deactivate_missing=False,
        invite=True,
        form_key=UUID(given["key"]),
        now=world.now(),
    )


def started() -> dict[str, Any]:
    given = checked()
    start(given)
    return given


def work(given: dict[str, Any]) -> None:
    run_due(world.now)


def undoing() -> dict[str, Any]:
    given = started()
    work(given)
    actor = world.coordinator(given["cycle"])
    uploads.start_undo(actor=actor, import_id=given["import"], form_key=None, now=world.now())
    return given


def discard(given: dict[str, Any]) -> None:
    uploads.discard_import(actor=world.coordinator(given["cycle"]), import_id=given["import"], now=world.now())


FLOWS = [
    Flow("roster: upload", ("once.after_spend", "roster.after_store"), ready, upload),
    Flow("roster: start", ("once.after_spend", "doorbell.before_ring"), checked, start),
    Flow(
        "roster: import",
        ("roster.after_claim", "roster.after_load", "roster.before_journal", "roster.after_apply", "outbox.after_queue",
         "outbox.before_ring"),
        started,
        work,
    ),
    Flow("roster: undo", ("roster.after_claim", "roster.in_undo"), undoing, work),
    Flow("roster: throw away", ("roster.before_delete",), uploaded, discard),
]  # fmt: skip
