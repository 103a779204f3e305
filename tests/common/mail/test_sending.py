"""The round: what happens to a message for every answer a mail server can give."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from peerhub.common import mail
from peerhub.common.mail import breaker, leases
from peerhub.common.mail.outcomes import Outcome
from peerhub.common.mail.sending import send_due
from peerhub.common.models import AddressFlag, ChannelHealth, MailPreference, Message
from peerhub.common.models.outbox import Breaker, MessageState, OutcomeClass
from tests.common.mail.posts import TEMPLATE, FakePost, a_kind
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

TRANSIENT = Outcome(OutcomeClass.TRANSIENT, "451 4.7.1")
UNKNOWN = Outcome(OutcomeClass.UNKNOWN, "timeout")
BAD = Outcome(OutcomeClass.BAD_ADDRESS, "550 5.1.1")
OUR_FAULT = Outcome(OutcomeClass.OUR_FAULT, "535 5.7.8")
CONTENT = Outcome(OutcomeClass.CONTENT, "554 5.6.0")


def queue(kind, count, clock, **options):
    people = UserFactory.create_batch(count)
    entries = [mail.Entry(kind, person, f"note:{person.pk}", channels=("email",), **options) for person in people]
    mail.queue_many(entries, now=clock())
    return people


def only():
    return Message.objects.get()


def test_send_due_sends_each_message_once(note, post, clock):
    people = queue(note, 3, clock)
    send_due(clock=clock, transport=post)
    send_due(clock=clock, transport=post)
    assert sorted(wire.to for wire in post.sent) == sorted(person.email for person in people)
    assert set(Message.objects.values_list("state", "attempts", "lease")) == {(MessageState.SENT, 1, None)}


def test_send_due_leaves_what_is_not_due(note, post, clock):
    queue(note, 1, clock, not_before=clock().replace(year=2100))
    assert send_due(clock=clock, transport=post).claimed == 0


def test_send_due_sends_urgent_messages_first(note, post, clock):
    queue(note, 2, clock, priority=9)
    [urgent] = queue(note, 1, clock, priority=0)
    send_due(clock=clock, transport=post)
    assert post.sent[0].to == urgent.email


def test_a_transient_answer_waits_longer_each_time_and_ends_after_eight(note, clock):
    queue(note, 1, clock)
    waits = []
    for _attempt in range(8):
        send_due(clock=clock, transport=FakePost(TRANSIENT))
        row = only()
        waits.append((row.not_before - clock()).total_seconds())
        clock.forward(days=2)
    assert row.state == MessageState.DEAD
    assert row.attempts == 8
    for wait, minutes in zip(waits[:7], (1, 5, 15, 60, 180, 480, 1440), strict=True):
        assert 0.8 * minutes * 60 <= wait <= 1.2 * minutes * 60


def test_an_unknown_outcome_is_retried_and_said(note, clock):
    queue(note, 1, clock)
    send_due(clock=clock, transport=FakePost(UNKNOWN))
    assert (only().state, only().is_uncertain) == (MessageState.RETRY, True)
    clock.forward(minutes=2)
    send_due(clock=clock, transport=FakePost())
    assert (only().state, only().is_uncertain) == (MessageState.SENT, True)


def test_an_at_most_once_kind_is_left_to_a_human_when_unknown(clock):
    with a_kind("tests.once", at_most_once=True) as once:
        queue(once, 1, clock)
        send_due(clock=clock, transport=FakePost(UNKNOWN))
        assert (only().state, only().last_class) == (MessageState.DEAD, OutcomeClass.UNKNOWN)


def test_a_bad_address_is_over_at_once_and_remembered_without_keeping_it(note, clock):
    [person] = queue(note, 1, clock)
    send_due(clock=clock, transport=FakePost(BAD))
    assert (only().state, only().last_code) == (MessageState.DEAD, "550 5.1.1")
    assert person.email not in AddressFlag.objects.get().digest
    mail.queue(note, to=person, key="again", about={}, now=clock(), channels=("email",))
    post = FakePost()
    send_due(clock=clock, transport=post)
    assert post.sent == []
    assert set(Message.objects.values_list("state", flat=True)) == {MessageState.DEAD}


def test_refused_content_is_over_and_the_channel_goes_on(note, clock):
    queue(note, 3, clock)
    tally = send_due(clock=clock, transport=FakePost(CONTENT))
    assert (tally.failed, tally.sent) == (1, 2)
    assert breaker.health().state == Breaker.CLOSED


@pytest.mark.logs_errors
def test_our_own_fault_stops_the_channel_and_costs_no_message_an_attempt(note, clock):
    boss = UserFactory(is_superuser=True)
    queue(note, 3, clock)
    post = FakePost(OUR_FAULT)
    send_due(clock=clock, transport=post)
    mails = Message.objects.by_email()
    assert set(mails.values_list("state", "attempts", "lease")) == {(MessageState.QUEUED, 0, None)}
    assert breaker.health().state == Breaker.OPEN
    assert Message.objects.notifications_of(boss).get().kind == "common.mail_held_back"
    send_due(clock=clock, transport=post)
    assert post.sent == []


@pytest.mark.logs_errors
def test_twenty_transients_in_a_row_open_the_breaker_and_one_probe_closes_it(note, clock):
    queue(note, 30, clock)
    post = FakePost(*[TRANSIENT] * 20)
    send_due(clock=clock, transport=post)
    assert breaker.health().state == Breaker.OPEN
    assert Message.objects.filter(attempts=0).count() == 10
    send_due(clock=clock, transport=post)
    assert post.sent == []
    clock.forward(seconds=61)
    send_due(clock=clock, transport=post)
    assert breaker.health().state == Breaker.CLOSED
    assert len(post.sent) >= 10


@pytest.mark.logs_errors
def test_a_failed_probe_keeps_the_breaker_open_and_the_attempt(note, clock):
    queue(note, 25, clock)
    down = FakePost(door=Outcome(OutcomeClass.TRANSIENT, "connect:ConnectionRefusedError"))
    send_due(clock=clock, transport=down)
    assert breaker.health().state == Breaker.OPEN
    assert down.opened == 1
    before = sum(Message.objects.values_list("attempts", flat=True))
    for _minute in range(5):
        clock.forward(seconds=61)
        send_due(clock=clock, transport=down)
    assert sum(Message.objects.values_list("attempts", flat=True)) == before
    breaker.try_again_now(clock())
    send_due(clock=clock, transport=FakePost())
    assert breaker.health().state == Breaker.CLOSED


def test_only_one_worker_probes(note, clock):
    ChannelHealth.objects.create(channel="email", state="open", opened_at=clock(), probe_at=clock())
    assert [breaker.gate(clock()) for _worker in range(3)] == [breaker.Gate.PROBE, breaker.Gate.SHUT, breaker.Gate.SHUT]


def test_a_message_nobody_wants_any_more_is_cancelled_with_the_reason(post, clock):
    with a_kind(write=lambda letter, now: mail.NotWanted("The session was moved.")) as kind:
        queue(kind, 1, clock)
        send_due(clock=clock, transport=post)
    assert (only().state, only().reason) == (MessageState.CANCELLED, "The session was moved.")
    assert post.sent == []


def test_a_topic_switched_off_is_respected_at_the_last_moment(note, post, clock):
    [person] = queue(note, 1, clock)
    MailPreference.objects.create(user=person, topic="sessions", email=False)
    send_due(clock=clock, transport=post)
    assert only().state == MessageState.CANCELLED


def test_an_essential_kind_ignores_preferences(post, clock):
    with a_kind(essential=True) as kind:
        [person] = queue(kind, 1, clock)
        MailPreference.objects.create(user=person, topic="sessions", email=False)
        send_due(clock=clock, transport=post)
    assert only().state == MessageState.SENT
    assert "List-Unsubscribe" not in post.sent[0].headers


@pytest.mark.logs_errors
def test_a_kind_that_fails_hurts_only_itself(note, post, clock):
    def broken(letter, now):
        raise KeyError("session")

    with a_kind("tests.broken", write=broken) as kind:
        queue(kind, 1, clock)
        queue(note, 1, clock)
        send_due(clock=clock, transport=post)
    states = dict(Message.objects.values_list("kind", "state"))
    assert states == {"tests.broken": MessageState.RETRY, note: MessageState.SENT}
    assert breaker.health().failures_in_row == 0


def test_somebody_without_an_address_gets_no_mail_and_it_is_said(note, post, clock):
    mail.queue(note, to=UserFactory(email=None), key="x", about={}, now=clock(), channels=("email",))
    send_due(clock=clock, transport=post)
    assert only().state == MessageState.CANCELLED


def test_somebody_outside_gets_mail_at_the_address_the_kind_looks_up(post, clock):
    write = lambda letter, now: mail.Rendered(TEMPLATE, to=f"guest{letter.about['invitation']}@example.org")  # noqa: E731
    with a_kind(write=write) as kind:
        mail.queue(kind, to=None, key="i", about={"invitation": 7}, now=clock())
        send_due(clock=clock, transport=post)
    assert [wire.to for wire in post.sent] == ["guest7@example.org"]


def test_a_late_finish_is_refused(note, clock):
    queue(note, 1, clock)
    claim = leases.claim(10, clock())
    clock.forward(seconds=301)
    leases.recover(clock())
    assert not leases.finish(claim.messages[0], Outcome(), clock())
    assert only().state == MessageState.RETRY


def test_of_an_expired_lease_only_the_first_row_is_uncertain(note, clock):
    queue(note, 5, clock)
    claim = leases.claim(10, clock())
    leases.finish(claim.messages[0], Outcome(), clock())
    clock.forward(seconds=301)
    assert leases.recover(clock()) == 4
    rows = {row.pk: row for row in Message.objects.all()}
    second, *rest = claim.messages[1:]
    assert (rows[second.pk].is_uncertain, rows[second.pk].attempts) == (True, 1)
    assert {(rows[each.pk].is_uncertain, rows[each.pk].attempts, rows[each.pk].state) for each in rest} == {
        (False, 0, MessageState.QUEUED)
    }


def test_a_message_that_kills_its_worker_ends_alone(note, clock):
    queue(note, 3, clock)
    poison = Message.objects.waiting().order_by(*leases.SENDING_ORDER).first()
    for _death in range(20):
        claim = leases.claim(10, clock())
        for message in claim.messages:
            if message.pk == poison.pk:
                break
            leases.finish(message, Outcome(), clock())
        clock.forward(days=2)
        leases.recover(clock())
    assert dict(Message.objects.values_list("pk", "state")) == {
        row.pk: MessageState.DEAD if row.pk == poison.pk else MessageState.SENT for row in Message.objects.all()
    }


def test_a_hundred_messages_cost_little_more_than_a_statement_each(note, post, clock):
    queue(note, 100, clock)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        send_due(clock=clock, transport=post)
    assert len(post.sent) == 100
    assert len(captured) <= 100 * 1.2


def test_a_pace_spreads_what_all_workers_send(note, clock, settings):
    settings.PEERHUB_MAIL_PER_SECOND = 2
    queue(note, 40, clock)
    breaker.health()
    first, second = leases.claim(leases.batch_size(), clock()), leases.claim(leases.batch_size(), clock())
    assert len(first.messages) == len(second.messages) == 10
    assert (second.starts_at - first.starts_at).total_seconds() == 5
    for _worker in range(5):
        leases.claim(leases.batch_size(), clock())
    assert not leases.claim(leases.batch_size(), clock()).messages


def test_send_due_stops_when_told(note, post, clock):
    queue(note, 5, clock)
    post.on_send = lambda wire: None
    tally = send_due(clock=clock, transport=post, should_stop=lambda: len(post.sent) >= 2)
    assert tally.sent == 2
    assert Message.objects.filter(state=MessageState.QUEUED, attempts=0).count() == 3
