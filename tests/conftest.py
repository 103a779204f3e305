"""What every test shares. Larger pieces live beside it: guards, services, live (processes), personas, factories."""

import os

# Playwright's synchronous API runs an event loop in this thread; Django would otherwise refuse the database there.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db.backends.sqlite3.base import DatabaseOperations
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from tests import migrated
from tests.guards import collected_errors, stay_on_this_machine

hypothesis_settings.register_profile(
    "peerhub", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("peerhub")

DATABASE_FIXTURES = {"db", "transactional_db", "django_db_setup", "django_db_reset_sequences"}
pytest_plugins = ["tests.fixtures", "tests.browser"]


def pytest_configure(config: pytest.Config) -> None:
    stay_on_this_machine()
    DatabaseOperations.sql_flush = _flush_past_triggers(DatabaseOperations.sql_flush)  # type: ignore[method-assign]


def _flush_past_triggers(sql_flush: Any) -> Any:
    """Tests with real transactions empty SQLite's tables by DELETE, which triggers refuse for rows that stay."""

    def flush(operations: Any, style: Any, tables: Any, **more: Any) -> list[str]:
        with operations.connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%BEFORE DELETE%'")
            triggers = cursor.fetchall()
        dropped = [f'DROP TRIGGER "{name}"' for name, _sql in triggers]
        return [*dropped, *sql_flush(operations, style, tables, **more), *(sql for _name, sql in triggers)]

    return flush


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that need what this run does not have are skipped by name; tests/run.py reports them at the end. Those that
    touch no database are marked `pure`: what they prove on one is proved on the other.
    """
    on_postgres = settings.DATABASES["default"]["ENGINE"].endswith("postgresql")
    for item in items:
        if "postgres" in item.keywords and not on_postgres:
            item.add_marker(pytest.mark.skip(reason="proves something only PostgreSQL can"))
        if "redis" in item.keywords and not os.environ.get("REDIS_URL"):
            item.add_marker(pytest.mark.skip(reason="needs a Redis server"))
        if "django_db" not in item.keywords and DATABASE_FIXTURES.isdisjoint(getattr(item, "fixturenames", ())):
            item.add_marker("pure")
        if "journey" in item.keywords:
            item.add_marker(pytest.mark.xdist_group("journeys"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[Any]:
    """A logged ERROR fails the test, unless the test says it provokes one."""
    with collected_errors() as errors:
        result = yield
    if errors.seen and "logs_errors" not in item.keywords:
        pytest.fail("Errors were logged:\n" + "\n".join(errors.seen), pytrace=False)
    return result


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """What could not run, and how the earlier run ended, stand just above pytest's own last line."""
    for line in filter(None, os.environ.get("PEERHUB_TEST_NOTES", "").split("\n")):
        terminalreporter.write_line(line, yellow=True, bold=True)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """pytest-django's place for this: each worker's database begins as a copy of one that was migrated."""
    migrated.prepare(settings.DATABASES["default"])


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """The SQLite file lies there already; PostgreSQL makes its own from the template, and drops it afterwards."""
    return settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")


@pytest.fixture(autouse=True)
def _clean_cache(request: pytest.FixtureRequest) -> Iterator[None]:
    """Rate limits and locks live in the cache; no test inherits another's."""
    yield
    cache.clear()
