"""A database that has been migrated once, to be copied: running every migration takes a minute, a copy none.

What is copied is made by `manage.py migrate` and by nothing else, and made anew when a migration or a library changes.
Who copies it runs `migrate` again, which then finds nothing to do, or what is missing.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests import services

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "var" / "tests"
PREFIX = "peerhub_migrated_"


def key() -> str:
    """What the copy depends on: every migration of ours, word by word, and the libraries with theirs."""
    digest = hashlib.sha256((ROOT / "requirements.txt").read_bytes())
    for path in sorted(ROOT.glob("*/migrations/*.py")) + sorted(ROOT.glob("*/*/migrations/*.py")):
        digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()[:16]


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "migrated.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _migrate(**environment: str) -> None:
    with tempfile.TemporaryDirectory(prefix="peerhub-migrated-") as folder:
        strip = {"DJANGO_SETTINGS_MODULE", "REDIS_URL", "DATABASE_URL"}
        env = {name: value for name, value in os.environ.items() if name not in strip}
        env |= {"PEERHUB_VAR_DIR": folder, "PEERHUB_ALLOW_SQLITE": "1", "SITE_URL": "http://localhost:8000"}
        env |= {"SECRET_KEY": "tests-only-" + "x" * 50, **environment}
        command = [sys.executable, "manage.py", "migrate", "--noinput", "--verbosity", "0"]
        reply = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
        assert reply.returncode == 0, reply.stdout + reply.stderr


def sqlite_file() -> Path:
    """A migrated SQLite file, not to be written to."""
    path = FOLDER / f"migrated-{key()}.sqlite3"
    with _one_at_a_time():
        if not path.exists():
            for old in FOLDER.glob("migrated-*.sqlite3*"):
                old.unlink()
            making = path.with_suffix(".making")
            making.unlink(missing_ok=True)
            _migrate(DATABASE_URL=f"sqlite:///{making}")
            making.rename(path)
    return path


def copy_sqlite(to: Path) -> None:
    """A migrated file there; what was there, its journal too, goes."""
    for name in (to.name, f"{to.name}-wal", f"{to.name}-shm"):
        to.with_name(name).unlink(missing_ok=True)
    shutil.copyfile(sqlite_file(), to)


def postgres_template(server_url: str) -> str:
    """The name of a migrated database on that server, to be named as the template of another; nobody connects to it."""
    name = f"{PREFIX}{key()}"
    with _one_at_a_time(), services.connected(services.with_database(server_url, "postgres")) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX])
        found = {row[0] for row in cursor.fetchall()}
        if name not in found:
            for old in found:
                cursor.execute(f'DROP DATABASE "{old}" WITH (FORCE)')
            cursor.execute(f'CREATE DATABASE "{PREFIX}making"')
            _migrate(DATABASE_URL=services.with_database(server_url, f"{PREFIX}making"))
            cursor.execute(f'ALTER DATABASE "{PREFIX}making" RENAME TO "{name}"')
    return name


def prepare(database: dict[str, Any]) -> None:
    """Make Django's own way of creating a test database begin with a migrated one."""
    if database["ENGINE"].endswith("postgresql"):
        database["TEST"]["TEMPLATE"] = postgres_template(os.environ["DATABASE_URL"])
    else:
        copy_sqlite(Path(database["TEST"]["NAME"]))
