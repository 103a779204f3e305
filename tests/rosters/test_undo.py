"""Undo within the day: what an import made goes, what it changed comes back, what people have used stays."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from peerhub.accounts.models import ExternalId, User
from peerhub.common.models import AuditEvent
from peerhub.institution.models import OrgUnit, Term
from programmes.models import Cycle, Group, GroupMember, ImportState, Membership, RosterImport
from programmes.services.rosters.from_path import UndoRefused, undo_import
from tests import factories as make
from tests.rosters.conftest import Put
from tests.rosters.content import BEN, HEAD, MEI, ORGS, delta, everything, names, twelve

pytestmark = pytest.mark.django_db
LOG = ("RosterImport", "RosterJournal", "AuditEvent")


def facts() -> dict[str, Any]:
    """Every row but those that tell of imports."""
    return {model: rows for model, rows in everything().items() if model not in LOG}


def undo(now: datetime) -> dict[str, dict[str, int]]:
    newest = RosterImport.objects.filter(state=ImportState.APPLIED).order_by("-pk")[0]
    return undo_import(actor=None, uuid=newest.uuid, now=now + timedelta(hours=5))


def test_undo_leaves_nothing_of_a_fresh_import(put: Put, cycle: Cycle, now: datetime) -> None:
    before = facts()
    put(twelve(), cycle=cycle)
    undone = undo(now)
    assert facts() == before
    assert undone["accounts.User"]["removed"] == 3
    assert undone["institution.OrgUnit"]["removed"] == 3


def test_undo_puts_back_what_was_changed(put: Put, cycle: Cycle, now: datetime) -> None:
    put(twelve(), cycle=cycle)
    before = facts()
    put(delta(users="sourcedId,status,givenName\nu1,tobedeleted,Benjamin\n"), cycle=cycle, later=1)
    assert facts() != before
    undo(now)
    assert facts() == before


def test_a_renamed_unit_is_found_by_its_name_of_today(put: Put, now: datetime) -> None:
    put(twelve())
    programme = make.ProgrammeFactory(owner_unit=OrgUnit.objects.get(name="Chemistry"))

    put(twelve(orgs=ORGS.replace("Chemistry", "Molecular science")), later=1)
    programme.refresh_from_db()
    assert "molecular science" in programme.search_text
    undo(now)
    programme.refresh_from_db()
    assert "chemistry" in programme.search_text


def test_a_leader_off_the_list_leads_nothing_to_come_until_it_is_undone(put: Put, cycle: Cycle, now: datetime) -> None:
    put(twelve(), cycle=cycle)
    mei = Membership.objects.get(user__given_name="Mei")
    group = Group.objects.get(name="Chemistry B")
    coming, past = (make.SessionFactory(group=group, starts_at=now + timedelta(days=days)) for days in (2, -2))
    for session in (coming, past):
        make.SessionLeaderFactory(session=session, membership=mei)

    gone = "sourcedId,status,classSourcedId,userSourcedId,role\ne2,tobedeleted,c2,u2,tutor\n"
    put(delta(enrollments=gone), cycle=cycle, later=1)
    assert [row.session for row in mei.led_sessions.all()] == [past]
    undo(now)
    assert {row.session for row in mei.led_sessions.all()} == {past, coming}


def test_undo_keeps_people_who_have_used_it_since(put: Put, cycle: Cycle, now: datetime) -> None:
    put(HEAD + BEN + MEI, cycle=cycle)
    User.objects.filter(given_name="Ben").update(last_login=now)
    undone = undo(now)
    assert undone["accounts.User"] == {"removed": 1, "kept": 1}
    assert list(User.objects.values_list("given_name", flat=True)) == ["Ben"]
    assert not Membership.objects.exists()


def test_undo_ends_memberships_with_a_register_and_never_deletes_it(put: Put, cycle: Cycle, now: datetime) -> None:
    put(HEAD + BEN + MEI, cycle=cycle)
    ben = Membership.objects.get(user__given_name="Ben")
    session = make.SessionFactory(group=Group.objects.get(name="Red"))
    make.AttendanceFactory(session=session, membership=ben)
    undone = undo(now)
    assert undone["programmes.Membership"] == {"removed": 1, "ended": 1, "kept": 0}
    assert names(cycle, status="left") == ["Ben"]
    assert session.attendances.count() == 1
    assert Group.objects.get(name="Red").ended_at is not None
    assert not Group.objects.filter(name="Blue").exists()
    assert User.objects.get(given_name="Ben").is_active


def test_undo_keeps_changes_people_made_since(put: Put, cycle: Cycle, now: datetime) -> None:
    put(HEAD + BEN, cycle=cycle)
    put(HEAD + BEN.replace("Hughes", "Hughes-Jones"), cycle=cycle, later=1)
    User.objects.update(family_name="Jones")
    undone = undo(now)
    assert undone["accounts.User"] == {"restored": 0, "kept": 1}
    assert User.objects.get().family_name == "Jones"


def test_undo_keeps_a_membership_somebody_has_decided_about(put: Put, cycle: Cycle, now: datetime) -> None:
    put(HEAD + BEN, cycle=cycle)
    Membership.objects.update(status="removed", ended_at=now)
    undo(now)
    assert names(cycle, status="removed") == ["Ben"]
    assert User.objects.exists()


def test_undo_keeps_units_and_terms_in_use(put: Put, cycle: Cycle, now: datetime) -> None:
    put(twelve(), cycle=cycle)
    chemistry = OrgUnit.objects.get(name="Chemistry")
    make.ProgrammeFactory(owner_unit=chemistry)
    undo(now)
    assert set(OrgUnit.objects.filter(path__contains=f"{chemistry.pk}/").values_list("name", flat=True)) == {
        "Chemistry"
    }
    assert OrgUnit.objects.filter(name="University").exists()
    assert not Term.objects.exists()


def test_undo_is_refused_after_a_day_and_twice(put: Put, cycle: Cycle, now: datetime) -> None:
    put(HEAD + BEN, cycle=cycle)
    uuid = RosterImport.objects.get().uuid
    with pytest.raises(UndoRefused) as refused:
        undo_import(actor=None, uuid=uuid, now=now + timedelta(hours=24))
    assert refused.value.code == "too_late"
    undo_import(actor=None, uuid=uuid, now=now + timedelta(hours=23))
    with pytest.raises(UndoRefused) as refused:
        undo_import(actor=None, uuid=uuid, now=now + timedelta(hours=23))
    assert refused.value.code == "not_found"


def test_undo_writes_its_audit_line_and_the_list_can_come_again(put: Put, cycle: Cycle, now: datetime) -> None:
    put(HEAD + BEN, cycle=cycle)
    undo(now)
    assert list(AuditEvent.objects.order_by("pk").values_list("action", flat=True)) == [
        "programmes.roster_imported",
        "programmes.roster_undone",
    ]
    put(HEAD + BEN, cycle=cycle, later=6)
    assert names(cycle, status="active") == ["Ben"]
    assert GroupMember.objects.count() == ExternalId.objects.count() == 1
