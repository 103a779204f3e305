"""Putting messages into the outbox, and the doorbell."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from kombu.exceptions import OperationalError

from peerhub.common import mail
from peerhub.common.mail import outbox
from peerhub.common.models import MailPreference, Message
from peerhub.common.models.outbox import MessageState
from tests.common.mail.posts import a_kind
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def test_queue_writes_one_row_a_channel(note, clock):
    mail.queue(note, to=UserFactory(), key="k", about={"session": 1}, now=clock())
    assert set(Message.objects.values_list("channel", "state")) == {("email", "queued"), ("inapp", "sent")}


def test_queue_again_with_the_same_key_changes_nothing(note, clock):
    amara = UserFactory()
    mail.queue(note, to=amara, key="k", about={"session": 1}, now=clock())
    mail.queue(note, to=amara, key="k", about={"session": 2}, now=clock.forward(hours=1))
    assert set(Message.objects.values_list("about__session", flat=True)) == {1}


def test_queue_later_holds_the_notification_back_too(note, clock):
    mail.queue(note, to=UserFactory(), key="k", about={}, now=clock(), not_before=clock().replace(year=2100))
    assert set(Message.objects.values_list("state", flat=True)) == {MessageState.QUEUED}


def test_queue_to_somebody_outside_is_mail_only(note, clock):
    mail.queue(note, to=None, key="k", about={"invitation": 1}, now=clock())
    assert Message.objects.get().channel == "email"


def test_queue_leaves_with_its_transaction(note, clock):
    with transaction.atomic():
        mail.queue(note, to=UserFactory(), key="k", about={}, now=clock())
        transaction.set_rollback(True)
    assert not Message.objects.exists()


def test_queue_many_costs_the_same_for_many(note, clock):
    people = UserFactory.create_batch(60)
    costs = []
    for part in (people[:2], people[2:]):
        with CaptureQueriesContext(connection) as captured:
            mail.queue_many([mail.Entry(note, person, f"k{person.pk}") for person in part], now=clock())
        costs.append(len(captured))
    assert Message.objects.count() == 120
    assert costs[0] == 2
    assert costs[1] <= 4  # SQLite takes fewer values in a statement


def test_queue_keeps_no_notification_somebody_switched_off(note, clock):
    amara = UserFactory()
    MailPreference.objects.create(user=amara, topic="sessions", inapp=False)
    mail.queue(note, to=amara, key="k", about={}, now=clock())
    assert Message.objects.get().channel == "email"


def test_queue_refuses_a_kind_nobody_registered(clock):
    with pytest.raises(KeyError):
        mail.queue("tests.unknown", to=None, key="k", about={}, now=clock())


def test_long_keys_stay_apart():
    first, second = "a" * 300 + "1", "a" * 300 + "2"
    assert outbox.fitting_key(first) != outbox.fitting_key(second)
    assert len(outbox.fitting_key(first)) <= 200


def test_the_doorbell_rings_once_a_transaction(note, clock, django_capture_on_commit_callbacks, monkeypatch):
    rung = []
    monkeypatch.setattr(outbox.current_app, "send_task", lambda *args, **options: rung.append(options))
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        for number in range(5):
            mail.queue(note, to=UserFactory(), key=f"k{number}", about={}, now=clock())
    assert len(rung) == 1
    assert rung[0]["retry"] is False


def test_a_dead_broker_disturbs_nobody(note, clock, django_capture_on_commit_callbacks, monkeypatch):
    def dead(*args, **options):
        raise OperationalError("connection refused")

    monkeypatch.setattr(outbox.current_app, "send_task", dead)
    with django_capture_on_commit_callbacks(execute=True):
        mail.queue(note, to=UserFactory(), key="k", about={}, now=clock())
    assert Message.objects.filter(channel="email", state="queued").exists()


def test_a_notification_alone_rings_no_bell(clock, django_capture_on_commit_callbacks):
    with a_kind() as kind, django_capture_on_commit_callbacks() as callbacks:
        mail.queue(kind, to=UserFactory(), key="k", about={}, now=clock(), channels=("inapp",))
    assert callbacks == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "lost"},
        {"channel": "pigeon"},
        {"state": "sending"},
        {"state": "sent"},
        {"lease": "00000000-0000-0000-0000-000000000001"},
        {"attempts": -1},
    ],
    ids=str,
)
def test_the_database_refuses_an_impossible_row(note, clock, wrong):
    mail.queue(note, to=None, key="k", about={}, now=clock())
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.update(**wrong)
