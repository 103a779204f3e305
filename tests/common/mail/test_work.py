"""Tasks, the loop without Celery, the watchdog, health, retention and the checks at start."""

import json
import time
from datetime import timedelta
from io import StringIO
from types import SimpleNamespace

import pytest
from celery.worker import state as worker_state
from django.core.mail import get_connection
from django.core.management import call_command
from django.db import OperationalError
from django.urls import reverse
from django.utils import timezone

from peerhub.common import checks, health, mail, tasks, watchdog
from peerhub.common.mail import beats, outbox, retention
from peerhub.common.mail.kinds import TOPICS
from peerhub.common.models import AddressFlag, Message, StoredMail, WorkerBeat
from tests.common.mail.posts import a_kind
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def rung(monkeypatch):
    names = []
    monkeypatch.setattr(outbox.current_app, "send_task", lambda name, **options: names.append(name))
    return names


@pytest.fixture
def waiting(note):
    mail.queue(note, to=UserFactory(), key="k", about={}, now=timezone.now(), channels=("email",))
    return Message.objects.get()


# --- tasks ---
def test_deliver_sends_and_rings_no_more_when_nothing_is_left(waiting, rung, mailoutbox):
    tasks.deliver()
    assert len(mailoutbox) == 1
    assert rung == []


def test_sweep_rings_when_something_is_due(waiting, rung):
    tasks.sweep_outbox()
    assert rung == ["peerhub.common.tasks.deliver"]


def test_sweep_takes_back_what_a_dead_worker_held(waiting, rung):
    past = timezone.now() - timedelta(minutes=1)
    Message.objects.update(state="sending", lease="00000000-0000-0000-0000-000000000001", lease_until=past, attempts=1)
    tasks.sweep_outbox()
    waiting.refresh_from_db()
    assert (waiting.state, waiting.is_uncertain) == ("retry", True)


def test_plan_reminders_beats():
    tasks.plan_reminders()
    assert beats.planner_age(timezone.now()) < timedelta(minutes=1)


def test_outbox_run_once_does_a_round_of_everything(waiting, mailoutbox):
    said = StringIO()
    call_command("outbox_run", "--once", stdout=said)
    assert said.getvalue().strip() == "1 sent."
    assert beats.planner_age(timezone.now()) is not None


# --- the watchdog ---
@pytest.fixture
def dog():
    sent = []
    app = SimpleNamespace(send_task=lambda name, **options: sent.append((name, options["queue"])))
    found = watchdog.Watchdog(app, "w1@here", "pulse.w1.here")
    found.sent, found.left = sent, []
    found.leave = lambda: found.left.append(True)
    return found


@pytest.fixture(autouse=True)
def _keep_the_connection(monkeypatch):
    monkeypatch.setattr(watchdog, "connection", SimpleNamespace(close=lambda: None))


def test_a_worker_beats_and_rings_its_own_bell(dog):
    dog.look()
    assert WorkerBeat.objects.get().name == "worker w1@here"
    assert dog.sent == [(watchdog.PULSE_TASK, "pulse.w1.here")]


@pytest.mark.logs_errors
def test_a_deaf_worker_leaves(dog):
    dog.heard_at = time.monotonic() - watchdog.DEAF_AFTER - 1
    dog.look()
    assert dog.left == [True]


def test_a_worker_that_hears_stays(dog):
    dog.heard_at = time.monotonic() - watchdog.DEAF_AFTER - 1
    dog.hear()
    dog.look()
    assert dog.left == []


def test_a_busy_worker_is_not_deaf(dog, monkeypatch):
    dog.heard_at = time.monotonic() - watchdog.DEAF_AFTER - 1
    monkeypatch.setattr(worker_state, "active_requests", {object()})
    dog.look()
    assert dog.left == []


def test_neither_a_dead_broker_nor_a_dead_database_stops_the_watchdog(dog, monkeypatch):
    def dead(*args, **options):
        raise OperationalError

    monkeypatch.setattr(watchdog, "beat", dead)
    dog.app.send_task = dead
    dog.look()
    assert dog.left == []


# --- health ---
def ready(client):
    response = client.get(reverse("readyz"))
    return response.status_code, json.loads(response.content)["checks"]


def test_healthz_asks_nobody(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get(reverse("healthz")).json() == {"status": "ok"}


def test_readyz_is_content_when_all_is_well(client):
    beats.beat(beats.PLANNER, timezone.now())
    status, found = ready(client)
    assert status == 200
    assert set(found) == {"database", "migrations", "broker", "outbox", "planner"}


@pytest.mark.logs_errors
def test_readyz_names_a_planner_that_sleeps(client):
    beats.beat(beats.PLANNER, timezone.now() - timedelta(minutes=6))
    status, found = ready(client)
    assert (status, found["planner"]["ok"], found["outbox"]["ok"]) == (503, False, True)


@pytest.mark.logs_errors
def test_readyz_names_a_message_that_waits_too_long(client, waiting):
    beats.beat(beats.PLANNER, timezone.now())
    Message.objects.update(not_before=timezone.now() - timedelta(minutes=11))
    status, found = ready(client)
    assert (status, found["outbox"]["ok"]) == (503, False)


@pytest.mark.logs_errors
def test_readyz_without_a_database_says_only_that(client, monkeypatch):
    def dead():
        raise OperationalError("could not connect to server at db.internal as peerhub")

    monkeypatch.setattr(health, "_database", dead)
    status, found = ready(client)
    assert (status, found) == (503, {"database": {"ok": False, "detail": "OperationalError"}})


@pytest.mark.logs_errors
def test_readyz_without_a_broker_shows_no_address(client, monkeypatch):
    beats.beat(beats.PLANNER, timezone.now())

    def dead():
        raise ConnectionRefusedError("redis://:secret@redis.internal")

    monkeypatch.setattr(health, "_broker", dead)
    response = client.get(reverse("readyz"))
    assert response.status_code == 503
    assert b"secret" not in response.content


# --- retention ---
def test_forget_blanks_after_ninety_days_and_deletes_after_four_hundred(note, clock):
    for key, age in (("new", 89), ("old", 91), ("ancient", 401)):
        mail.queue(note, to=UserFactory(), key=key, about={"session": 1}, now=clock(), channels=("email",))
        at = clock() - timedelta(days=age)
        Message.objects.filter(dedupe_key=f"{key}|email").update(state="sent", finished_at=at, created_at=at)
    retention.forget(clock())
    rows = {row.dedupe_key: row for row in Message.objects.all()}
    assert set(rows) == {"new|email", "old|email"}
    assert (rows["old|email"].recipient_id, rows["old|email"].about) == (None, {})
    assert rows["new|email"].about == {"session": 1}


def test_forget_never_touches_what_waits(waiting):
    retention.forget(timezone.now() + timedelta(days=1000))
    waiting.refresh_from_db()
    assert waiting.recipient_id


def test_forget_drops_old_flags_beats_and_kept_mails(clock):
    long_ago = clock() - timedelta(days=500)
    AddressFlag.objects.create(digest="x", reason="bad_address", flagged_at=long_ago)
    AddressFlag.objects.create(digest="y", reason="unsubscribed", topic="sessions", flagged_at=long_ago)
    beats.beat("worker gone", long_ago)
    beats.beat(beats.PLANNER, long_ago)
    StoredMail.objects.create(message_id="<1@x>", sender="a", recipient="b", subject="c", sent_at=long_ago)
    retention.forget(clock())
    assert list(AddressFlag.objects.values_list("reason", flat=True)) == ["unsubscribed"]
    assert list(WorkerBeat.objects.values_list("name", flat=True)) == [beats.PLANNER]
    assert not StoredMail.objects.exists()


# --- checks ---
def ids(found):
    return {message.id for message in found}


def test_every_registered_kind_is_sound():
    assert checks.check_kinds(None) == []
    assert checks.check_mail_frame(None) == []


def test_a_kind_without_a_topic_is_refused():
    with a_kind("tests.lost", topic="nothing"):
        assert ids(checks.check_kinds(None)) == {"peerhub.mail.E001"}


def test_a_kind_of_no_known_urgency_is_refused():
    with a_kind("tests.lost", priority=12):
        assert ids(checks.check_kinds(None)) == {"peerhub.mail.E002"}


def test_mail_that_goes_nowhere_is_said(settings):
    settings.EMAIL_BACKEND = "peerhub.common.mail.backends.DatabaseBackend"
    settings.DEFAULT_FROM_EMAIL = "PeerHub <no-reply@peerhub.invalid>"
    settings.PEERHUB_MAIL_LEASE = 10
    assert ids(checks.check_mail_leaves(None)) == {"peerhub.mail.W001", "peerhub.mail.W002", "peerhub.mail.E005"}


def test_topics_are_whole_sentences_for_people():
    assert all(topic.title and topic.help and len(topic.code) <= 40 for topic in TOPICS.values())


def test_the_database_backend_keeps_any_mail(settings):
    settings.EMAIL_BACKEND = "peerhub.common.mail.backends.DatabaseBackend"
    backend = get_connection()
    assert backend.send_messages([]) == 0
