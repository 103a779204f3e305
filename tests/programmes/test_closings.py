"""Leaving and ending pairs and groups: private reasons, the short question, ten minutes to think again."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from peerhub.common import timeline
from peerhub.common.mail import NotWanted
from peerhub.common.mail.writing import write_letters
from peerhub.common.models import AuditEvent, Message
from programmes.models import ClosingAnswer, Ending, Group, GroupMember, RematchRequest, SessionLeader
from programmes.services.closings import ClosingRefused, answer_closing, leave_group, take_back_ending
from programmes.services.erasure import forget_deliveries
from programmes.services.groups import end_group
from programmes.services.rematches import ask_rematch
from tests import factories as make
from tests.factories import NOW, in_days, in_hours

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
SECRET = "She-never-answers-42"
LATER = NOW + timedelta(minutes=11)


@pytest.fixture
def pair(world):
    """Amara leads, Ben takes part."""
    group = make.GroupFactory(cycle=world.cycle, shape="pair", name="Amara and Ben", created_at=in_days(-20))
    for name in ("amara", "ben"):
        make.GroupMemberFactory(group=group, membership=world.memberships[name], started_at=in_days(-20))
    return group


def letters(now=LATER):
    """{(kind, given name): the mail, or why not}."""
    rows = list(Message.objects.filter(channel="email").order_by("kind", "recipient"))
    return {(row.kind.partition(".")[2], row.recipient.given_name): said for row, said in write_letters(rows, now)}


def page(client, *args):
    return client.get(reverse("programmes:group_detail", args=args)).content.decode()


def address(group):
    return group.cycle.programme.slug, group.cycle.code, group.uuid


def in_group(group):
    places = GroupMember.objects.filter(group=group, ended_at=None)
    return set(places.values_list("membership__user__given_name", flat=True))


# --- leaving ----------------------------------------------------------------------------------------------------------
def test_who_leaves_a_group_leaves_it_alone(world):
    leave_group(actor=world.ben, group_id=world.group.pk, reason=SECRET, now=NOW)
    assert in_group(world.group) == {"Amara"}
    world.group.refresh_from_db()
    assert world.group.ended_at is None
    assert {kind for kind, _who in letters()} == set()  # a group's others hear nothing; the coordinator in PeerHub only
    told = Message.objects.get(kind="programmes.group_left")
    assert (told.recipient, told.channel, told.not_before) == (world.rhian, "inapp", NOW + timedelta(minutes=10))
    world.past.refresh_from_db()
    assert world.past.attendances.filter(membership=world.memberships["ben"]).exists()  # the register stays


def test_who_leaves_a_pair_ends_it_for_both(world, pair):
    leave_group(actor=world.ben, group_id=pair.pk, reason=SECRET, now=NOW)
    pair.refresh_from_db()
    assert pair.ended_at == NOW
    assert in_group(pair) == set()
    sent = letters()
    assert {key for key in sent if key[0] == "pair_ended"} == {("pair_ended", "Amara")}
    mail = sent["pair_ended", "Amara"]
    assert mail.subject == "Amara and Ben has come to its end"
    assert SECRET not in mail.text + mail.html
    amaras = ClosingAnswer.objects.get(place__membership=world.memberships["amara"])
    assert str(amaras.uuid) in mail.text


def test_who_leads_asks_instead_of_leaving(world, pair):
    with pytest.raises(ClosingRefused, match="leads"):
        leave_group(actor=world.amara, group_id=pair.pk, now=NOW)


def test_only_who_is_in_can_leave_and_only_once(world, pair):
    for stranger in (world.dev, world.rhian, world.zoe):
        with pytest.raises(ClosingRefused, match="not_in"):
            leave_group(actor=stranger, group_id=pair.pk, now=NOW)
    leave_group(actor=world.ben, group_id=pair.pk, now=NOW)
    with pytest.raises(ClosingRefused, match="not_in"):
        leave_group(actor=world.ben, group_id=pair.pk, now=NOW)
    assert Ending.objects.count() == 1


def test_a_pair_with_plans_stays_until_the_coordinator_settles_them(world, pair):
    session = make.SessionFactory(group=pair, starts_at=in_hours(30))
    make.SessionLeaderFactory(session=session, membership=world.memberships["amara"])
    leave_group(actor=world.ben, group_id=pair.pk, now=NOW)
    pair.refresh_from_db()
    assert pair.ended_at is None
    assert in_group(pair) == {"Amara"}


# --- ending by the coordinator ----------------------------------------------------------------------------------------
def test_both_of_a_pair_are_told_after_ten_minutes_and_not_why(world, pair):
    end_group(actor=world.rhian, group_id=pair.pk, how="early", reason=SECRET, now=NOW)
    waiting = Message.objects.filter(kind="programmes.pair_ended", channel="email")
    assert set(waiting.values_list("not_before", flat=True)) == {NOW + timedelta(minutes=10)}
    sent = letters()
    assert {who for _kind, who in sent} == {"Amara", "Ben"}
    assert SECRET not in "".join(one.text + one.html for one in sent.values())
    ending = Ending.objects.get()
    assert (ending.how, ending.reason, ending.given_by) == ("early", SECRET, world.rhian)


def test_a_group_that_ends_asks_nobody(world):
    world.upcoming.delete()
    end_group(actor=world.rhian, group_id=world.group.pk, now=NOW)
    assert not ClosingAnswer.objects.exists()
    assert not Message.objects.exists()


# --- thinking again ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("by", ["ben", "rhian"])
def test_an_ending_can_be_taken_back_while_nobody_knows(world, pair, by):
    session = make.SessionFactory(group=pair, starts_at=in_hours(-30), status="held")
    make.SessionLeaderFactory(session=session, membership=world.memberships["amara"])
    before = list(GroupMember.objects.filter(group=pair).order_by("pk").values())
    if by == "ben":
        leave_group(actor=world.ben, group_id=pair.pk, reason=SECRET, now=NOW)
    else:
        end_group(actor=world.rhian, group_id=pair.pk, reason=SECRET, now=NOW)
    ending = Ending.objects.get()
    take_back_ending(actor=getattr(world, by), ending_id=ending.pk, now=NOW + timedelta(minutes=9))
    pair.refresh_from_db()
    assert pair.ended_at is None
    assert list(GroupMember.objects.filter(group=pair).order_by("pk").values()) == before
    assert not Ending.objects.exists()
    assert not ClosingAnswer.objects.exists()
    assert all(isinstance(said, NotWanted) for said in letters().values())
    with pytest.raises(ClosingRefused, match="gone"):  # pressed twice
        take_back_ending(actor=world.ben, ending_id=ending.pk, now=NOW)


def test_after_ten_minutes_it_has_been_told(world, pair):
    leave_group(actor=world.ben, group_id=pair.pk, now=NOW)
    with pytest.raises(ClosingRefused, match="too_late"):
        take_back_ending(actor=world.ben, ending_id=Ending.objects.get().pk, now=LATER)


def test_taking_back_gives_a_leader_the_coming_sessions_again(world):
    world.upcoming.delete()
    end_group(actor=world.rhian, group_id=world.group.pk, now=NOW)
    planned = make.SessionFactory(group=world.group, starts_at=in_hours(50))
    take_back_ending(actor=world.rhian, ending_id=Ending.objects.get().pk, now=NOW + timedelta(minutes=1))
    assert SessionLeader.objects.filter(session=planned, membership=world.memberships["amara"]).exists()


def test_a_full_group_takes_nobody_back(world):
    Group.objects.filter(pk=world.group.pk).update(capacity=1)
    leave_group(actor=world.ben, group_id=world.group.pk, now=NOW)
    make.GroupMemberFactory(group=world.group)
    with pytest.raises(Exception, match="full"):
        take_back_ending(actor=world.ben, ending_id=Ending.objects.get().pk, now=NOW)


# --- who reads what ---------------------------------------------------------------------------------------------------
def test_reasons_and_answers_are_read_by_coordinators_only(world, pair, client_of):
    closing = leave_group(actor=world.ben, group_id=pair.pk, reason=SECRET, now=NOW)
    answer_closing(actor=world.ben, closing_id=closing.pk, feeling="hard", helped="A-plan-43", now=NOW)
    seen = page(client_of(world.rhian), *address(pair))
    assert SECRET in seen
    assert "A-plan-43" in seen
    supervisor = page(client_of(world.imran), *address(pair))
    for words in (SECRET, "A-plan-43", "How it ended"):
        assert words not in supervisor
    for who in (world.amara, world.elin, world.carys, world.dev, world.helen):
        client = client_of(who)
        for path in (
            reverse("programmes:my_memberships"),
            reverse("privacy_download"),
            reverse("home"),
            "/notifications/",
        ):
            body = client.get(path, follow=True)
            text = b"".join(body.streaming_content).decode() if body.streaming else body.content.decode()
            assert SECRET not in text
            assert "A-plan-43" not in text
    mine = client_of(world.ben).get(reverse("privacy_download")).content.decode()
    assert SECRET in mine
    assert "A-plan-43" in mine


def test_neither_the_record_nor_the_timeline_holds_a_reason(world, pair, client_of):
    leave_group(actor=world.ben, group_id=pair.pk, reason=SECRET, now=NOW)
    assert SECRET not in "".join(str(one.detail) for one in AuditEvent.objects.all())
    assert SECRET not in "".join(str(one.about) for one in Message.objects.all())
    at = reverse("programmes:cycle_timeline", args=address(pair)[:2])
    for who in (world.rhian, world.imran):
        assert SECRET not in client_of(who).get(at).content.decode()


def test_wishes_are_on_no_timeline(world, pair):
    ask_rematch(actor=world.ben, group_id=pair.pk, now=NOW)
    assert "programmes.rematch_asked" not in timeline.known_actions(private=True)
    assert AuditEvent.objects.get(action="programmes.rematch_asked").actor is None


def test_an_answer_is_ones_own_to_give(world, pair, client_of):
    closing = leave_group(actor=world.ben, group_id=pair.pk, now=NOW)
    path = reverse("programmes:closing_answer", args=[closing.uuid])
    for who in (world.amara, world.rhian, world.imran, world.sam):
        assert client_of(who).get(path).status_code == 404
        assert client_of(who).post(path, {"feeling": "well"}).status_code == 404
    assert client_of(world.ben).post(path, {}).status_code == 302  # no answer is an answer
    closing.refresh_from_db()
    assert (closing.feeling, closing.helped, closing.answered_at) == ("", "", NOW)


def test_erasure_takes_the_words_and_leaves_that_it_ended(world, pair):
    closing = leave_group(actor=world.ben, group_id=pair.pk, reason=SECRET, now=NOW)
    answer_closing(actor=world.ben, closing_id=closing.pk, feeling="hard", helped="A-plan-43", now=NOW)
    forget_deliveries(user=world.ben, now=LATER)
    assert list(Ending.objects.values_list("reason", "given_by")) == [("", None)]
    assert not ClosingAnswer.objects.exclude(helped="").exists()


# --- pages ------------------------------------------------------------------------------------------------------------
def test_leaving_through_the_page_leads_to_the_question_and_back(world, pair, client_of):
    client = client_of(world.ben)
    leave = reverse("programmes:group_leave", args=[pair.uuid])
    assert leave in page(client, *address(pair))
    form = {"reason": SECRET, "form_key": "0a0a0a0a-0000-4000-8000-00000000000b"}
    asked = client.post(leave, form, follow=True)
    assert "How was Amara and Ben?" in asked.content.decode()
    assert client.post(leave, form).status_code in {302, 404}  # sent twice
    assert Ending.objects.count() == 1
    undo = reverse("programmes:ending_undo", args=[Ending.objects.get().uuid])
    assert undo in asked.content.decode()
    assert "everything is as it was" in client.post(undo, follow=True).content.decode()
    assert in_group(pair) == {"Amara", "Ben"}


def test_nobody_else_takes_an_ending_back(world, pair, client_of):
    leave_group(actor=world.ben, group_id=pair.pk, now=NOW)
    undo = reverse("programmes:ending_undo", args=[Ending.objects.get().uuid])
    for who in (world.amara, world.imran, world.dev, world.sam, world.owain):
        assert client_of(who).post(undo).status_code == 404
    assert Ending.objects.exists()


# --- constraints ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("model", "wrong"),
    [
        (Ending, {"how": "somehow"}),
        (ClosingAnswer, {"feeling": "so-so", "answered_at": NOW}),
        (ClosingAnswer, {"helped": "unsent"}),
        (RematchRequest, {"state": "lost", "decided_at": NOW}),
        (RematchRequest, {"state": "closed"}),
        (RematchRequest, {"decided_at": NOW}),
    ],
)
def test_the_database_forbids_what_makes_no_sense(world, pair, model, wrong):
    ask_rematch(actor=world.amara, group_id=pair.pk, now=NOW)
    leave_group(actor=world.ben, group_id=pair.pk, now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.update(**wrong)
