"""One world for a whole module, every cell in a transaction of its own that is undone."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from pytest_django import DjangoDbBlocker

from tests.access import matrix
from tests.access.matrix import PERSONAS
from tests.factories import NOW
from tests.world import World, build_world


@contextmanager
def undone() -> Iterator[None]:
    """A transaction that durable use cases may open theirs in, rolled back at the end."""
    atomic = transaction.atomic()
    atomic._from_testcase = True
    with atomic:
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with django_db_blocker.unblock(), time_machine.travel(NOW, tick=True), undone():
        yield matrix.extend(build_world())


@pytest.fixture(scope="module")
def cookies(world: World) -> dict[str, str]:
    """A signed-in session for every persona."""
    sessions = {}
    for persona, name in PERSONAS.items():
        client = Client()
        if name:
            client.force_login(getattr(world, name))
        sessions[persona] = client.cookies.output(header="", sep=";") if name else ""
    return sessions


def client_for(persona: str, cookies: dict[str, str], **options: bool) -> Client:
    client = Client(raise_request_exception=True, **options)
    if cookies[persona]:
        client.cookies.load(cookies[persona])
    return client
