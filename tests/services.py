"""PostgreSQL, Redis, Chromium and Java for tests and benchmarks: found, started privately, or installed."""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import redis

POSTGRES_PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
)
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
CHROMIUM_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


class NotAvailableError(Exception):
    """Something a test needs cannot be had on this machine; the message says what to do."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def apt_install(*packages: str) -> bool:
    """Install Debian packages; True when that was possible and worked."""
    if os.name != "posix" or os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    print(f"Installing {' '.join(packages)} ...", flush=True)
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", *packages]
    for command in (["apt-get", "update", "--quiet"], install):
        if subprocess.run(command, env=env, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL).returncode:
            return False
    return True


# --- programs -----------------------------------------------------------------------------------
def program(name: str, places: tuple[str, ...] = ()) -> str | None:
    """The program on the PATH, else the newest one in its usual places."""
    if found := shutil.which(name):
        return found
    candidates = [match for place in places for match in sorted(Path("/").glob(f"{place[1:]}/{name}"), reverse=True)]
    return str(candidates[0]) if candidates else None


def chromium(*, install: bool = False) -> str | None:
    for name in CHROMIUM_NAMES:
        if found := shutil.which(name):
            return found
    for place in CHROMIUM_PLACES:
        if Path(place).exists():
            return place
    if install and apt_install("chromium"):
        return chromium()
    return None


def java(*, install: bool = False) -> str | None:
    found = shutil.which("java")
    if found and subprocess.run([found, "-version"], capture_output=True).returncode == 0:
        return found
    if install and apt_install("default-jre-headless"):
        return java()
    return None


# --- servers ------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Server:
    """A running server: its address, and whether it was started here and may be stopped, killed, emptied."""

    url: str
    private: bool = False
    process: "subprocess.Popen[bytes] | None" = None
    folder: Path | None = None


def postgres_answers(url: str) -> bool:
    """True when the server answers and lets us make databases."""
    try:
        with contextlib.closing(psycopg2.connect(url, connect_timeout=2)) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user")
            row = cursor.fetchone()
            return bool(row and row[0])
    except psycopg2.Error:
        return False


def redis_answers(url: str) -> bool:
    try:
        with contextlib.closing(redis.Redis.from_url(url, socket_connect_timeout=2, socket_timeout=2)) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


@contextlib.contextmanager
def postgres(*, durable: bool = False, private: bool = False, install: bool = False) -> Iterator[Server]:
    """A PostgreSQL we may make databases on: the one named, one on the usual port, or one of our own."""
    if not private:
        usual = (os.environ.get("TEST_DATABASE_URL", ""), "postgresql://postgres@127.0.0.1:5432/postgres")
        for url in filter(None, usual):
            if postgres_answers(url):
                yield Server(url)
                return
    if not program("initdb", POSTGRES_PLACES) and install:
        apt_install("postgresql")
    if not program("initdb", POSTGRES_PLACES):
        raise NotAvailableError("PostgreSQL: no server answered and none is installed (apt install postgresql)")
    with private_postgres(durable=durable) as server:
        yield server


def _unprivileged() -> dict[str, object]:
    """PostgreSQL refuses to run as root: as root, it runs as `postgres` or `nobody`."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            who = pwd.getpwnam(name)
            return {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": [who.pw_gid]}
    raise NotAvailableError("PostgreSQL cannot run as root, and there is no other user to run it as")


@contextlib.contextmanager
def private_postgres(*, durable: bool = False) -> Iterator[Server]:
    """A cluster in a temporary folder, gone afterwards. Not `durable` trades safety at power loss for speed."""
    as_user = _unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="peerhub-pg-"))
    if as_user:
        os.chown(folder, int(as_user["user"]), int(as_user["group"]))  # type: ignore[call-overload]
    data, port = folder / "data", free_port()
    initdb, server_program = (str(program(name, POSTGRES_PLACES)) for name in ("initdb", "postgres"))
    if server_program == "None":  # a PATH that has initdb without its siblings
        server_program = str(Path(initdb).resolve().parent / "postgres")
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "cwd": folder, **as_user}
    settings = {
        "port": port,
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": folder,
        "max_connections": 80,
        "shared_buffers": "256MB",
        "timezone": "UTC",
        "log_parameter_max_length": 0,
        "log_min_messages": "fatal",
    }
    if not durable:
        settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    try:
        create = [initdb, "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]
        subprocess.run(create, check=True, timeout=120, **quiet)  # type: ignore[call-overload]
        start = [server_program, "-D", str(data), *(f"--{name}={value}" for name, value in settings.items())]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(start, stderr=log, start_new_session=True, **quiet)  # type: ignore[call-overload]
        url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
        _wait(lambda: postgres_answers(url), process, "PostgreSQL", folder / "log")
        yield Server(url, private=True, process=process, folder=folder)
        process.send_signal(signal.SIGINT)  # a fast shutdown
        with contextlib.suppress(subprocess.TimeoutExpired):  # it is thrown away in any case
            process.wait(30)
    finally:
        if "process" in locals() and process.poll() is None:
            process.kill()
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def redis_server(*, private: bool = False, install: bool = False) -> Iterator[Server]:
    """A Redis whose last numbered database is ours: the one named, one on the usual port, or one of our own."""
    if not private:
        for url in filter(None, (os.environ.get("TEST_REDIS_URL", ""), "redis://127.0.0.1:6379/15")):
            if redis_answers(url):
                yield Server(url)
                return
    found = program("redis-server") or program("valkey-server")
    if not found and install and apt_install("redis-server"):
        found = program("redis-server")
    if not found:
        raise NotAvailableError("Redis: no server answered and none is installed (apt install redis-server)")
    folder, port = Path(tempfile.mkdtemp(prefix="peerhub-redis-")), free_port()
    command = [
        found,
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--appendonly",
        "no",
        "--dir",
        str(folder),
    ]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    try:
        url = f"redis://127.0.0.1:{port}/0"
        _wait(lambda: redis_answers(url), process, "Redis", folder / "log")
        yield Server(url, private=True, process=process, folder=folder)
    finally:
        process.terminate()
        process.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(ready: "object", process: "subprocess.Popen[bytes]", name: str, log: Path, seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        if ready():  # type: ignore[operator]
            return
        time.sleep(0.1)
    raise NotAvailableError(f"{name} did not start: {log.read_text(errors='replace')[-500:]}")


# --- databases on a server ----------------------------------------------------------------------
def with_database(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


@contextlib.contextmanager
def connected(url: str) -> Iterator["psycopg2.extensions.connection"]:
    """A connection without transactions, closed afterwards."""
    with contextlib.closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        yield connection


@contextlib.contextmanager
def fresh_database(server_url: str, name: str, *, template: str = "template1") -> Iterator[str]:
    """A database of that name, empty or like the template, dropped afterwards whoever is still connected."""

    def execute(statement: str) -> None:
        with connected(with_database(server_url, "postgres")) as connection, connection.cursor() as cursor:
            cursor.execute(statement)

    execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield with_database(server_url, name)
    finally:
        execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


# --- the HTML checker ---------------------------------------------------------------------------
VNU_VERSION = "26.9.27"


def vnu_jar(*, install: bool = False) -> Path | None:
    """The Nu HTML checker, fetched once by npm and kept in var/."""
    folder = Path(__file__).resolve().parent.parent / "var" / "tools" / f"vnu-{VNU_VERSION}"
    jar = folder / "package" / "build" / "dist" / "vnu.jar"
    if jar.exists():
        return jar
    if not install:
        return None
    if not shutil.which("npm") and not apt_install("npm"):
        return None
    folder.mkdir(parents=True, exist_ok=True)
    pack = ["npm", "pack", "--silent", f"vnu-jar@{VNU_VERSION}"]
    if subprocess.run(pack, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=300).returncode:
        return None
    for archive in folder.glob("*.tgz"):
        shutil.unpack_archive(archive, folder, filter="data")
        archive.unlink()
    return next(iter(folder.rglob("vnu.jar")), None)
