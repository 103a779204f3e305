"""The session for one's own calendar, in the mails that say it was moved, called off or put back."""

from datetime import timedelta
from email import message_from_bytes, policy

import icalendar
import pytest
import vobject

from peerhub.common.mail.writing import say_now, write_letters
from peerhub.common.models.outbox import Message
from programmes.services.sessions import Plan, cancel_session, change_session, restore_session
from tests import factories as make
from tests.factories import NOW, in_hours

pytestmark = pytest.mark.django_db


def letters(kind, now=NOW):
    rows = list(Message.objects.filter(channel="email", kind=f"programmes.{kind}").order_by("recipient"))
    return {row.recipient.given_name: wire for row, wire in write_letters(rows, now)}


def event_of(wire):
    """The one event in a mail, as both libraries read it from the bytes on the wire."""
    parsed = message_from_bytes(wire.as_bytes(eight_bit=False), policy=policy.default)
    (part,) = parsed.iter_attachments()
    text = part.get_content().replace("\r\n", "\n").replace("\n", "\r\n")
    calendar = icalendar.Calendar.from_ical(text)
    assert calendar["METHOD"] == part.get_param("method") == "PUBLISH"
    (one,) = calendar.walk("VEVENT")
    other = vobject.readOne(text).vevent
    assert (other.uid.value, other.sequence.value) == (one["UID"], str(one["SEQUENCE"]))
    assert "ATTENDEE" not in one
    return one


def test_a_mail_carries_each_change_under_one_uid(world):
    plan = Plan(in_hours(48), in_hours(49), world.group, [world.memberships["amara"]], place="B2, ground floor")
    steps = [
        ("session_moved", lambda now: change_session(actor=world.amara, session_id=pk, plan=plan, now=now)),
        ("session_cancelled", lambda now: cancel_session(actor=world.amara, session_id=pk, reason="Ill", now=now)),
        ("session_restored", lambda now: restore_session(actor=world.amara, session_id=pk, now=now)),
    ]
    pk, seen = world.upcoming.pk, []
    for number, (kind, step) in enumerate(steps):
        now = NOW + timedelta(minutes=number)
        step(now)
        one = event_of(letters(kind, now)["Ben"])
        seen.append((str(one["UID"]), int(one["SEQUENCE"]), str(one["STATUS"]), one["DTSTART"].dt))
    uid = f"{world.upcoming.uuid}@testserver"
    assert seen == [
        (uid, 1, "CONFIRMED", in_hours(48)),
        (uid, 2, "CANCELLED", in_hours(48)),
        (uid, 3, "CONFIRMED", in_hours(48)),
    ]
    assert one["LOCATION"] == "B2, ground floor"
    assert one["ORGANIZER"].params["CN"] == "Bio PASS"


def test_a_mail_speaks_to_its_reader(world):
    type(world.ben).objects.filter(pk=world.ben.pk).update(locale="cy")
    cancel_session(actor=world.rhian, session_id=world.upcoming.pk, reason="Ben is ill", now=NOW)
    sent = letters("session_cancelled")
    assert str(event_of(sent["Ben"])["SUMMARY"]).startswith("Wedi’i ganslo: ")
    leaders = event_of(sent["Amara"])
    assert str(leaders["SUMMARY"]).startswith("Called off: ")
    assert "You lead this." in leaders["DESCRIPTION"]
    assert "ill" not in leaders["DESCRIPTION"]


def test_readers_alike_share_one_file(world):
    for _ in range(5):
        make.GroupMemberFactory(group=world.group, membership=make.MembershipFactory(cycle=world.cycle))
    cancel_session(actor=world.rhian, session_id=world.upcoming.pk, reason="Ill", now=NOW)
    rows = list(Message.objects.filter(channel="email", kind="programmes.session_cancelled"))
    files = {id(wire.attachment) for _row, wire in write_letters(rows, NOW)}
    assert len(rows) == 7
    assert len(files) == 2  # those expected, and who leads


def test_other_mails_and_notifications_carry_none(world):
    cancel_session(actor=world.rhian, session_id=world.upcoming.pk, reason="Ill", now=NOW)
    made = []
    for _row, said in say_now(list(Message.objects.filter(kind="programmes.session_cancelled")), NOW):
        made.append(said.attach)
    assert all(callable(one) for one in made)  # asked only when a mail leaves
