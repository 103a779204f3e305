"""The log on a phone: three taps, with and without a script; what it shows to whom."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from programmes.models import Attendance, LogRevision, Membership, Session, SessionLog, SessionStatus
from tests import factories as make
from tests.factories import in_days, in_hours

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


def url(session, name="session_log"):
    return reverse(f"programmes:{name}", args=[session.uuid])


def sheet(session, *memberships, **more):
    return {"version": session.log_version, "here": [str(one.uuid) for one in memberships], **more}


def page(response):
    return response.content.decode()


@pytest.fixture
def amara(world, client_of):
    return client_of(world.amara)


def test_everyone_expected_is_a_tile(world, amara):
    make.GroupMemberFactory(
        group=world.group, membership=make.MembershipFactory(cycle=world.cycle, user__given_name="Owen")
    )
    body = page(amara.get(url(world.today)))
    assert body.count('name="here"') == 2
    assert "Log your study session" in body  # the programme's own word


def test_three_taps_for_the_ordinary_case(world, amara):
    """Home, Log it, Save (with everyone ticked by the page's button)."""
    home = page(amara.get(reverse("home_leader")))
    assert url(world.today) in home
    assert 'data-ph-all="here"' in page(amara.get(url(world.today)))

    response = amara.post(url(world.today), sheet(world.today, world.memberships["ben"]))

    assert response.url == reverse("home_leader")
    saved = page(amara.get(response.url))
    assert "Saved. 1 person was here." in saved
    assert f'<a href="{url(world.today)}">Correct it</a>' in saved
    assert url(world.today) not in page(amara.get(reverse("home_leader")))


def test_without_a_script_everyone_can_be_ticked_and_nothing_is_saved(world, amara):
    response = amara.post(url(world.today), sheet(world.today, action="everyone", other_topic="Limits"))
    assert response.status_code == 200
    assert "checked" in page(response).partition("Ben Hughes")[0].rpartition('name="here"')[2]
    assert 'value="Limits"' in page(response)
    assert not Attendance.objects.filter(session=world.today).exists()


def test_walk_ins_of_one_name_are_told_apart_by_their_groups(world, amara):
    cian = {"user__given_name": "Cian", "user__family_name": "Byrne"}
    first, _second = (make.MembershipFactory(cycle=world.cycle, **cian) for _ in range(2))
    group = make.GroupFactory(cycle=world.cycle, name="Statics, group A")
    make.GroupMemberFactory(group=group, membership=first)

    body = page(amara.get(url(world.today, "session_walk_ins"), {"q": "cian"}))

    assert "Cian Byrne (Statics, group A)" in body
    assert "Cian Byrne (In no group)" in body


def test_a_walk_in_whose_name_is_theirs_alone_has_no_group_beside_it(world, amara):
    make.MembershipFactory(cycle=world.cycle, user__given_name="Cian", user__family_name="Byrne")
    assert "(In no group)" not in page(amara.get(url(world.today, "session_walk_ins"), {"q": "cian"}))


def test_without_a_script_walk_ins_are_found_and_stay_ticked(world, amara):
    walker = make.MembershipFactory(cycle=world.cycle, user__given_name="Walker", user__family_name="Jones")
    found = page(amara.post(url(world.today), sheet(world.today, action="find", q="walk")))
    assert str(walker.uuid) in found

    again = page(amara.post(url(world.today), sheet(world.today, walker, action="find", q="nobody by this name")))
    assert str(walker.uuid) in again
    assert "Nobody in this programme is called" not in again


@pytest.mark.parametrize(
    ("said", "finds"), [("wal", True), ("jones wal", True), ("w", False), ("someone else", False), ("", False)]
)
def test_walk_ins_are_searched_by_part_of_a_name(world, amara, said, finds):
    walker = make.MembershipFactory(cycle=world.cycle, user__given_name="Walker", user__family_name="Jones")
    body = page(amara.get(url(world.today, "session_walk_ins"), {"q": said}))
    assert (str(walker.uuid) in body) is finds


def test_accounts_outside_are_found_exactly_and_only_where_anyone_may_join(world, amara):
    asked = {"q": world.dev.email.upper()}
    assert str(world.dev.uuid) not in page(amara.get(url(world.today, "session_walk_ins"), asked))

    type(world.cycle).objects.filter(pk=world.cycle.pk).update(join_policy="open")
    assert f"new:{world.dev.uuid}" in page(amara.get(url(world.today, "session_walk_ins"), asked))
    assert str(world.dev.uuid) not in page(amara.get(url(world.today, "session_walk_ins"), {"q": world.dev.email[:-1]}))


def test_a_student_number_names_an_account(world, amara):
    type(world.cycle).objects.filter(pk=world.cycle.pk).update(join_policy="open")
    world.dev.external_ids.create(source="sits", value="00417733")
    assert f"new:{world.dev.uuid}" in page(amara.get(url(world.today, "session_walk_ins"), {"q": "00417733"}))

    amara.post(url(world.today), sheet(world.today, world.memberships["ben"]) | {"here": [f"new:{world.dev.uuid}"]})
    assert Membership.objects.get(cycle=world.cycle, user=world.dev).status == "active"


def test_a_refusal_keeps_the_answers_and_says_where(world, amara):
    response = amara.post(url(world.today), sheet(world.today, shared_note="We did limits"))
    assert response.status_code == 422
    assert "Tick who was here" in page(response)
    assert "We did limits" in page(response)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"outcome": "not_held"}, "Say in a few words why it did not happen."),
        ({"signposted": "yes"}, "Choose the service"),
        ({"minutes": "2000"}, "less than or equal to 1440"),
        ({"minutes": "abc"}, "whole number"),
        ({"outcome": "exploded"}, "Select a valid choice"),
        ({"shared_note": "x" * 501}, "at most 500 characters"),
        ({"topic": "999999"}, "not offered any more"),
        ({"service": "x", "signposted": "yes"}, "whole number"),
        ({"here": str(uuid.UUID(int=5))}, "does not take part"),
    ],
)
def test_bad_input_is_a_sentence_and_changes_nothing(world, amara, said, message):
    response = amara.post(url(world.today), {**sheet(world.today, world.memberships["ben"]), **said})
    assert response.status_code == 422
    assert message in page(response)
    world.today.refresh_from_db()
    assert world.today.status == SessionStatus.PLANNED


def test_rubbish_in_the_register_is_ignored(world, amara):
    data = sheet(world.today, world.memberships["ben"])
    data["here"] += ["new:zzz", "not-a-uuid"]
    data |= {
        "mark-nonsense": "late",
        f"mark-{world.memberships['ben'].uuid}": "late",
        "recorded_at": "2026-11-04 09:30:00",
    }
    assert amara.post(url(world.today), data).status_code == 302
    assert Attendance.objects.get(session=world.today).status == "late"


def test_the_same_form_twice_is_one_log_and_no_error(world, amara):
    data = sheet(world.today, world.memberships["ben"], form_key=str(uuid.uuid4()))
    assert [amara.post(url(world.today), data).status_code for _ in range(2)] == [302, 302]
    assert LogRevision.objects.count() == 0


def test_a_conflict_keeps_the_answers_names_the_difference_and_lets_one_save(world, amara, client_of):
    owen = make.MembershipFactory(cycle=world.cycle, user__given_name="Owen", user__family_name="Bright")
    make.GroupMemberFactory(group=world.group, membership=owen)
    client_of(world.rhian).post(url(world.today), sheet(world.today, world.memberships["ben"]))

    response = amara.post(url(world.today), sheet(world.today, owen, shared_note="My own words"))

    assert response.status_code == 409
    body = page(response)
    assert "Rhian Pugh saved this log at 10:00" in body
    assert "Owen Bright" in body
    assert "saved as “Not here”, you say “Here”" in body
    assert "My own words" in body
    assert 'name="version" value="1"' in body
    world.today.refresh_from_db()
    assert amara.post(url(world.today), sheet(world.today, owen)).status_code == 302
    assert LogRevision.objects.get().by == world.amara


def test_ones_own_tile_cannot_be_ticked(world, client_of):
    mine = make.MembershipFactory(cycle=world.cycle, user=world.rhian)
    make.GroupMemberFactory(group=world.group, membership=mine)
    body = page(client_of(world.rhian).get(url(world.today)))
    tile = body.partition(str(mine.uuid))[2].partition(">")[0]
    assert "disabled" in tile
    assert "You cannot record yourself" in body


def test_the_private_reflection_is_shown_to_its_author_alone(world, amara, client_of):
    SessionLog.objects.update(private_reflection="I was so nervous")
    assert "so nervous" in page(amara.get(url(world.past)))
    for other in (world.rhian, world.imran, world.ben):
        for name in ("session_log", "session_detail"):
            assert "so nervous" not in page(client_of(other).get(url(world.past, name)))


def test_the_sheet_sends_worries_elsewhere(world, amara):
    body = page(amara.get(url(world.today)))
    assert "Worried about someone?" in body
    assert reverse("institution:service_list") in body
    assert "Raise a concern" not in body


@pytest.mark.parametrize("said", [{"status": "cancelled"}, {"starts_at": in_hours(1), "ends_at": in_hours(2)}])
def test_there_is_no_sheet_for_what_cannot_be_logged(world, amara, said):
    Session.objects.filter(pk=world.today.pk).update(**said)
    body = page(amara.get(url(world.today)))
    assert 'name="here"' not in body
    assert "Save log" not in body


def test_corrections_are_history_for_those_who_may_correct(world, amara, client_of):
    amara.post(url(world.today), sheet(world.today, world.memberships["ben"]))
    world.today.refresh_from_db()
    data = sheet(world.today, outcome="nobody_came", reason="Wrong group")
    assert amara.post(url(world.today), data).status_code == 302

    for reader, sees in ((world.rhian, True), (world.amara, True), (world.ben, False), (world.imran, False)):
        assert ("Wrong group" in page(client_of(reader).get(url(world.today, "session_detail")))) is sees
    body = page(client_of(world.rhian).get(url(world.today, "session_detail")))
    assert "Held → Nobody came" in body
    assert "Ben Hughes: Here → Not here" in body


# --- speed ----------------------------------------------------------------------------------------
@pytest.fixture
def large_group(world):
    members = [world.memberships["ben"]]
    for _ in range(57):
        members.append(make.MembershipFactory(cycle=world.cycle))
        make.GroupMemberFactory(group=world.group, membership=members[-1], started_at=in_days(-40))
    return members


def test_a_register_of_58_is_saved_with_ten_queries(world, amara, large_group):
    data = sheet(world.today, *large_group[:40], support=["academic"], minutes="55", form_key=str(uuid.uuid4()))
    with CaptureQueriesContext(connection) as captured:
        response = amara.post(url(world.today), data)
    asked = [one["sql"] for one in captured if not one["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN"))]
    assert response.status_code == 302
    assert Attendance.objects.filter(session=world.today).count() == 58
    assert len(asked) <= 10, "\n".join(asked)


def test_the_sheet_takes_few_queries_however_many_people(world, amara, large_group):
    amara.get(url(world.today))  # warm
    with CaptureQueriesContext(connection) as captured:
        amara.get(url(world.today))
    assert len(captured) <= 8, "\n".join(one["sql"][:150] for one in captured)
