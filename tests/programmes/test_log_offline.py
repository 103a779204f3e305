"""What the server does for logs written without a network. The browser's part: tests/journeys/test_offline.py."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse

from programmes.models import Session, SessionLog, SessionStatus
from programmes.templatetags.offline import person_key
from tests.factories import in_hours

pytestmark = pytest.mark.django_db
TRAY = {"X-PeerHub-Tray": "1"}


def sheet_of(session: Session) -> str:
    return reverse("programmes:session_log", args=[session.uuid])


def answers(world, **more):
    here = [str(world.memberships["ben"].uuid)]
    return {"version": "0", "outcome": "held", "signposted": "no", "minutes": "60", "here": here, **more}


def test_what_waited_is_saved_with_the_time_it_was_written(world, client_of, frozen):
    written = (world.today.starts_at + timedelta(minutes=5)).isoformat()
    sent = client_of(world.amara).post(sheet_of(world.today), answers(world, recorded_at=written), headers=TRAY)

    assert (sent.status_code, sent.content) == (204, b"")
    world.today.refresh_from_db()
    assert world.today.status == SessionStatus.HELD
    assert world.today.attendances.get(membership=world.memberships["ben"]).recorded_at.isoformat() == written


def test_only_a_log_that_is_saved_answers_204(world, client_of, client, frozen):
    amara, where = client_of(world.amara), sheet_of(world.today)
    assert client.post(where, answers(world), headers=TRAY).status_code == 302  # to the sign-in page
    assert client_of(world.dev).post(where, answers(world), headers=TRAY).status_code == 404
    assert amara.post(where, answers(world, minutes="many"), headers=TRAY).status_code == 422
    assert not SessionLog.objects.filter(session=world.today).exists()

    assert amara.post(where, answers(world, shared_note="First"), headers=TRAY).status_code == 204
    again = amara.post(where, answers(world, shared_note="Second"), headers=TRAY)
    assert again.status_code == 409
    assert SessionLog.objects.get(session=world.today).shared_note == "First"


def test_a_sheet_can_be_fetched_a_day_ahead_and_saved_only_from_its_start(world, client_of, frozen):
    amara, where = client_of(world.amara), sheet_of(world.upcoming)
    assert b'id="log"' not in amara.get(where).content
    assert b'id="log"' in amara.get(where, {"ahead": "1"}).content
    early = amara.post(where, answers(world, shared_note="Too soon"), headers=TRAY)
    assert early.status_code == 422
    assert b"Too soon" in early.content

    Session.objects.filter(pk=world.upcoming.pk).update(starts_at=in_hours(40), ends_at=in_hours(41))
    assert b'id="log"' not in amara.get(where, {"ahead": "1"}).content


def test_the_leaders_home_names_the_sheets_to_keep(world, client_of, frozen):
    page = client_of(world.amara).get(reverse("home_leader")).content.decode()
    assert sheet_of(world.today) in page.split('data-ph-sheets="')[1].split('"')[0]
    assert f'content="{person_key(world.amara)}"' in page
    assert person_key(world.amara) != person_key(world.ben)


def test_the_worker_keeps_what_is_there_and_the_page_without_a_network_names_nobody(world, client, client_of):
    worker = client.get("/sw.js")
    assert worker["Content-Type"] == "text/javascript; charset=utf-8"
    facts = json.loads(worker.content.decode().split("const PEERHUB = ", 1)[1].split(";\n", 1)[0])
    assert facts["offline"] == "/offline/"
    assert all(address.startswith("/static/") for address in facts["shell"])
    assert world.amara.display_name not in client.get("/offline/").content.decode()

    app = client.get("/manifest.webmanifest")
    assert app["Content-Type"] == "application/manifest+json"
    assert json.loads(app.content)["start_url"] == "/home/"
