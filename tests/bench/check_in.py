"""CHECKIN: a hall of 300 checks in within a minute, on two workers, while the screen in the room counts."""

import concurrent.futures
import random
import re
import statistics
import threading
import time
from collections.abc import Iterator

from tests.bench.client import Client, Reply
from tests.bench.pages import Q1
from tests.bench.registry import Result, at_most, register
from tests.bench.stage import SMALL, Bench

MINUTE = 60.0
SPELLED = re.compile(rb'class="visually-hidden">((?:\w, ){5}\w)<')
CSRF = "c" * 32


class Screen(threading.Thread):
    """The leader's screen: asks every five seconds, as htmx does, and holds up the code it was told."""

    def __init__(self, client: Client, path: str) -> None:
        super().__init__(daemon=True)
        self.client, self.path, self.over = client, path, threading.Event()
        self.queries = 0.0
        self.look()

    def look(self) -> None:
        reply = self.client.get(self.path)
        found = SPELLED.search(reply.body)
        assert found, f"the screen shows no code ({reply.status})"
        self.code, self.queries = found[1].decode().replace(", ", ""), max(self.queries, reply.timing["queries"])

    def run(self) -> None:
        while not self.over.wait(5):
            self.look()


class Floor(threading.Thread):
    """Asks for the bare page once a second meanwhile, so that both feel the same weather."""

    def __init__(self, client: Client) -> None:
        super().__init__(daemon=True)
        self.client, self.over = client, threading.Event()
        self.plain = [client.get(Q1) for _ in range(20)][20:]

    def run(self) -> None:
        while not self.over.wait(1):
            self.plain.append(self.client.get(Q1))


@register("CHECKIN")
def a_hall_checks_in(bench: Bench) -> Iterator[Result]:
    """Everybody once, at moments drawn over the minute; what each waits counts from the moment they pressed."""
    amara = bench.site(SMALL).cookies["amara"]
    hall = bench.module(bench.demo(SMALL), "tests.bench.check_in_load")
    site = bench.serve("peerhub.wsgi", bench.env(bench.demo(SMALL)), workers=2, ready="/healthz")
    floor = bench.serve("tests.bench.baseline.wsgi", bench.env(bench.floor_url), workers=2, ready="/plain/")
    bare = Floor(Client(floor.base, {"sessionid": bench.floor.cookies["bench"]}))
    warm = Client(site.base)
    for _ in range(20):
        warm.get("/accounts/login/")
    screen = Screen(Client(site.base, {"peerhub": amara}), hall["screen"])
    screen.start()
    bare.start()

    draw, started = random.Random(25), time.perf_counter() + 1
    moments = sorted(draw.uniform(0, MINUTE) for _ in hall["people"])

    def arrive(key: str, moment: float) -> tuple[Reply, float]:
        client = Client(site.base, {"peerhub": key, "csrf": CSRF})
        time.sleep(max(0, started + moment - time.perf_counter()))
        reply = client.request("POST", hall["check_in"], {"code": screen.code, "csrfmiddlewaretoken": CSRF})
        client.close()
        return reply, (time.perf_counter() - started - moment) * 1000

    with concurrent.futures.ThreadPoolExecutor(24) as pool:
        done = list(pool.map(arrive, hall["people"], moments))
    screen.over.set()
    bare.over.set()
    bare.join()
    plain = bare.plain
    waited = sorted(ms for _reply, ms in done)
    p95, unit = waited[round(0.95 * len(waited)) - 1], statistics.median(reply.client_ms for reply in plain)
    counted = bench.sql(
        bench.demo(SMALL), f"SELECT count(*) FROM programmes_checkin WHERE session_id = {int(hall['session'])}"
    )
    lost = len(done) - counted[0][0] + sum(reply.status != 302 for reply, _ms in done)
    what = f"{len(done)} people check in within a minute"
    yield at_most("CHECKIN", f"{what}: refused or lost", lost, "people", 0, slack=1)
    yield at_most(
        "CHECKIN", f"{what}: p95 ({p95:.0f} ms, median {statistics.median(waited):.0f})", p95 / unit, "x q1", 10
    )
    cpu = statistics.median(reply.timing["cpu"] for reply, _ms in done)
    bare_cpu = statistics.median(reply.timing["cpu"] for reply in plain)
    yield at_most("CHECKIN", "checking in: CPU", cpu / bare_cpu, "x q1", 4)
    queries = max(reply.timing["queries"] for reply, _ms in done)
    yield at_most("CHECKIN", "checking in: queries", queries, "queries", 8, slack=1)
    yield at_most("CHECKIN", "the screen in the room: queries", screen.queries, "queries", 8, slack=1)
