"""The Messages page of a cycle, and correcting an address."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from peerhub.accounts.services import erase_person
from peerhub.common import mail
from peerhub.common.mail.sending import send_due
from peerhub.common.models import AuditEvent, Message, WorkerBeat
from programmes.models import Invitation
from programmes.queries.cadence_todos import cadence_todos
from programmes.queries.message_answers import message_reminders
from programmes.services.messages import AddressRefused, correct_address
from tests.common.mail.posts import FakePost
from tests.factories import NOW, CycleFactory, MembershipFactory, RoleGrantFactory, UserFactory, in_days

pytestmark = pytest.mark.django_db


@pytest.fixture
def cycle():
    return CycleFactory()


@pytest.fixture
def rhian(cycle):
    return MembershipFactory(cycle=cycle, role="coordinator").user


def failed(cycle, person=None, *, kind="common.test_message", **about):
    key = f"k{uuid4()}"
    mail.queue(kind, to=person, key=key, about={"cycle": cycle.pk, **about}, now=NOW, channels=("email",))
    rows = Message.objects.filter(dedupe_key=f"{key}|email")
    rows.update(state="dead", attempts=1, finished_at=NOW, last_class="bad_address", last_code="550 5.1.1")
    return rows.get()


def invitation(cycle, email="typo@example.org"):
    return Invitation.objects.create(
        cycle=cycle, role="participant", email=email, sent_at=NOW, created_at=NOW, expires_at=in_days(20)
    )


def correct(cycle, message, email):
    correct_address(actor=UserFactory(), cycle_id=cycle.pk, message_id=message.pk, email=email, now=NOW)


def page(client, cycle, name="message_list", *more):
    return client.get(reverse(f"programmes:{name}", args=[cycle.programme.slug, cycle.code, *more]))


def test_message_list_opens_at_what_failed(client, cycle, rhian):
    failed(cycle, UserFactory(given_name="Ben", family_name="Hughes"))
    client.force_login(rhian)
    content = page(client, cycle).content.decode()
    assert "The mail server said this address does not exist." in content
    assert "Ben Hughes" in content


def test_message_list_costs_the_same_for_many(client, cycle, rhian, django_assert_max_num_queries):
    for number in range(30):
        failed(cycle, UserFactory())
        failed(cycle, kind="programmes.invitation", invitation=invitation(cycle, f"g{number}@example.org").pk)
    client.force_login(rhian)
    with django_assert_max_num_queries(15):
        assert page(client, cycle).content.count(b'type="checkbox"') == 25


def test_message_list_names_nobody_in_empty_boxes(client, cycle, rhian):
    client.force_login(rhian)
    assert b"Nothing failed" in page(client, cycle).content


def test_correct_address_of_somebody_from_a_class_list(cycle):
    person = UserFactory(email="typo@aberwen.ac.uk", password=None, verified=False)
    message = failed(cycle, person)
    other = failed(cycle, person)
    correct(cycle, message, " Right@Aberwen.ac.uk ")
    person.refresh_from_db()
    assert person.email == "right@aberwen.ac.uk"
    assert set(Message.objects.filter(pk__in=[message.pk, other.pk]).values_list("state", flat=True)) == {"queued"}
    assert AuditEvent.objects.filter(action="programmes.address_corrected", cycle_id=cycle.pk).exists()


def test_correct_address_of_an_open_invitation(cycle):
    invited = invitation(cycle)
    message = failed(cycle, kind="programmes.invitation", invitation=invited.pk)
    correct(cycle, message, "right@example.org")
    invited.refresh_from_db()
    message.refresh_from_db()
    assert (invited.email, message.state) == ("right@example.org", "queued")


def refusal(cycle, message, email="right@example.org"):
    with pytest.raises(AddressRefused) as refused:
        correct(cycle, message, email)
    return refused.value.code


def test_correct_address_refuses_one_its_owner_confirmed(cycle):
    assert refusal(cycle, failed(cycle, UserFactory())) == "confirmed"


def test_correct_address_refuses_one_somebody_else_has(cycle):
    taken = UserFactory()
    assert refusal(cycle, failed(cycle, UserFactory(verified=False)), taken.email) == "taken"


def test_correct_address_refuses_the_same_one(cycle):
    person = UserFactory(verified=False)
    assert refusal(cycle, failed(cycle, person), person.email) == "same"


def test_correct_address_refuses_an_answered_invitation(cycle):
    invited = invitation(cycle)
    message = failed(cycle, kind="programmes.invitation", invitation=invited.pk)
    Invitation.objects.update(status="accepted", answered_at=NOW)
    assert refusal(cycle, message) == "closed"


def test_correct_address_refuses_an_address_invited_already(cycle):
    invited, other = invitation(cycle), invitation(cycle, "other@example.org")
    assert refusal(cycle, failed(cycle, kind="programmes.invitation", invitation=invited.pk), other.email) == "taken"


def test_correct_address_refuses_a_message_whose_address_is_well(cycle):
    message = failed(cycle, UserFactory(verified=False))
    Message.objects.update(last_class="content")
    assert refusal(cycle, message) == "not_wrong"


def test_correct_address_page_shows_the_refusal_at_the_field(client, cycle, rhian):
    message = failed(cycle, UserFactory(verified=False))
    client.force_login(rhian)
    address = reverse("programmes:message_correct_address", args=[cycle.programme.slug, cycle.code, message.pk])
    response = client.post(address, {"email": rhian.email})
    assert response.status_code == 422
    assert b"Somebody else in PeerHub has this address" in response.content


def test_send_again_and_give_up_from_the_page(client, cycle, rhian):
    message = failed(cycle, UserFactory())
    client.force_login(rhian)
    args = [cycle.programme.slug, cycle.code]
    again = client.post(
        reverse("programmes:message_send_again", args=args), {"message": str(message.pk), "box": "failed"}
    )
    assert again["Location"].endswith("?box=failed")
    message.refresh_from_db()
    assert message.state == "queued"
    client.post(reverse("programmes:message_give_up", args=args), {"message": [str(message.pk), "x"], "reason": "Rang"})
    message.refresh_from_db()
    assert (message.state, message.reason) == ("cancelled", "Rang")


# --- what the rest of the house hears ---
def test_message_todos_count_what_failed_in_ones_own_cycles(cycle, rhian):
    failed(cycle, UserFactory())
    failed(CycleFactory(), UserFactory())
    [todo] = cadence_todos(rhian, NOW)
    assert str(todo.title) == "1 message did not arrive"
    assert todo.cycle_id == cycle.pk


def test_message_todos_cost_one_query_while_all_is_well(rhian, django_assert_num_queries):
    cadence_todos(rhian, NOW)
    with django_assert_num_queries(1):
        assert cadence_todos(rhian, NOW) == []


def test_message_reminders_speak_once_a_day_to_each_coordinator(cycle, rhian):
    Message.objects.filter(pk=failed(cycle, UserFactory()).pk).update(finished_at=NOW - timedelta(hours=5))
    keys = {one.key for hour in (0, 1, 2) for one in message_reminders(NOW + timedelta(hours=hour))}
    assert keys == {f"messages_failed:{cycle.pk}:{rhian.pk}:2026-11-04"}
    assert list(message_reminders(NOW + timedelta(days=2))) == []


def test_a_morning_that_passed_while_no_planner_ran_is_recorded_as_missed(cycle, rhian):
    failed(cycle, UserFactory())
    WorkerBeat.objects.create(name="planner", at=NOW - timedelta(hours=5))
    [missed] = message_reminders(NOW + timedelta(days=2))
    assert missed.due_at + missed.grace < NOW + timedelta(days=2)


def test_the_daily_word_is_not_sent_when_all_was_dealt_with(cycle, rhian):
    message = failed(cycle, UserFactory())
    about = {"cycle": cycle.pk}
    for key in ("one", "two"):
        mail.queue("programmes.messages_failed", to=rhian, key=key, about=about, now=NOW, channels=("email",))
        send_due(clock=lambda: NOW, transport=FakePost())
        Message.objects.filter(pk=message.pk).update(state="cancelled")
    states = Message.objects.filter(kind="programmes.messages_failed").order_by("dedupe_key")
    assert list(states.values_list("state", flat=True)) == ["sent", "cancelled"]


@pytest.mark.parametrize("powers", ["grant", "staff", "elsewhere"])
def test_correct_address_hands_over_no_account_that_opens_more(cycle, powers):
    """Whoever gets the next mail could choose the password: nobody corrects themselves into somebody else's account."""
    person = UserFactory(email="typo@aberwen.ac.uk", password=None, verified=False, is_staff=powers == "staff")
    if powers == "grant":
        RoleGrantFactory(user=person, role="safeguarding_lead")
    if powers == "elsewhere":
        MembershipFactory(user=person)
    message = failed(cycle, person)
    with pytest.raises(AddressRefused) as refusal:
        correct(cycle, message, "rhian.private@mail.example")
    assert refusal.value.code == "not_yours"
    person.refresh_from_db()
    assert person.email == "typo@aberwen.ac.uk"


def test_correct_address_of_somebody_known_elsewhere_to_one_of_the_institution(cycle):
    person = UserFactory(email="typo@aberwen.ac.uk", password=None, verified=False)
    MembershipFactory(user=person)
    correct(cycle, failed(cycle, person), "right@student.aberwen.ac.uk")
    person.refresh_from_db()
    assert person.email == "right@student.aberwen.ac.uk"


def test_correct_address_refuses_an_erased_person(cycle):
    person = UserFactory(email="ben@student.aberwen.ac.uk", password=None, verified=False)
    message = failed(cycle, person)
    erase_person(actor=None, user=person, now=NOW)
    with pytest.raises(AddressRefused) as refusal:
        correct(cycle, message, "other@student.aberwen.ac.uk")
    assert refusal.value.code == "gone"
