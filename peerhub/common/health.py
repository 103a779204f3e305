"""Is this installation well? Two answers for machines: alive, and ready to serve."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from celery import current_app
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from peerhub.common.mail import beats


@dataclass(frozen=True)
class Finding:
    """One line of /readyz. `detail` is a word or a number, never an address, a name or a setting."""

    is_ok: bool
    detail: str


def findings(now: datetime) -> dict[str, Finding]:
    """Each check by name. One that fails never hides the others; without a database the rest cannot be asked."""
    database = _safely(_database)
    if not database.is_ok:
        return {"database": database}
    return {
        "database": database,
        "migrations": _safely(_migrations),
        "broker": _safely(_broker),
        "outbox": _safely(lambda: _outbox(now)),
        "planner": _safely(lambda: _planner(now)),
    }


def _safely(check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except Exception as error:  # noqa: BLE001 - any failure is the answer
        return Finding(is_ok=False, detail=type(error).__name__)


def _database() -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    return Finding(is_ok=True, detail=connection.vendor)


def _migrations() -> Finding:
    _all_applied()
    return Finding(is_ok=True, detail="applied")


class MigrationsWaiting(Exception):
    """The database is older than this code."""


@lru_cache(maxsize=1)
def _all_applied() -> None:
    """Asked until the answer is yes; after that it cannot change for this process' code."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise MigrationsWaiting


def _broker() -> Finding:
    with current_app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=1, timeout=2, interval_start=0)
    return Finding(is_ok=True, detail="reached")


def _outbox(now: datetime) -> Finding:
    oldest = beats.oldest_due(now)
    return Finding(is_ok=oldest <= beats.OLDEST_DUE_MAX, detail=f"oldest due {_seconds(oldest)}")


def _planner(now: datetime) -> Finding:
    age = beats.planner_age(now)
    if age is None:
        return Finding(is_ok=False, detail="never ran")
    return Finding(is_ok=age <= beats.PLANNER_MAX, detail=f"last beat {_seconds(age)} ago")


def _seconds(duration: timedelta) -> str:
    return f"{max(0, round(duration.total_seconds()))} s"
