"""An import from the browser: upload, columns, check, import, undo; and workers that die or meet."""

import os
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError

from peerhub.accounts.models import User
from peerhub.common.models import AuditEvent, Message
from peerhub.common.once import Repeated
from programmes.models import Cycle, ImportState, Membership, RosterImport, RosterJournal, RosterMapping
from programmes.rosters.errors import RosterError
from programmes.services.rosters import applying, running, uploads
from programmes.services.rosters.files import forget_left_behind, forget_old_files
from programmes.services.rosters.problems import read
from programmes.services.rosters.uploads import ImportRefused
from tests import factories as make
from tests.rosters.content import BEN, HEAD, MEI, everything, twelve

pytestmark = pytest.mark.django_db
COLUMNS = {
    "identifier": "Student ID",
    "given_name": "First name",
    "family_name": "Surname",
    "email": "Email",
    "group": "Group",
}


class Desk:
    """Rhian's side: every step with a clock of its own, and a worker that runs when told."""

    def __init__(self, cycle: Cycle, now: datetime) -> None:
        self.rhian = make.UserFactory(email="rhian@aberwen.ac.uk")
        self.cycle, self.now = cycle, now

    def upload(self, content: str | bytes, name: str = "list.csv", form_key: Any = None) -> RosterImport:
        data = content.encode() if isinstance(content, str) else content
        file = SimpleUploadedFile(name, data)
        return uploads.upload_roster(
            actor=self.rhian, cycle=self.cycle, file=file, name=name, form_key=form_key, now=self.now
        )

    def confirm(self, row: RosterImport, **more: Any) -> RosterImport:
        wanted: dict[str, Any] = {"columns": row.columns, "source": row.source, "role": "participant", **more}
        return uploads.confirm_columns(actor=self.rhian, import_id=row.pk, now=self.now, **wanted)

    def start(self, row: RosterImport, **more: Any) -> RosterImport:
        wanted: dict[str, Any] = {"deactivate_missing": False, "invite": False, "form_key": None, **more}
        return uploads.start_import(actor=self.rhian, import_id=row.pk, now=self.now, **wanted)

    def undo(self, row: RosterImport, form_key: Any = None) -> RosterImport:
        return uploads.start_undo(actor=self.rhian, import_id=row.pk, form_key=form_key, now=self.now)

    def work(self) -> int:
        return running.run_due(lambda: self.now)

    def checked(self, content: str = HEAD + BEN + MEI) -> RosterImport:
        row = self.confirm(self.upload(content))
        self.work()
        row.refresh_from_db()
        return row

    def imported(self, content: str = HEAD + BEN + MEI, **more: Any) -> RosterImport:
        row = self.start(self.checked(content), **more)
        self.work()
        row.refresh_from_db()
        return row


@pytest.fixture
def desk(cycle: Cycle, now: datetime) -> Desk:
    return Desk(cycle, now)


@pytest.fixture(autouse=True)
def _empty_storage() -> Iterator[None]:
    yield
    for name in default_storage.listdir("rosters")[1] if default_storage.exists("rosters") else []:
        default_storage.delete(f"rosters/{name}")


# --- the way through ---
def test_upload_list_waits_for_its_columns(desk: Desk) -> None:
    row = desk.upload(HEAD + BEN)
    assert (row.state, row.kind, dict(row.columns)) == (ImportState.UPLOADED, "list", COLUMNS)
    assert len(row.file_sha256) == 64
    assert default_storage.exists(row.file.name)
    assert row.file.name.startswith("rosters/")
    assert "list.csv" not in row.file.name
    assert desk.work() == 0


def test_upload_package_goes_straight_to_its_check(desk: Desk) -> None:
    row = desk.upload(twelve(), "pack.zip")
    assert (row.state, row.kind) == (ImportState.CHECKING, "oneroster")
    desk.work()
    row.refresh_from_db()
    assert row.state == ImportState.CHECKED
    assert row.counts["memberships"]["created"] == 2
    assert not User.objects.filter(given_name="Mei").exists()


def kept_files() -> set[str]:
    """What the storage of this run holds, also from tests before."""
    return set(default_storage.listdir("rosters")[1]) if default_storage.exists("rosters") else set()


def test_upload_refuses_what_is_no_roster_and_keeps_nothing(desk: Desk) -> None:
    before = kept_files()
    with pytest.raises(RosterError) as refused:
        desk.upload(b"%PDF-1.7", "list.csv")
    assert refused.value.code == "not_text"
    assert not RosterImport.objects.exists()
    assert kept_files() == before


@pytest.mark.parametrize(("name", "kept"), [("../../etc/passwd.csv", "passwd.csv"), ("C:\\x\\list.csv", "list.csv")])
def test_upload_keeps_no_path_of_the_name(desk: Desk, name: str, kept: str) -> None:
    data = SimpleUploadedFile("x.csv", (HEAD + BEN).encode())
    row = uploads.upload_roster(actor=desk.rhian, cycle=desk.cycle, file=data, name=name, form_key=None, now=desk.now)
    assert row.file_name == kept


def test_check_then_import_then_undo(desk: Desk) -> None:
    row = desk.checked()
    assert (row.state, row.counts["people"]["created"], Membership.objects.count()) == (ImportState.CHECKED, 2, 0)
    row = desk.start(row)
    assert row.state == ImportState.APPLYING
    desk.work()
    row.refresh_from_db()
    assert (row.state, row.lease, row.percent) == (ImportState.APPLIED, None, 100)
    assert Membership.objects.filter(cycle=desk.cycle, status="active").count() == 2

    desk.undo(row)
    desk.work()
    row.refresh_from_db()
    assert row.state == ImportState.UNDONE
    assert not Membership.objects.exists()
    assert row.counts["undone"]["accounts.User"]["removed"] == 2


def test_check_of_hopeless_rows_says_so_and_cannot_be_imported(desk: Desk) -> None:
    row = desk.checked(HEAD + "x,A,B,none,\n")
    assert (row.state, row.counts["writes"], row.counts["rejected"]) == (ImportState.CHECKED, 0, 1)
    assert [problem.code for problem in read(row.problems)] == ["bad_email"]


def test_confirm_columns_refuses_what_does_not_fit(desk: Desk) -> None:
    row = desk.upload(HEAD + BEN)
    with pytest.raises(RosterError) as refused:
        desk.confirm(row, columns={"given_name": "First name"})
    assert refused.value.code == "no_key"
    with pytest.raises(RosterError) as refused:
        desk.confirm(row, columns={"email": "Mail"})
    assert refused.value.code == "column_missing"
    with pytest.raises(ImportRefused) as wrong:
        desk.confirm(row, role="coordinator")
    assert wrong.value.code == "role_not_allowed"


def test_saved_mapping_is_found_next_time(desk: Desk) -> None:
    text = "Kennung;Ruf;Kontakt\n007;Mei;mei@b.uk\n"
    columns = {"identifier": "Kennung", "given_name": "Ruf", "email": "Kontakt"}
    row = desk.upload(text)
    desk.confirm(row, columns=columns, source="SITS Export", save_as="Student records")
    mapping = RosterMapping.objects.get()
    assert (mapping.source, mapping.owner_unit) == ("sits-export", desk.cycle.programme.owner_unit)

    again = desk.upload(text)
    assert (again.mapping, again.columns, again.source) == (mapping, columns, "sits-export")
    with pytest.raises(ImportRefused) as refused:
        desk.confirm(desk.upload(HEAD + BEN), save_as="Student records")
    assert refused.value.code == "name_taken"


def test_double_submits_have_one_effect(desk: Desk) -> None:
    key = uuid4()
    desk.upload(HEAD + BEN, form_key=key)
    with pytest.raises(Repeated):
        desk.upload(HEAD + BEN, form_key=key)
    row = desk.checked()
    desk.start(row, form_key=uuid4())
    with pytest.raises(ImportRefused) as refused:
        desk.start(row)
    assert refused.value.code == "wrong_state"
    assert RosterImport.objects.count() == 2


def test_import_invites_only_when_asked(desk: Desk) -> None:
    desk.imported(HEAD + BEN)
    assert not Message.objects.exists()
    desk.imported(HEAD + BEN + MEI + "0044,Nobody,Noaddress,,\n", invite=True)
    assert set(Message.objects.values_list("kind", "recipient__given_name")) == {("programmes.roster_added", "Mei")}


def test_import_by_a_coordinator_renames_nobody_who_signs_in(desk: Desk, now: datetime) -> None:
    carys = make.UserFactory(email="ben@student.aberwen.ac.uk", given_name="Carys", last_login=now)
    desk.imported(HEAD + BEN)
    carys.refresh_from_db()
    assert carys.given_name == "Carys"


def test_discard_forgets_the_file(desk: Desk, django_capture_on_commit_callbacks: Any) -> None:
    row = desk.upload(HEAD + BEN)
    name = row.file.name
    with django_capture_on_commit_callbacks(execute=True):
        uploads.discard_import(actor=desk.rhian, import_id=row.pk, now=desk.now)
    assert not RosterImport.objects.exists()
    assert not default_storage.exists(name)


def test_files_are_forgotten_after_thirty_days(desk: Desk) -> None:
    row = desk.imported()
    assert forget_old_files(now=desk.now + timedelta(days=29)) == 0
    assert forget_old_files(now=desk.now + timedelta(days=31)) == 1
    row.refresh_from_db()
    assert not row.file
    assert not row.problems
    assert not row.journal.exists()
    assert row.file_sha256


def test_a_file_whose_upload_died_is_forgotten_after_a_day(desk: Desk) -> None:
    forget_left_behind(now=datetime.now(UTC) + timedelta(days=2))  # other tests' files: memory is not rolled back
    kept = desk.upload(HEAD + BEN)
    lost = default_storage.save("rosters/nobodys", SimpleUploadedFile("list.csv", b"Ben"))
    stored_at = default_storage.get_modified_time(lost)
    assert forget_left_behind(now=stored_at + timedelta(hours=23)) == 0
    assert forget_left_behind(now=stored_at + timedelta(hours=25)) == 1
    assert default_storage.exists(str(kept.file.name))
    assert not default_storage.exists(lost)


def test_a_copy_that_was_being_read_when_a_worker_died_is_forgotten_after_a_day(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yesterday = time.time() - 25 * 3600
    for name in ("peerhub-roster-old", "somebody-elses"):
        tmp_path.joinpath(name).mkdir()
        tmp_path.joinpath(name, "roster.csv").write_text("Ben")
        os.utime(tmp_path / name, (yesterday, yesterday))
    tmp_path.joinpath("peerhub-roster-new").mkdir()
    assert forget_left_behind(now=desk.now) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["peerhub-roster-new", "somebody-elses"]


def test_undo_is_too_late_after_a_day(desk: Desk) -> None:
    row = desk.imported()
    desk.now += timedelta(hours=24)
    with pytest.raises(ImportRefused) as refused:
        desk.undo(row)
    assert refused.value.code == "too_late"


def test_nobody_is_imported_into_a_closed_cycle(desk: Desk) -> None:
    row = desk.checked()
    Cycle.objects.update(state="closed")
    desk.start(row)
    desk.work()
    row.refresh_from_db()
    assert (row.state, Membership.objects.count()) == (ImportState.FAILED, 0)


# --- workers ---
def test_dead_worker_is_replaced_when_its_lease_is_over(desk: Desk) -> None:
    row = desk.start(desk.checked())
    claim = running.claim_next(lambda: desk.now)
    assert claim is not None
    assert desk.work() == 0  # somebody has it
    desk.now += running.LEASE + timedelta(seconds=1)
    assert desk.work() == 1
    row.refresh_from_db()
    assert row.state == ImportState.APPLIED


def test_worker_that_comes_back_too_late_changes_nothing(desk: Desk) -> None:
    desk.start(desk.checked())
    late = running.claim_next(lambda: desk.now)
    assert late is not None
    desk.now += running.LEASE + timedelta(seconds=1)
    desk.work()
    before = everything()
    running.work_on(late)
    assert everything() == before


def test_import_that_never_finishes_stops_after_three_times(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    row = desk.start(desk.checked())

    def crash(*args: Any, **kwargs: Any) -> None:
        raise OperationalError

    monkeypatch.setattr(applying, "perform", crash)
    desk.work()
    row.refresh_from_db()
    assert row.state == ImportState.FAILED
    assert "three times" in row.failure
    assert not RosterJournal.objects.exists()


def test_import_whose_file_is_gone_says_so(desk: Desk) -> None:
    row = desk.start(desk.checked())
    default_storage.delete(row.file.name)
    desk.work()
    row.refresh_from_db()
    assert (row.state, row.failure) == (ImportState.FAILED, "The file is no longer kept. Upload it again.")


def test_every_step_is_in_the_record(desk: Desk) -> None:
    row = desk.imported()
    desk.undo(row)
    desk.work()
    assert list(AuditEvent.objects.order_by("pk").values_list("action", flat=True)) == [
        "programmes.roster_uploaded",
        "programmes.roster_imported",
        "programmes.roster_undone",
    ]
