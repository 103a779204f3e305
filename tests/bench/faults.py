"""R1, R2: ten thousand mails while workers are killed fifty times; then with everything else failing too."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import redis

from tests import mailsink, services
from tests.bench.registry import Result, at_most, register
from tests.bench.stage import Bench, say
from tests.faults.fleet import LEASE, Fleet
from tests.live import Live

MAILS = int(os.environ.get("BENCH_FAULT_MAILS", "10000"))
KILLS = int(os.environ.get("BENCH_FAULT_KILLS", "50"))
WORKERS = 3  # with two children each: two messages may be in flight when a whole worker dies
SEED = 2026


@contextmanager
def fleet(bench: Bench, name: str) -> Iterator[Fleet]:
    folder = bench.folder / name
    folder.mkdir()
    with mailsink.running(folder) as sink, bench.empty_database(f"bench_{name}") as url:
        quick = {"EMAIL_URL": sink.url, "PEERHUB_MAIL_LEASE": str(LEASE), "PEERHUB_MAIL_SWEEP": "1"}
        ships = Fleet(Live(bench.env(url, PEERHUB_ROLE="worker", PORT="0", **quick), folder), sink, SEED)
        try:
            yield ships
        finally:
            ships.stop_all()


@register("R1")
def killed_workers(bench: Bench) -> Iterator[Result]:
    """SIGKILL of children and of whole Celery workers, by a seeded choice, spread over the sending."""
    with fleet(bench, "r1") as ships:
        ships.begin(MAILS)
        started = time.monotonic()
        ships.start_celery(WORKERS)
        for number in range(KILLS):
            _wait_for(ships, (number + 1) * MAILS // (KILLS + 2))
            ships.kill_one()
        ships.drain(600)
        took = time.monotonic() - started
        yield from _results("R1", ships, took, extra=25 if KILLS == 50 else KILLS)
    yield at_most("R1", f"seconds for {MAILS:,} mails and {KILLS} kills", took, "s", 300)


@register("R2")
def everything_fails(bench: Bench) -> Iterator[Result]:
    """R1, and: Redis killed and empty again, PostgreSQL crashed, the mail server away, 2 % busy, 0.5 % lost replies."""
    kill_redis = _mortal_redis(bench)
    with fleet(bench, "r2") as ships:
        ships.begin(MAILS, "--busy", "0.02", "--drop", "0.005")
        started = time.monotonic()
        ships.start_celery(WORKERS)
        accidents = {KILLS // 5: kill_redis, 2 * KILLS // 5: lambda: _crash_postgres(bench)}
        accidents |= {3 * KILLS // 5: lambda: _mail_server_away(ships), 4 * KILLS // 5: kill_redis}
        for number in range(KILLS):
            _wait_for(ships, (number + 1) * MAILS // (KILLS + 2))
            ships.kill_one()
            accidents.get(number, lambda: None)()
        ships.drain(900)
        took = time.monotonic() - started
        # Of 10,000 replies of which 0.5 % are lost, both of one mail's are lost once in four runs.
        yield from _results("R2", ships, took, extra=2 * KILLS + 0.0075 * MAILS, copies=3)


def _results(goal: str, ships: Fleet, took: float, *, extra: float, copies: int = 2) -> Iterator[Result]:
    found = ships.verdict()
    say(f"{goal}: {found}, {took:.0f} s, seed {SEED}")
    yield at_most(
        goal, f"of {found.queued:,} mails and {found.kills} kills: never delivered", found.lost, "mails", 0, slack=1
    )
    yield at_most(goal, "copies too many", found.extra, "mails", extra, slack=1)
    yield at_most(goal, "copies of one mail", found.most_copies, "copies", copies, slack=1)
    yield at_most(goal, "doubled without being said to be uncertain", found.unsaid, "mails", 0, slack=1)


def _wait_for(ships: Fleet, sent: int, seconds: float = 180) -> None:
    """Until that many are out. What waits for a later try is tried now: the harness has no hours to spare."""
    until = time.monotonic() + seconds
    while ships.sent() < sent:
        if time.monotonic() > until:
            raise RuntimeError(f"stuck at {ships.sent()} of {sent} sent:\n{ships.live.log[-3000:]}")
        time.sleep(0.2)
        ships.let_time_pass()


def _mail_server_away(ships: Fleet) -> None:
    ships.sink.stop()
    time.sleep(8)
    ships.sink.start()


def _crash_postgres(bench: Bench) -> None:
    """SIGKILL of one server process: PostgreSQL then drops every connection and recovers from its log."""
    process = bench.postgres.process
    assert process is not None
    reply = subprocess.run(["pgrep", "-P", str(process.pid), "-f", "bench_r2"], capture_output=True, text=True)
    os.kill(int(reply.stdout.split()[0]), signal.SIGKILL)
    started = time.monotonic()
    while time.sleep(2) or not services.postgres_answers(bench.postgres.url):
        if time.monotonic() - started > 120:
            raise RuntimeError("PostgreSQL did not recover within two minutes")
    say(f"PostgreSQL was back after {time.monotonic() - started:.0f} s")


def _mortal_redis(bench: Bench) -> Callable[[], None]:
    """What kills Redis and starts it again with nothing in it. The last one lives on: later goals need it."""
    server = bench.redis
    assert server.process is not None
    born: list[subprocess.Popen[bytes]] = [server.process]

    def kill() -> None:
        born[-1].kill()
        born[-1].wait()
        born.append(subprocess.Popen(server.process.args, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL))
        bench.stack.callback(born[-1].wait)
        bench.stack.callback(born[-1].terminate)
        client = redis.Redis.from_url(server.url)
        for _try in range(100):
            try:
                client.ping()
                break
            except redis.ConnectionError:
                time.sleep(0.1)
        client.close()

    return kill
