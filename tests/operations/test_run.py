"""`python -m peerhub.run` with real processes: starts, heals, stops."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live import Live, installation

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("live")]


@pytest.fixture(scope="module")
def live() -> Iterator[Live]:
    """Embedded: SQLite and a folder as broker, whatever this run's database is."""
    with installation(
        "run", is_new=True, DATABASE_URL="", REDIS_URL="", PEERHUB_DEMO="0", ALLOWED_HOSTS="localhost"
    ) as live:
        live.start("run")
        live.wait_until_ready()
        yield live


def children_of(pid: int) -> dict[int, str]:
    """Every descendant's pid and command line."""
    reply = subprocess.run(["ps", "-ww", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in reply.splitlines()]
    found, frontier = {}, {pid}
    while frontier:
        frontier = {int(p) for p, parent, _ in rows if int(parent) in frontier}
        found |= {int(p): args for p, _, args in rows if int(p) in frontier}
    return found


def alive(pids: object) -> list[int]:
    """Those still running; a finished process that nobody has asked about yet (a zombie) is not."""
    reply = subprocess.run(["ps", "-eo", "pid=,stat="], capture_output=True, text=True, check=True).stdout
    running = {int(pid) for pid, state in map(str.split, reply.splitlines()) if not state.startswith("Z")}
    return sorted(running & set(pids))  # type: ignore[call-overload]


def workers(live: Live) -> list[int]:
    return sorted(pid for pid, args in children_of(live.processes["run"].pid).items() if "celery" in args)


def wait_for(condition: object, seconds: float, what: str) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():  # type: ignore[operator]
            return
        time.sleep(0.2)
    raise AssertionError(f"{what} did not happen within {seconds} s")


def wait_for_workers(live: Live) -> list[int]:
    """The worker and its child, once they stand: after a start or a fall the website is ready before them."""
    wait_for(lambda: len(workers(live)) >= 2, 60, "a worker at work")
    return workers(live)


def test_a_killed_worker_comes_back_with_one_planner(live: Live) -> None:
    before = wait_for_workers(live)
    os.kill(before[0], signal.SIGKILL)

    wait_for(lambda: len(workers(live)) == len(before) and not set(workers(live)) & set(before), 60, "the return")
    assert "worker stopped unexpectedly" in live.log


def test_a_garbled_message_does_not_stop_the_worker_for_good(live: Live) -> None:
    queue = Path(live.env["PEERHUB_VAR_DIR"]) / "broker" / "queue"
    (queue / f"{int(time.time())}_garbled.celery.msg").write_text('{"body": "half a mess')

    wait_for(lambda: not list(queue.glob("*garbled*")), 60, "taking the garbled message away")
    wait_for_workers(live)


def test_a_killed_supervisor_leaves_nothing_behind(live: Live) -> None:
    left = children_of(live.processes["run"].pid)
    live.kill("run", group=False)

    wait_for(lambda: not alive(left), 15, "the children's end")
    live.start("run")
    live.wait_until_ready()


def test_sigterm_stops_everything_within_seconds(live: Live) -> None:
    left = children_of(live.processes["run"].pid)
    started = time.monotonic()

    assert live.stop("run") == 0
    assert time.monotonic() - started < 10
    assert not alive(left)
    live.start("run")
    live.wait_until_ready()
