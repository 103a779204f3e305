"""Many senders at once, on a database that lets them."""

import threading
from collections import Counter

import pytest
from django.db import connection

from peerhub.common import mail
from peerhub.common.mail import breaker
from peerhub.common.mail.sending import send_due
from peerhub.common.models import ChannelHealth, Message
from peerhub.common.models.outbox import MessageState
from tests.common.mail.posts import Clock, FakePost
from tests.factories import UserFactory

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def at_once(count, work):
    start = threading.Barrier(count)

    def run():
        try:
            start.wait()
            work()
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_eight_senders_send_each_message_once(note, settings):
    settings.PEERHUB_MAIL_BATCH = 7
    people = UserFactory.create_batch(120)
    clock, post = Clock(), FakePost()
    mail.queue_many([mail.Entry(note, p, f"k{p.pk}", channels=("email",)) for p in people], now=clock())
    at_once(8, lambda: send_due(clock=clock, transport=post))
    assert Counter(wire.to for wire in post.sent) == Counter(person.email for person in people)
    assert set(Message.objects.values_list("state", flat=True)) == {MessageState.SENT}


def test_eight_services_queue_one_occasion_once(note):
    amara, clock = UserFactory(), Clock()
    at_once(8, lambda: mail.queue(note, to=amara, key="k", about={}, now=clock()))
    assert Message.objects.count() == 2


def test_eight_workers_open_the_breaker_once_and_one_probes():
    clock = Clock()
    ChannelHealth.objects.create(channel="email", state="open", opened_at=clock(), probe_at=clock())
    gates = []
    at_once(8, lambda: gates.append(breaker.gate(clock())))
    assert gates.count(breaker.Gate.PROBE) == 1


def test_a_pace_is_shared_by_all(note, settings):
    settings.PEERHUB_MAIL_PER_SECOND = 50
    people = UserFactory.create_batch(60)
    mail.queue_many([mail.Entry(note, p, f"k{p.pk}", channels=("email",)) for p in people], now=Clock()())
    breaker.health()
    clock, post = Clock(), FakePost()
    started = clock()
    at_once(4, lambda: send_due(clock=clock, transport=post))
    assert len(post.sent) == 60
    reserved = ChannelHealth.objects.get().next_slot_at - started
    assert reserved.total_seconds() == pytest.approx(60 / 50)
