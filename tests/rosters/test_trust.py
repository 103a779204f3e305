"""What a coordinator cannot do with a class list: take over an account, borrow an administrator's authority, hide."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from peerhub.accounts.models import ExternalId, User
from peerhub.common.models import AuditEvent
from programmes.models import ImportState, RosterImport
from programmes.services.rosters import running, uploads
from programmes.services.rosters.problems import read
from programmes.services.rosters.uploads import ImportRefused
from tests import factories as make
from tests.rosters.content import BEN, HEAD, twelve
from tests.rosters.test_uploads import Desk

pytestmark = pytest.mark.django_db
OUTSIDE = HEAD + "0041,Kai,Davies,rhian.private@mail.example,Red\n"
OURS = HEAD + "0041,Kai,Davies,kai.davies@student.aberwen.ac.uk,Red\n"


@pytest.fixture
def desk(now: Any) -> Desk:
    return Desk(make.CycleFactory(), now)


@pytest.fixture
def kai() -> User:
    """Known by his number from another list; nobody has an address of his yet."""
    person = make.UserFactory(email=None, password=None, verified=False)
    ExternalId.objects.create(user=person, source="records", value="0041")
    return person


def bring_in(desk: Desk, content: str) -> RosterImport:
    row = desk.confirm(desk.upload(content), source="records")
    desk.work()
    row.refresh_from_db()
    desk.start(row)
    desk.work()
    row.refresh_from_db()
    assert row.state == ImportState.APPLIED, row.failure
    return row


def test_list_gives_an_address_to_who_is_in_this_cycle_only(desk: Desk, kai: User) -> None:
    bring_in(desk, OUTSIDE)
    kai.refresh_from_db()
    assert kai.email == "rhian.private@mail.example"


def test_list_gives_no_outside_address_to_who_is_in_another_cycle(desk: Desk, kai: User) -> None:
    """Whoever has the mailbox would open the account, and all that it shows of the other programme."""
    make.MembershipFactory(user=kai)
    row = bring_in(desk, OUTSIDE)
    kai.refresh_from_db()
    assert kai.email is None
    assert "email_not_ours" in {problem.code for problem in read(row.problems)}


def test_list_gives_the_institutions_own_address_to_anybody_without_powers(desk: Desk, kai: User) -> None:
    make.MembershipFactory(user=kai)
    bring_in(desk, OURS)
    kai.refresh_from_db()
    assert kai.email == "kai.davies@student.aberwen.ac.uk"


@pytest.mark.parametrize("powers", ["grant", "staff", "superuser"])
def test_list_gives_no_address_to_an_account_with_powers(desk: Desk, kai: User, powers: str) -> None:
    if powers == "grant":
        make.RoleGrantFactory(user=kai, role="safeguarding_lead")
    User.objects.filter(pk=kai.pk).update(is_staff=powers == "staff", is_superuser=powers == "superuser")
    bring_in(desk, OURS)
    kai.refresh_from_db()
    assert kai.email is None


def test_import_and_undo_are_recorded_as_whose_they_are(desk: Desk) -> None:
    row = bring_in(desk, HEAD + BEN)
    rhian, desk.rhian = desk.rhian, make.UserFactory(given_name="Nia")
    desk.undo(row)
    desk.work()
    actors = dict(AuditEvent.objects.filter(action__startswith="programmes.roster_").values_list("action", "actor"))
    assert actors["programmes.roster_imported"] == rhian.pk
    assert actors["programmes.roster_undone"] == desk.rhian.pk


def test_coordinator_has_no_authority_over_an_administrators_file(desk: Desk) -> None:
    """Sioned uploaded it; Rhian presses the button: the list renames nobody who signs in."""
    ben = make.UserFactory(email="ben@student.aberwen.ac.uk", given_name="Benjamin", last_login=desk.now)
    rhian = desk.rhian
    desk.rhian = make.UserFactory(is_staff=True, is_superuser=True)
    row = desk.upload(HEAD + BEN)
    desk.rhian = rhian
    desk.confirm(row)
    desk.work()
    row.refresh_from_db()
    desk.start(row)
    desk.work()
    ben.refresh_from_db()
    row.refresh_from_db()
    assert row.state == ImportState.APPLIED
    assert (ben.given_name, row.with_authority) == ("Benjamin", False)


def test_coordinator_cannot_undo_what_an_administrator_imported(desk: Desk, client: Client) -> None:
    """It may have changed accounts, units and terms of the whole institution."""
    rhian = desk.rhian
    make.MembershipFactory(cycle=desk.cycle, user=rhian, role="coordinator")
    desk.rhian = make.UserFactory(is_staff=True, is_superuser=True)
    row = desk.upload(twelve(), "pack.zip")
    desk.work()
    row.refresh_from_db()
    desk.start(row)
    desk.work()
    row.refresh_from_db()
    assert row.with_authority
    with pytest.raises(ImportRefused) as refusal:
        uploads.start_undo(actor=rhian, import_id=row.pk, form_key=None, now=desk.now + timedelta(minutes=5))
    assert refusal.value.code == "not_yours"
    client.force_login(rhian)
    address = [desk.cycle.programme.slug, desk.cycle.code, row.uuid]
    undo_url = reverse("programmes:roster_undo", args=address)
    assert undo_url not in client.get(reverse("programmes:roster_detail", args=address)).content.decode()
    desk.undo(row)  # Sioned may
    assert running.run_due(lambda: desk.now + timedelta(minutes=6)) == 1
