"""Senders that are killed and come back, and the truth afterwards: what the mail server took against what rows say."""

import contextlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2

from tests import mailsink
from tests.live import ROOT, Live, installation

LEASE = 3


def seed_of_run() -> int:
    """What decides who is killed when. PEERHUB_FAULT_SEED chooses another; a failure prints it."""
    seed = int(os.environ.get("PEERHUB_FAULT_SEED", "11"))
    print(f"PEERHUB_FAULT_SEED={seed}")
    return seed


def ask(live: Live, statement: str) -> list[tuple]:
    """A statement on the installation's database, on a connection of its own."""
    url = live.env.get("DATABASE_URL", "")
    if url.startswith("postgres"):
        with closing(psycopg2.connect(url)) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall() if cursor.description else []
    path = url.removeprefix("sqlite:///") or str(live.folder / "peerhub.sqlite3")
    with closing(sqlite3.connect(path, timeout=20)) as connection:
        rows = connection.execute(statement).fetchall()
        connection.commit()
        return rows


@dataclass
class Verdict:
    """Rows against the server's list."""

    queued: int
    lost: int
    extra: int
    most_copies: int
    unfinished: int
    kills: int
    said_uncertain: int
    unsaid: int


@dataclass
class Fleet:
    """One installation with a mail server and several senders."""

    live: Live
    sink: mailsink.Running
    seed: int
    commands: list[list[str]] = field(default_factory=list)
    kills: int = 0

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)

    @property
    def is_postgres(self) -> bool:
        return self.live.env.get("DATABASE_URL", "").startswith("postgres")

    def begin(self, count: int, *chaos: str) -> None:
        """Tables, people, `count` messages, and a mail server that misbehaves as told and has forgotten the past."""
        self.sink.stop()
        self.sink.forget()
        self.sink.options = chaos
        self.sink.start()
        self.kills = 0
        self.python("tests.faults.prepare", str(count))

    def python(self, module: str, *arguments: str, given: str = "", **more: str) -> str:
        """Run a module inside the installation, with `given` on its standard input; its output."""
        command, env = [sys.executable, "-m", module, *arguments], {**self.live.env, **more}
        reply = subprocess.run(command, cwd=ROOT, env=env, input=given, capture_output=True, text=True)
        assert reply.returncode == 0, f"{module}: {reply.stdout[-2000:]}{reply.stderr[-3000:]}"
        return reply.stdout

    def start_crew(self, count: int) -> None:
        """Senders without Celery, forked again at once when they die."""
        self.live.start("crew", command=[sys.executable, "-m", "tests.faults.crew", str(count)])

    def start_loops(self, count: int) -> None:
        """Senders without Celery, started anew like a supervisor would."""
        self.commands = [[sys.executable, "manage.py", "outbox_run"]] * count
        for number in range(count):
            self.start(number)

    def start(self, number: int) -> None:
        self.live.start(f"sender{number}", command=self.commands[number])

    def stop_all(self) -> None:
        for process in list(self.live.processes):
            self.live.kill(process)

    def start_celery(self, count: int) -> None:
        """Celery workers with two children each, and one beat."""
        base = [sys.executable, "-m", "celery", "-A", "peerhub", "-q", "worker", "-l", "error", "--without-mingle"]
        self.commands = [[*base, "-P", "prefork", "-c", "2", "-n", f"w{n}@faults"] for n in range(count)]
        for number in range(count):
            self.start(number)
        self.live.start("beat")

    def start_planners(self, count: int, beats: int, every: float) -> None:
        """One worker with `count` children, and beats that each ring for the planner all the time."""
        base = [sys.executable, "-m", "celery", "-q"]
        worker = [
            *base,
            "-A",
            "peerhub",
            "worker",
            "-l",
            "error",
            "--without-mingle",
            "-P",
            "prefork",
            "-c",
            str(count),
        ]
        self.live.start("planners", command=worker)
        for number in range(beats):
            schedule = str(self.live.folder / f"beat{number}")
            beat = [*base, "-A", "tests.faults.quickbeat", "beat", "-l", "error", "--pidfile=", "-s", schedule]
            self.live.start(f"beat{number}", command=beat, BEAT_EVERY=str(every))

    def start_web(self, workers: int) -> None:
        """gunicorn as operators run it; its workers are forked from a loaded parent, so that dying is cheap."""
        command = [sys.executable, "-m", "gunicorn", "peerhub.wsgi", "-b", f"127.0.0.1:{self.live.env['PORT']}"]
        command += ["--workers", str(workers), "--worker-class", "gthread", "--threads", "4", "--preload"]
        self.live.start("web", command=[*command, "--no-control-socket", "--log-level", "error"])
        self.live.wait_until_ready(60)

    def told(self, module: str, *arguments: str, given: str = "") -> Any:
        """What a module printed last, as JSON."""
        return json.loads(self.python(module, *arguments, given=given).strip().splitlines()[-1])

    def kill_one(self) -> None:
        """SIGKILL: one child, or a whole sender with its children. What died comes back."""
        if "crew" in self.live.processes:
            self.kill_child("crew")
            return
        number = self.dice.randrange(len(self.commands))
        if self.dice.random() < 0.5 and _children(self.live.processes[f"sender{number}"].pid):
            self.kill_child(f"sender{number}")
        else:
            self.kill_group(number)

    def kill_child(self, name: str) -> None:
        with contextlib.suppress(ProcessLookupError, IndexError):
            os.kill(self.dice.choice(_children(self.live.processes[name].pid)), signal.SIGKILL)
            self.kills += 1

    def kill_group(self, number: int) -> None:
        self.live.kill(f"sender{number}")
        self.start(number)
        self.kills += 1

    def children(self, name: str) -> list[int]:
        return _children(self.live.processes[name].pid)

    def sent(self) -> int:
        return int(ask(self.live, "SELECT count(*) FROM common_message WHERE state = 'sent'")[0][0])

    def unfinished(self) -> int:
        return int(ask(self.live, "SELECT count(*) FROM common_message WHERE finished_at IS NULL")[0][0])

    def let_time_pass(self) -> None:
        """What waits for a later try is tried now: an hour's patience in a moment."""
        moment = "now()" if self.is_postgres else "'2020-01-01 00:00:00'"
        ask(self.live, f"UPDATE common_message SET not_before = {moment} WHERE state = 'retry'")
        breaker = f"UPDATE common_channelhealth SET probe_at = {moment} WHERE state = 'open'"
        ask(self.live, breaker)

    def drain(self, seconds: float, *, impatient: bool = True) -> None:
        until = time.monotonic() + seconds
        while self.unfinished():
            assert time.monotonic() < until, f"{self.unfinished()} unfinished:\n{self.live.log[-3000:]}"
            time.sleep(0.3)
            if impatient:
                self.let_time_pass()

    def verdict(self) -> Verdict:
        """The truth. Everything queued must have been accepted at least once."""
        rows = ask(self.live, "SELECT message_id, is_uncertain FROM common_message WHERE channel = 'email'")
        taken = Counter(self.sink.accepted())
        return Verdict(
            queued=len(rows),
            lost=sum(1 for message_id, _said in rows if not taken[message_id]),
            extra=sum(taken.values()) - len(taken),
            most_copies=max(taken.values(), default=0),
            unfinished=self.unfinished(),
            kills=self.kills,
            said_uncertain=sum(1 for _message_id, said in rows if said),
            unsaid=sum(1 for message_id, said in rows if taken[message_id] > 1 and not said),
        )


@contextlib.contextmanager
def fleet(folder: Path, name: str, *, seed: int = 1, **more: str) -> Iterator[Fleet]:
    """An empty installation with a mail server."""
    with mailsink.running(folder) as sink:
        quick = {"EMAIL_URL": sink.url, "PEERHUB_MAIL_LEASE": str(LEASE), "PEERHUB_MAIL_SWEEP": "1"}
        with installation(name, **{**quick, **more}) as live:
            ships = Fleet(live, sink, seed)
            try:
                yield ships
            finally:
                ships.stop_all()


def _children(pid: int) -> list[int]:
    reply = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True)
    return [int(line) for line in reply.stdout.split()]
