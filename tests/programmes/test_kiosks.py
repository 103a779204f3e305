"""Check-in desks: an unattended tablet that knows numbers, and tells nothing."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from peerhub.accounts.queries.numbers import read_number
from peerhub.common.checks import check_card_pattern
from peerhub.common.models import AuditEvent
from programmes.models import Attendance, CheckIn, Cycle, Kiosk, Session
from programmes.queries.register import register
from programmes.services.kiosks import (
    MOST_OPEN,
    TRIES,
    UNKNOWN,
    DeskRefused,
    KioskRefused,
    check_in_at_desk,
    close_kiosk,
    open_kiosk,
)
from programmes.templatetags.register import register_tiles
from tests import factories as make
from tests.factories import NOW, in_hours

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
SWIPE = r";(\d{8})\d{2}\?"  # sentinel, eight digits, issue number, sentinel


def page(response):
    return response.content.decode()


def url(name, *args):
    return reverse(f"programmes:{name}", args=args)


@pytest.fixture
def session(world):
    session = make.SessionFactory(group=world.group, starts_at=NOW - timedelta(minutes=5))
    make.SessionLeaderFactory(session=session, membership=world.memberships["amara"])
    world.ben.external_ids.create(source="sits", value="00417733")
    return session


@pytest.fixture
def kiosk(world):
    return open_kiosk(actor=world.rhian, cycle=world.cycle, name="Maths centre", now=NOW)


@pytest.fixture
def tablet(kiosk):
    """A browser that has opened the desk's address."""
    client = Client()
    assert client.get(url("kiosk_link", kiosk.token)).url == url("kiosk")
    return client


def arrive(kiosk, text="00417733", session=None, now=NOW):
    return check_in_at_desk(actor=None, kiosk=kiosk, text=text, session_uuid=session and session.uuid, now=now)


def refused(kiosk, *args, **more):
    with pytest.raises(DeskRefused) as refusal:
        arrive(kiosk, *args, **more)
    return refusal.value.code


# --- who the number names ----------------------------------------------------------------------------------
def test_a_student_number_checks_somebody_in(world, session, kiosk):
    welcome = arrive(kiosk)
    assert (welcome.first_name, welcome.is_repeat) == ("Ben", False)
    row = CheckIn.objects.get()
    assert (row.membership, row.how, row.device) == (world.memberships["ben"], "kiosk", "")
    line = AuditEvent.objects.get(action="programmes.checked_in")
    assert (line.actor, line.detail["kiosk"]) == (None, kiosk.pk)
    tile = register_tiles(register(session, viewer=world.amara), {})
    assert "Checked in at the desk, 10:00" in tile
    assert arrive(kiosk).is_repeat


def test_many_people_check_in_at_one_desk(world, session, kiosk):
    for number in range(3):
        member = make.MembershipFactory(cycle=world.cycle)
        member.user.external_ids.create(source="sits", value=f"0050000{number}")
        arrive(kiosk, f"0050000{number}")
    assert CheckIn.objects.filter(is_same_device=False).count() == 3


@pytest.mark.parametrize(
    ("text", "value", "is_card"),
    [
        (";0041773301?", "00417733", True),
        ("  ;0041773301?\n", "00417733", True),
        ("00417733", "00417733", False),
        ("0041 7733", "00417733", False),
        (";00417733?", ";00417733?", False),
        ("x" * 500, "x" * 81, False),
        ("", "", False),
    ],
)
def test_a_readers_text_becomes_a_number_with_its_leading_zeros(settings, text, value, is_card):
    settings.PEERHUB_CARD_PATTERN = SWIPE
    number = read_number(text)
    assert (number.value, number.is_card) == (value, is_card)


def test_a_card_is_looked_up_among_cards_only(world, session, kiosk, settings):
    settings.PEERHUB_CARD_PATTERN, settings.PEERHUB_CARD_SOURCE = SWIPE, "card"
    assert refused(kiosk, ";0041773301?") == "unknown"  # it is a student number, not a card's
    world.ben.external_ids.create(source="card", value="00998877")
    assert refused(kiosk, "00998877") == "unknown"  # and a card's number is not typed
    assert arrive(kiosk, ";0099887701?").first_name == "Ben"
    assert CheckIn.objects.get().how == "card"


def test_typed_numbers_belong_to_the_named_sources(world, session, kiosk, settings):
    settings.PEERHUB_NUMBER_SOURCES = ["library"]
    assert refused(kiosk) == "unknown"
    settings.PEERHUB_NUMBER_SOURCES = ["library", "sits"]
    assert arrive(kiosk).first_name == "Ben"


def test_two_people_under_one_number_are_nobody(world, session, kiosk):
    make.MembershipFactory(cycle=world.cycle).user.external_ids.create(source="other", value="00417733")
    assert refused(kiosk) == "unknown"


@pytest.mark.parametrize("who", ["dev", "amara", "rhian", "zoe", "ines", "nobody"])
def test_everybody_else_is_not_known_here(world, session, kiosk, tablet, who):
    """Elsewhere, leading, coordinating, asking, waiting, or nowhere: one and the same answer."""
    if who != "nobody":
        getattr(world, who).external_ids.create(source="sits", value="00555555")
    body = page(tablet.post(url("kiosk"), {"number": "00555555"}))
    assert "That number is not known here. Ask at the desk." in body
    assert not CheckIn.objects.exists()


def test_a_leader_who_also_takes_part_is_not_let_in_to_what_they_lead(world, session, kiosk):
    make.MembershipFactory(cycle=world.cycle, user=world.amara)
    world.amara.external_ids.create(source="sits", value="00555555")
    assert refused(kiosk, "00555555") == "unknown"


def test_who_waits_is_let_in_where_anybody_may_turn_up(world, session, kiosk):
    world.ines.external_ids.create(source="sits", value="00555555")
    Cycle.objects.filter(pk=world.cycle.pk).update(join_policy="open")
    kiosk.cycle.refresh_from_db()
    assert arrive(kiosk, "00555555").first_name == "Ines"


# --- to what -------------------------------------------------------------------------------------------------
def test_of_several_sessions_the_persons_own_is_taken_or_the_chosen_one(world, session, kiosk):
    other = make.SessionFactory(cycle=world.cycle, group=make.GroupFactory(cycle=world.cycle), starts_at=NOW)
    arrive(kiosk)
    assert CheckIn.objects.get().session == session
    arrive(kiosk, session=other)
    assert CheckIn.objects.filter(session=other).exists()
    walker = make.MembershipFactory(cycle=world.cycle)
    walker.user.external_ids.create(source="sits", value="00555555")
    assert refused(kiosk, "00555555") == "choose"


def test_a_session_of_another_cycle_cannot_be_chosen(world, session, kiosk):
    world.other_session.starts_at = NOW
    world.other_session.save()
    assert refused(kiosk, session=world.other_session) == "choose"


@pytest.mark.parametrize(
    "change",
    [
        {"status": "cancelled"},
        {"status": "held"},
        {"mode": "async"},
        {"starts_at": in_hours(1), "ends_at": in_hours(2)},
    ],
)
def test_nothing_on_takes_nobody(world, session, kiosk, change):
    Session.objects.filter(pk=session.pk).update(**change)
    assert refused(kiosk) == "nothing_on"


# --- the tablet ------------------------------------------------------------------------------------------------
def test_the_address_is_gone_from_the_tablet_and_the_desk_stays(world, session, tablet, kiosk):
    body = page(tablet.get(url("kiosk")))
    assert kiosk.token not in body
    assert world.group.name in body
    assert "Ben" not in body
    assert tablet.cookies["desk"]["httponly"]


def test_the_tablet_says_a_first_name_and_nothing_else(world, session, tablet):
    for headers in ({}, {"HX-Request": "true"}):
        body = page(tablet.post(url("kiosk"), {"number": "00417733"}, headers=headers))
        assert "Ben, you are in." in body
        assert "Hughes" not in body
        assert "00417733" not in body
    assert not Attendance.objects.filter(session=session).exists()


def test_a_closed_desk_opens_nothing(world, session, tablet, kiosk):
    close_kiosk(actor=world.rhian, kiosk_id=kiosk.pk, now=NOW)
    assert tablet.get(url("kiosk")).status_code == 404
    assert tablet.post(url("kiosk"), {"number": "00417733"}).status_code == 404
    assert Client().get(url("kiosk_link", kiosk.token)).status_code == 404


def other_than(character):
    return "B" if character == "A" else "A"


@pytest.mark.parametrize(
    "change",
    [
        lambda token: token[:-1] + other_than(token[-1]),
        lambda token: other_than(token[0]) + token[1:],
        lambda token: token * 2,
    ],
)
def test_a_made_up_address_opens_nothing(kiosk, change):
    made_up = change(kiosk.token)
    assert Client().get(url("kiosk_link", made_up)).status_code == 404
    client = Client()
    client.cookies["desk"] = made_up
    assert client.get(url("kiosk")).status_code == 404


def test_a_desk_runs_without_an_account(world, session, tablet, kiosk):
    tablet.force_login(world.ben)
    response = tablet.post(url("kiosk"), {"number": "00417733"})
    assert response.status_code == 403
    assert "Somebody is signed in here" in page(response)
    assert not CheckIn.objects.exists()


def test_who_tries_numbers_is_stopped(world, session, kiosk):
    for _ in range(UNKNOWN):
        assert refused(kiosk, "00999999") == "unknown"
    assert refused(kiosk) == "too_many"
    cache.clear()  # time passes
    for _ in range(TRIES):
        arrive(kiosk)
    assert refused(kiosk) == "too_many"


# --- the coordinator ---------------------------------------------------------------------------------------------
def test_rhian_opens_and_closes_a_desk(world, client_of):
    rhian = client_of(world.rhian)
    where = {"slug": "bio-pass", "code": world.cycle.code}
    assert reverse("programmes:kiosk_list", kwargs=where) in page(
        rhian.get(reverse("programmes:session_list", kwargs=where))
    )
    opened = rhian.post(reverse("programmes:kiosk_open", kwargs=where), {"name": " Maths  centre "}, follow=True)
    desk = Kiosk.objects.get()
    assert desk.name == "Maths centre"
    assert desk.token in page(opened)
    rhian.post(reverse("programmes:kiosk_open", kwargs=where), {"name": "Maths centre"})
    assert Kiosk.objects.count() == 1  # pressed twice
    closed = rhian.post(reverse("programmes:kiosk_close", kwargs={**where, "uuid": desk.uuid}), follow=True)
    assert "No desk is open" in page(closed)
    assert rhian.post(reverse("programmes:kiosk_open", kwargs=where), {"name": " "}).status_code == 422


def test_desks_are_few_and_of_cycles_that_are_not_closed(world):
    for number in range(MOST_OPEN):
        open_kiosk(actor=world.rhian, cycle=world.cycle, name=f"Desk {number}", now=NOW)
    for change, code in (({}, "too_many"), ({"state": "closed"}, "closed")):
        Cycle.objects.filter(pk=world.cycle.pk).update(**change)
        world.cycle.refresh_from_db()
        with pytest.raises(KioskRefused) as refusal:
            open_kiosk(actor=world.rhian, cycle=world.cycle, name="One more", now=NOW)
        assert refusal.value.code == code


@pytest.mark.parametrize(("pattern", "faults"), [("", 0), (SWIPE, 0), (r"\d+", 1), (r"(\d)(\d)", 1), (r"(\d", 1)])
def test_a_pattern_without_one_group_is_refused_at_start(settings, pattern, faults):
    settings.PEERHUB_CARD_PATTERN = pattern
    assert len(check_card_pattern(None)) == faults


def test_a_desk_takes_few_queries_however_many_take_part(world, session, tablet):
    for _ in range(5):
        make.MembershipFactory(cycle=world.cycle)
    tablet.get(url("kiosk"))
    with CaptureQueriesContext(connection) as captured:
        tablet.post(url("kiosk"), {"number": "00417733"})
    asked = [one["sql"] for one in captured if not one["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN"))]
    assert len(asked) <= 9, "\n".join(asked)
