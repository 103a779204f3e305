"""The page of one's calendar links, and one session as a file."""

import re

import icalendar
import pytest
import vobject
from django.test import Client
from django.urls import reverse

from peerhub.common.models import AuditEvent
from programmes.models import CalendarFeed, GroupMember
from programmes.services.sessions import cancel_session
from tests.factories import NOW, in_hours

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
PAGE = reverse("programmes:calendar_list")
MAKE, STOP = reverse("programmes:calendar_make"), reverse("programmes:calendar_stop")
KEY = "0a0a0a0a-0000-4000-8000-00000000000a"


def link_in(page):
    """The link a page shows."""
    return re.search(r'id="link" value="http://testserver(/calendars/[\w-]+\.ics)"', page.content.decode())[1]


def opens(path):
    return Client().get(path).status_code == 200


def test_a_link_is_shown_once_with_ways_to_add_it(world, client_of):
    client = client_of(world.ben)
    assert "No link yet" in client.get(PAGE).content.decode()
    made = client.post(MAKE, {"language": "en", "form_key": KEY})
    page = made.content.decode()
    path = link_in(made)
    assert opens(path)
    assert f'href="webcal://testserver{path}"' in page
    assert f"calendar.google.com/calendar/r?cid=webcal%3A%2F%2Ftestserver{path.replace('/', '%2F')}" in page
    assert f"addfromweb?url=http%3A%2F%2Ftestserver{path.replace('/', '%2F')}" in page
    later = client.get(PAGE).content.decode()
    assert path not in later
    assert "Made on 4 November 2026." in later
    assert made["Cache-Control"] == "no-store"


def test_a_link_made_twice_by_one_press_is_made_once(world, client_of):
    client = client_of(world.ben)
    path = link_in(client.post(MAKE, {"form_key": KEY}))
    again = client.post(MAKE, {"form_key": KEY}, follow=True)
    assert "made a moment ago" in again.content.decode()
    assert opens(path)
    assert AuditEvent.objects.filter(action="programmes.calendar_link_made").count() == 1


def test_a_link_can_be_made_anew_and_stopped(world, client_of):
    client = client_of(world.ben)
    first = link_in(client.post(MAKE))
    second = link_in(client.post(MAKE))
    assert [opens(first), opens(second)] == [False, True]
    assert "The link has stopped." in client.post(STOP, follow=True).content.decode()
    assert not opens(second)
    assert client.post(STOP, follow=True).status_code == 200  # pressed twice
    assert AuditEvent.objects.filter(action="programmes.calendar_link_stopped").count() == 1


def test_nobody_stops_somebody_elses_link(world, client_of):
    mine = link_in(client_of(world.ben).post(MAKE, {"group": str(world.group.uuid)}))
    for stranger in (world.amara, world.dev, world.sam, world.rhian):
        client_of(stranger).post(STOP, {"group": str(world.group.uuid)})
        client_of(stranger).post(STOP)
    assert opens(mine)


@pytest.mark.parametrize("key", ["nonsense", "0a0a0a0a-0000-4000-8000-00000000000a"])
def test_a_group_one_may_not_see_has_no_link(world, client_of, key):
    client = client_of(world.ben)
    for wrong in (key, str(world.other_group.uuid)):
        assert client.get(f"{PAGE}?group={wrong}").status_code == 404
        assert client.post(MAKE, {"group": wrong}).status_code == 404
        assert client.post(STOP, {"group": wrong}).status_code == 302
    assert not CalendarFeed.objects.exists()


def test_who_left_a_group_may_still_stop_its_link(world, client_of):
    client = client_of(world.ben)
    path = link_in(client.post(MAKE, {"group": str(world.group.uuid)}))
    GroupMember.objects.filter(membership=world.memberships["ben"]).update(ended_at=NOW)
    assert world.group.name in client.get(PAGE).content.decode()
    client.post(STOP, {"group": str(world.group.uuid)})
    assert not opens(path)


def test_a_coordinator_reads_a_group_they_are_not_in(world, client_of):
    client = client_of(world.rhian)
    assert world.group.name in client.get(f"{PAGE}?group={world.group.uuid}").content.decode()
    path = link_in(client.post(MAKE, {"group": str(world.group.uuid)}))
    assert "Group A (Bio PASS)" in Client().get(path).content.decode()


@pytest.mark.parametrize(("chosen", "kept"), [("cy", "cy"), ("xx", "en"), ("", "en")])
def test_the_words_language_is_chosen_with_the_link(world, client_of, chosen, kept):
    client_of(world.ben).post(MAKE, {"language": chosen})
    assert CalendarFeed.objects.get().language == kept


def test_links_are_part_of_what_is_held_on_a_person(world, client_of):
    client = client_of(world.ben)
    path = link_in(client.post(MAKE))
    page = client.get(reverse("privacy") + "?of=programmes").content.decode()
    assert "Calendar links" in page
    assert path not in page


def test_one_session_is_a_file_to_open(world, client_of):
    path = reverse("programmes:session_calendar", args=[world.upcoming.uuid])
    page = client_of(world.ben).get(reverse("programmes:session_detail", args=[world.upcoming.uuid]))
    assert f'href="{path}"' in page.content.decode()
    file = client_of(world.ben).get(path)
    assert file["Content-Type"] == "text/calendar; charset=utf-8"
    assert file["Content-Disposition"] == 'attachment; filename="session.ics"'
    calendar = icalendar.Calendar.from_ical(file.content)
    (one,) = calendar.walk("VEVENT")
    assert calendar["METHOD"] == "PUBLISH"
    assert str(one["SUMMARY"]) == "Group A (Bio PASS)"
    assert one["DTSTART"].dt == in_hours(24)
    assert one["ORGANIZER"].params["CN"] == "Bio PASS"
    assert vobject.readOne(file.content.decode()).vevent.uid.value == one["UID"]
    for stranger in (world.dev, world.elin):
        assert client_of(stranger).get(path).status_code == 404
    cancel_session(actor=world.amara, session_id=world.upcoming.pk, reason="Ill", now=NOW)
    (one,) = icalendar.Calendar.from_ical(client_of(world.ben).get(path).content).walk("VEVENT")
    assert (str(one["STATUS"]), int(one["SEQUENCE"])) == ("CANCELLED", 1)
