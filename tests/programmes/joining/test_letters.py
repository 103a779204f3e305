"""Every letter of joining: sent to the right person, says the right thing, and keeps quiet when facts have changed."""

from datetime import timedelta

import pytest

from peerhub.common.mail import NotWanted
from peerhub.common.mail.kinds import KINDS
from peerhub.common.mail.wire import Wire
from peerhub.common.mail.writing import say_now, write_letters
from peerhub.common.models.outbox import Message
from programmes.models import Group, Invitation, JoinPolicy, Role
from programmes.services import invitations, joining, memberships, requests
from programmes.services.group_places import place_people, take_out
from tests import factories as make
from tests.factories import in_days, in_hours
from tests.programmes.joining import scenes

pytestmark = pytest.mark.django_db

KINDS_OF_JOINING = {
    code.removeprefix("programmes.")
    for code, kind in KINDS.items()
    if kind.write.__module__ in {"programmes.emails.joining", "programmes.emails.invitations"}
}


@pytest.fixture
def cycle(db):
    return scenes.cycle(JoinPolicy.APPROVAL, places=1, offer_days=3)


@pytest.fixture
def rhian(cycle):
    return scenes.coordinator(cycle)


def wires(kind, at):
    """What the letters of a kind become at that moment."""
    return [said for _message, said in write_letters(scenes.letters(kind), at)]


def wire(kind, at):
    [said] = wires(kind, at)
    assert isinstance(said, Wire), said
    return said


def flat(said):
    """The plain text without its line ends."""
    return " ".join(said.text.split())


def text_of(said):
    return f"{said.subject}\n{said.text}\n{said.html}"


def assert_cancelled(kind, at):
    assert all(isinstance(said, NotWanted) for said in wires(kind, at))


def left(kind, at):
    """These letters have gone out."""
    Message.objects.filter(kind=f"programmes.{kind}", channel="email").update(state="sent", finished_at=at)


def ask(cycle, now, **user):
    return joining.ask_to_join(actor=make.UserFactory(**user), cycle_id=cycle.pk, now=now)


def test_a_request_is_told_to_coordinators_until_it_is_answered(now, cycle, rhian):
    zoe = ask(cycle, now, given_name="Zoe", family_name="Marchetti")
    letter = wire("join_requested", now)
    assert letter.subject == f"Zoe Marchetti asks to join {cycle.programme.name}"
    assert letter.to == rhian.email
    assert f"/programmes/{cycle.programme.slug}/2026-27/people/?tab=requests" in flat(letter)
    assert "List-Unsubscribe" in letter.headers
    joining.withdraw_request(actor=zoe.user, membership_id=zoe.pk, now=now)
    assert_cancelled("join_requested", now)


def test_an_approval_carries_the_word_of_welcome_where_there_is_one(now, cycle, rhian):
    zoe = requests.approve_request(actor=rhian, membership_id=ask(cycle, now).pk, reason="See you <soon>.", now=now)
    letter = wire("join_approved", now)
    assert letter.to == zoe.user.email
    assert "Word of welcome from the coordinator: See you <soon>." in flat(letter)
    assert "See you &lt;soon&gt;." in letter.html
    assert "List-Unsubscribe" not in letter.headers  # people wait for this
    requests.undo_decision(actor=rhian, membership_id=zoe.pk, now=now)
    assert_cancelled("join_approved", now)
    assert "That was a mistake, and we are sorry." in flat(wire("decision_undone", now))


def test_an_approval_without_a_word_says_none(now, cycle, rhian):
    requests.approve_request(actor=rhian, membership_id=ask(cycle, now).pk, now=now)
    assert "Word of welcome" not in text_of(wire("join_approved", now))


@pytest.mark.parametrize(
    ("decide", "kind"), [(requests.decline_request, "join_declined"), (requests.defer_request, "join_deferred")]
)
def test_a_no_says_who_and_why_unless_it_was_undone(now, cycle, rhian, decide, kind):
    zoe = decide(actor=rhian, membership_id=ask(cycle, now).pk, reason="First years first.", now=now)
    assert "Rhian Pugh wrote: First years first." in wire(kind, now).text
    requests.undo_decision(actor=rhian, membership_id=zoe.pk, now=now)
    decide(actor=rhian, membership_id=zoe.pk, reason="Second thoughts.", now=now + timedelta(minutes=1))
    first, second = wires(kind, now + timedelta(minutes=20))
    assert isinstance(first, NotWanted)  # the first answer was taken back
    assert "Second thoughts." in flat(second)


def test_the_waiting_list_offer_and_its_end(now, cycle, rhian):
    [inside] = scenes.taking_part(cycle)
    zoe = requests.approve_request(actor=rhian, membership_id=ask(cycle, now).pk, now=now)
    assert "You then have 3 days to accept it." in flat(wire("wait_listed", now))
    joining.leave_programme(actor=inside.user, membership_id=inside.pk, now=now)
    assert_cancelled("wait_listed", now)
    offer = wire("place_offered", now)
    assert "Saturday 7 November, 10:00" in flat(offer)
    assert f"/places/{zoe.uuid}/offer/" in flat(offer)
    left("place_offered", now)
    joining.expire_offers(in_days(3))
    assert_cancelled("place_offered", in_days(3))
    assert f"/programmes/{cycle.programme.slug}/join/" in flat(wire("offer_expired", in_days(3)))


def test_joining_leaving_and_coming_back(now):
    cycle = scenes.cycle()
    ben = ask(cycle, now)
    assert "Nobody is told why." in flat(wire("joined", now))
    joining.leave_programme(actor=ben.user, membership_id=ben.pk, reason="Private.", now=now)
    assert_cancelled("joined", now)
    [(_row, said)] = say_now(scenes.letters("member_left", "inapp"), now)
    assert str(said.title) == f"{ben.user.display_name} left {cycle.programme.name}"
    assert "Private" not in str(said)


def test_roles_given_and_taken(now, cycle, rhian):
    amara = memberships.appoint_member(
        actor=rhian, cycle_id=cycle.pk, user_id=make.UserFactory().pk, role="leader", now=now
    )
    assert "as PASS leader" in flat(wire("appointed", now))
    memberships.remove_member(actor=rhian, membership_id=amara.pk, reason="Secret.", now=now)
    assert_cancelled("appointed", now)
    later = now + timedelta(minutes=11)
    assert "Secret" not in text_of(wire("removed", later))
    memberships.reinstate_member(actor=rhian, membership_id=amara.pk, now=later)
    assert_cancelled("removed", later)
    assert "Welcome back." in flat(wire("reinstated", later))
    owain = make.MembershipFactory(cycle=cycle, role=Role.COORDINATOR)
    memberships.name_point_person(actor=rhian, cycle_id=cycle.pk, user_id=owain.user_id, now=now)
    assert "the person to turn to" in flat(wire("point_person", now))
    memberships.name_point_person(actor=rhian, cycle_id=cycle.pk, user_id=rhian.pk, now=now)
    assert_cancelled("point_person", now)


def test_a_group_is_told_with_who_leads_and_when_it_meets(now):
    cycle = scenes.cycle()
    rhian, group = scenes.coordinator(cycle), make.GroupFactory(cycle=cycle, name="Group C")
    amara = make.MembershipFactory(
        cycle=cycle, role=Role.LEADER, user=make.UserFactory(given_name="Amara", family_name="Okafor")
    )
    [ben] = scenes.taking_part(cycle)
    for at, place in ((in_days(-7), "Old"), (in_hours(26), "Library 3"), (in_days(8), "Later")):
        make.SessionFactory(group=group, starts_at=at, place=place)
    place_people(actor=rhian, group_id=group.pk, membership_ids=[amara.pk, ben.pk], now=now)
    letter = wire("grouped", now)
    assert "Who leads: Amara Okafor (PASS leader)." in flat(letter)
    assert "First study session: Thursday 5 November, 12:00." in flat(letter)
    assert "Where: Library 3." in flat(letter)
    assert ben.user.display_name not in flat(letter).replace(f"Hello {ben.user.short_name}", "")
    assert "You now lead Group C" in flat(wire("leads_group", now))
    take_out(actor=rhian, group_id=group.pk, membership_ids=[ben.pk], now=now)
    assert_cancelled("grouped", now)
    Group.objects.filter(pk=group.pk).update(ended_at=now)
    assert_cancelled("leads_group", now)


def test_an_invitation_goes_to_an_address_with_its_own_link(now, cycle, rhian):
    one = invitations.invite_person(
        actor=rhian, cycle_id=cycle.pk, role="leader", email="jo@example.org", name="Jo Visitor", now=now
    )
    letter = wire("invitation", now)
    assert (letter.to, "Hello Jo Visitor" in flat(letter)) == ("jo@example.org", True)
    assert f"/invitations/{one.uuid}/{one.token}/" in flat(letter)
    assert "Friday 4 December" in flat(letter)
    again = invitations.resend_invitation(actor=rhian, invitation_id=one.pk, now=in_days(8))
    first, second = wires("invitation", in_days(8))
    assert isinstance(first, NotWanted)
    assert isinstance(second, Wire)
    Invitation.objects.filter(pk=again.pk).update(sent_at=now)
    invitations.remind_invited(in_days(8))
    assert "A week ago Rhian Pugh invited you" in flat(wire("invitation_reminder", in_days(8)))
    invitations.withdraw_invitation(actor=rhian, invitation_id=one.pk, now=in_days(9))
    for kind in ("invitation", "invitation_reminder"):
        assert_cancelled(kind, in_days(9))


def test_many_invitations_are_written_from_one_mould(now, cycle, rhian, django_assert_max_num_queries):
    people = [(number, f"person{number}@example.org", f"Person {number}") for number in range(30)]
    invitations.create_invitations(rhian, cycle, "participant", people, batch_id=None, now=now)
    with django_assert_max_num_queries(8):
        letters = wires("invitation", now)
    assert {letter.to for letter in letters} == {email for _row, email, _name in people}
    assert {flat(letter)[:20].split(",")[0] for letter in letters} == {f"Hello {name}" for _row, _email, name in people}


def test_outbox_rows_hold_ids_only(now, cycle, rhian):
    zoe = ask(cycle, now, given_name="Zoe", family_name="Marchetti")
    requests.decline_request(actor=rhian, membership_id=zoe.pk, reason="Canary.", now=now)
    for message in Message.objects.all():
        assert all(isinstance(value, int) for value in message.about.values())


def test_every_kind_of_joining_is_proved_above():
    """A new kind needs a test here: add it to the list when it has one."""
    assert {
        "appointed", "decision_undone", "grouped", "invitation", "invitation_reminder", "join_approved",
        "join_declined", "join_deferred", "join_pending", "join_requested", "joined", "leads_group", "member_left",
        "offer_expired", "offer_expiring", "place_offered", "point_person", "reinstated", "removed", "wait_listed",
    } == KINDS_OF_JOINING  # fmt: skip
