"""Calendars as two libraries that share no code read them: icalendar and vobject."""

import re
from datetime import UTC, date, datetime, timedelta

import icalendar
import pytest
import vobject
from hypothesis import given
from hypothesis import strategies as st

from peerhub.common import ical
from tests.factories import NOW

ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
NASTY = [
    "Maths; calculus, \\limits\\ and more\nSecond line",
    "BEGIN:VEVENT\r\nUID:forged\r\nEND:VEVENT",
    "Ffiseg â hwyl: dŵr, gwynt; tân " * 8,
    "𝔐𝔞𝔱𝔥𝔰 👩🏽‍🔬 " * 20,
    "tab\there\x0bvertical\x1fseparator\x85next\u2028line\u2029para",
    "",
    "x" * 1000,
    '"quoted"',
    "\\n is not a break",
]


def event(**parts):
    plain = {
        "uid": "0b1c@peerhub.example",
        "changed_at": NOW,
        "sequence": 3,
        "starts": NOW,
        "ends": NOW + timedelta(hours=1),
        "summary": "Group A (Bio PASS)",
        "description": "Led by Amara Okafor.",
        "location": "Library, room 2",
        "url": "https://peerhub.example/sessions/0b1c/",
    }
    return ical.Event(**{**plain, **parts})


def read_by_icalendar(text):
    """{uid: (summary, description, location, starts, ends, sequence, status)} as icalendar has it."""
    calendar = icalendar.Calendar.from_ical(text)
    assert not calendar.errors
    found = {}
    for one in calendar.walk("VEVENT"):
        assert not one.errors
        found[str(one["UID"])] = (
            str(one.get("SUMMARY", "")),
            str(one.get("DESCRIPTION", "")),
            str(one.get("LOCATION", "")),
            one["DTSTART"].dt,
            one["DTEND"].dt,
            int(one["SEQUENCE"]),
            str(one["STATUS"]),
        )
    return found


def read_by_vobject(text):
    """The same as vobject has it."""
    calendar = vobject.readOne(text)
    found = {}
    for one in calendar.contents.get("vevent", []):
        get = {name: lines[0].value for name, lines in one.contents.items()}
        assert all(len(lines) == 1 for lines in one.contents.values())
        moments = [at.astimezone(UTC) if isinstance(at, datetime) else at for at in (get["dtstart"], get["dtend"])]
        found[get["uid"]] = (
            get.get("summary", ""),
            get.get("description", ""),
            get.get("location", ""),
            *moments,
            int(get["sequence"]),
            get["status"],
        )
    return found


READERS = pytest.mark.parametrize("read", [read_by_icalendar, read_by_vobject])


def sound(text):
    """What RFC 5545 asks of every line."""
    lines = text.encode().split(b"\r\n")
    assert lines.pop() == b""
    assert all(len(line) <= 75 for line in lines), max(map(len, lines))
    assert b"\n" not in text.encode().replace(b"\r\n", b"")
    for line in lines:
        line.decode()  # no character is cut in two
    unfolded = text.replace("\r\n ", "").split("\r\n")[:-1]
    assert all(re.match(r"[A-Z-]+[:;]", line) for line in unfolded)
    return text


def as_read(words):
    """Words as a calendar can hold them: one kind of line break, no control signs."""
    words = words.replace("\r\n", "\n").replace("\r", "\n")
    words = re.sub("[\x00-\x08\x0b-\x1f\x7f]", "", words)
    return re.sub("[\x85\u2028\u2029]", "\n", words)


@READERS
@pytest.mark.parametrize("words", NASTY)
def test_nasty_words_come_back_as_they_were(read, words):
    text = sound(ical.calendar([event(summary=words, description=words, location=words)], name=words))
    ((summary, description, location, *_rest),) = read(text).values()
    assert (summary, description, location) == (as_read(words),) * 3


@given(summary=ANY, description=ANY)
def test_any_words_make_a_sound_calendar(summary, description):
    text = sound(ical.calendar([event(summary=summary, description=description)], name=summary))
    for read in (read_by_icalendar, read_by_vobject):
        ((as_found, *_rest),) = read(text).values()
        assert as_found == as_read(summary)


@READERS
def test_everything_arrives(read):
    other = event(uid="2@peerhub.example", is_cancelled=True, sequence=4)
    assert read(sound(ical.calendar([event(), other], name="My sessions"))) == {
        "0b1c@peerhub.example": (
            "Group A (Bio PASS)",
            "Led by Amara Okafor.",
            "Library, room 2",
            NOW,
            NOW + timedelta(hours=1),
            3,
            "CONFIRMED",
        ),
        "2@peerhub.example": (
            "Group A (Bio PASS)",
            "Led by Amara Okafor.",
            "Library, room 2",
            NOW,
            NOW + timedelta(hours=1),
            4,
            "CANCELLED",
        ),
    }


@READERS
def test_days_are_days_and_leave_the_time_free(read):
    span = event(starts=date(2026, 11, 2), ends=date(2026, 11, 7))
    text = sound(ical.calendar([span]))
    ((*_words, starts, ends, _sequence, _status),) = read(text).values()
    assert (starts, ends) == (date(2026, 11, 2), date(2026, 11, 7))
    assert not isinstance(starts, datetime)
    assert "TRANSP:TRANSPARENT" in text


@READERS
def test_a_calendar_without_events_is_still_one(read):
    text = sound(ical.calendar([], name="My sessions"))
    assert read(text) == {}
    assert "BEGIN:VTIMEZONE" in text


def test_times_are_in_utc_whatever_zone_they_came_in():
    plus_two = datetime.fromisoformat("2026-07-01T14:00:00+02:00")
    text = ical.calendar([event(starts=plus_two, ends=plus_two + timedelta(minutes=30))])
    assert "DTSTART:20260701T120000Z" in text
    assert "DTEND:20260701T123000Z" in text


def test_a_feed_says_its_name_and_how_often_to_look():
    calendar = icalendar.Calendar.from_ical(ical.calendar([event()], name="Fy sesiynau", language="cy"))
    assert str(calendar["NAME"]) == str(calendar["X-WR-CALNAME"]) == "Fy sesiynau"
    assert calendar["NAME"].params["LANGUAGE"] == "cy"
    assert calendar["REFRESH-INTERVAL"].dt == timedelta(hours=1)
    assert str(calendar["X-PUBLISHED-TTL"]) == "PT1H"
    assert "METHOD" not in calendar


@READERS
@pytest.mark.parametrize("name", [*NASTY, "PASS: Maths, 'A'; B"])
def test_a_message_names_who_announces_it(read, name):
    text = sound(ical.calendar([event()], method="PUBLISH", organizer=ical.Organizer(name, "no-reply@x.example")))
    assert len(read(text)) == 1
    calendar = icalendar.Calendar.from_ical(text)
    assert calendar["METHOD"] == "PUBLISH"
    (one,) = calendar.walk("VEVENT")
    assert str(one["ORGANIZER"]) == "mailto:no-reply@x.example"
    assert "ATTENDEE" not in one
