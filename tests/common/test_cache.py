"""A cache that goes away takes nothing with it: real Redis, killed and started again."""

import subprocess
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import Client

from peerhub.common import cache as steady
from tests import services

pytestmark = [pytest.mark.redis, pytest.mark.django_db]


@pytest.fixture
def server(settings) -> Iterator[services.Server]:
    """A Redis of this test's own, and PeerHub's cache on it. Whether it is away is asked again at once."""
    with services.redis_server(private=True) as server:
        settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": server.url}}
        steady._away_until = 0.0
        yield server
    steady._away_until = 0.0


def stop(server: services.Server) -> None:
    server.process.kill()
    server.process.wait()


def test_while_redis_is_away_this_process_remembers_for_itself(server, monkeypatch, caplog):
    cache.set("branding", "red", 60)
    stop(server)

    assert cache.get("branding") is None
    assert cache.add("tries", 1, 60) is True
    assert cache.add("tries", 1, 60) is False
    assert cache.incr("tries") == 2
    assert [record.getMessage() for record in caplog.records if record.name == "peerhub.common.cache"] == [
        "The cache does not answer (ConnectionError); going on without it."
    ]

    again = subprocess.Popen(server.process.args, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        services._wait(lambda: services.redis_answers(server.url), again, "Redis", server.folder / "log")
        assert cache.get("tries") == 2  # not asked again yet
        monkeypatch.setattr(steady, "_away_until", 0.1)  # five seconds later
        assert cache.get("tries") is None
        cache.set("branding", "blue", 60)
        assert cache.get("branding") == "blue"
    finally:
        again.kill()
        again.wait()


def test_pages_go_on_while_redis_is_away(server):
    stop(server)
    assert Client().get("/").status_code == 200
    assert Client().get("/accounts/login/").status_code == 200
