"""Reminders become rows once, whoever plans them and how often; too late is said, not sent."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from peerhub.common.mail.planner import plan
from peerhub.common.models import Message
from peerhub.common.models.outbox import MessageState
from peerhub.common.stages import Reminder
from tests.common.mail.posts import Clock
from tests.factories import UserFactory


def reminders(kind, people, due_at, *, grace=timedelta(hours=2)):
    return [Reminder(f"r:{pk}", due_at, grace, pk, kind, {"session": pk}, cycle_id=5) for pk in people]


@pytest.fixture
def people(db):
    return [person.pk for person in UserFactory.create_batch(3)]


def test_plan_writes_each_reminder_once_however_often_it_runs(note, people, clock):
    for _tick in range(5):
        plan(reminders(note, people, clock()), clock())
    assert Message.objects.filter(channel="email", state=MessageState.QUEUED, cycle_id=5).count() == 3
    assert Message.objects.filter(channel="inapp").count() == 3


def test_plan_leaves_what_is_not_due(note, people, clock):
    assert plan(reminders(note, people, clock() + timedelta(seconds=1)), clock()) == 0


def test_plan_records_what_is_past_its_grace_as_missed(note, people, clock):
    plan(reminders(note, people, clock() - timedelta(hours=3)), clock())
    assert set(Message.objects.values_list("state", flat=True)) == {MessageState.MISSED}


def test_plan_days_late_sends_what_is_within_grace_only(note, people, clock):
    late = reminders(note, people[:1], clock() - timedelta(days=3))
    still = reminders(note, people[1:], clock() - timedelta(days=3), grace=timedelta(days=7))
    plan(late + still, clock())
    assert Message.objects.filter(channel="email", state=MessageState.QUEUED).count() == 2


def test_plan_again_costs_one_look_a_chunk(note, people, clock, django_assert_num_queries):
    plan(reminders(note, people, clock()), clock())
    with django_assert_num_queries(1):
        plan(reminders(note, people, clock()), clock())


def test_plan_streams(note, people, clock):
    """It takes no more than a chunk from the iterator before it writes."""
    seen = []

    def many():
        for number in range(1200):
            seen.append(Message.objects.count())
            yield Reminder(f"s:{number}", clock(), timedelta(1), people[0], note, {"session": 1}, ("email",))

    plan(many(), clock())
    assert Message.objects.count() == 1200
    assert seen[-1] >= 1000


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_planners_at_once_write_no_double(note):
    people = [person.pk for person in UserFactory.create_batch(40)]
    clock = Clock()
    start = threading.Barrier(4)

    def planner():
        try:
            start.wait()
            for _tick in range(5):
                plan(reminders(note, people, clock()), clock())
        finally:
            connection.close()

    threads = [threading.Thread(target=planner) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Message.objects.filter(channel="email").count() == 40
