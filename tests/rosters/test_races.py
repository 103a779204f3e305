"""Two imports of the same people at once end in one set of people."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection

from peerhub.accounts.models import ExternalId, User
from programmes.models import Cycle, Membership
from programmes.services.rosters import running, uploads, writing
from programmes.services.rosters.applying import Wanted
from programmes.services.rosters.from_path import import_path
from tests import factories as make

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres, pytest.mark.usefixtures("vocabulary")]


LIST = "Student ID,Email\n" + "".join(f"{number:06},s{number}@b.uk\n" for number in range(300))


def at_once(*acts: Callable[[], None]) -> None:
    def closing(act: Callable[[], None]) -> None:
        try:
            act()
        finally:
            connection.close()

    threads = [threading.Thread(target=closing, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_same_list_in_eight_threads_makes_everybody_once(tmp_path: Path, now: datetime) -> None:
    """Into two cycles: each person is made once, and is in both. Who meets another's new row tries again."""
    cycles: list[Cycle] = [make.CycleFactory(capacity=None) for _number in range(2)]
    path = tmp_path / "list.csv"
    path.write_text(LIST)

    def put(cycle: Cycle) -> None:
        wanted = Wanted(path=path, name="list.csv", now=now, cycle=cycle)
        for _attempt in range(8):
            try:
                import_path(actor=None, wanted=wanted, now=now)
            except DatabaseError:
                continue
            return

    at_once(*(lambda cycle=cycle: put(cycle) for cycle in cycles * 4))
    assert User.objects.count() == ExternalId.objects.count() == 300
    assert [Membership.objects.filter(cycle=cycle).count() for cycle in cycles] == [300, 300]


def test_many_workers_import_once(tmp_path: Path, now: datetime) -> None:
    cycle: Cycle = make.CycleFactory(capacity=None)
    rhian = make.UserFactory()
    file = SimpleUploadedFile("list.csv", LIST.encode())
    row = uploads.upload_roster(actor=rhian, cycle=cycle, file=file, name="list.csv", form_key=None, now=now)
    uploads.confirm_columns(
        actor=rhian, import_id=row.pk, columns=row.columns, source="records", role="participant", now=now
    )
    running.run_due(lambda: now)
    uploads.start_import(actor=rhian, import_id=row.pk, deactivate_missing=False, invite=False, form_key=None, now=now)
    # Clocks an hour apart: each worker believes that the leases before it are over. A fourth start would give up.
    at_once(*(lambda hours=hours: running.run_due(lambda: now + timedelta(hours=hours)) for hours in range(3)))
    row.refresh_from_db()
    assert row.state == "applied"
    assert Membership.objects.filter(cycle=cycle).count() == 300
    assert row.journal.count() > 0


def test_the_database_knows_at_once_what_a_large_list_brought(
    tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without it the next reading of the same list was planned for an empty table, and took a minute."""
    monkeypatch.setattr(writing, "MANY_ROWS", 200)
    path = tmp_path / "list.csv"
    path.write_text(LIST)
    import_path(
        actor=None, wanted=Wanted(path=path, name="list.csv", now=now, cycle=make.CycleFactory(capacity=None)), now=now
    )

    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = %s", [ExternalId._meta.db_table])
        assert cursor.fetchone()[0] == 300
