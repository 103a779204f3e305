"""Checking in: the code of now, by the person signed in, on a browser of their own."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from peerhub.accounts.services import erase_person
from peerhub.common.devices import device_of, seal_of
from peerhub.common.models import AuditEvent
from programmes.models import Attendance, CheckIn, Cycle, Programme, Session
from programmes.models.check_ins import ALPHABET, CODE_LENGTH, code_of
from programmes.queries.delivery_holdings import delivery_holdings
from programmes.queries.register import register, suggested_marks
from programmes.services.check_ins import TRIES, WRONG, CheckInRefused, check_in, forget_marks
from programmes.tasks import forget_check_in_marks
from tests import factories as make
from tests.factories import NOW, in_hours
from tests.factories.people import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


def page(response):
    return response.content.decode()


def url(name, *args):
    return reverse(f"programmes:{name}", args=args)


@pytest.fixture
def session(world):
    """Amara's group, begun five minutes ago."""
    session = make.SessionFactory(group=world.group, starts_at=NOW - timedelta(minutes=5))
    make.SessionLeaderFactory(session=session, membership=world.memberships["amara"])
    return session


def enter(user, session, *, code=None, now=NOW, seen_at=None, device="phone", how="code"):
    code = code_of(session.uuid, seen_at or now) if code is None else code
    return check_in(actor=user, code=code, how=how, device=device, seen_at=seen_at or now, now=now)


def refused(user, session, **more):
    with pytest.raises(CheckInRefused) as refusal:
        enter(user, session, **more)
    return refusal.value.code


# --- the code -----------------------------------------------------------------------------------------
def test_a_code_is_six_plain_characters_and_changes_every_half_minute(session):
    codes = [code_of(session.uuid, NOW + timedelta(seconds=30 * n)) for n in range(200)]
    assert len(set(codes)) == 200
    assert {len(code) for code in codes} == {CODE_LENGTH}
    assert set("".join(codes)) == set(ALPHABET)
    assert not set(ALPHABET) & set("AEIOU01L25S8B")
    assert code_of(session.uuid, NOW + timedelta(seconds=29)) == codes[0]


def test_a_code_belongs_to_its_session_and_to_the_secret_key(session, settings):
    code = code_of(session.uuid, NOW)
    assert code != code_of(make.SessionFactory().uuid, NOW)
    settings.SECRET_KEY = "another-" + "x" * 50
    assert code != code_of(session.uuid, NOW)


# --- who comes in -------------------------------------------------------------------------------------
def test_check_in_writes_one_row_and_one_line(world, session):
    entry = enter(world.ben, session)
    row = CheckIn.objects.get()
    assert (row.membership, row.at, row.how, row.is_same_device) == (world.memberships["ben"], NOW, "code", False)
    assert row.device == seal_of("phone", session.uuid)
    assert not entry.is_repeat
    line = AuditEvent.objects.get()
    assert (line.action, line.actor, line.cycle_id) == ("programmes.checked_in", world.ben, world.cycle.pk)
    assert not Attendance.objects.filter(session=session).exists()  # the leader decides


def test_the_same_session_again_changes_nothing(world, session):
    first = enter(world.ben, session)
    later = NOW + timedelta(minutes=3)
    again = enter(world.ben, session, now=later, device="another")
    assert again.is_repeat
    assert CheckIn.objects.get() == first.check_in
    assert CheckIn.objects.get().at == NOW
    assert AuditEvent.objects.count() == 1


@pytest.mark.parametrize("typed", ["{}", " {} ", "{0[0]} {0[1]}{0[2]}-{0[3]}{0[4]}{0[5]}"])
def test_a_code_may_be_typed_as_people_type(world, session, typed):
    code = typed.format(code_of(session.uuid, NOW)).lower()
    assert enter(world.ben, session, code=code).check_in.pk


@pytest.mark.parametrize(
    ("seconds", "expected"), [(0, "in"), (29, "in"), (59, "in"), (61, "too_old"), (590, "too_old")]
)
def test_the_code_of_now_and_the_one_before_are_taken(world, session, seconds, expected):
    code, later = code_of(session.uuid, NOW), NOW + timedelta(seconds=seconds)
    outcome = "in" if expected == "in" and enter(world.ben, session, code=code, now=later) else None
    assert (outcome or refused(world.ben, session, code=code, now=later)) == expected


def test_a_code_of_the_future_or_of_long_ago_is_wrong(world, session):
    for minutes in (-11, 1):
        assert refused(world.ben, session, code=code_of(session.uuid, NOW + timedelta(minutes=minutes))) == "wrong"


@pytest.mark.parametrize("code", ["", "3", "AAAAAA", "CCCCCCC", "ＣＣＣＣＣＣ", "'; --", "C" * 5000])
def test_what_is_no_code_is_wrong(world, session, code):
    assert refused(world.ben, session, code=code) == "wrong"


def test_a_scanned_code_keeps_its_moment_while_somebody_signs_in(world, session):
    entry = enter(world.ben, session, seen_at=NOW, now=NOW + timedelta(minutes=9), how="qr")
    assert (entry.check_in.at, entry.check_in.how) == (NOW, "qr")


def test_a_scanned_code_is_not_kept_for_ever(world, session):
    assert refused(world.ben, session, seen_at=NOW, now=NOW + timedelta(minutes=11)) == "too_old"


def test_somebody_of_another_group_comes_in_as_a_walk_in_would(world, session):
    walker = make.MembershipFactory(cycle=world.cycle)
    assert enter(walker.user, session).check_in.membership == walker


def test_who_waits_comes_in_only_where_anybody_may_turn_up(world, session):
    assert refused(world.ines, session) == "not_in"
    Cycle.objects.filter(pk=world.cycle.pk).update(join_policy="open")
    assert enter(world.ines, session).check_in.membership == world.memberships["ines"]


# --- who does not -------------------------------------------------------------------------------------
def test_a_leader_does_not_check_themselves_in(world, session):
    make.MembershipFactory(cycle=world.cycle, user=world.amara)  # not even where they take part as well
    assert refused(world.amara, session) == "leader"


@pytest.mark.parametrize(
    ("who", "code"),
    [("rhian", "other_role"), ("imran", "other_role"), ("elin", "other_role"), ("zoe", "not_in"), ("dev", "not_in")],
)
def test_who_does_not_take_part_is_refused(world, session, who, code):
    assert refused(getattr(world, who), session) == code
    assert not CheckIn.objects.exists()


@pytest.mark.parametrize("status", ["left", "removed", "declined", "requested", "deferred"])
def test_a_place_that_ended_or_never_began_opens_nothing(world, session, status):
    gone = make.MembershipFactory(cycle=world.cycle, status=status)
    assert refused(gone.user, session) == "not_in"


def test_an_offer_is_accepted_first(world, session):
    offered = make.MembershipFactory(cycle=world.cycle, status="offered", offer_expires_at=in_hours(5))
    assert refused(offered.user, session) == "offered"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"status": "cancelled"}, "called_off"),
        ({"status": "held"}, "saved"),
        ({"starts_at": in_hours(1), "ends_at": in_hours(2)}, "not_on"),
        ({"starts_at": in_hours(-2), "ends_at": in_hours(-1)}, "not_on"),
        ({"mode": "async"}, "wrong"),
        ({"kind": "contact", "channel": "met"}, "wrong"),
    ],
)
def test_a_session_that_is_not_on_takes_nobody(world, session, change, code):
    Session.objects.filter(pk=session.pk).update(**change)
    assert refused(world.ben, session) == code


@pytest.mark.parametrize(("minutes", "is_open"), [(-16, False), (-15, True), (74, True), (75, False)])
def test_check_in_is_open_from_a_quarter_before_to_a_quarter_after(world, session, minutes, is_open):
    at = session.starts_at + timedelta(minutes=minutes)
    if is_open:
        assert enter(world.ben, session, now=at).check_in.pk
    else:
        assert refused(world.ben, session, now=at) == "not_on"


def test_a_closed_cycle_takes_nobody(world, session):
    Cycle.objects.filter(pk=world.cycle.pk).update(state="closed")
    assert refused(world.ben, session) == "not_on"


# --- proxies and guessers ------------------------------------------------------------------------------
def test_one_browser_checks_in_one_person_a_session(world, session):
    friend = make.MembershipFactory(cycle=world.cycle)
    enter(world.ben, session)
    assert refused(friend.user, session) == "same_device"
    row = CheckIn.objects.get(membership=friend)
    assert row.is_same_device
    assert refused(friend.user, session) == "same_device"
    assert CheckIn.objects.count() == 2

    entry = enter(friend.user, session, device="their own")
    assert not entry.check_in.is_same_device
    assert CheckIn.objects.filter(is_same_device=False).count() == 2


def test_a_browser_may_serve_another_person_in_another_session(world, session):
    other = make.SessionFactory(group=world.group, starts_at=NOW)
    friend = make.MembershipFactory(cycle=world.cycle)
    enter(world.ben, session)
    assert enter(friend.user, other).check_in.pk
    marks = set(CheckIn.objects.values_list("device", flat=True))
    assert len(marks) == 2  # rows of one browser cannot be put together


def test_the_database_forbids_what_the_service_refuses(world, session):
    mine = make.CheckInFactory(session=session, membership=world.memberships["ben"], device="d" * 22)
    friend = make.MembershipFactory(cycle=world.cycle)
    for twice in ({"membership": mine.membership}, {"membership": friend, "device": "d" * 22}):
        with pytest.raises(IntegrityError), transaction.atomic():
            make.CheckInFactory(session=session, **twice)
    with pytest.raises(IntegrityError), transaction.atomic():
        CheckIn.objects.update(how="wish")


def test_one_person_cannot_guess_for_long(world, session):
    outcomes = [refused(world.ben, session, code="CCCCCC") for _ in range(TRIES)]
    assert set(outcomes) == {"wrong"}
    assert refused(world.ben, session) == "too_many"
    assert not CheckIn.objects.exists()


def test_many_people_cannot_guess_one_session_for_long(world, session):
    others = [make.MembershipFactory(cycle=world.cycle).user for _ in range(WRONG // TRIES)]
    for user in others:
        for _ in range(TRIES):
            refused(user, session, code="CCCCCC")
    assert refused(world.ben, session) == "paused"
    cache.clear()  # time passes
    assert enter(world.ben, session).check_in.pk


# --- pages ----------------------------------------------------------------------------------------------
def test_ben_types_the_code_on_his_home(world, session, client_of):
    ben = client_of(world.ben)
    home = page(ben.get(reverse("home_student")))
    assert 'name="code"' in home

    response = ben.post(url("check_in"), {"code": code_of(session.uuid, NOW)}, follow=True)

    assert response.redirect_chain[-1][0] == url("check_in_done", session.uuid)
    assert "You are in, Ben" in page(response)
    home = page(ben.get(reverse("home_student")))
    assert "You are in" in home
    assert 'name="code"' not in home
    again = ben.post(url("check_in"), {"code": code_of(session.uuid, NOW)}, follow=True)
    assert "You were in already" in page(again)


def test_a_scan_comes_back_after_signing_in(world, session):
    client = Client()
    away = client.get(url("check_in_link", code_of(session.uuid, NOW)))
    assert (away.status_code, away.url) == (303, url("check_in_scanned"))
    sign_in = client.get(away.url)
    assert sign_in.url == f"{reverse('account_login')}?next={url('check_in_scanned')}"
    back = client.post(sign_in.url, {"login": world.ben.email, "password": PASSWORD})
    assert back.url == url("check_in_scanned")
    assert "Are you here, Ben?" in page(client.get(back.url))
    assert not CheckIn.objects.exists()  # looking is not checking in

    done = client.post(back.url, follow=True)

    assert "You are in, Ben" in page(done)
    assert CheckIn.objects.get().how == "qr"
    assert client.get(url("check_in_scanned")).url == url("check_in")  # used up


def test_a_broken_link_asks_for_the_code(world, session, client_of):
    response = client_of(world.ben).get(url("check_in_link", "rubbish"))
    assert response.url == url("check_in")


def test_the_second_person_on_one_telephone_is_told(world, session):
    friend = make.MembershipFactory(cycle=world.cycle).user
    phone = Client()
    phone.force_login(world.ben)
    phone.post(url("check_in"), {"code": code_of(session.uuid, NOW)})
    phone.post(reverse("account_logout"))
    phone.force_login(friend)
    response = phone.post(url("check_in"), {"code": code_of(session.uuid, NOW)})
    assert response.status_code == 422
    assert "already checked somebody else in" in page(response)


def test_a_forged_device_cookie_is_a_new_device(rf):
    request = rf.get("/")
    request.COOKIES["device"] = "mine:forged"
    assert device_of(request) != "mine"


@pytest.mark.parametrize(
    ("policy", "visibility", "says"),
    [
        ("open", "public", "Join Bio PASS"),
        ("approval", "public", "The code is of"),
        ("open", "draft", "Tell whoever leads that you came."),
    ],
)
def test_a_stranger_is_shown_the_way_in_where_there_is_one(world, session, client_of, policy, visibility, says):
    Cycle.objects.filter(pk=world.cycle.pk).update(join_policy=policy)
    Programme.objects.filter(pk=world.programme.pk).update(visibility=visibility)
    body = page(client_of(world.dev).post(url("check_in"), {"code": code_of(session.uuid, NOW)}))
    assert says in body
    assert ("Bio PASS" in body) is (visibility == "public")


def test_a_wrong_code_stays_in_the_field_with_the_reason(world, session, client_of):
    response = client_of(world.ben).post(url("check_in"), {"code": "CCCCCC"})
    assert response.status_code == 422
    assert "No session that is on now shows this code" in page(response)
    assert client_of(world.ben).post(url("check_in"), {"code": ""}).status_code == 422


# --- the screen -----------------------------------------------------------------------------------------
def test_the_screen_shows_code_square_and_count_but_no_names(world, session, client_of):
    enter(world.ben, session)
    body = page(client_of(world.amara).get(url("session_code", session.uuid)))
    code = code_of(session.uuid, NOW)
    assert ", ".join(code) in body
    assert "<svg" in body
    assert "1 in, 1 expected" in body
    assert "Ben" not in body
    assert "aria-live" not in body.partition('id="check-in-now"')[2].partition("</main>")[0].partition("ph-unsaved")[0]
    part = page(client_of(world.amara).get(url("session_code_now", session.uuid)))
    assert part.lstrip().startswith('<div id="check-in-now"')


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"status": "cancelled"}, "This was called off"),
        ({"status": "held"}, "The register is saved"),
        ({"starts_at": in_hours(2), "ends_at": in_hours(3)}, "Check-in opens here by itself"),
        ({"starts_at": in_hours(-3), "ends_at": in_hours(-2)}, "Check-in is over"),
    ],
)
def test_the_screen_says_when_there_is_no_code(world, session, client_of, change, says):
    Session.objects.filter(pk=session.pk).update(**change)
    body = page(client_of(world.amara).get(url("session_code", session.uuid)))
    assert says in body
    assert code_of(session.uuid, NOW)[:3] not in body.partition('id="check-in-now"')[2]


def test_amara_finds_the_screen_from_home(world, session, client_of):
    amara = client_of(world.amara)
    assert url("session_code", session.uuid) in page(amara.get(reverse("home_leader")))
    assert url("session_code", session.uuid) in page(amara.get(url("session_detail", session.uuid)))
    assert url("session_code", session.uuid) not in page(client_of(world.ben).get(url("session_detail", session.uuid)))


# --- the register ---------------------------------------------------------------------------------------
def sheet(body):
    """The sheet's form as a browser would send it back."""
    values = [(tag["name"], tag.get("value", "on")) for tag in tags(body) if is_sent(tag)]
    return {name: [value for other, value in values if other == name] for name, _value in values} | {"outcome": "held"}


def tags(body):
    form = body.partition('id="log"')[2].partition("</form>")[0]
    return [dict(re.findall(r'([\w-]+)(?:="([^"]*)")?', tag)) for tag in re.findall(r"<input([^>]*)>", form)]


def is_sent(tag):
    return "name" in tag and (tag.get("type") == "hidden" or "checked" in tag) and tag["name"] != "outcome"


def test_the_register_is_ticked_from_check_ins_and_says_how_when_saved(world, session, client_of):
    walker = make.MembershipFactory(cycle=world.cycle, user__given_name="Walker")
    absent = make.MembershipFactory(cycle=world.cycle, user__given_name="Absent")
    by_hand = make.MembershipFactory(cycle=world.cycle, user__given_name="Byhand")
    for member in (absent, by_hand):
        make.GroupMemberFactory(group=world.group, membership=member)
    enter(world.ben, session)
    enter(walker.user, session, device="another", how="qr")
    amara = client_of(world.amara)

    body = page(amara.get(url("session_log", session.uuid)))

    assert "Checked in 10:00" in body
    assert "Walk-in, checked in 10:00" in body
    said = sheet(body)
    assert set(said["here"]) == {str(world.memberships["ben"].uuid), str(walker.uuid)}
    said["here"].append(str(by_hand.uuid))
    assert amara.post(url("session_log", session.uuid), said).status_code == 302
    rows = Attendance.objects.filter(session=session).values_list(
        "membership__user__given_name", "status", "recorded_how"
    )
    assert set(rows) == {
        ("Ben", "present", "code"), ("Walker", "present", "qr"), ("Byhand", "present", "leader"),
        ("Absent", "absent", "leader"),
    }  # fmt: skip
    assert Attendance.objects.get(session=session, membership=walker).is_walk_in
    assert page(amara.get(url("session_detail", session.uuid))).count("checked in 10:00") == 2


def test_the_leader_decides_against_a_check_in(world, session, client_of):
    friend = make.MembershipFactory(cycle=world.cycle)
    enter(world.ben, session)
    enter(friend.user, session, device="another")
    amara = client_of(world.amara)
    said = sheet(page(amara.get(url("session_log", session.uuid))))
    said["here"] = [str(friend.uuid)]
    amara.post(url("session_log", session.uuid), said)
    row = Attendance.objects.get(session=session, membership=world.memberships["ben"])
    assert (row.status, row.recorded_how) == ("absent", "leader")
    assert CheckIn.objects.filter(membership=world.memberships["ben"]).exists()  # the evidence stays


@pytest.mark.parametrize(("minutes", "mark"), [(14, "present"), (15, "late"), (40, "late")])
def test_a_late_check_in_suggests_late(world, session, client_of, minutes, mark):
    make.CheckInFactory(
        session=session, membership=world.memberships["ben"], at=session.starts_at + timedelta(minutes=minutes)
    )
    people = register(session, viewer=world.amara)
    assert suggested_marks(people, session) == {world.memberships["ben"].uuid: mark}
    Cycle.objects.filter(pk=world.cycle.pk).update(late_after_minutes=60)
    session.cycle.refresh_from_db()
    assert set(suggested_marks(people, session).values()) == {"present"}


def test_taking_the_tick_of_a_late_person_away_is_enough(world, session, client_of):
    ben = world.memberships["ben"]
    other = make.MembershipFactory(cycle=world.cycle)
    make.GroupMemberFactory(group=world.group, membership=other)
    make.CheckInFactory(session=session, membership=ben, at=session.starts_at + timedelta(minutes=20))
    amara = client_of(world.amara)
    said = sheet(page(amara.get(url("session_log", session.uuid))))
    said |= {"here": [str(other.uuid)], f"mark-{ben.uuid}": "late"}
    amara.post(url("session_log", session.uuid), said)
    assert Attendance.objects.get(session=session, membership=ben).status == "absent"


def test_who_checks_in_while_the_sheet_is_open_is_not_lost(world, session, client_of):
    late = make.MembershipFactory(cycle=world.cycle, user__given_name="Justnow")
    make.GroupMemberFactory(group=world.group, membership=late)
    enter(world.ben, session)
    amara = client_of(world.amara)
    said = sheet(page(amara.get(url("session_log", session.uuid))))
    enter(late.user, session, device="another")

    again = amara.post(url("session_log", session.uuid), {**said, "shared_note": "My own words"})

    assert again.status_code == 409
    assert "has checked in since you opened this" in page(again)
    assert "My own words" in page(again)
    said = sheet(page(again))
    assert str(late.uuid) in said["here"]
    assert amara.post(url("session_log", session.uuid), said).status_code == 302
    assert set(Attendance.objects.filter(session=session).values_list("status", flat=True)) == {"present"}


def test_a_shared_device_is_shown_and_can_be_ticked(world, session, client_of):
    friend = make.MembershipFactory(cycle=world.cycle, user__given_name="Friend")
    enter(world.ben, session)
    refused(friend.user, session)
    amara = client_of(world.amara)
    body = page(amara.get(url("session_log", session.uuid)))
    assert "Same device as somebody else, 10:00" in body
    said = sheet(body)
    assert said["here"] == [str(world.memberships["ben"].uuid)]
    assert said["entered"] == [str(world.memberships["ben"].uuid)]
    said["here"].append(str(friend.uuid))
    amara.post(url("session_log", session.uuid), said)
    assert Attendance.objects.get(session=session, membership=friend).recorded_how == "leader"


# --- privacy ---------------------------------------------------------------------------------------------
def test_a_person_reads_their_check_ins_and_the_mark_goes_with_them(world, session):
    friend = make.MembershipFactory(cycle=world.cycle)
    enter(world.ben, session)
    refused(friend.user, session)

    own, theirs = (
        next(one for one in delivery_holdings(user) if one.section == "Check-ins").rows
        for user in (world.ben, friend.user)
    )
    assert [(row["how"], row["note"]) for row in own] == [("Code typed", "")]
    assert "Not counted" in theirs[0]["note"]

    erase_person(actor=world.sam, user=world.ben, now=NOW)
    assert CheckIn.objects.get(membership=world.memberships["ben"]).device == ""


def test_the_mark_of_a_browser_is_forgotten_after_a_month(world, session):
    enter(world.ben, session)
    assert forget_marks(now=NOW + timedelta(days=29)) == 0
    with time_machine.travel(NOW + timedelta(days=31), tick=False):
        forget_check_in_marks()
    row = CheckIn.objects.get()
    assert (row.device, row.how) == ("", "code")


# --- speed ------------------------------------------------------------------------------------------------
def test_checking_in_takes_eight_queries_at_most(world, session, client_of):
    ben, warm = client_of(world.ben), client_of(make.MembershipFactory(cycle=world.cycle).user)
    warm.post(url("check_in"), {"code": code_of(session.uuid, NOW)})
    with CaptureQueriesContext(connection) as captured:
        response = ben.post(url("check_in"), {"code": code_of(session.uuid, NOW)})
    asked = [one["sql"] for one in captured if not one["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN"))]
    assert response.status_code == 302
    assert len(asked) <= 8, "\n".join(asked)
