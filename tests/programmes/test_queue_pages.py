"""The pages of a drop-in: one who waits, those who lead, the desk, and the screen in the room."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from programmes.models import CheckIn, Cycle, Kiosk, QueueEntry
from programmes.queries.home_student import next_sessions_for
from programmes.services.kiosks import close_kiosk, open_kiosk
from programmes.services.queue_steps import start_helping, take_next
from programmes.services.queues import close_queue, join_queue
from tests import factories as make
from tests.factories import NOW, in_hours

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
HTMX = {"HX-Request": "true"}


def page(response):
    return response.content.decode()


def url(name, *args):
    return reverse(f"programmes:{name}", args=args)


@pytest.fixture
def session(world):
    Cycle.objects.filter(pk=world.cycle.pk).update(attendance_mode="queue")
    world.cycle.refresh_from_db()
    session = make.SessionFactory(
        cycle=world.cycle, title="Maths drop-in", starts_at=NOW - timedelta(minutes=5), ends_at=in_hours(2)
    )
    make.SessionLeaderFactory(session=session, membership=world.memberships["amara"])
    return session


def join(session, membership):
    return join_queue(actor=membership.user, session_id=session.pk, now=NOW).entry


def seen_of(body):
    """What the page asks with next time."""
    return body.partition("?seen=")[2].partition('"')[0].replace("&amp;", "&")


# --- one who waits ------------------------------------------------------------------------------------------
def test_ben_joins_with_one_button_and_sees_his_place(world, session, client_of):
    join(session, make.MembershipFactory(cycle=world.cycle))
    ben, place = client_of(world.ben), url("queue_place", session.uuid)
    home = page(ben.get(reverse("home_student")))
    assert place in home
    body = page(ben.get(place))
    assert "1 person waits" in body
    assert "Somebody is free now." not in body
    body = page(ben.post(url("queue_join", session.uuid), {"topic": world.topic.pk, "about": "Sheet 3"}, follow=True))
    assert "1 person is ahead of you" in body
    assert "Cell membranes: Sheet 3" in body
    assert "Your ticket is 2." in page(ben.get(reverse("home_student")))
    ben.post(url("queue_join", session.uuid))
    assert QueueEntry.objects.filter(membership__user=world.ben).count() == 1
    body = page(ben.post(url("queue_leave", session.uuid), follow=True))
    assert "You have left the queue." in body
    assert "Join the queue" in body


def test_a_queue_that_is_open_hides_no_code_to_be_typed(world, session, client_of):
    """Two things are on: the one Ben can act in comes first, whatever began earlier."""
    cycle = make.CycleFactory(programme=make.ProgrammeFactory())
    make.MembershipFactory(cycle=cycle, user=world.ben)
    begun = make.SessionFactory(cycle=cycle, starts_at=NOW - timedelta(minutes=2), ends_at=in_hours(1))
    ben = client_of(world.ben)
    assert [one.uuid for one in next_sessions_for(world.ben, now=NOW)][:2] == [begun.uuid, session.uuid]
    assert "check-in-code" in page(ben.get(reverse("home_student")))
    join(session, world.memberships["ben"])
    assert next_sessions_for(world.ben, now=NOW)[0].uuid == session.uuid, "he stands in that line"


def test_the_page_asks_again_and_hears_only_what_is_new(world, session, client_of):
    other = make.MembershipFactory(cycle=world.cycle)
    join(session, other)
    join(session, world.memberships["ben"])
    ben, place = client_of(world.ben), url("queue_place", session.uuid)
    asked = seen_of(page(ben.get(place)))
    same = ben.get(f"{place}?seen={asked}", headers=HTMX)
    assert (same.status_code, same.content) == (204, b"")
    take_next(actor=world.amara, session_id=session.pk, key=None, now=NOW)
    body = page(ben.get(f"{place}?seen={asked}", headers=HTMX))
    assert "You are next" in body
    assert 'id="queue-said" data-hx-swap-oob="innerHTML"' in body
    assert "<html" not in body
    take_next(actor=world.amara, session_id=session.pk, also=True, key=None, now=NOW)
    body = page(ben.get(f"{place}?seen={seen_of(body)}", headers=HTMX))
    assert "It is your turn" in body
    assert "Amara is waiting for you." in body
    start_helping(actor=world.amara, entry_id=QueueEntry.objects.get(number=2).pk, now=NOW)
    assert "You are with Amara" in page(ben.get(place))


def test_who_may_not_be_seen_before_the_end_is_told(world, session, client_of, frozen):
    for _ in range(6):
        join(session, make.MembershipFactory(cycle=world.cycle))
    join(session, world.memberships["ben"])
    frozen.shift(timedelta(minutes=105))
    assert "It may be that nobody gets to you today" in page(client_of(world.ben).get(url("queue_place", session.uuid)))


def test_what_is_over_says_when_the_next_one_is(world, session, client_of, frozen):
    coming = make.SessionFactory(cycle=world.cycle, starts_at=in_hours(48))
    join(session, world.memberships["ben"])
    close_queue(actor=world.amara, session_id=session.pk, now=NOW)
    body = page(client_of(world.ben).get(url("queue_place", session.uuid)))
    assert "The queue takes nobody any more today" in body
    assert "The queue ended before it was your turn." in body
    assert url("session_detail", coming.uuid) in body
    assert "Join the queue" not in body
    early = page(client_of(world.ben).get(url("queue_place", coming.uuid)))
    assert "The queue opens: Friday 6 November, 09:45" in early
    response = client_of(world.ben).post(url("queue_join", coming.uuid), follow=True)
    assert "The queue opens at 09:45." in page(response)


def test_the_queue_of_a_session_without_one_is_not_there(world, session, client_of):
    assert client_of(world.ben).get(url("queue_place", world.upcoming.uuid)).status_code == 404
    Cycle.objects.filter(pk=world.cycle.pk).update(attendance_mode="free")
    assert client_of(world.ben).get(url("queue_place", session.uuid)).status_code == 404
    assert client_of(world.amara).post(url("queue_next", session.uuid)).status_code == 404


# --- those who lead --------------------------------------------------------------------------------------------
def test_amara_runs_the_line(world, session, client_of):
    entries = [join(session, world.memberships["ben"])]
    entries += [join(session, make.MembershipFactory(cycle=world.cycle)) for _ in range(2)]
    amara, line = client_of(world.amara), url("queue_run", session.uuid)
    assert line in page(amara.get(reverse("home_leader")))
    assert line in page(amara.get(url("session_detail", session.uuid)))
    assert "3 people wait" in page(amara.get(line))

    def do(what, entry, **more):
        return page(amara.post(url("queue_step", session.uuid, entry.uuid), {"do": what, **more}, follow=True))

    body = page(amara.post(url("queue_next", session.uuid), follow=True))
    assert "Called at 10:00" in body
    assert "Take one more as well" in body
    assert "You have somebody already." in page(amara.post(url("queue_next", session.uuid), follow=True))
    assert "With you since 10:00" in do("start", entries[0])
    assert "Ben Hughes: Helped" in do("finish", entries[0])
    assert "With you since 10:00" in do("undo", entries[0])
    do("finish", entries[0])
    do("call", entries[2])
    assert "Did not come once" in do("missed", entries[2])
    assert "That has changed meanwhile." in do("missed", entries[2])
    assert amara.post(url("queue_step", session.uuid, entries[0].uuid), {"do": "eat"}).status_code == 404
    body = page(amara.post(url("queue_close", session.uuid), {"do": "close"}, follow=True))
    assert "2 people who waited hear of it in two minutes" in body
    body = page(amara.post(url("queue_close", session.uuid), {"do": "reopen"}, follow=True))
    assert "2 people are back where they stood." in body


def test_the_line_asks_again_and_hears_only_what_is_new(world, session, client_of):
    amara, line = client_of(world.amara), url("queue_run", session.uuid)
    asked = seen_of(page(amara.get(line)))
    assert amara.get(f"{line}?seen={asked}", headers=HTMX).status_code == 204
    join(session, world.memberships["ben"])
    body = page(amara.get(f"{line}?seen={asked}", headers=HTMX))
    assert "Ben Hughes" in body
    assert "1 person waits." in body


def test_amara_adds_somebody_without_a_telephone(world, session, client_of):
    amara, add = client_of(world.amara), url("queue_add", session.uuid)
    assert "Ben Hughes" in page(amara.get(f"{add}?q=ben"))
    assert "Nobody in this programme is called" in page(amara.get(f"{add}?q=xyz"))
    who = {"who": str(world.memberships["ben"].uuid), "about": "Vectors"}
    assert "Added: ticket 1." in page(amara.post(add, who, follow=True))
    assert "They are in already: ticket 1." in page(amara.post(add, who, follow=True))
    assert amara.post(add, {"who": "x"}).status_code == 422


def test_rhian_finds_the_line_and_ben_does_not(world, session, client_of):
    line = url("queue_run", session.uuid)
    assert line in page(client_of(world.rhian).get(url("session_detail", session.uuid)))
    assert client_of(world.rhian).get(line).status_code == 200
    assert client_of(world.ben).get(line).status_code == 403


# --- the desk and the screen -------------------------------------------------------------------------------------
def test_the_desk_says_the_ticket(world, session):
    world.ben.external_ids.create(source="sits", value="00417733")
    join(session, make.MembershipFactory(cycle=world.cycle))
    kiosk = open_kiosk(actor=world.rhian, cycle=world.cycle, name="Desk", now=NOW)
    tablet = Client()
    tablet.get(url("kiosk_link", kiosk.token))
    assert "You join the queue here and get a ticket." in page(tablet.get(url("kiosk")))
    with CaptureQueriesContext(connection) as captured:
        body = page(tablet.post(url("kiosk"), {"number": "00417733"}, headers=HTMX))
    assert "Ben, your ticket is 2." in body
    assert "1 person ahead of you: about" in body
    assert "Hughes" not in body
    assert CheckIn.objects.get().how == "kiosk"
    asked = [one["sql"] for one in captured if not one["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN"))]
    assert len(asked) <= 20, "\n".join(asked)


@pytest.mark.parametrize(("shows", "label"), [("numbers", "<b>1</b>"), ("names", "<b>Ben H.</b>")])
def test_the_screen_shows_numbers_or_a_first_name_and_never_more(world, session, client_of, shows, label):
    rhian = client_of(world.rhian)
    where = (world.programme.slug, world.cycle.code)
    body = page(rhian.post(url("kiosk_open", *where), {"name": "Wall", "kind": "screen", "shows": shows}, follow=True))
    screen = Kiosk.objects.get(kind="screen")
    assert screen.token in body
    join(session, world.memberships["ben"])
    for _ in range(10):
        join(session, make.MembershipFactory(cycle=world.cycle, user__family_name="Surname"))
    take_next(actor=world.amara, session_id=session.pk, key=None, now=NOW)
    wall = Client()
    assert wall.get(url("screen_link", screen.token)).url == url("screen")
    body = page(wall.get(url("screen")))
    assert label in body
    assert "to Amara" in body
    assert "and 2 more" in body
    assert "Joining now:" in body
    for secret in ("Hughes", "Okafor", "Surname", screen.token):
        assert secret not in body
    asked = seen_of(body)
    assert wall.get(f"{url('screen')}?seen={asked}", headers=HTMX).status_code == 204
    close_kiosk(actor=world.rhian, kiosk_id=screen.pk, now=NOW)
    assert wall.get(url("screen")).status_code == 404


def test_a_screens_address_opens_no_desk_and_the_reverse(world, session):
    about = {"actor": world.rhian, "cycle": world.cycle, "now": NOW}
    screen, desk = open_kiosk(name="Wall", kind="screen", **about), open_kiosk(name="Wall", **about)
    assert screen != desk
    assert Client().get(url("kiosk_link", screen.token)).status_code == 404
    assert Client().get(url("screen_link", desk.token)).status_code == 404
    client = Client()
    client.cookies["screen"] = desk.token
    assert client.get(url("screen")).status_code == 404


def test_an_empty_screen_says_so(world, session):
    screen = open_kiosk(actor=world.rhian, cycle=world.cycle, name="Wall", kind="screen", now=NOW)
    wall = Client()
    wall.get(url("screen_link", screen.token))
    assert "Nobody waits. Come in." in page(wall.get(url("screen")))
    session.status = "cancelled"
    session.save()
    make.SessionFactory(cycle=world.cycle, starts_at=in_hours(48))
    assert "The next one: Friday 6 November, 10:00 to 11:00." in page(wall.get(url("screen")))


def test_the_screen_takes_few_queries_however_many_wait(world, session, client_of):
    screen = open_kiosk(actor=world.rhian, cycle=world.cycle, name="Wall", kind="screen", now=NOW)
    wall = Client()
    wall.get(url("screen_link", screen.token))
    wall.get(url("screen"))
    found = []
    for _ in range(2):
        other = make.SessionFactory(cycle=world.cycle, starts_at=NOW)
        for _person in range(4):
            join(other, make.MembershipFactory(cycle=world.cycle))
        with CaptureQueriesContext(connection) as captured:
            wall.get(url("screen"))
        found.append(len(captured))
    assert found[0] == found[1] <= 8
