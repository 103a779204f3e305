"""Fixtures by name. Rows are made by tests/factories/, the small Aberwen by tests/world.py."""

from collections.abc import Callable, Iterator
from datetime import datetime
from importlib import import_module

import pytest
import time_machine
from django.apps import apps
from django.test import Client

from peerhub.accounts.models import User
from programmes.models import ActivityType
from tests.factories import NOW
from tests.world import World, build_world


@pytest.fixture
def now() -> datetime:
    """A Wednesday morning in the middle of the autumn term; what factories call NOW."""
    return NOW


@pytest.fixture
def frozen() -> Iterator[time_machine.Traveller]:
    """The clock stands at NOW (it moves by `frozen.shift(...)`), for tests that go through views."""
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def vocabulary(transactional_db: None) -> None:
    """Tests with real transactions empty every table when they end; what migrations had put there comes back here."""
    if not ActivityType.objects.exists():
        import_module("programmes.migrations.0002_vocabulary").add(apps, None)


@pytest.fixture
def world(db: None) -> World:
    """Every persona with a place (tests/world.py), made anew for this test."""
    return build_world()


@pytest.fixture
def client_of() -> Callable[[User], Client]:
    """A signed-in client: `client_of(world.rhian).get(...)`."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in
