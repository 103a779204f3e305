"""What a roster makes of people, memberships, groups, units and terms, and that a second time changes nothing."""

import os
from datetime import datetime
from pathlib import Path

import pytest

from peerhub.accounts.models import ExternalId, User
from peerhub.common.models import AuditEvent, Message
from peerhub.institution.models import OrgUnit, Term
from programmes.models import Cycle, Group, GroupMember, Membership
from programmes.services.rosters.applying import NothingUsable
from tests import factories as make
from tests.rosters.conftest import Put
from tests.rosters.content import (
    BEN,
    ENROLMENTS_12,
    HEAD,
    MEI,
    ORGS,
    ZOE,
    delta,
    everything,
    names,
    numbers,
    twelve,
)

pytestmark = pytest.mark.django_db
SHARED = Path(os.environ.get("PEERHUB_SHARED_DATA") or Path(__file__).resolve().parents[2] / ".." / "shared" / "data")
SAMPLE = SHARED / "oneroster-1.1-base"


# --- the shared sample ---
@pytest.fixture
def sample() -> Path:
    if not SAMPLE.is_dir():  # not ours to copy into this repository
        pytest.skip(f"the OneRoster sample is not here ({SAMPLE}); set PEERHUB_SHARED_DATA")
    return SAMPLE


def test_import_sample_twice_gives_the_expected_counts(put: Put, sample: Path, cycle: Cycle) -> None:
    first = put(sample, cycle=cycle)
    before = everything()
    again = put(sample, cycle=cycle, later=1)

    assert numbers(first) == {
        "people": {"created": 2},
        "memberships": {"created": 2},
        "groups": {"created": 3},
        "places": {"created": 3},
        "units": {"created": 2},
    }
    assert not first.problems.errors
    assert numbers(again) == {
        "people": {"unchanged": 2},
        "memberships": {"unchanged": 2},
        "groups": {"unchanged": 3},
        "places": {"unchanged": 3},
        "units": {"unchanged": 2},
    }
    assert everything() == before


def test_import_sample_builds_what_it_says(put: Put, sample: Path, cycle: Cycle) -> None:
    institution = make.OrgUnitFactory(kind="institution")
    put(sample, cycle=cycle)

    school_1, school_2 = OrgUnit.objects.get(name="School 1"), OrgUnit.objects.get(name="School 2")
    assert school_2.parent_id == institution.pk
    assert school_1.path == f"{institution.path}{school_2.pk}/{school_1.pk}/"
    user = User.objects.get(external_ids__source="oneroster", external_ids__value="user1")
    assert (user.given_name, user.family_name, user.email, user.kind) == ("ionut", "padurariu", None, "student")
    assert not user.has_usable_password()
    assert set(user.external_ids.values_list("source", "value")) == {
        ("oneroster", "user1"),
        ("records", "user identifier"),
    }
    assert list(Group.objects.order_by("name").values_list("name", "place")) == [
        ("Class 1 title", "Luxembourg"),
        ("Class 2 title", ""),
        ("Class 3 title", "Luxembourg"),
    ]
    places = GroupMember.objects.filter(membership__user=user).order_by("group__name")
    assert list(places.values_list("group__name", flat=True)) == ["Class 1 title", "Class 2 title"]


def test_import_sample_without_a_cycle_takes_people_and_units_only(put: Put, sample: Path) -> None:
    outcome = put(sample)
    assert numbers(outcome) == {"people": {"created": 2}, "units": {"created": 2}}
    assert "no_cycle" in {problem.code for problem in outcome.problems}


# --- lists ---
def test_check_list_writes_nothing_and_counts_the_same(put: Put, cycle: Cycle) -> None:
    before = everything()
    checked = put(HEAD + BEN + MEI, cycle=cycle, dry=True)
    assert everything() == before
    assert numbers(checked) == numbers(put(HEAD + BEN + MEI, cycle=cycle))


def test_import_list_twice_writes_nothing_the_second_time(put: Put, cycle: Cycle) -> None:
    first = put(HEAD + BEN + MEI, cycle=cycle)
    before = everything()
    again = put(HEAD + BEN + MEI, cycle=cycle, later=1)
    assert numbers(first) == {
        "people": {"created": 2},
        "memberships": {"created": 2},
        "groups": {"created": 2},
        "places": {"created": 2},
    }
    assert again.writes == 0
    assert everything() == before


def test_import_list_keeps_leading_zeros_and_lower_case_addresses(put: Put, cycle: Cycle) -> None:
    put(HEAD + BEN.replace("ben@", "BEN@"), cycle=cycle)
    user = User.objects.get(email="ben@student.aberwen.ac.uk")
    assert user.external_ids.get().value == "0041"


def test_import_finds_people_by_number_then_by_address(put: Put, cycle: Cycle) -> None:
    ben = make.UserFactory(email="Ben@student.aberwen.ac.uk", given_name="Benjamin")
    mei = make.UserFactory(email=None, given_name="Mei")
    ExternalId.objects.create(user=mei, source="records", value="0042")
    outcome = put(HEAD + BEN + MEI, cycle=cycle)
    assert numbers(outcome)["people"] == {"updated": 2}
    assert ben.external_ids.get().value == "0041"
    mei.refresh_from_db()
    assert (mei.email, mei.family_name) == ("mei@student.aberwen.ac.uk", "Lin")


def test_import_changes_only_fields_that_differ(put: Put, cycle: Cycle) -> None:
    put(HEAD + BEN, cycle=cycle)
    uuid = User.objects.get().uuid
    outcome = put(HEAD + BEN.replace("Hughes", "Hughes-Jones"), cycle=cycle, later=1)
    assert numbers(outcome)["people"] == {"updated": 1}
    user = User.objects.get()
    assert (user.family_name, user.given_name, user.uuid) == ("Hughes-Jones", "Ben", uuid)


def test_import_never_changes_how_somebody_signs_in(put: Put, cycle: Cycle, now: datetime) -> None:
    """A list that names another address for a number must not become the way into an account."""
    carys = make.UserFactory(email="carys@aberwen.ac.uk", given_name="Carys", last_login=now)
    ExternalId.objects.create(user=carys, source="records", value="0041")
    outcome = put(HEAD + BEN, cycle=cycle)
    carys.refresh_from_db()
    assert carys.email == "carys@aberwen.ac.uk"
    assert "email_kept" in {problem.code for problem in outcome.problems}


def test_import_rejects_an_address_of_somebody_with_another_number(put: Put, cycle: Cycle) -> None:
    put(HEAD + BEN, cycle=cycle)
    outcome = put(HEAD + BEN.replace("0041", "0099") + MEI, cycle=cycle, later=1)
    assert [problem.code for problem in outcome.problems] == ["other_person"]
    assert numbers(outcome)["people"] == {"created": 1, "rejected": 1}


def test_import_keeps_what_people_call_themselves(put: Put, cycle: Cycle) -> None:
    make.UserFactory(email="ben@student.aberwen.ac.uk", preferred_name="Bee", pronouns="they/them")
    put("Email,Preferred name,Pronouns\nben@student.aberwen.ac.uk,Benny,he/him\n", cycle=cycle)
    user = User.objects.get(email="ben@student.aberwen.ac.uk")
    assert (user.preferred_name, user.pronouns) == ("Bee", "they/them")


def test_import_sends_no_mail(put: Put, cycle: Cycle) -> None:
    put(HEAD + BEN + MEI, cycle=cycle)
    assert not Message.objects.exists()


def test_import_writes_one_audit_line(put: Put, cycle: Cycle) -> None:
    put(HEAD + BEN + MEI, cycle=cycle)
    event = AuditEvent.objects.get()
    assert (event.action, event.cycle_id) == ("programmes.roster_imported", cycle.pk)
    assert event.detail["counts"]["people"] == {"created": 2}


def test_import_rejects_rows_and_takes_the_others(put: Put, cycle: Cycle) -> None:
    outcome = put(HEAD + BEN + "0042,Mei,Lin,not-an-address,\n", cycle=cycle)
    assert numbers(outcome)["people"] == {"created": 1, "rejected": 1}
    assert [(p.row, p.field, p.code) for p in outcome.problems] == [(3, "email", "bad_email")]


def test_import_by_role_column_or_by_force(put: Put, cycle: Cycle) -> None:
    head = "Email,Role\na@b.uk,Peer mentor\nc@d.uk,Mentee\n"
    put(head, cycle=cycle)
    assert set(Membership.objects.values_list("user__email", "role")) == {
        ("a@b.uk", "leader"),
        ("c@d.uk", "participant"),
    }
    put(head.replace("a@", "e@").replace("c@", "f@"), cycle=cycle, role="supervisor", later=1)
    assert set(Membership.objects.filter(role="supervisor").values_list("user__email", flat=True)) == {
        "e@b.uk",
        "f@d.uk",
    }


# --- leaving, returning, moving ---
def test_missing_people_stay_unless_it_is_said(put: Put, cycle: Cycle) -> None:
    put(HEAD + BEN + MEI + ZOE, cycle=cycle)
    outcome = put(HEAD + BEN, cycle=cycle, later=1)
    assert (outcome.missing, outcome.missing_of, outcome.missing_kept) == (2, 3, True)
    assert names(cycle, status="active") == ["Ben", "Mei", "Zoë"]

    outcome = put(HEAD + BEN, cycle=cycle, later=2, deactivate_missing=True)
    assert numbers(outcome)["memberships"] == {"unchanged": 1, "deactivated": 2}
    assert names(cycle, status="active") == ["Ben"]
    assert names(cycle, status="left") == ["Mei", "Zoë"]
    assert set(GroupMember.objects.filter(ended_at=None).values_list("membership__user__given_name", flat=True)) == {
        "Ben"
    }


def test_missing_people_never_end_memberships_others_made(put: Put, cycle: Cycle) -> None:
    by_hand = make.MembershipFactory(cycle=cycle, source="invite")
    put(HEAD + BEN, cycle=cycle, deactivate_missing=True)
    by_hand.refresh_from_db()
    assert by_hand.status == "active"


def test_returning_people_come_back_only_if_the_roster_ended_them(put: Put, cycle: Cycle, now: datetime) -> None:
    put(HEAD + BEN + MEI, cycle=cycle)
    Membership.objects.filter(user__given_name="Ben").update(status="removed", ended_at=now)
    put("Student ID,Status\n0042,withdrawn\n", cycle=cycle, later=1)
    assert names(cycle, status="left") == ["Mei"]

    outcome = put(HEAD + BEN + MEI, cycle=cycle, later=2)
    assert numbers(outcome)["memberships"] == {"updated": 1, "unchanged": 1}
    assert "left_before" in {problem.code for problem in outcome.problems}
    assert names(cycle, status="active") == ["Mei"]
    mei = Membership.objects.get(user__given_name="Mei")
    assert (mei.ended_at, mei.end_reason) == (None, "")


def test_requests_become_places_when_the_roster_names_them(put: Put, cycle: Cycle) -> None:
    ben = make.UserFactory(email="ben@student.aberwen.ac.uk")
    make.MembershipFactory(cycle=cycle, user=ben, status="requested", joined_at=None)
    put(HEAD + BEN, cycle=cycle)
    assert Membership.objects.get(user=ben).status == "active"


def test_a_new_group_in_the_list_moves_the_person(put: Put, cycle: Cycle) -> None:
    put(HEAD + BEN + MEI, cycle=cycle)
    outcome = put(HEAD + BEN.replace("Red", "Blue"), cycle=cycle, later=1)
    assert numbers(outcome)["places"] == {"created": 1, "deactivated": 1}
    places = GroupMember.objects.filter(membership__user__given_name="Ben").order_by("pk")
    assert [(place.group.name, place.ended_at is None) for place in places] == [("Red", False), ("Blue", True)]


def test_a_group_made_by_hand_is_found_by_name(put: Put, cycle: Cycle) -> None:
    group = make.GroupFactory(cycle=cycle, name="red")
    put(HEAD + BEN, cycle=cycle)
    assert group.members.get().membership.user.given_name == "Ben"
    assert Group.objects.get().name == "red"


# --- places ---
def test_import_fills_places_and_lets_others_wait(put: Put, cycle: Cycle) -> None:
    Cycle.objects.filter(pk=cycle.pk).update(capacity=2)
    outcome = put(HEAD + BEN + MEI + ZOE, cycle=Cycle.objects.get(pk=cycle.pk))
    assert outcome.waiting == 1
    assert names(cycle, status="waiting") == ["Zoë"]
    assert not GroupMember.objects.filter(membership__status="waiting").exists()


def test_import_rejects_who_finds_no_place_where_nobody_may_wait(put: Put, cycle: Cycle) -> None:
    Cycle.objects.filter(pk=cycle.pk).update(capacity=1, waiting_list=False)
    outcome = put(HEAD + BEN + MEI, cycle=Cycle.objects.get(pk=cycle.pk))
    assert [(problem.row, problem.code) for problem in outcome.problems] == [(3, "full")]
    assert names(cycle) == ["Ben"]


# --- OneRoster ---
def test_import_oneroster_1_2_with_its_faults(put: Put, cycle: Cycle) -> None:
    """userprofiles.csv with roles, a misspelt heading, passwords, three date styles, {LDAP:12} lists, a guardian."""
    outcome = put(twelve(), cycle=cycle)
    assert numbers(outcome) == {
        "people": {"created": 3},
        "memberships": {"created": 2},
        "groups": {"created": 2},
        "places": {"created": 2},
        "units": {"created": 3},
        "terms": {"created": 2},
    }
    assert outcome.skipped == {"guardians": 1, "teachers": 1}
    assert not outcome.problems.errors
    ben = User.objects.get(email="ben@b.uk")
    assert (ben.preferred_name, ben.pronouns) == ("Benny", "he/him")
    assert set(ben.external_ids.values_list("source", "value")) == {("oneroster", "u1"), ("ldap", "12"), ("lti", "15")}
    assert User.objects.get(email="tia@b.uk").kind == "staff"
    assert set(Membership.objects.values_list("user__email", "role")) == {
        ("ben@b.uk", "participant"),
        ("mei@b.uk", "leader"),
    }
    term = Term.objects.get()
    assert (term.name, str(term.starts_on), str(term.ends_on), term.year.code) == (
        "Autumn",
        "2026-09-28",
        "2026-12-11",
        "2026-27",
    )
    assert OrgUnit.objects.get(name="Physical chemistry").parent.name == "Chemistry"
    assert Group.objects.get(name="Chemistry A").subject == "Physical chemistry"
    assert "secret" not in str(everything())


def test_import_oneroster_1_2_twice_changes_nothing(put: Put, cycle: Cycle) -> None:
    put(twelve(), cycle=cycle)
    before = everything()
    again = put(twelve(), cycle=cycle, later=1)
    assert again.writes == 0
    assert everything() == before


def test_delta_names_changes_only(put: Put, cycle: Cycle) -> None:
    put(twelve(), cycle=cycle)
    change = delta(
        users="sourcedId,status,dateLastModified,givenName,familyName,email,role\nu1,active,2026-11-03,Ben,Hughes-Lin,ben@b.uk,student\n",
        enrollments="sourcedId,status,dateLastModified,classSourcedId,userSourcedId,role\ne9,active,2026-11-03,c2,u1,student\n",
    )
    outcome = put(change, cycle=cycle, later=1)
    assert numbers(outcome) == {"people": {"updated": 1}, "memberships": {"unchanged": 1}, "places": {"created": 1}}
    assert names(cycle, status="active") == ["Ben", "Mei"]
    assert GroupMember.objects.filter(membership__user__email="ben@b.uk", ended_at=None).count() == 2


def test_to_be_deleted_ends_and_never_deletes(put: Put, cycle: Cycle) -> None:
    put(twelve(), cycle=cycle)
    rows = (User.objects.count(), Membership.objects.count(), GroupMember.objects.count(), Group.objects.count())
    change = delta(
        users="sourcedId,status,dateLastModified,givenName,familyName,role\nu1,tobedeleted,2026-11-03,Ben,Hughes,student\n",
        classes="sourcedId,status,dateLastModified,title\nc2,tobedeleted,2026-11-03,Chemistry B\n",
    )
    outcome = put(change, cycle=cycle, later=1)
    assert numbers(outcome) == {
        "people": {"deactivated": 1},
        "memberships": {"deactivated": 1},
        "groups": {"deactivated": 1},
        "places": {"deactivated": 2},
    }
    assert (
        User.objects.count(),
        Membership.objects.count(),
        GroupMember.objects.count(),
        Group.objects.count(),
    ) == rows
    assert not User.objects.get(email="ben@b.uk").is_active
    assert put(change, cycle=cycle, later=2).writes == 0

    back = delta(
        users="sourcedId,status,dateLastModified,givenName,familyName,role\nu1,active,2026-11-04,Ben,Hughes,student\n",
        enrollments="sourcedId,status,dateLastModified,classSourcedId,userSourcedId,role\ne1,active,2026-11-04,c1,u1,student\n",
    )
    put(back, cycle=cycle, later=3)
    assert User.objects.get(email="ben@b.uk").is_active
    assert names(cycle, status="active") == ["Ben", "Mei"]


def test_delta_of_somebody_unknown_is_rejected_with_its_row(put: Put, cycle: Cycle) -> None:
    put(twelve(), cycle=cycle)
    change = delta(
        enrollments="sourcedId,status,classSourcedId,userSourcedId,role\ne9,active,c2,u77,student\ne8,active,c77,u1,student\n"
    )
    with pytest.raises(NothingUsable) as refused:
        put(change, cycle=cycle, later=1)
    assert [(p.row, p.code, p.file) for p in refused.value.outcome.problems if p.severity == "error"] == [
        (2, "unknown_person", "enrollments.csv"),
        (3, "unknown_group", "enrollments.csv"),
    ]


def test_accounts_with_another_place_stay_open(put: Put, cycle: Cycle) -> None:
    put(twelve(), cycle=cycle)
    make.MembershipFactory(user=User.objects.get(email="ben@b.uk"), source="self")
    put(delta(users="sourcedId,status\nu1,tobedeleted\n"), cycle=cycle, later=1)
    assert User.objects.get(email="ben@b.uk").is_active
    assert names(cycle, status="left") == ["Ben"]


def test_bulk_ends_few_missing_people_by_itself(put: Put, cycle: Cycle) -> None:
    users = "sourcedId,givenName,familyName,role\n" + "".join(f"p{n},Given{n},Family,student\n" for n in range(10))
    rows = [f"e{n},c1,p{n},student\n" for n in range(10)]
    head = "sourcedId,classSourcedId,userSourcedId,role\n"
    put(twelve(users=users, userprofiles=None, enrollments=head + "".join(rows)), cycle=cycle)
    outcome = put(twelve(users=users, userprofiles=None, enrollments=head + "".join(rows[1:])), cycle=cycle, later=1)
    assert numbers(outcome)["memberships"] == {"unchanged": 9, "deactivated": 1}
    outcome = put(twelve(users=users, userprofiles=None, enrollments=head + "".join(rows[5:])), cycle=cycle, later=2)
    assert outcome.missing_kept
    assert numbers(outcome)["memberships"] == {"unchanged": 5}


def test_bulk_with_rejected_rows_ends_nobody(put: Put, cycle: Cycle) -> None:
    put(twelve(), cycle=cycle)
    broken = ENROLMENTS_12.replace("e1,,c1,o2,u1", "e1,enrolled,c1,o2,u1")
    outcome = put(twelve(enrollments=broken), cycle=cycle, later=1)
    assert outcome.missing_kept
    assert names(cycle, status="active") == ["Ben", "Mei"]


def test_units_move_with_what_lies_below(put: Put) -> None:
    put(twelve())
    moved = ORGS.replace("department,o1,CHEM", "department,o3,CHEM") + "o3,Science,faculty,o1,SCI\n"
    put(twelve(orgs=moved), later=1)
    science, chemistry = OrgUnit.objects.get(name="Science"), OrgUnit.objects.get(name="Chemistry")
    course = OrgUnit.objects.get(name="Physical chemistry")
    assert chemistry.path == f"{science.path}{chemistry.pk}/"
    assert course.path == f"{chemistry.path}{course.pk}/"
    assert put(twelve(orgs=moved), later=2).writes == 0
