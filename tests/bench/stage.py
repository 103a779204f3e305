"""What measurements stand on: servers, databases of two sizes, running sites, and the cast's sign-ins."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from tests import services
from tests.bench.client import Client

ROOT = Path(__file__).resolve().parent.parent.parent
SMALL = int(os.environ.get("BENCH_SMALL", "10"))  # D1: about 10,000 people (performance.md, 5)
LARGE = int(os.environ.get("BENCH_LARGE", "100"))  # D10


def say(text: str) -> None:
    print(f"  {text}", file=sys.stderr, flush=True)


@dataclass
class Site:
    """A running web server on one database: its address, and what its processes have cost so far."""

    base: str
    process: subprocess.Popen[bytes]
    cookies: dict[str, str] = field(default_factory=dict)

    def client(self, persona: str = "") -> Client:
        """A client signed in as that person of the demo's cast; "" for a stranger."""
        return Client(self.base, {"peerhub": self.cookies[persona]} if persona else {})


@dataclass(eq=False)
class Bench:
    """Everything is made when first asked for, and cleared away at the end."""

    stack: ExitStack
    folder: Path

    # --- servers ---
    @cached_property
    def postgres(self) -> services.Server:
        """A PostgreSQL of our own that keeps its promises (fsync on), so that its cost is real and can be counted."""
        return self.stack.enter_context(services.postgres(durable=True, private=True, install=True))

    @cached_property
    def redis(self) -> services.Server:
        return self.stack.enter_context(services.redis_server(private=True, install=True))

    def env(self, database_url: str, **more: str) -> dict[str, str]:
        """The environment of a process of ours on that database, set up as an institution would."""
        given = {k: v for k, v in os.environ.items() if k not in {"DJANGO_SETTINGS_MODULE", "EMAIL_URL"}}
        ours = {
            "DATABASE_URL": database_url,
            "REDIS_URL": self.redis.url,
            "PEERHUB_VAR_DIR": str(self.folder / "var"),
            "PEERHUB_DEMO": "1",
            "PEERHUB_SERVER_TIMING": "1",
            "SECRET_KEY": "bench-" + "x" * 50,
            "ALLOWED_HOSTS": "127.0.0.1,localhost,testserver",
            "DJANGO_SETTINGS_MODULE": "peerhub.settings",
        }
        return {**given, **ours, **more}

    def manage(self, database_url: str, *arguments: str, **more: str) -> str:
        """Run a management command on a database; its output."""
        command = [sys.executable, "manage.py", *arguments]
        return self.output(command, self.env(database_url, PEERHUB_ROLE="worker", **more))

    def output(self, command: list[str], env: dict[str, str]) -> str:
        reply = subprocess.run(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True, check=False)
        if reply.returncode:
            raise RuntimeError(f"{' '.join(command[1:4])} failed with {reply.returncode}:\n{reply.stdout[-3000:]}")
        return reply.stdout

    def module(self, database_url: str, name: str, *arguments: str, **more: str) -> Any:
        """Run `python -m name` on a database; what it printed last, as JSON."""
        text = self.output([sys.executable, "-m", name, *arguments], self.env(database_url, **more))
        return json.loads(text.strip().splitlines()[-1])

    # --- databases ---
    @contextmanager
    def empty_database(self, name: str) -> Iterator[str]:
        """A migrated database without a demo."""
        with services.fresh_database(self.postgres.url, name) as url:
            self.manage(url, "migrate", "--noinput", "--verbosity", "0")
            yield url

    def demo(self, scale: int) -> str:
        """The address of a database holding the demo at that scale."""
        if scale not in self._demos:
            url = self.stack.enter_context(self.empty_database(f"bench_demo_{scale}"))
            started = time.monotonic()
            self.manage(url, "seed_demo", "--scale", str(scale))
            self.sql(url, "VACUUM ANALYZE")
            say(f"demo at scale {scale} loaded in {time.monotonic() - started:.0f} s")
            self._demos[scale] = url
        return self._demos[scale]

    @cached_property
    def _demos(self) -> dict[int, str]:
        return {}

    @staticmethod
    def sql(url: str, statement: str) -> list[tuple[Any, ...]]:
        with services.connected(url) as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []

    # --- sites ---
    def site(self, scale: int) -> Site:
        """One gunicorn with a single sync worker on the demo at that scale, with everybody of the cast signed in."""
        if scale not in self._sites:
            url = self.demo(scale)
            self.manage(url, "collectstatic", "--noinput", "--verbosity", "0")
            site = self.serve("peerhub.wsgi", self.env(url), workers=1, ready="/healthz")
            site.cookies = self.module(url, "tests.bench.cast")
            self._sites[scale] = site
        return self._sites[scale]

    @cached_property
    def _sites(self) -> dict[int, Site]:
        return {}

    @cached_property
    def floor_url(self) -> str:
        return self.stack.enter_context(services.fresh_database(self.postgres.url, "bench_floor"))

    @cached_property
    def floor(self) -> Site:
        """The bare Django site whose /q1/ is the unit."""
        session = self.output([sys.executable, "-m", "tests.bench.baseline.load"], self.env(self.floor_url)).split()[-1]
        site = self.serve("tests.bench.baseline.wsgi", self.env(self.floor_url), workers=1, ready="/plain/")
        site.cookies["bench"] = session
        return site

    def floor_client(self) -> Client:
        return Client(self.floor.base, {"sessionid": self.floor.cookies["bench"]})

    def serve(self, application: str, env: dict[str, str], *, workers: int, ready: str) -> Site:
        port = services.free_port()
        command = [sys.executable, "-m", "gunicorn", application, "--bind", f"127.0.0.1:{port}", "--no-control-socket"]
        command += ["--workers", str(workers), "--worker-class", "sync", "--log-level", "error", "--keep-alive", "5"]
        process = subprocess.Popen(command, cwd=ROOT, env=env, start_new_session=True, stdin=subprocess.DEVNULL)
        self.stack.callback(stop, process)
        base = f"http://127.0.0.1:{port}"
        wait_for(f"{base}{ready}", process)
        return Site(base, process)


def stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)


def wait_for(address: str, process: subprocess.Popen[bytes], seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"{address} did not answer")


@contextmanager
def bench() -> Iterator[Bench]:
    with tempfile.TemporaryDirectory(prefix="peerhub-bench-") as folder, ExitStack() as stack:
        yield Bench(stack, Path(folder))


# --- what a server cost ---------------------------------------------------------------------------
def cpu_seconds(*roots: int) -> float:
    """CPU time used so far by these processes and all they started, finished children included (Linux)."""
    ticks, parents, used = os.sysconf("SC_CLK_TCK"), {}, {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents[int(entry.name)] = int(fields[1])
            used[int(entry.name)] = sum(map(int, fields[11:15]))
    return sum(value for pid, value in used.items() if _descends(pid, set(roots), parents)) / ticks


def _descends(pid: int, roots: set[int], parents: dict[int, int]) -> bool:
    while pid:
        if pid in roots:
            return True
        pid = parents.get(pid, 0)
    return False
