"""Who waits too long for others reads "press it again", and nothing was changed."""

import sqlite3
import threading
from collections.abc import Iterator

import pytest
from django.db import DatabaseError, OperationalError, connection, transaction
from django.test import Client
from django.urls import reverse

from peerhub.common.middleware import BusyMiddleware
from programmes.models import Cycle, QueueEntry, Session
from tests import factories as make
from tests.factories import in_hours
from tests.world import World, build_world


def one_after(error: DatabaseError, cause: BaseException) -> DatabaseError:
    error.__cause__ = cause
    return error


def test_what_another_writer_of_a_file_holds_is_busy(tmp_path):
    holder, other = (sqlite3.connect(tmp_path / "one.sqlite3", isolation_level=None, timeout=0) for _ in range(2))
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError) as refused:
        other.execute("BEGIN IMMEDIATE")
    assert BusyMiddleware.is_busy(one_after(OperationalError(str(refused.value)), refused.value))
    with pytest.raises(sqlite3.OperationalError) as wrong:
        other.execute("SELECT nothing FROM nowhere")
    assert not BusyMiddleware.is_busy(one_after(OperationalError(str(wrong.value)), wrong.value))
    holder.close()
    other.close()


@pytest.fixture
def held(vocabulary: None) -> Iterator[tuple[World, Session]]:
    """A queue whose row somebody else has locked, for as long as the test takes."""
    world = build_world()
    Cycle.objects.filter(pk=world.cycle.pk).update(attendance_mode="queue")
    session = make.SessionFactory(cycle=world.cycle, starts_at=in_hours(-0.1), ends_at=in_hours(2))
    locked, over = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            list(Session.objects.select_for_update().filter(pk=session.pk))
            locked.set()
            over.wait(30)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    locked.wait(10)
    yield world, session
    over.set()
    holder.join(10)


@pytest.mark.postgres
@pytest.mark.logs_errors  # Django logs every 5xx
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("frozen")
def test_a_row_that_stays_locked_changes_nothing_and_says_so(held):
    world, session = held
    ben = Client()
    ben.force_login(world.ben)
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '50ms'")
    join = reverse("programmes:queue_join", args=[session.uuid])
    try:
        reply = ben.post(join)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '5s'")
    assert (reply.status_code, reply["Retry-After"]) == (503, "2")
    assert "Nothing was changed." in reply.content.decode()
    assert not QueueEntry.objects.exists()
