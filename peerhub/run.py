"""`make run`: PeerHub on one machine with nothing else installed.

Prepares the database, then keeps two children alive under this small parent: the web server, and a worker that also
carries the planner. A child that dies is started again; Ctrl-C or SIGTERM stops everything within seconds.
"""

import contextlib
import ctypes
import hashlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import django
from django.conf import settings
from django.core.management import call_command

ROOT = Path(__file__).resolve().parent.parent
STOP_WITHIN = 6.0  # seconds a child has to finish what it is doing
STEADY_AFTER = 30.0  # seconds alive after which a child's earlier deaths are forgotten
LONGEST_PAUSE = 30.0  # seconds between two attempts to start a child that keeps dying
TICK = 0.2
PR_SET_PDEATHSIG = 1


def say(text: str) -> None:
    print(text, flush=True)


# --- what the children are told -------------------------------------------------------------------
def kept_secret(path: Path) -> str:
    """This installation's own secret key, made once and readable by its owner only."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
    return path.read_text().strip()


def environment(given: dict[str, str]) -> dict[str, str]:
    """What every process gets: the caller's environment, with what an embedded installation leaves out filled in."""
    env = dict(given)
    env["PORT"] = env.get("PORT") or "8000"
    env["HOST"] = env.get("HOST") or "127.0.0.1"
    env["PEERHUB_VAR_DIR"] = env.get("PEERHUB_VAR_DIR") or str(ROOT / "var")
    env["PEERHUB_DEMO"] = env.get("PEERHUB_DEMO") or "1"
    env["PEERHUB_ALLOW_SQLITE"] = env.get("PEERHUB_ALLOW_SQLITE") or "1"
    env["SITE_URL"] = env.get("SITE_URL") or f"http://localhost:{env['PORT']}"
    env["SECRET_KEY"] = env.get("SECRET_KEY") or kept_secret(Path(env["PEERHUB_VAR_DIR"]) / "secret.key")
    env.setdefault("DJANGO_SETTINGS_MODULE", "peerhub.settings")
    env.setdefault("PYTHONUNBUFFERED", "1")
    return env


def web_command(env: dict[str, str]) -> list[str]:
    command = [sys.executable, "-m", "gunicorn", "peerhub.wsgi", "--bind", f"{env['HOST']}:{env['PORT']}"]
    command += ["--workers", "2", "--worker-class", "gthread", "--threads", "4", "--timeout", "60"]
    command += ["--graceful-timeout", "4", "--no-control-socket", "--log-level", "warning"]
    return command + (["--worker-tmp-dir", "/dev/shm"] if os.access("/dev/shm", os.W_OK) else [])  # noqa: S108


def worker_command(env: dict[str, str]) -> list[str]:
    command = [sys.executable, "-W", "ignore:You're running the worker with superuser"]  # a container or a trial
    command += ["-m", "celery", "--app", "peerhub", "--quiet", "worker", "--beat", "--pool", "threads"]
    command += ["--concurrency", "2", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    return [*command, "--loglevel", "warning", "--schedule", str(Path(env["PEERHUB_VAR_DIR"]) / "beat")]


def forget_old_doorbells(env: dict[str, str]) -> None:
    """Empty the broker's folder before a worker starts.

    The rows in the database are the truth and are offered again within seconds. A half-written file from a crash,
    or a day's worth of stale rings, would only keep the worker from its work.
    """
    if not env.get("REDIS_URL"):
        queue = Path(env["PEERHUB_VAR_DIR"]) / "broker" / "queue"
        shutil.rmtree(queue, ignore_errors=True)
        queue.mkdir(parents=True, exist_ok=True)


# --- children -------------------------------------------------------------------------------------
def die_with_parent() -> Callable[[], None] | None:
    """On Linux, ask the kernel to stop a child whose parent was killed; elsewhere there is no such wish to make."""
    if not sys.platform.startswith("linux"):
        return None
    libc, parent = ctypes.CDLL(None, use_errno=True), os.getpid()

    def ask() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGTERM)

    return ask


@dataclass
class Child:
    """One process with everything it forks, in a session of its own so that the whole of it can be stopped."""

    name: str
    command: list[str]
    env: dict[str, str]
    before: Callable[[dict[str, str]], None] | None = None
    process: subprocess.Popen[bytes] | None = None
    deaths: int = 0
    started_at: float = 0.0
    start_again_at: float = field(default=0.0)

    def start(self, now: float) -> None:
        if self.before:
            self.before(self.env)
        self.process = subprocess.Popen(
            self.command,
            cwd=ROOT,
            env=self.env,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=die_with_parent(),  # noqa: PLW1509 - no threads run in this parent
        )
        self.started_at = now

    def look(self, now: float) -> None:
        """Start what is due to start; notice what died, clear away what it left behind, and plan its return."""
        if self.process is None:
            if now >= self.start_again_at:
                self.start(now)
            return
        code = self.process.poll()
        if code is None:
            return
        self.kill_group()  # a killed worker leaves its planner running: two planners would then tick
        self.deaths = 1 if now - self.started_at > STEADY_AFTER else self.deaths + 1
        pause = min(LONGEST_PAUSE, 0.5 * 2**self.deaths)
        say(f"The {self.name} stopped unexpectedly (code {code}); starting it again in {pause:.0f} s.")
        self.process, self.start_again_at = None, now + pause

    def ask_to_stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def kill_group(self) -> None:
        if self.process:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)


class Stopped(Exception):
    """Somebody pressed Ctrl-C or sent SIGTERM."""


def stop_on_signals() -> None:
    def stop(signum: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise Stopped

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/healthz", timeout=2) as reply:  # noqa: S310 - our own address
            return bool(reply.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def watch(children: list[Child], env: dict[str, str]) -> None:
    """Keep every child alive until a signal ends it; say where PeerHub is as soon as it answers."""
    told = False
    while True:
        now = time.monotonic()
        for child in children:
            child.look(now)
        if not told and answers(f"http://{connectable(env['HOST'])}:{env['PORT']}"):
            told = True
            say(f"\n  PeerHub is ready: {env['SITE_URL']}/{'demo/' if env['PEERHUB_DEMO'] == '1' else ''}")
            say("  Stop it with Ctrl-C.\n")
        time.sleep(TICK)


def stop_all(children: list[Child]) -> None:
    for child in children:
        child.ask_to_stop()
    until = time.monotonic() + STOP_WITHIN
    while time.monotonic() < until and any(c.process and c.process.poll() is None for c in children):
        time.sleep(0.05)
    for child in children:
        child.kill_group()


# --- before the first start -----------------------------------------------------------------------
def connectable(host: str) -> str:
    return "127.0.0.1" if host in {"0.0.0.0", "::", ""} else host  # noqa: S104 - only compared with


def port_is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


@contextlib.contextmanager
def new_database(env: dict[str, str]) -> Iterator[dict[str, str]]:
    """A first SQLite database is built beside its place and moved there complete, so Ctrl-C leaves no half demo."""
    final = Path(env["PEERHUB_VAR_DIR"]) / "peerhub.sqlite3"
    if env.get("DATABASE_URL") or final.exists():
        yield env
        return
    draft = final.with_name("peerhub-being-built.sqlite3")
    for path in final.parent.glob(f"{draft.name}*"):
        path.unlink()
    yield {**env, "DATABASE_URL": f"sqlite:///{draft}"}
    for suffix in ("-wal", "-shm", ""):
        with contextlib.suppress(FileNotFoundError):
            Path(f"{draft}{suffix}").rename(f"{final}{suffix}")


def look_of_static() -> str:
    """Changes when a file of ours or a package does: names, sizes and times, digested."""
    files = [ROOT / "requirements.txt", *sorted(path for path in (ROOT / "static").rglob("*") if path.is_file())]
    facts = (f"{path} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in files)
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()


def collect_static() -> None:
    """Put the static files in place unless they lie there already: compressing them takes longer than all else."""
    mark, look = Path(settings.STATIC_ROOT) / ".collected", look_of_static()
    if not mark.exists() or mark.read_text() != look:
        call_command("collectstatic", interactive=False, verbosity=0)
        mark.write_text(look)


def prepare_here() -> None:
    """Static files in place, tables up to date, and the demo loaded into a database that holds nobody yet."""
    django.setup()
    collect_static()
    call_command("migrate", interactive=False, verbosity=0)
    if settings.PEERHUB_DEMO:
        call_command("seed_demo", if_empty=True)


def prepare(env: dict[str, str]) -> None:
    """All that in one process of its own, which takes its memory with it when it ends."""
    with new_database(env) as building:
        subprocess.run([sys.executable, "-m", "peerhub.run", "prepare"], cwd=ROOT, env=building, check=True)


def main() -> int:
    env = environment(dict(os.environ))
    if not port_is_free(env["HOST"], int(env["PORT"])):
        say(f"Port {env['PORT']} is in use. Choose another, for example: PORT=8001 make run")
        return 1
    stop_on_signals()
    children = [
        Child("web server", web_command(env), {**env, "PEERHUB_ROLE": "web"}),
        Child("worker", worker_command(env), {**env, "PEERHUB_ROLE": "worker"}, before=forget_old_doorbells),
    ]
    try:
        prepare(env)
        watch(children, env)
    except subprocess.CalledProcessError:
        say("PeerHub could not start: preparing its database failed, see above.")
        return 1
    except Stopped:
        say("\nStopping.")
    finally:
        stop_all(children)
    return 0


if __name__ == "__main__":
    if sys.argv[1:] == ["prepare"]:
        prepare_here()
    else:
        sys.exit(main())
