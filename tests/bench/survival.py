"""R3 to R7 and R10: failpoints, planners away and too many, dying web workers, sleeping senders, one file alone."""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator

from tests.bench.faults import SEED, fleet
from tests.bench.registry import Result, at_least, at_most, register
from tests.bench.stage import Bench, say
from tests.faults.browsers import Crowd
from tests.faults.fleet import LEASE, Fleet, ask
from tests.faults.fleet import fleet as installed
from tests.faults.flows import FLOWS
from tests.faults.survival import problems, survive
from tests.faults.verdicts import finished_twice, reminded, ticks, watch_finishes, watch_ticks
from tests.services import free_port

FORMS = int(os.environ.get("BENCH_FAULT_FORMS", "2000"))
WEB_KILLS = int(os.environ.get("BENCH_FAULT_WEB_KILLS", "200"))
TICKS = int(os.environ.get("BENCH_FAULT_TICKS", "1000"))
AWAY = int(os.environ.get("BENCH_FAULT_SESSIONS", "400"))
FIVE_MINUTES = 300


@register("R3")
def failpoints(bench: Bench) -> Iterator[Result]:
    """Every flow dies at every pass of every failpoint on its way."""
    with fleet(bench, "r3") as ships:
        ships.begin(0)
        started = time.monotonic()
        outcomes = survive(ships)
        wrong = problems(ships, outcomes)
    for line in wrong:
        say(f"R3: {line}")
    names = {name for flow in FLOWS for name in flow.failpoints}
    what = f"{len(outcomes)} deaths at {len(names)} failpoints in {len(FLOWS)} flows"
    say(f"R3: {what}, {time.monotonic() - started:.0f} s")
    yield at_most("R3", f"{what}: half done, lost, doubled or left", len(wrong), "cases", 0, slack=1)


@register("R4")
def a_planner_away(bench: Bench) -> Iterator[Result]:
    """Six hours, then three days; then a worker and a beat as an institution runs them."""
    for hours in (6, 72):
        with fleet(bench, f"r4_{hours}") as ships:
            ships.begin(0)
            wanted = ships.told("tests.faults.reminders", "away", str(hours), str(AWAY), str(SEED))
            started = time.monotonic()
            ships.start_celery(1)
            _until(lambda ships=ships, wanted=wanted: not reminded(ships, wanted).wrong, ships, FIVE_MINUTES)
            took, found, copies = time.monotonic() - started, reminded(ships, wanted), ships.verdict()
        say(f"R4: {hours} h: {found.sent} sent, {found.missed} missed, {copies}, {took:.0f} s, seed {SEED}")
        what = f"planner away {hours} h"
        yield at_most("R4", f"{what}: of {found.sent} worth sending: not sent once", len(found.wrong), "", 0, slack=1)
        yield at_most("R4", f"{what}: rows or mails too many", found.doubled + copies.extra, "", 0, slack=1)
        yield at_least("R4", f"{what}: too late, and recorded as missed", found.missed, "", 1, slack=1)
        yield at_most("R4", f"{what}: until all were out", took, "s", FIVE_MINUTES)


@register("R5")
def too_many_planners(bench: Bench) -> Iterator[Result]:
    """Three planners, told by two beats, while reminders fall due all the time."""
    with fleet(bench, "r5") as ships:
        ships.begin(0)
        wanted = ships.told("tests.faults.reminders", "busy", str(TICKS / 4), str(TICKS // 4), str(SEED))
        watch_ticks(ships)
        started = time.monotonic()
        ships.start_planners(3, 2, every=0.12)
        _until(lambda: ticks(ships) >= TICKS, ships, 900)
        _until(lambda: not reminded(ships, wanted).wrong, ships, 120)
        for name in ("beat0", "beat1"):
            ships.live.kill(name)
        ships.drain(120, impatient=False)
        found, copies, done = reminded(ships, wanted), ships.verdict(), ticks(ships)
    say(f"R5: {done} ticks, {found.sent} reminders, {copies}, {time.monotonic() - started:.0f} s")
    what = f"{done:,} ticks of 3 planners and 2 beats, {found.sent:,} reminders"
    yield at_most("R5", f"{what}: rows too many", found.doubled, "rows", 0, slack=1)
    yield at_most("R5", f"{what}: not planned once", len(found.wrong), "rows", 0, slack=1)
    yield at_most("R5", "mails too many", copies.extra, "mails", 0, slack=1)


@register("R6")
def dying_web_workers(bench: Bench) -> Iterator[Result]:
    """People press again until a page says that it is done; the form's key makes it one."""
    with fleet(bench, "r6") as ships:
        ships.begin(0)
        forms = ships.told("tests.faults.forms", "prepare", str(FORMS))
        ships.live.env["PORT"] = str(free_port())
        ships.start_web(3)
        started = time.monotonic()
        crowd = Crowd(ships.live.base, forms, people=8, seed=SEED)
        crowd.start()
        for number in range(WEB_KILLS):
            crowd.wait_for((number + 1) * FORMS // (WEB_KILLS + 2), lambda: ships.live.log[-3000:])
            ships.kill_child("web")
        crowd.wait_for(FORMS, lambda: ships.live.log[-3000:])
        took = time.monotonic() - started
        found = ships.told("tests.faults.forms", "verify", given=json.dumps(forms))
    say(f"R6: {ships.kills} kills, {crowd.again} pressed again, {found}, {took:.0f} s, seed {SEED}")
    what = f"{FORMS:,} forms, {ships.kills} web workers killed, {crowd.again} presses more"
    yield at_least("R6", f"{what}: effects", found["effects"], "", FORMS, slack=1)
    wrong = len(found["wrong"]) + len(crowd.refused)
    yield at_most("R6", f"{what}: not exactly once", wrong, "forms", 0, slack=1)
    yield at_most("R6", f"{what}: orphans", sum(found["orphans"].values()), "rows", 0, slack=1)


@register("R7")
def asleep(bench: Bench) -> Iterator[Result]:
    """Senders stopped in the middle of a batch until long after their lease, ten times; then woken."""
    stops = 10
    with fleet(bench, "r7") as ships:
        ships.begin(2000, "--hang", "0.2")
        watch_finishes(ships)
        started = time.monotonic()
        ships.start_crew(3)
        for number in range(stops):
            _until(lambda number=number: ships.sent() >= (number + 1) * 20, ships, 120)
            sleeper = ships.dice.choice(ships.children("crew"))
            os.kill(sleeper, signal.SIGSTOP)
            time.sleep(LEASE * 2 + 4)
            os.kill(sleeper, signal.SIGCONT)
        ships.drain(300)
        time.sleep(1)
        took = time.monotonic() - started
        found, twice, refused = ships.verdict(), finished_twice(ships), ships.live.log.count("was finished too late")
    say(f"R7: {found}, {refused} finishes refused, {took:.0f} s, seed {SEED}")
    what = f"{stops} senders asleep past their lease"
    yield at_most("R7", f"{what}: never delivered", found.lost + found.unfinished, "mails", 0, slack=1)
    yield at_most("R7", f"{what}: copies too many", found.extra, "mails", stops, slack=1)
    yield at_most("R7", f"{what}: stale finishes taken ({refused} refused)", twice, "rows", 0, slack=1)
    yield at_most("R7", "doubled without being said to be uncertain", found.unsaid, "mails", 0, slack=1)


@register("R10")
def one_file(bench: Bench) -> Iterator[Result]:
    """Embedded: SQLite, no broker, three plain loops that are killed thirty times."""
    folder = bench.folder / "r10"
    folder.mkdir()
    with installed(folder, "r10", seed=SEED, DATABASE_URL="", REDIS_URL="") as ships:
        ships.begin(3000)
        started = time.monotonic()
        ships.start_crew(3)
        for number in range(30):
            _until(lambda number=number: ships.sent() >= (number + 1) * 3000 // 32, ships, 120)
            ships.kill_child("crew")
        ships.drain(300)
        took, found = time.monotonic() - started, ships.verdict()
        is_whole = ask(ships.live, "PRAGMA integrity_check") == [("ok",)]
        locked = ships.live.log.count("database is locked")
    say(f"R10: {found}, {took:.0f} s, seed {SEED}")
    what = f"SQLite, {found.queued:,} mails, {found.kills} kills"
    yield at_most("R10", f"{what}: never delivered", found.lost + found.unfinished, "mails", 0, slack=1)
    yield at_most("R10", f"{what}: copies too many", found.extra, "mails", 30, slack=1)
    yield at_most("R10", f"{what}: integrity_check not ok, or “locked”", locked + (not is_whole), "", 0, slack=1)


def _until(holds: Callable[[], bool], ships: Fleet, seconds: float) -> None:
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            raise RuntimeError(f"did not come about in {seconds:.0f} s:\n{ships.live.log[-3000:]}")
        time.sleep(0.1)
