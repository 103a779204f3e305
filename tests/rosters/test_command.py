"""manage.py import_roster: exit codes, the table, the report."""

import csv
import uuid
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from peerhub.accounts.models import User
from programmes.models import Cycle, Membership, RosterImport, RosterMapping
from tests import factories as make
from tests.rosters.content import BEN, HEAD, MEI

pytestmark = pytest.mark.django_db


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    path = tmp_path / "list.csv"
    path.write_text(HEAD + BEN + MEI)
    return path


def run(*arguments: Any, **options: Any) -> tuple[int, str]:
    """Exit code and what was printed."""
    out = StringIO()
    try:
        call_command("import_roster", *map(str, arguments), stdout=out, **options)
    except SystemExit as leaving:
        return int(leaving.code or 0), out.getvalue()
    except CommandError as error:
        return error.returncode, f"{out.getvalue()}{error}"
    return 0, out.getvalue()


def test_import_roster_clean_is_0_and_shows_a_table(listed: Path, cycle: Cycle) -> None:
    code, text = run(listed, "--programme", cycle.programme.slug, "--cycle", cycle.code, "--role", "leader")
    lines = [line.split() for line in text.splitlines()]
    assert code == 0
    assert ["created", "updated", "unchanged", "deactivated", "rejected"] in lines
    assert ["people", "2", "0", "0", "0", "0"] in lines
    assert ["memberships", "2", "0", "0", "0", "0"] in lines
    assert set(Membership.objects.values_list("role", flat=True)) == {"leader"}


def test_import_roster_again_says_nothing_changed(listed: Path, cycle: Cycle) -> None:
    run(listed)
    code, text = run(listed)
    assert (code, RosterImport.objects.count()) == (0, 1)
    assert "Nothing changed." in text


def test_import_roster_dry_run_writes_nothing(listed: Path) -> None:
    code, text = run(listed, "--dry-run")
    assert code == 0
    assert "nothing was written" in text
    assert not User.objects.exists()
    assert not RosterImport.objects.exists()


def test_import_roster_with_rejected_rows_is_1_and_reports_them(tmp_path: Path) -> None:
    path, report = tmp_path / "list.csv", tmp_path / "report.csv"
    path.write_text(HEAD + BEN + "0042,Mei,Lin,=cmd|calc,Red\n")
    code, text = run(path, "--report", report)
    assert code == 1
    assert "row 3 [email]" in text
    with report.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert (rows[0]["row"], rows[0]["severity"], rows[0]["field"]) == ("3", "error", "email")
    assert rows[0]["value"] == "'=cmd|calc"
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "The file is empty"),
        ("Email\nnobody\n", "No row of this file can be used."),
        ("Colour,Size\nred,L\n", "people cannot be told apart"),
        ('Email\n"a@b.uk\n', "row 2: Row 2 opens a quotation mark"),
    ],
)
def test_import_roster_nothing_usable_is_2(tmp_path: Path, content: str, sentence: str) -> None:
    path = tmp_path / "list.csv"
    path.write_text(content)
    code, text = run(path)
    assert code == 2
    assert sentence in text
    assert not User.objects.exists()


def test_import_roster_refuses_what_it_cannot_find(listed: Path, cycle: Cycle) -> None:
    assert run(listed.parent / "none.csv")[0] == 2
    assert run(listed, "--programme", "nope", "--cycle", "2026-27")[0] == 2
    assert run(listed, "--programme", cycle.programme.slug)[0] == 2
    code, text = run(listed, "--mapping", "SITS")
    assert code == 2
    assert "Saved mappings: none." in text


def test_import_roster_takes_a_saved_mapping(tmp_path: Path, cycle: Cycle, now: Any) -> None:
    columns = {"identifier": "Kennung", "given_name": "Ruf", "family_name": "Haus"}
    RosterMapping.objects.create(name="Haus", source="haus", columns=columns, created_at=now)
    path = tmp_path / "liste.csv"
    path.write_text("Kennung;Ruf;Haus\n007;Mei;Lin\n")
    code, _text = run(path, "--mapping", "Haus")
    assert code == 0
    assert User.objects.get().external_ids.get().source == "haus"


def test_import_roster_ends_missing_people_when_told(listed: Path, cycle: Cycle) -> None:
    place = ("--programme", cycle.programme.slug, "--cycle", cycle.code)
    run(listed, *place)
    listed.write_text(HEAD + BEN)
    _code, text = run(listed, *place)
    assert "Nothing changed." in text
    run(listed, *place, "--deactivate-missing")
    assert Membership.objects.filter(status="left").count() == 1


def test_import_roster_can_be_taken_back(listed: Path) -> None:
    make.UserFactory(email="somebody@else.uk")
    _code, text = run(listed)
    number = text.strip().split()[-1]
    assert uuid.UUID(number)
    code, text = run("--undo", number)
    assert (code, User.objects.count()) == (0, 1)
    assert "Undone." in text
    assert run("--undo", number)[0] == 2
    assert run("--undo", "rubbish")[0] == 2
