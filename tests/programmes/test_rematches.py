"""Wishes for another match: asked by either side, known to coordinators alone, answered kindly."""

import re
import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from peerhub.common import stages
from peerhub.common.mail import NotWanted
from peerhub.common.models import Message
from peerhub.common.once import Repeated
from programmes.models import Ending, Group, GroupMember, Membership, RematchRequest
from programmes.services.closings import leave_group
from programmes.services.group_places import PlacingRefused
from programmes.services.rematches import RematchRefused, ask_rematch, close_rematch, match_again, withdraw_rematch
from tests import factories as make
from tests.factories import NOW, in_days, in_hours
from tests.programmes.test_closings import address, in_group, letters, page, pair

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
__all__ = ["pair"]
NOTE = "Tuesdays-suit-me-44"
KEY = "0a0a0a0a-0000-4000-8000-00000000000c"


@pytest.fixture
def mentor(world):
    """Somebody else who leads, in no group."""
    return make.MembershipFactory(cycle=world.cycle, role="leader", user__given_name="Lowri", user__family_name="Ellis")


def wish_of(user, group, **more):
    return ask_rematch(actor=user, group_id=group.pk, now=NOW, **more)


# --- asking -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("who", ["ben", "amara"])
def test_either_side_may_ask_and_only_coordinators_hear(world, pair, who):
    wish_of(getattr(world, who), pair, note=NOTE)
    assert set(Message.objects.values_list("recipient__given_name", "kind")) == {("Rhian", "programmes.rematch_asked")}
    mail = letters()["rematch_asked", "Rhian"]
    for secret in (NOTE, "Ben", "Amara", "Hughes", "Okafor"):
        assert secret not in mail.text + mail.html + mail.subject
    assert in_group(pair) == {"Amara", "Ben"}  # everything goes on


def test_asked_twice_it_is_one_wish(world, pair):
    assert wish_of(world.ben, pair) == wish_of(world.ben, pair, note="again")
    assert RematchRequest.objects.count() == 1
    assert Message.objects.filter(channel="email").count() == 1
    other = make.GroupFactory(cycle=world.cycle)
    make.GroupMemberFactory(group=other, membership=world.memberships["ben"])
    wish_of(world.ben, other, form_key=KEY)
    with pytest.raises(Repeated):
        wish_of(world.ben, other, form_key=KEY)


def test_both_may_ask_and_each_is_answered(world, pair, mentor):
    bens, amaras = wish_of(world.ben, pair), wish_of(world.amara, pair)
    match_again(actor=world.rhian, rematch_id=bens.pk, partner_id=mentor.pk, now=NOW)
    amaras.refresh_from_db()
    assert amaras.state == "open"  # she still waits for somebody
    kai = make.MembershipFactory(cycle=world.cycle, user__given_name="Kai")
    group = match_again(actor=world.rhian, rematch_id=amaras.pk, partner_id=kai.pk, now=NOW)
    assert in_group(group) == {"Amara", "Kai"}
    assert Ending.objects.count() == 1


def test_only_who_is_in_the_group_may_ask(world, pair):
    for stranger in (world.dev, world.imran, world.rhian):
        with pytest.raises(RematchRefused, match="not_in"):
            wish_of(stranger, pair)


def test_one_open_wish_a_place(world, pair):
    wish = wish_of(world.ben, pair)
    with pytest.raises(IntegrityError), transaction.atomic():
        RematchRequest.objects.create(place_id=wish.place_id, asked_at=NOW)


# --- who may know -----------------------------------------------------------------------------------------------------
def test_the_other_side_and_supervisors_see_no_difference(world, pair, client_of):
    hidden = re.compile(r'name="(csrfmiddlewaretoken|form_key)" value="[^"]*"|nonce="[^"]*"')
    pages = [("programmes:group_detail", address(pair)), ("programmes:contact_log", [pair.uuid])]
    readers = [(world.amara, pages), (world.imran, pages[:1]), (world.amara, [("programmes:rematch_ask", [pair.uuid])])]

    def looks():
        return [
            hidden.sub("", client_of(who).get(reverse(name, args=args)).content.decode())
            for who, seen in readers
            for name, args in seen
        ]

    before = looks()
    wish_of(world.ben, pair, note=NOTE)
    assert looks() == before
    for who in (world.amara, world.imran, world.elin, world.carys):
        assert NOTE not in client_of(who).get(reverse("privacy_download")).content.decode()
        assert not [one for one in stages.todos(who, NOW) if one.code == "answer_rematches"]


def test_the_coordinator_sees_it_as_a_todo_and_on_the_groups_page(world, pair, client_of):
    wish_of(world.ben, pair, note=NOTE)
    (todo,) = [one for one in stages.todos(world.rhian, NOW) if one.code == "answer_rematches"]
    assert str(todo.title) == "1 person asks for another match"
    client = client_of(world.rhian)
    assert NOTE in client.get(todo.url).content.decode()
    seen = page(client, *address(pair))
    assert NOTE in seen
    assert "Asks for another match" in seen


def test_a_wish_of_somebody_who_left_waits_for_nobody(world, pair, client_of):
    wish_of(world.ben, pair)
    Membership.objects.filter(pk=world.memberships["ben"].pk).update(status="left", ended_at=NOW)
    assert not [one for one in stages.todos(world.rhian, NOW) if one.code == "answer_rematches"]
    at = reverse("programmes:rematch_list", args=address(pair)[:2])
    assert "Nobody asks for another match" in client_of(world.rhian).get(at).content.decode()


# --- answering --------------------------------------------------------------------------------------------------------
def test_a_new_pair_ends_the_old_one_quietly(world, pair, mentor):
    wish = wish_of(world.ben, pair, note=NOTE)
    group = match_again(actor=world.rhian, rematch_id=wish.pk, partner_id=mentor.pk, now=NOW)
    pair.refresh_from_db()
    assert (group.name, group.shape, in_group(group)) == ("Lowri and Ben", "pair", {"Lowri", "Ben"})
    assert (pair.ended_at, in_group(pair)) == (NOW, set())
    sent = {key: said for key, said in letters().items() if not isinstance(said, NotWanted)}
    assert set(sent) == {("pair_ended", "Amara"), ("grouped", "Ben"), ("leads_group", "Lowri")}
    told = sent["pair_ended", "Amara"]
    for secret in (NOTE, "asked", "wish", "another match"):
        assert secret not in told.text
    wish.refresh_from_db()
    assert (wish.state, wish.decided_by) == ("matched", world.rhian)


def test_a_leader_gets_somebody_else_too(world, pair):
    kai = make.MembershipFactory(cycle=world.cycle, user__given_name="Kai")
    wish = wish_of(world.amara, pair)
    group = match_again(actor=world.rhian, rematch_id=wish.pk, partner_id=kai.pk, now=NOW)
    assert in_group(group) == {"Amara", "Kai"}
    assert {who for kind, who in letters() if kind == "pair_ended"} == {"Ben"}


def test_another_group_takes_them_in(world, mentor):
    other = make.GroupFactory(cycle=world.cycle, capacity=1)
    make.GroupMemberFactory(group=other, membership=mentor)
    wish = wish_of(world.ben, world.group)
    match_again(actor=world.rhian, rematch_id=wish.pk, group_id=other.pk, now=NOW)
    assert in_group(other) == {"Lowri", "Ben"}
    assert in_group(world.group) == {"Amara"}
    world.group.refresh_from_db()
    assert world.group.ended_at is None  # a group goes on
    assert world.past.attendances.filter(membership=world.memberships["ben"]).exists()


def test_what_cannot_be_is_refused_and_nothing_moves(world, pair, mentor):
    full = make.GroupFactory(cycle=world.cycle, capacity=1)
    for membership in (mentor, make.MembershipFactory(cycle=world.cycle)):
        make.GroupMemberFactory(group=full, membership=membership)
    ended = make.GroupFactory(cycle=world.cycle, ended_at=NOW)
    wish = wish_of(world.ben, pair)
    lena = Membership.objects.get(user=world.lena)
    for choice in (
        {"group_id": full.pk},
        {"group_id": ended.pk},
        {"group_id": pair.pk},
        {"group_id": world.other_group.pk},
        {"partner_id": lena.pk},
        {"partner_id": world.memberships["ben"].pk},
        {},
    ):
        with pytest.raises((RematchRefused, PlacingRefused)):
            match_again(actor=world.rhian, rematch_id=wish.pk, now=NOW, **choice)
    make.SessionFactory(group=pair, starts_at=in_hours(30))
    with pytest.raises(RematchRefused, match="has_sessions"):
        match_again(actor=world.rhian, rematch_id=wish.pk, partner_id=mentor.pk, now=NOW)
    assert in_group(pair) == {"Amara", "Ben"}


def test_closed_without_a_change_only_who_asked_hears(world, pair):
    wish = wish_of(world.ben, pair)
    for _ in range(2):  # pressed twice
        close_rematch(actor=world.rhian, rematch_id=wish.pk, now=NOW + timedelta(minutes=5))
    sent = {key for key, said in letters().items() if not isinstance(said, NotWanted)}
    assert sent == {("rematch_closed", "Ben")}
    assert wish_of(world.ben, pair).state == "open"  # one may ask again


def test_taken_back_nobody_else_is_told(world, pair):
    wish = wish_of(world.ben, pair)
    for _ in range(2):
        withdraw_rematch(actor=world.ben, rematch_id=wish.pk, now=NOW)
    assert all(isinstance(said, NotWanted) for said in letters().values())
    with pytest.raises(RematchRefused, match="answered"):
        close_rematch(actor=world.rhian, rematch_id=wish.pk, now=NOW)


def test_who_ended_the_pair_meanwhile_may_still_be_matched(world, pair, mentor):
    wish = wish_of(world.ben, pair)
    leave_group(actor=world.ben, group_id=pair.pk, now=NOW)
    group = match_again(actor=world.rhian, rematch_id=wish.pk, partner_id=mentor.pk, now=NOW)
    assert in_group(group) == {"Lowri", "Ben"}


# --- pages ------------------------------------------------------------------------------------------------------------
def test_a_wish_from_asking_to_answer(world, pair, mentor, client_of):
    ben, rhian = client_of(world.ben), client_of(world.rhian)
    ask = reverse("programmes:rematch_ask", args=[pair.uuid])
    assert ask in page(ben, *address(pair))
    asked = ben.post(ask, {"note": NOTE, "form_key": KEY}, follow=True).content.decode()
    assert "You have asked for another match" in asked
    ben.post(ask, {"note": NOTE, "form_key": KEY})
    wish = RematchRequest.objects.get()
    answer = reverse("programmes:rematch_answer", args=[wish.uuid])
    assert f'<option value="with:{mentor.uuid}">A new pair with Lowri Ellis, in no group now</option>' in (
        rhian.get(answer).content.decode()
    )
    assert "Choose another match first." in rhian.post(answer, {"match": "with:x"}, follow=True).content.decode()
    done = rhian.post(answer, {"match": f"with:{mentor.uuid}"}, follow=True).content.decode()
    assert "Matched: Lowri and Ben." in done
    assert "Nothing is left to do here." in rhian.get(answer).content.decode()
    again = rhian.post(answer, {"match": f"with:{mentor.uuid}"}, follow=True).content.decode()
    assert "answered or taken back" in again
    assert Group.objects.filter(name="Lowri and Ben").count() == 1


def test_offers_are_those_with_room(world, pair, mentor, client_of):
    wish = wish_of(world.ben, pair)
    full = make.GroupFactory(cycle=world.cycle, capacity=1, name="Full")
    unled = make.GroupFactory(cycle=world.cycle, name="Nobody leads")
    open_one = make.GroupFactory(cycle=world.cycle, name="Open")
    for group in (full, open_one):
        make.GroupMemberFactory(group=group, membership=mentor)
    make.GroupMemberFactory(group=full)
    shown = client_of(world.rhian).get(reverse("programmes:rematch_answer", args=[wish.uuid])).content.decode()
    assert str(open_one.uuid) in shown
    for group in (full, unled, pair, world.group, world.other_group):
        assert f"group:{group.uuid}" not in shown
    assert str(world.memberships["amara"].uuid) not in shown


# --- races ------------------------------------------------------------------------------------------------------------
@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("vocabulary")
def test_both_ask_at_once_and_two_coordinators_answer_at_once(transactional_db):
    cycle = make.CycleFactory()
    rhian = make.MembershipFactory(cycle=cycle, role="coordinator").user
    leader, other = make.MembershipFactory(cycle=cycle, role="leader"), make.MembershipFactory(cycle=cycle)
    mentors = [make.MembershipFactory(cycle=cycle, role="leader") for _ in range(2)]
    pair = make.GroupFactory(cycle=cycle, shape="pair", created_at=in_days(-20))
    for membership in (leader, other):
        make.GroupMemberFactory(group=pair, membership=membership)

    def at_once(*works):
        outcomes = []

        def run(work):
            try:
                outcomes.append(work())
            except (RematchRefused, PlacingRefused) as refusal:
                outcomes.append(refusal.code)
            finally:
                connection.close()

        threads = [threading.Thread(target=run, args=[work]) for work in works]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return outcomes

    asks = [lambda who=who: ask_rematch(actor=who.user, group_id=pair.pk, now=NOW) for who in (leader, other)]
    at_once(*asks, *asks)
    assert RematchRequest.objects.count() == 2
    wish = RematchRequest.objects.get(place__membership=other)
    outcomes = at_once(
        *(lambda who=who: match_again(actor=rhian, rematch_id=wish.pk, partner_id=who.pk, now=NOW) for who in mentors)
    )
    assert [one for one in outcomes if one == "answered"] == ["answered"]
    assert GroupMember.objects.filter(membership=other, ended_at=None).count() == 1
    assert Ending.objects.count() == 1
