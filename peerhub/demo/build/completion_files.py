"""Results of PASS leaders in Canvas: one file is imported, another waits with its check."""

from datetime import date, timedelta

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from peerhub.accounts.models import User
from peerhub.demo.build.anchor import Anchor, at
from peerhub.demo.build.people import People, stable_uuid
from peerhub.demo.build.training import SLUG
from programmes.models import Cycle, Membership, Role
from programmes.services.rosters.writing import packed
from training.models import Completion, CompletionImport, CompletionImportState, FileKind, Module
from training.services.completion_imports import FOLDER, choice_of, planned

HEAD = "Student,ID,SIS User ID,SIS Login ID,Section,{title} (88{number}),Current Score\n    Points Possible,,,,,20,\n"
SHOWN = 12


def hand_in_results(*, anchor: Anchor, people: People) -> None:
    """Rhian brought in who did the first module in Canvas; today she has handed in another export."""
    cycle = Cycle.objects.select_related("programme").get(programme__slug=SLUG, code=anchor.year_code())
    leaders = Membership.objects.active().filter(cycle=cycle, role=Role.LEADER).select_related("user")
    users = [one.user for one in leaders.order_by("pk")[:SHOWN]]
    read = Module.objects.get(uuid=stable_uuid("module", "boundaries"))
    live = Module.objects.get(uuid=stable_uuid("module", "facilitation"))
    day = anchor.year_start() - timedelta(days=20)
    done = _import(cycle, read, users, "pass-leaders-canvas.csv", day, anchor, people)
    done.state, done.applied_by, done.applied_at = CompletionImportState.APPLIED, people.cast["rhian"], at(day, 15)
    done.created_at = at(day, 14)
    rows = Completion.objects.filter(module=read, user__in=users)
    for number, one in enumerate(rows.order_by("user_id"), 3):
        one.source, one.imported_from, one.import_row, one.score = "import", done, number, 95
        one.evidence = f"{done.file_name}, row {number}"
        one.save(update_fields=["source", "imported_from", "import_row", "score", "evidence"])
    done.counts = {"record": rows.count(), "recorded": rows.count()}
    done.save()
    waits = _import(cycle, live, users, "pass-leaders-november.csv", anchor.today, anchor, people, odd=True)
    lines, waits.counts = planned(waits, choice_of(waits), people.cast["rhian"], anchor.now)
    waits.lines, waits.state = packed([list(one) for one in lines]), CompletionImportState.CHECKED
    waits.save()


def _import(
    cycle: Cycle, module: Module, users: list[User], name: str, day: date, anchor: Anchor, people: People,
    *, odd: bool = False,
) -> CompletionImport:  # fmt: skip
    text = HEAD.format(title=module.title, number=1 + odd)
    for place, one in enumerate(users):
        who = f'"{one.family_name}, {one.given_name}",{place},,{one.email or ""},PASS leaders'
        text += f"{who},{19 - place % 2},{95 - place % 2 * 5}\n"
    if odd:
        text += '"Whitlock, Jo",90,,jo.whitlock@student.aberwen.ac.uk,PASS leaders,20,100\n'
        text += f'"{users[0].family_name}, Twin",91,,{people.cast["imran"].email},PASS leaders,25,125\n'
        text += f'"Qureshi, Imran",92,,{people.cast["rhian"].email},PASS leaders,19,95\n'
        text += '"Student, Test",93,,,PASS leaders,20,100\n'
    chosen = {"module": str(module.uuid), "column": 5, "out_of": "20", "enough": 80, "day": None}
    row = CompletionImport(
        uuid=stable_uuid("completions", name),
        owner=cycle.programme,
        cycle=cycle,
        kind=FileKind.CANVAS,
        file_name=name,
        file_sha256="0" * 64,
        created_by=people.cast["rhian"],
        created_at=anchor.now - timedelta(minutes=20),
        columns={
            "identifier": None, "email": 3, "source": "records", "on": day.isoformat(), "month_first": False,
            "modules": [chosen],
        },
    )  # fmt: skip
    row.file.name = default_storage.save(f"{FOLDER}/{row.uuid.hex}", ContentFile(text.encode()))
    row.save()
    return row
