"""PeerHub as real processes: what `make run` starts, on a database of its own with the demo in it.

`Live` also starts and kills single processes (web, worker, beat) for tests of faults.
"""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import redis

from tests import migrated, services

ROOT = Path(__file__).resolve().parent.parent


@dataclass
class Live:
    """One installation: its environment, and the processes started on it by name."""

    env: dict[str, str]
    folder: Path
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def base(self) -> str:
        return f"http://localhost:{self.env['PORT']}"

    @property
    def log(self) -> str:
        """What all processes have written so far."""
        return "".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("*.log")))

    def manage(self, *arguments: str, **more: str) -> str:
        """A management command on this installation; its output."""
        command = [sys.executable, "manage.py", *arguments]
        reply = subprocess.run(command, cwd=ROOT, env={**self.env, **more}, capture_output=True, text=True)
        assert reply.returncode == 0, f"{' '.join(arguments)}: {reply.stdout}{reply.stderr}"
        return reply.stdout

    def shell(self, code: str) -> str:
        """What a piece of Python prints inside this installation."""
        return self.manage("shell", "--verbosity", "0", "--command", code).strip()

    def start(self, name: str, *, command: list[str] | None = None, **more: str) -> "subprocess.Popen[bytes]":
        """Start "run" (the supervisor), "web", "worker", "beat", or a command of your own under a name of your own."""
        commands = {
            "run": ["-m", "peerhub.run"],
            "web": ["-m", "gunicorn", "peerhub.wsgi", "-b", f"127.0.0.1:{self.env['PORT']}", "--no-control-socket"],
            "worker": ["-m", "celery", "-A", "peerhub", "-q", "worker", "-P", "threads", "-c", "2", "-l", "warning"],
            "beat": ["-m", "celery", "-A", "peerhub", "-q", "beat", "-l", "warning", "-s", str(self.folder / "beat")],
        }
        role = "web" if name == "web" else "worker"
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                command or [sys.executable, *commands[name]],
                cwd=ROOT,
                env={**self.env, "PEERHUB_ROLE": role, **more},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return self.processes[name]

    def kill(self, name: str, *, group: bool = True) -> None:
        """SIGKILL: the process with all it started, or with `group=False` itself alone."""
        process = self.processes.pop(name)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL) if group else process.kill()
        process.wait(10)

    def stop(self, name: str, seconds: float = 15) -> int:
        """SIGTERM, as an operator would; the exit code."""
        process = self.processes.pop(name)
        process.terminate()
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            return process.wait(5)

    def wait_until_ready(self, seconds: float = 180) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.base}/healthz", timeout=5):
                return
            dead = [name for name, process in self.processes.items() if process.poll() is not None]
            assert not dead, f"{dead} ended:\n{self.log[-4000:]}"
            time.sleep(0.2)
        raise AssertionError(f"{self.base} did not answer in {seconds} s:\n{self.log[-4000:]}")


@contextlib.contextmanager
def installation(name: str, *, is_new: bool = False, **more: str) -> Iterator[Live]:
    """An installation on the kind of database and broker this test run uses, cleared away afterwards: migrated and
    empty, or `is_new` without a single table.
    """
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=f"peerhub-{name}-")))
        strip = {"DJANGO_SETTINGS_MODULE", "DATABASE_URL", "REDIS_URL", "SITE_URL", "ALLOWED_HOSTS", "PEERHUB_VAR_DIR"}
        env = {key: value for key, value in os.environ.items() if key not in strip}
        port = services.free_port()
        env |= {"PORT": str(port), "PEERHUB_VAR_DIR": str(folder), "PEERHUB_DEMO": "1", "PEERHUB_ALLOW_SQLITE": "1"}
        env |= {"SITE_URL": f"http://localhost:{port}", "SECRET_KEY": "live-tests-" + "x" * 50}
        if os.environ.get("DATABASE_URL", "").startswith("postgres"):
            worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
            database = f"peerhub_{name}_{os.getpid()}_{worker}"
            server = os.environ["DATABASE_URL"]
            template = "template1" if is_new else migrated.postgres_template(server)
            env["DATABASE_URL"] = stack.enter_context(services.fresh_database(server, database, template=template))
        elif not is_new:
            migrated.copy_sqlite(folder / "peerhub.sqlite3")
        if url := os.environ.get("REDIS_URL"):
            env["REDIS_URL"] = stack.enter_context(_redis_number(url))
        live = Live({**env, **more}, folder)
        try:
            yield live
        finally:
            for process in list(live.processes):
                live.stop(process)


@contextlib.contextmanager
def _redis_number(url: str) -> Iterator[str]:
    """A numbered database of that Redis that holds nothing: a worker must not hear another installation's doorbell."""
    base = url.rpartition("/")[0]
    for number in range(14, 4, -1):  # 0 to 4 are the caches of this suite's own workers
        candidate = f"{base}/{number}"
        with contextlib.closing(redis.Redis.from_url(candidate)) as client:
            if client.set("peerhub-tests", "1", nx=True) and client.dbsize() == 1:
                try:
                    yield candidate
                finally:
                    client.flushdb()
                return
    raise services.NotAvailableError("every numbered database of this Redis is in use")
