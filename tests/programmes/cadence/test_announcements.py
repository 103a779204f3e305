"""Writing to people: who belongs, held ten minutes, taken back, asked again when it leaves, the history."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from peerhub.common.mail import notifications
from peerhub.common.mail.kinds import NotWanted
from peerhub.common.mail.writing import write_letters
from peerhub.common.models import Message
from peerhub.common.once import Repeated
from programmes.models import Announcement, AnnouncementRecipient, Attendance, Cycle, GroupMember, Membership, Role
from programmes.queries.announcements import written_in
from programmes.queries.audiences import readers
from programmes.services import announcements
from programmes.services.announcements import (
    AnnouncementRefused,
    Draft,
    forget_announcements,
    send_announcement,
    take_back_announcement,
)
from programmes.stage import CoDesign
from tests import factories as make
from tests.factories import NOW, in_days
from tests.programmes.cadence.conftest import held
from tests.world import build_world

OUT = NOW + timedelta(minutes=10)


@pytest.fixture
def world(vocabulary):
    """With real transactions: a use case opens its own."""
    return build_world()


def names(world, audience, group=None):
    return [one.name for one in readers(world.cycle, audience, group, now=NOW)]


def send(world, audience="participants", *, key=None, now=NOW, actor=None, **words):
    draft = Draft(audience, **{"subject": "Room", "text": "We meet in B2.14.", **words})
    return send_announcement(actor=actor or world.rhian, cycle_id=world.cycle.pk, draft=draft, key=key, now=now)


def letters(now=OUT):
    rows = list(Message.objects.filter(kind="programmes.announcement", channel="email").order_by("recipient"))
    return {row.recipient.given_name: said for row, said in write_letters(rows, now)}


# --- classes ----------------------------------------------------------------------------------------
def test_each_class_holds_whom_it_says(world):
    group = make.GroupFactory(cycle=world.cycle)
    lone = make.MembershipFactory(cycle=world.cycle, user__given_name="Lone", user__family_name="Wolf")
    away = make.MembershipFactory(cycle=world.cycle, user__given_name="Abe", user__family_name="Sent")
    make.GroupMemberFactory(group=group, membership=away)
    make.MembershipFactory(
        cycle=world.cycle, user__given_name="Off", user__family_name="Ered", status="offered",
        offer_expires_at=in_days(1), joined_at=None,
    )  # fmt: skip
    make.MembershipFactory(cycle=world.cycle, role=Role.LEADER, user=lone.user)
    for days in (4, 3):
        held(group, days, missed=[away])
    assert names(world, "participants") == ["Abe Sent", "Ben Hughes", "Lone Wolf"]
    assert names(world, "leaders") == ["Amara Okafor", "Lone Wolf"]
    assert names(world, "everyone") == ["Abe Sent", "Amara Okafor", "Ben Hughes", "Lone Wolf"]
    assert names(world, "never_came") == ["Abe Sent", "Lone Wolf"]
    assert names(world, "absent") == ["Abe Sent"]
    assert names(world, "ungrouped") == ["Lone Wolf"]
    assert names(world, "offered") == ["Off Ered"]
    assert names(world, "late_logs") == []
    assert [one.name for one in readers(world.cycle, "late_logs", None, now=in_days(3))] == ["Amara Okafor"]
    assert names(world, "group", world.group) == ["Amara Okafor", "Ben Hughes"]


# --- sending ------------------------------------------------------------------------------------------
def test_a_message_is_held_for_ten_minutes_and_names_its_sender(world):
    announcement = send(world, text="See https://example.org/a?b=1 <script>alert(1)</script>\nRhian")
    rows = Message.objects.filter(kind="programmes.announcement")
    assert set(rows.values_list("not_before", "state")) == {(OUT, "queued")}
    assert all(set(row.about) == {"announcement", "cycle", "user"} for row in rows)
    said = letters()["Ben"]
    assert said.subject == "Room"
    assert said.headers["Reply-To"] == world.rhian.email
    assert '<a href="https://example.org/a?b=1" rel="nofollow">' in said.html
    assert "<script>" not in said.html
    assert "<script>" in said.text
    assert "Rhian Pugh, Bio PASS" in said.text
    assert "List-Unsubscribe" in said.headers
    assert reverse("programmes:announcement_read", args=[announcement.uuid]) in said.text


def test_a_double_submit_sends_once(world):
    key = uuid4()
    send(world, key=key)
    with pytest.raises(Repeated):
        send(world, key=key)
    assert Announcement.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda world: Cycle.objects.filter(pk=world.cycle.pk).update(state="closed"), "closed"),
        (lambda world: Membership.objects.filter(role=Role.PARTICIPANT).update(status="left"), "nobody"),
    ],
)
def test_a_message_is_refused(world, change, code):
    change(world)
    with pytest.raises(AnnouncementRefused) as refused:
        send(world)
    assert refused.value.code == code
    assert not Message.objects.filter(kind="programmes.announcement").exists()


def test_a_group_of_another_cycle_is_refused(world):
    with pytest.raises(AnnouncementRefused) as refused:
        send(world, "group", group=world.other_group)
    assert refused.value.code == "no_group"


def test_twenty_in_a_day_are_enough(world, monkeypatch):
    monkeypatch.setattr(announcements, "MOST_A_DAY", 2)
    first = send(world)
    send(world)
    with pytest.raises(AnnouncementRefused) as refused:
        send(world)
    assert refused.value.code == "too_many"
    take_back_announcement(actor=world.rhian, announcement_id=first.pk, now=NOW)
    send(world)
    send(world, now=NOW + timedelta(hours=25))


# --- taking back -----------------------------------------------------------------------------------------
def test_a_message_can_be_taken_back_until_it_leaves(world):
    announcement = send(world)
    for _twice in range(2):
        take_back_announcement(actor=world.rhian, announcement_id=announcement.pk, now=OUT - timedelta(seconds=1))
    assert set(Message.objects.filter(kind="programmes.announcement").values_list("state", flat=True)) == {"cancelled"}
    assert isinstance(letters()["Ben"], NotWanted)
    other = send(world)
    with pytest.raises(AnnouncementRefused) as refused:
        take_back_announcement(actor=world.rhian, announcement_id=other.pk, now=OUT)
    assert refused.value.code == "too_late"


# --- asked again when it leaves ------------------------------------------------------------------------------
def test_who_no_longer_belongs_does_not_get_it(world):
    for days in (4, 3):
        held(world.group, days, missed=[world.memberships["ben"]])
    send(world, "absent")
    held(world.group, 0, came=[world.memberships["ben"]])
    assert "does not belong" in str(letters()["Ben"].reason)
    notifications.deliver_due(OUT)
    assert not Message.objects.notifications_of(world.ben).exists()


def test_who_left_or_whose_writer_left_does_not_get_it(world):
    send(world)
    Membership.objects.filter(pk=world.memberships["rhian"].pk).update(status="left", is_point_person=False)
    assert "does not coordinate" in str(letters()["Ben"].reason)
    Membership.objects.filter(pk=world.memberships["ben"].pk).update(status="left")
    assert "no place" in str(letters()["Ben"].reason)


def test_who_was_told_keeps_it_whatever_changes_but_their_place(world, client_of, frozen):
    Attendance.objects.filter(membership=world.memberships["ben"]).delete()
    announcement = send(world, "never_came")
    notifications.deliver_due(OUT)
    held(world.group, 0, came=[world.memberships["ben"]])
    frozen.shift(timedelta(hours=1))
    ben, url = client_of(world.ben), reverse("programmes:announcement_read", args=[announcement.uuid])
    assert "Room (Bio PASS)" in ben.get(reverse("notification_list")).content.decode()
    assert "We meet in B2.14." in ben.get(url).content.decode()
    Membership.objects.filter(pk=world.memberships["ben"].pk).update(status="removed")
    assert ben.get(url).status_code == 404
    assert "Room" not in ben.get(reverse("notification_list")).content.decode()


# --- pages --------------------------------------------------------------------------------------------------
def test_a_look_first_then_sent_then_taken_back_by_hand(world, client_of, frozen):
    rhian, where = client_of(world.rhian), ["bio-pass", "2026-27"]
    write, written = (reverse(f"programmes:announcement_{name}", args=where) for name in ("write", "list"))
    words = {"audience": "participants", "subject": "Room\r\nBcc: x@x.test", "text": "Hi\r\n\r\nBring <b>pens</b>."}
    page = rhian.post(write, {**words, "then": "preview"}).content.decode()
    assert "1 person" in page
    assert "Ben" in page
    assert "&lt;b&gt;pens" in page
    assert not Announcement.objects.exists()
    changed = rhian.post(write, {**words, "then": "change"})
    assert (changed.status_code, "Room Bcc: x@x.test" in changed.content.decode()) == (200, False)
    form = {**words, "then": "send", "form_key": str(uuid4())}
    assert [rhian.post(write, form).status_code for _ in range(2)] == [302, 302]
    one = Announcement.objects.get()
    assert (one.subject, one.text) == ("Room Bcc: x@x.test", "Hi\n\nBring <b>pens</b>.")
    assert "Held until 10:10" in rhian.get(written).content.decode()
    rhian.post(reverse("programmes:announcement_take_back", args=[*where, one.uuid]))
    assert "Taken back, sent to nobody" in rhian.get(written).content.decode()


def test_a_message_to_one_group_needs_the_group(world, client_of, frozen):
    write = reverse("programmes:announcement_write", args=["bio-pass", "2026-27"])
    page = client_of(world.rhian).post(write, {"audience": "group", "subject": "A", "text": "B"})
    assert page.status_code == 422
    assert "Choose the group you write to." in page.content.decode()


def test_the_history_counts_what_became_of_it(world):
    extra = [make.MembershipFactory(cycle=world.cycle) for _ in range(3)]
    announcement = send(world)
    mails = Message.objects.filter(kind="programmes.announcement", channel="email")
    for number, (state, at) in enumerate((("sent", OUT), ("dead", OUT), ("cancelled", OUT))):
        mails.filter(recipient=extra[number].user).update(state=state, finished_at=at, recipient=None, about={})
    (line,) = written_in(world.cycle, page="1", now=OUT)
    assert (line.people, line.sent, line.failed, line.waiting, line.unwanted) == (4, 1, 1, 1, 1)
    assert line.outcome == "1 sent, 1 waiting, 1 failed, 1 not wanted any more"
    assert line.announcement == announcement


# --- privacy -------------------------------------------------------------------------------------------------
def test_what_was_written_is_in_the_export_and_loses_its_names(world):
    send(world)
    sections = {str(one.section): one.rows for one in CoDesign().export(world.ben)}
    assert [row["subject"] for row in sections["Messages from coordinators to you"]] == ["Room"]
    sections = {str(one.section): one.rows for one in CoDesign().export(world.rhian)}
    assert [row["text"] for row in sections["Messages you wrote to people"]] == ["We meet in B2.14."]
    forget_announcements(user=world.ben)
    forget_announcements(user=world.rhian)
    assert not AnnouncementRecipient.objects.filter(user=world.ben).exists()
    assert Announcement.objects.get().sender is None


def test_a_place_in_an_ended_group_is_no_place(world):
    GroupMember.objects.filter(group=world.group).update(ended_at=NOW)
    assert names(world, "group", world.group) == []
    assert names(world, "ungrouped") == ["Ben Hughes"]
