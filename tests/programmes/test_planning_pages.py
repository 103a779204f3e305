"""Planning on a page: local times, warnings, refusals at the right field; detail, list and file for whom."""

import csv
import io
from datetime import UTC, datetime

import pytest
from django.urls import reverse

from peerhub.institution.models import Closure
from programmes.models import Session, SessionStatus
from tests import factories as make
from tests.factories import in_hours

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


def page(response):
    return response.content.decode()


def create_url(world):
    return reverse("programmes:session_create", args=[world.programme.slug, world.cycle.code])


def form(world, **more):
    return {
        "group": str(world.group.pk),
        "on": "2026-11-20",
        "start": "14:00",
        "end": "15:00",
        "mode": "in_person",
        "place": "B2.14",
        **more,
    }


@pytest.fixture
def rhian(world, client_of):
    return client_of(world.rhian)


def newest():
    return Session.objects.order_by("-pk").first()


def test_planned_with_the_groups_usual_leader(world, rhian):
    response = rhian.post(create_url(world), form(world))
    assert response.url == reverse("programmes:session_detail", args=[newest().uuid])
    assert [row.membership.user for row in newest().leaders.all()] == [world.amara]


def test_empty_means_the_groups_usual_place_and_link(world, rhian):
    type(world.group).objects.filter(pk=world.group.pk).update(place="Library 3", link="https://meet.example.org/a")
    rhian.post(create_url(world), form(world, place=""))
    assert (newest().place, newest().link) == ("Library 3", "")
    rhian.post(create_url(world), form(world, place="", mode="online", start="16:00", end="17:00"))
    assert (newest().place, newest().link) == ("", "https://meet.example.org/a")


@pytest.mark.parametrize(
    ("said", "starts", "hours"),
    [
        ({"on": "2027-03-28", "start": "09:00", "end": "10:00"}, datetime(2027, 3, 28, 8, tzinfo=UTC), 1),
        ({"on": "2026-11-20", "start": "23:00", "end": "01:00"}, datetime(2026, 11, 20, 23, tzinfo=UTC), 2),
        ({"on": "2027-03-27", "start": "23:00", "end": "03:00"}, datetime(2027, 3, 27, 23, tzinfo=UTC), 3),
    ],
)
def test_times_are_those_on_the_wall(world, rhian, said, starts, hours):
    rhian.post(create_url(world), form(world, **said))
    assert newest().starts_at == starts
    assert (newest().ends_at - newest().starts_at).total_seconds() == hours * 3600


def test_a_skipped_hour_is_refused_at_its_field(world, rhian):
    response = rhian.post(create_url(world), form(world, on="2027-03-28", start="01:30", end="02:30"))
    assert response.status_code == 422
    assert "The clocks go forward that night" in page(response)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"on": ""}, "This field is required"),
        ({"on": "soon"}, "valid date"),
        ({"start": "25:00"}, "valid time"),
        ({"mode": "telepathy"}, "Select a valid choice"),
        ({"group": "123456"}, "Select a valid choice"),
        ({"leaders": ["123456"]}, "Select a valid choice"),
        ({"link": "javascript:alert(1)"}, "valid URL"),
        ({"on": "2028-01-01"}, "outside this cycle"),
        ({"capacity": "0"}, "greater than or equal to 1"),
    ],
)
def test_bad_input_is_a_sentence_and_plans_nothing(world, rhian, said, message):
    before = Session.objects.count()
    response = rhian.post(create_url(world), form(world, **said))
    assert response.status_code == 422
    assert message in page(response)
    assert Session.objects.count() == before


def test_closures_busy_leaders_and_taken_rooms_are_said_first(world, rhian):
    Closure.objects.create(name="Founders’ day", starts_on="2026-11-20", ends_on="2026-11-20")
    rhian.post(create_url(world), form(world, confirm="1"))
    before = Session.objects.count()

    response = rhian.post(create_url(world), form(world, start="14:30", end="15:30"))
    body = page(response)
    assert "closed that day: Founders’ day" in body
    assert "Amara Okafor already leads in Bio PASS at 14:00" in body
    assert "B2.14 is taken by Bio PASS at 14:00" in body
    assert Session.objects.count() == before

    response = rhian.post(create_url(world), form(world, start="14:30", end="15:30", confirm="1"))
    assert response.status_code == 302


def test_times_the_wrong_way_round_are_asked_about(world, rhian):
    before = Session.objects.count()
    body = page(rhian.post(create_url(world), form(world, start="18:00", end="17:00")))
    assert "It would last 23 hours, until" in body
    assert Session.objects.count() == before
    assert rhian.post(create_url(world), form(world, start="18:00", end="17:00", confirm="1")).status_code == 302


def test_moving_does_not_clash_with_itself(world, rhian):
    data = form(world, on="2026-11-05", start="10:30", end="11:30", place="Library, room 2")
    response = rhian.post(reverse("programmes:session_edit", args=[world.upcoming.uuid]), data)
    assert response.status_code == 302
    world.upcoming.refresh_from_db()
    assert world.upcoming.starts_at == datetime(2026, 11, 5, 10, 30, tzinfo=UTC)


def test_what_is_logged_is_not_edited(world, rhian):
    response = rhian.get(reverse("programmes:session_edit", args=[world.past.uuid]))
    assert response.url == reverse("programmes:session_detail", args=[world.past.uuid])


def test_a_leader_plans_for_their_own_group(world, client_of):
    make.GroupFactory(cycle=world.cycle, name="Somebody else’s")
    amara = client_of(world.amara)
    assert "Somebody else" not in page(amara.get(create_url(world)))
    assert amara.post(create_url(world), form(world)).status_code == 302


def test_a_leader_starts_on_the_spot_and_logs(world, client_of):
    amara = client_of(world.amara)
    where = reverse("programmes:adhoc_session", args=[world.programme.slug, world.cycle.code])
    assert "Group A" in page(amara.get(where))
    response = amara.post(where, {"group": str(world.group.pk)})
    assert response.url == reverse("programmes:session_log", args=[newest().uuid])
    assert newest().is_ad_hoc


def test_the_link_is_for_participants_from_the_day_before(world, client_of):
    ben, amara = client_of(world.ben), client_of(world.amara)
    link = "https://meet.example.org/room"
    for hours, sees in ((23, True), (25, False)):
        session = make.SessionFactory(group=world.group, starts_at=in_hours(hours), mode="online", link=link)
        make.SessionLeaderFactory(session=session, membership=world.memberships["amara"])
        where = reverse("programmes:session_detail", args=[session.uuid])
        assert (link in page(ben.get(where))) is sees
        assert link in page(amara.get(where))


def test_participants_see_no_register_but_their_own_line(world, client_of):
    other = make.MembershipFactory(cycle=world.cycle, user__given_name="Owen", user__family_name="Bright")
    make.AttendanceFactory(session=world.past, membership=other)
    body = page(client_of(world.ben).get(reverse("programmes:session_detail", args=[world.past.uuid])))
    assert "Owen" not in body
    assert "of 2 came" not in body
    assert "You were there" in body
    mine = page(client_of(world.ben).get(reverse("my_sessions"), {"show": "past"}))
    assert "came" not in mine
    assert "You were there" in mine


def test_the_list_filters_by_what_happened_and_by_group(world, rhian):
    where = reverse("programmes:session_list", args=[world.programme.slug, world.cycle.code])
    other = make.GroupFactory(cycle=world.cycle, name="Group B")
    make.SessionFactory(group=other, starts_at=in_hours(48))
    for show, titles in (
        ("upcoming", {"Group A", "Group B"}),
        ("unlogged", {"Group A"}),
        ("past", {"Group A"}),
        ("cancelled", set()),
        ("nonsense", {"Group A", "Group B"}),
    ):
        rows = rhian.get(where, {"show": show}).context["page_obj"].object_list
        assert {row.title for row in rows} == titles
    rows = rhian.get(where, {"group": str(other.uuid)}).context["page_obj"].object_list
    assert [row.title for row in rows] == ["Group B"]
    assert rhian.get(where, {"group": "nonsense", "page": "nonsense"}).status_code == 200


def test_the_file_is_safe_and_complete(world, rhian):
    evil = make.MembershipFactory(cycle=world.cycle, user__given_name="=cmd|' /C calc'!A0", user__family_name="X, Y")
    make.AttendanceFactory(session=world.past, membership=evil, status="late", is_walk_in=True)
    where = reverse("programmes:attendance_export", args=[world.programme.slug, world.cycle.code])
    text = b"".join(rhian.get(where).streaming_content).decode("utf-8-sig")
    header, *rows = list(csv.reader(io.StringIO(text)))
    assert header[0] == "Date"
    assert {tuple(row) for row in rows} == {
        ("2026-10-28", "10:00", "11:00", "Group A", "Held", "Ben Hughes", "Here", ""),
        ("2026-10-28", "10:00", "11:00", "Group A", "Held", "'=cmd|' /C calc'!A0 X, Y", "Late", "yes"),
    }


def test_calling_off_says_why(world, client_of):
    amara = client_of(world.amara)
    where = reverse("programmes:session_cancel", args=[world.upcoming.uuid])
    assert amara.post(where, {"reason": ""}).status_code == 422
    assert amara.post(where, {"reason": "The room is closed"}).status_code == 302
    world.upcoming.refresh_from_db()
    assert world.upcoming.status == SessionStatus.CANCELLED
    detail = reverse("programmes:session_detail", args=[world.upcoming.uuid])
    assert "The room is closed" in page(client_of(world.ben).get(detail))

    restore = reverse("programmes:session_restore", args=[world.upcoming.uuid])
    assert restore in page(amara.get(detail))
    assert restore not in page(client_of(world.ben).get(detail))
    assert "It is on again" in page(amara.post(restore, follow=True))
    assert "called off" not in page(client_of(world.ben).get(detail))
