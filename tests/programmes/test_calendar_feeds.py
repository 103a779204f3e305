"""Private calendar links: what they tell, to whom, for how long."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
import vobject
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from peerhub.common.clock import instant
from peerhub.common.logs import without_keys
from peerhub.common.models import AuditEvent
from programmes.models import CalendarFeed, GroupMember, Membership, Session
from programmes.models.calendars import digest_of
from programmes.services.calendars import make_feed
from programmes.services.erasure import forget_deliveries
from programmes.services.sessions import Plan, cancel_session, change_session, restore_session
from tests import factories as make
from tests.factories import NOW, in_days, in_hours

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


def link(user, group=None, language="en", now=NOW):
    return make_feed(actor=user, group=group, language=language, now=now)[1]


def read(token, **headers):
    return Client().get(reverse("programmes:calendar_feed", args=[token]), headers=headers)


def text(token):
    response = read(token)
    assert response.status_code == 200
    return response.content.decode()


def events(token):
    """{title: the event as icalendar has it}, read by vobject too."""
    raw = text(token)
    found = {str(one["SUMMARY"]): one for one in icalendar.Calendar.from_ical(raw).walk("VEVENT")}
    other = vobject.readOne(raw).contents.get("vevent", [])
    assert {one.summary.value for one in other} == set(found)
    return found


def starts(token):
    return sorted(one["DTSTART"].dt for one in icalendar.Calendar.from_ical(text(token)).walk("VEVENT"))


# --- what is in it ----------------------------------------------------------------------------------------------------
def test_a_feed_holds_what_one_leads_and_is_expected_at(world):
    titled = {"upcoming": "Tomorrow", "today": "Today", "past": "Past"}
    for name, title in titled.items():
        Session.objects.filter(pk=getattr(world, name).pk).update(title=title)
    for who in (world.amara, world.ben):
        assert {one.partition(" (")[0] for one in events(link(who))} == set(titled.values())
    for who in (world.rhian, world.imran, world.elin, world.dev, world.zoe, world.sam):
        assert "Tomorrow" not in text(link(who))
    one = events(link(world.ben))["Tomorrow (Bio PASS)"]
    assert one["DTSTART"].dt == in_hours(24)
    assert one["LOCATION"] == "Library, room 2"
    assert one["DESCRIPTION"] == "Led by Amara Okafor."
    assert one["URL"].endswith(f"/sessions/{world.upcoming.uuid}/")
    assert one["UID"] == f"{world.upcoming.uuid}@testserver"
    assert events(link(world.amara))["Tomorrow (Bio PASS)"]["DESCRIPTION"] == "Led by Amara Okafor.\nYou lead this."


def test_a_feed_looks_back_sixty_days_and_ahead_to_the_end(world):
    for days in (-61, -59, 300):
        make.SessionFactory(group=world.group, starts_at=in_days(days), title=f"Day {days}")
    GroupMember.objects.update(started_at=in_days(-80))
    found = events(link(world.ben))
    assert "Day 300 (Bio PASS)" in found
    assert "Day -59 (Bio PASS)" in found
    assert "Day -61 (Bio PASS)" not in found


def test_no_student_is_named_in_a_feed(world):
    kai = make.MembershipFactory(cycle=world.cycle, user__given_name="Kai", user__family_name="Davies")
    make.GroupMemberFactory(group=world.group, membership=kai)
    pair = make.GroupFactory(cycle=world.cycle, shape="pair", name="Amara and Kai", created_at=in_days(-20))
    for membership in (world.memberships["amara"], kai):
        make.GroupMemberFactory(group=pair, membership=membership)
    meeting = make.SessionFactory(group=pair, starts_at=in_hours(30))
    make.SessionLeaderFactory(session=meeting, membership=world.memberships["amara"])
    make.AttendanceFactory(session=world.past, membership=kai)
    for token in (link(world.amara), link(world.ben), link(world.amara, world.group), link(world.amara, pair)):
        raw = text(token).replace("\r\n ", "")
        assert "Kai" not in raw
        assert "Davies" not in raw
        assert "Hughes" not in raw
    assert "Study session (Bio PASS)" in events(link(world.amara))


def test_contacts_are_not_in_a_feed(world):
    pair = make.GroupFactory(cycle=world.cycle, shape="pair", created_at=in_days(-20))
    make.GroupMemberFactory(group=pair, membership=world.memberships["ben"])
    make.SessionFactory(group=pair, kind="contact", channel="call", status="held", starts_at=in_hours(-3), title="Call")
    assert "Call" not in text(link(world.ben))


def test_a_link_to_join_is_told_when_the_page_tells_it(world, frozen):
    Session.objects.filter(pk=world.upcoming.pk).update(
        mode="online", place="", link="https://meet.example/abc", starts_at=in_hours(30), ends_at=in_hours(31)
    )
    assert "meet.example" not in text(link(world.ben))
    assert "meet.example" in text(link(world.amara)).replace("\r\n ", "")
    frozen.shift(timedelta(hours=7))
    token = link(world.ben)
    assert "Join online: https://meet.example/abc" in text(token).replace("\r\n ", "")
    assert next(one for one in events(token).values() if one["DTSTART"].dt == in_hours(30))["LOCATION"] == "Online"


def test_what_people_do_in_their_own_time_lasts_whole_days(world):
    zone = "Europe/London"
    Session.objects.filter(pk=world.upcoming.pk).update(
        mode="async",
        title="Forum",
        starts_at=instant(date(2026, 11, 9), datetime.min.time(), zone),
        ends_at=instant(date(2026, 11, 16), datetime.min.time(), zone),
    )
    one = events(link(world.ben))["Forum (Bio PASS)"]
    assert (one["DTSTART"].dt, one["DTEND"].dt) == (date(2026, 11, 9), date(2026, 11, 16))
    assert one["DESCRIPTION"].startswith("In your own time.")


@pytest.mark.parametrize(
    ("day", "hour", "utc"),
    [
        (date(2026, 10, 24), 14, "20261024T130000Z"),  # summer time
        (date(2026, 10, 25), 14, "20261025T140000Z"),  # the clocks went back that night
        (date(2027, 3, 27), 14, "20270327T140000Z"),
        (date(2027, 3, 28), 14, "20270328T130000Z"),  # they went forward
    ],
)
def test_sessions_keep_their_time_of_day_over_clock_changes(world, day, hour, utc):
    at = instant(day, datetime.min.time().replace(hour=hour), "Europe/London")
    Session.objects.filter(pk=world.upcoming.pk).update(starts_at=at, ends_at=at + timedelta(hours=1), title="X")
    token = link(world.ben)
    assert f"DTSTART:{utc}" in text(token)
    assert events(token)["X (Bio PASS)"]["DTSTART"].dt.astimezone(ZoneInfo("Europe/London")).hour == hour


def test_a_session_over_midnight_ends_the_next_day(world):
    at = instant(date(2026, 10, 24), datetime.min.time().replace(hour=23), "Europe/London")
    Session.objects.filter(pk=world.upcoming.pk).update(starts_at=at, ends_at=at + timedelta(hours=4), title="Night")
    one = events(link(world.ben))["Night (Bio PASS)"]
    assert one["DTEND"].dt - one["DTSTART"].dt == timedelta(hours=4)


def test_a_feed_speaks_welsh_in_the_programmes_words(world):
    Session.objects.filter(pk=world.upcoming.pk).update(group=None, mode="online", place="")
    token = link(world.amara, language="cy")
    found = events(token)
    one = found["Sesiwn astudio (Bio PASS)"]
    assert one["LOCATION"] == "Ar-lein"
    assert one["DESCRIPTION"] == "Dan arweiniad Amara Okafor.\nChi sy’n arwain."
    assert icalendar.Calendar.from_ical(text(token))["NAME"] == "Fy sesiynau (PeerHub)"
    type(world.programme).objects.update(session_word="clinic")
    assert "Clinic (Bio PASS)" in events(token)
    cancel_session(actor=world.amara, session_id=world.upcoming.pk, reason="Ill", now=NOW)
    assert "Wedi’i ganslo: Clinic (Bio PASS)" in events(token)


# --- change, cancel, restore ------------------------------------------------------------------------------------------
def test_change_cancel_and_restore_keep_the_uid_and_raise_the_sequence(world):
    token, seen = link(world.ben), []

    def look():
        found = [one for one in events(token).values() if str(world.upcoming.uuid) in one["UID"]]
        (one,) = found
        seen.append((one["UID"], int(one["SEQUENCE"]), str(one["STATUS"]), one["DTSTART"].dt, one["LAST-MODIFIED"].dt))

    look()
    plan = Plan(in_hours(48), in_hours(49), world.group, [world.memberships["amara"]], place="B2")
    change_session(actor=world.amara, session_id=world.upcoming.pk, plan=plan, now=in_hours(1))
    look()
    cancel_session(actor=world.amara, session_id=world.upcoming.pk, reason="Ill", now=in_hours(2))
    look()
    restore_session(actor=world.amara, session_id=world.upcoming.pk, now=in_hours(3))
    look()
    assert {uid for uid, *_ in seen} == {f"{world.upcoming.uuid}@testserver"}
    assert [sequence for _, sequence, *_ in seen] == [0, 1, 2, 3]
    assert [status for _, _, status, *_ in seen] == ["CONFIRMED", "CONFIRMED", "CANCELLED", "CONFIRMED"]
    assert [at for *_, at, _ in seen] == [in_hours(24), *[in_hours(48)] * 3]
    assert [at for *_, at in seen][1:] == [in_hours(1), in_hours(2), in_hours(3)]


def test_what_nobody_is_told_of_does_not_raise_the_sequence(world):
    plan = Plan(
        world.upcoming.starts_at,
        world.upcoming.ends_at,
        world.group,
        [world.memberships["amara"]],
        place=world.upcoming.place,
        title="Osmosis",
    )
    change_session(actor=world.amara, session_id=world.upcoming.pk, plan=plan, now=NOW)
    world.upcoming.refresh_from_db()
    assert (world.upcoming.sequence, world.upcoming.revised_at) == (0, None)
    assert "Osmosis (Bio PASS)" in events(link(world.ben))


def test_called_off_stays_until_its_day_has_passed(world, frozen):
    cancel_session(actor=world.amara, session_id=world.upcoming.pk, reason="Ben is ill", now=NOW)
    token = link(world.ben)
    one = events(token)["Called off: Group A (Bio PASS)"]
    assert one["STATUS"] == "CANCELLED"
    assert "ill" not in text(token)
    frozen.shift(timedelta(hours=37))  # its day, 23:00
    assert "Called off: Group A (Bio PASS)" in events(token)
    frozen.shift(timedelta(hours=2))
    assert "Called off" not in text(token)


# --- who leaves -------------------------------------------------------------------------------------------------------
def test_who_leaves_a_group_sees_it_end(world):
    tokens = link(world.ben), link(world.ben, world.group)
    GroupMember.objects.filter(membership=world.memberships["ben"]).update(ended_at=NOW)
    for token in tokens:
        assert starts(token) == [in_hours(-168), in_hours(-2)]


def test_who_leaves_the_programme_finds_nothing_of_it(world):
    tokens = link(world.ben), link(world.ben, world.group)
    Membership.objects.filter(user=world.ben).update(status="left", ended_at=NOW)
    for token in tokens:
        assert starts(token) == []


def test_who_does_not_lead_any_more_does_not_see_it(world):
    token = link(world.amara)
    world.upcoming.leaders.all().delete()
    assert in_hours(24) not in starts(token)


def test_a_closed_account_ends_its_links(world):
    token = link(world.ben)
    type(world.ben).objects.filter(pk=world.ben.pk).update(is_active=False)
    assert read(token).status_code == 404


def test_erasure_deletes_the_links(world):
    link(world.ben)
    forgotten = {str(one.section): one.forgotten for one in forget_deliveries(user=world.ben, now=NOW)}
    assert forgotten["Calendar links"] == 1
    assert not CalendarFeed.objects.exists()


# --- one group --------------------------------------------------------------------------------------------------------
def test_a_groups_feed_holds_the_group_and_nothing_else(world):
    other = make.GroupFactory(cycle=world.cycle)
    make.GroupMemberFactory(group=other, membership=world.memberships["ben"])
    make.SessionFactory(group=other, starts_at=in_hours(50), title="Other")
    covered = make.SessionFactory(group=world.group, starts_at=in_hours(60), title="Covered")
    make.SessionLeaderFactory(session=covered, membership__user__given_name="Lowri")
    for who in (world.ben, world.amara, world.rhian, world.imran):
        found = events(link(who, world.group))
        assert "Other (Bio PASS)" not in found
        assert found["Covered (Bio PASS)"]["DESCRIPTION"].startswith("Led by Lowri")
    assert icalendar.Calendar.from_ical(text(link(world.ben, world.group)))["NAME"] == "Group A (Bio PASS)"


# --- the link itself --------------------------------------------------------------------------------------------------
def test_nothing_in_the_database_opens_a_feed(world):
    token = link(world.ben)
    feed = CalendarFeed.objects.get()
    values = [str(value) for value in CalendarFeed.objects.values().get().values()]
    events_kept = [f"{one.detail}{one.target_id}" for one in AuditEvent.objects.all()]
    assert token not in " ".join([*values, *events_kept])
    assert feed.token_digest == digest_of(token)
    for wrong in (feed.token_digest, str(feed.pk), token[:-1], token + "A", token.swapcase(), "x", "ŵ", token + "\n"):
        assert read(wrong).status_code == 404


def test_a_new_link_ends_the_one_before(world):
    old = link(world.ben)
    new = link(world.ben)
    assert read(old).status_code == 404
    assert read(new).status_code == 200
    assert CalendarFeed.objects.count() == 1


def test_links_to_everything_and_to_groups_are_apart(world):
    everything, group = link(world.ben), link(world.ben, world.group)
    other = link(world.amara, world.group)
    for token in (everything, group, other):
        assert read(token).status_code == 200


def test_one_link_to_everything_and_one_a_group(world):
    CalendarFeed.objects.bulk_create(
        CalendarFeed(user=world.ben, group=group, token_digest=str(group), made_at=NOW) for group in (None, world.group)
    )
    for group in (None, world.group):
        with pytest.raises(IntegrityError), transaction.atomic():
            CalendarFeed.objects.create(user=world.ben, group=group, token_digest="x", made_at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        CalendarFeed.objects.update(language="de")


def test_a_link_never_stands_in_a_log(world):
    token = link(world.ben)
    assert token not in without_keys(f"Not Found: /calendars/{token}.ics")
    assert token not in without_keys(f'"GET /calendars/{token}.ics HTTP/1.1" 200')


# --- HTTP -------------------------------------------------------------------------------------------------------------
def test_a_calendar_is_told_when_nothing_changed(world, frozen):
    token = link(world.ben)
    first = read(token)
    assert first["Content-Type"] == "text/calendar; charset=utf-8"
    assert first["Cache-Control"] == "private, no-cache"
    frozen.shift(timedelta(minutes=5))
    for headers in ({"if-none-match": first["ETag"]}, {"if-modified-since": first["Last-Modified"]}):
        again = read(token, **headers)
        assert again.status_code == 304
        assert not again.content
        assert again["ETag"] == first["ETag"]
        assert again["Last-Modified"] == first["Last-Modified"]
    Session.objects.filter(pk=world.upcoming.pk).update(title="Osmosis")
    for headers in ({"if-none-match": first["ETag"]}, {"if-modified-since": first["Last-Modified"]}):
        changed = read(token, **headers)
        assert changed.status_code == 200
        assert changed["ETag"] != first["ETag"]


def test_reading_is_noted_to_the_hour(world, frozen):
    token = link(world.ben)
    read(token)
    assert CalendarFeed.objects.get().read_at == NOW
    frozen.shift(timedelta(minutes=59))
    with CaptureQueriesContext(connection) as captured:
        read(token)
    assert not [query for query in captured if query["sql"].startswith("UPDATE")]
    frozen.shift(timedelta(minutes=1))
    read(token)
    assert CalendarFeed.objects.get().read_at == in_hours(1)


def test_a_feed_of_hundreds_asks_as_little_as_one_of_three(world, frozen):
    tokens = link(world.amara), link(world.ben), link(world.ben, world.group)
    counts = {}
    for size in (1, 200):
        made = Session.objects.bulk_create(
            Session(
                cycle=world.cycle,
                group=world.group,
                starts_at=in_hours(100 + n),
                ends_at=in_hours(101 + n),
                created_at=NOW,
            )
            for n in range(size)
        )
        for session in made:
            make.SessionLeaderFactory(session=session, membership=world.memberships["amara"])
        for token in tokens:
            read(token)  # notes the reading
            with CaptureQueriesContext(connection) as captured:
                read(token)
            counts.setdefault(token, []).append(len(captured))
    assert [counts[token] for token in tokens] == [[4, 4], [4, 4], [5, 5]]
