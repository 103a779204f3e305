"""Input no person types: zero bytes, words for addresses, digits without end. Answered, never an error page."""

import json
import logging
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from peerhub.common.logs import JsonFormatter
from peerhub.institution.forms.calendar import read_line
from programmes.models import Membership, Topic

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.mark.parametrize("name", ["programmes:catalogue", "account_signup", "healthz"])
def test_zero_byte_in_a_query_is_a_bad_request(client, name):
    """PostgreSQL takes no such text: a search for it would be an error page."""
    assert client.get(reverse(name) + "?q=a%00b").status_code == 400
    assert client.get(reverse(name) + "?a%00b=q").status_code == 400


def test_zero_byte_in_a_form_is_a_bad_request_and_changes_nothing(world, client_of):
    address = reverse("programmes:topic_list", args=[world.programme.slug, world.cycle.code])
    before = list(Topic.objects.values_list("name", flat=True))
    assert client_of(world.rhian).post(address, {"do": "add", "name": "a\0b"}).status_code == 400
    assert list(Topic.objects.values_list("name", flat=True)) == before


def test_zero_byte_in_a_cookie_is_a_bad_request(client):
    client.cookies["peerhub"] = "a\0bcdefghi"
    assert client.get(reverse("programmes:catalogue")).status_code == 400


@pytest.mark.parametrize(
    "goal", ["word", "programmes:catalogue", "javascript:alert(1)", "//evil.test/", "https://evil.test"]
)
def test_language_leads_back_to_our_addresses_only(client, goal):
    reply = client.post(reverse("set_language"), {"language": "cy", "next": goal})
    assert (reply.status_code, reply["Location"]) == (302, "/")


def test_language_leads_back_to_where_one_was(client):
    reply = client.post(reverse("set_language"), {"language": "cy", "next": "/programmes/x/?a=b"})
    assert reply["Location"] == "/programmes/x/?a=b"


def test_sign_up_leads_who_is_signed_in_to_our_addresses_only(world, client_of):
    assert client_of(world.ben).get(reverse("account_signup") + "?next=word")["Location"] == reverse("home")


def log(world, client_of, **said):
    form = {"form_key": str(uuid4()), "version": "0", "outcome": "held", "here": str(world.memberships["ben"].uuid)}
    return client_of(world.amara).post(reverse("programmes:session_log", args=[world.today.uuid]), {**form, **said})


def test_log_leads_back_to_our_addresses_only(world, client_of):
    assert log(world, client_of, next="word")["Location"] == reverse("home_leader")


@pytest.mark.parametrize("minutes", ["²", "9" * 5000, "-1", "x"])
def test_log_shown_again_bears_any_length(world, client_of, minutes):
    assert log(world, client_of, action="find", q="Be", minutes=minutes).status_code == 200


@pytest.mark.parametrize("topic", ["9" * 5000, "9" * 30, "²", "x"])
def test_topics_are_looked_up_by_numbers_that_can_be(world, client_of, topic):
    address = reverse("programmes:topic_list", args=[world.programme.slug, world.cycle.code])
    assert client_of(world.rhian).post(address, {"do": "off", "topic": topic}).status_code == 404


@pytest.mark.parametrize("field", ["topic", "service", "technique"])
@pytest.mark.parametrize("number", ["9" * 30, "9" * 5000, "²", "-1"])
def test_log_refuses_choices_that_cannot_be(world, client_of, field, number):
    said = {field: number, "signposted": "yes"} if field == "service" else {field: number}
    assert log(world, client_of, **said).status_code == 422


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "0206-11-05"])
def test_days_beyond_the_calendar_are_told_at_the_field(world, client_of, day):
    """Pages add weeks and years to such days: a year off the end of the calendar would be an error page for ever."""
    rhian, cycle = client_of(world.rhian), [world.programme.slug, world.cycle.code]
    plan = {"group": str(world.group.pk), "on": day, "start": "10:00", "end": "11:00", "mode": "async", "confirm": "1"}
    reply = rhian.post(reverse("programmes:session_create", args=cycle), plan)
    assert (reply.status_code, "Check the year." in reply.content.decode()) == (422, True)
    basics = rhian.get(reverse("programmes:cycle_setup", args=[*cycle, "basics"])).context["form"].initial
    said = {**basics, "activity_type": basics["activity_type"].pk, "owner_unit": basics["owner_unit"].pk}
    for name in ("starts_on", "ends_on"):
        reply = rhian.post(reverse("programmes:cycle_setup", args=[*cycle, "basics"]), {**said, name: day})
        assert (reply.status_code, "Check the year." in reply.content.decode()) == (422, True)
    reply = client_of(world.carys).post(
        reverse("institution:year_create"), {"code": "long-ago", "starts_on": day, "ends_on": day}
    )
    assert (reply.status_code, "Check the year." in reply.content.decode()) == (422, True)
    assert read_line(f"{day} Founders’ day") == "Check the year."


def test_upload_larger_than_any_we_take_is_refused_before_it_is_read(client, settings):
    """Also to a stranger without a token: Django would write the whole of it to disk first."""
    settings.PEERHUB_UPLOAD_LIMIT = 1000
    limit = 1000 + 1024 * 1024
    for length in (limit + 1, "9" * 5000):
        strict = Client(enforce_csrf_checks=True)
        assert strict.post(reverse("account_signup"), {"a": "b"}, CONTENT_LENGTH=str(length)).status_code == 413
    small = Client(enforce_csrf_checks=True).post(reverse("account_signup"), {"a": "b"})
    assert small.status_code == 403  # no token: read, and refused for that


@pytest.mark.parametrize(
    "path",
    [
        "/i/AAAAAAAAAAAAAAAAAAAAAAAAAAAAkeykeykeykeykeykeyke/",
        "/u/u.0c1d.sessions~keykeykey/",
        "/accounts/confirm-email/MTI:1w:keykeykey/",
        "/accounts/invitation/MTI:1w:keykeykey/",
        "/accounts/password/reset/key/3-keykeykey/",
        "/invitations/5e9f8100-b71a-40e0-a4d1-1d2ab8285c2c/keykeykey/",
    ],
)
def test_logs_hold_no_link_that_opens_anything(path):
    record = logging.LogRecord("django.request", logging.ERROR, "", 1, "Internal Server Error: %s", (path,), None)
    line = json.loads(JsonFormatter().format(record))
    assert "keykey" not in line["message"]
    assert line["message"].endswith("/[key]/")


def test_asking_to_join_over_and_over_is_stopped(world, client_of, settings):
    """Each time writes to every coordinator: one student could bury them in mail."""
    dev = client_of(world.dev)
    check, agreed = reverse("programmes:join_check", args=[world.programme.slug]), {"agree": "on"}
    statuses = []
    for _ in range(14):
        statuses.append(dev.post(check, {**agreed, "form_key": str(uuid4())}).status_code)
        place = Membership.objects.get(cycle=world.cycle, user=world.dev)
        dev.post(reverse("programmes:membership_withdraw", args=[place.uuid]))
    assert statuses == [302] * 12 + [429] * 2
