"""P1, P2, P5-P8, P10, P16, P18: pages, measured against the bare floor and against themselves ten times larger."""

import concurrent.futures
import time
from collections.abc import Iterator
from typing import Any

from tests.bench.client import Client, Samples, interleaved
from tests.bench.registry import Result, at_least, at_most, register
from tests.bench.stage import LARGE, SMALL, Bench, Site, cpu_seconds, say

Q1 = "/q1/"
LIGHT, DASHBOARD = 4.0, 8.0  # x q1
SLOW_MS = 300
QUERIES = {"light": 8, "dashboard": 15, "any": 20}


def places(bench: Bench, scale: int) -> list[dict[str, str]]:
    return list(bench.module(bench.demo(scale), "tests.bench.places"))


def _worst(results: list[tuple[float, str]]) -> tuple[float, str]:
    return max(results)


# --- against q1 -----------------------------------------------------------------------------------
@register("P1", "P2")
def against_the_floor(bench: Bench) -> Iterator[Result]:
    """Request-thread CPU of each named page, in units of the bare page, interleaved."""
    site, found = bench.site(SMALL), places(bench, SMALL)
    pages = [(bench.floor_client(), Q1), *((site.client(place["persona"]), place["path"]) for place in found)]
    floor, *ours = interleaved(pages)
    for place, samples in zip(found, ours, strict=True):
        goal, bound = ("P1", LIGHT) if place["kind"] == "light" else ("P2", DASHBOARD)
        yield at_most(goal, f"{place['name']}: CPU", samples.median() / floor.median(), "x q1", bound)


# --- queries, everywhere --------------------------------------------------------------------------
@register("P5")
def queries_everywhere(bench: Bench) -> Iterator[Result]:
    """Every page the cast can reach by links, at two sizes."""
    kinds = {(place["persona"], place["path"]): place["kind"] for place in places(bench, SMALL)}
    small, large = (list(bench.module(bench.demo(scale), "tests.bench.crawl")) for scale in (SMALL, LARGE))
    for scale, pages in ((SMALL, small), (LARGE, large)):
        name = f"{len({p['name'] for p in pages})} URLs, {len(pages)} pages, demo x{scale}"
        worst = max(pages, key=lambda page: page["queries"])
        yield at_most("P5", f"{name}: most queries ({worst['name']})", worst["queries"], "queries", 20, slack=1)
        repeated = max(pages, key=lambda page: page["repeated"])
        label = f"{name}: a statement repeated ({repeated['name']})"
        yield at_most("P5", label, repeated["repeated"], "times", 2, slack=1)
    for kind in ("light", "dashboard"):
        mine = [p for p in small if kinds.get((p["persona"], p["path"])) == kind]
        if mine:
            worst = max(mine, key=lambda page: page["queries"])
            yield at_most("P5", f"{kind} pages: most queries", worst["queries"], "queries", QUERIES[kind], slack=1)
    yield at_most("P5", "queries added by ten times the data", _added(small, large), "queries", 0, slack=1)


def _added(small: list[dict[str, Any]], large: list[dict[str, Any]]) -> float:
    """By how many queries the worst URL grows: its most queries at each size, for each person."""

    def most(pages: list[dict[str, Any]]) -> dict[tuple[str, str], int]:
        found: dict[tuple[str, str], int] = {}
        for page in pages:
            key = (page["persona"], page["name"])
            found[key] = max(found.get(key, 0), page["queries"])
        return found

    before, after = most(small), most(large)
    return max((after[key] - before[key] for key in before.keys() & after.keys()), default=0)


# --- growth ---------------------------------------------------------------------------------------
@register("P6", "P7")
def growth(bench: Bench) -> Iterator[Result]:
    """Each named page on ten times the data, against itself, interleaved."""
    at = {scale: {place["name"]: place for place in places(bench, scale)} for scale in (SMALL, LARGE)}
    for name, place in at[SMALL].items():
        larger = at[LARGE][name]
        goal, bound = ("P6", 1.3) if place["growth"] == "scoped" else ("P7", 1.5)
        pair = [
            (bench.site(SMALL).client(place["persona"]), place["path"]),
            (bench.site(LARGE).client(larger["persona"]), larger["path"]),
        ]
        before, after = interleaved(pair)
        yield at_most(goal, f"{name}: CPU at x{LARGE / SMALL:.0f}", after.median() / before.median(), "x", bound)
        yield at_most(goal, f"{name}: bytes at x{LARGE / SMALL:.0f}", after.bytes / before.bytes, "x", 1.2, slack=1)
        yield at_most(goal, f"{name}: queries added", after.queries - before.queries, "queries", 0, slack=1)


# --- throughput -----------------------------------------------------------------------------------
@register("P8")
def throughput(bench: Bench) -> Iterator[Result]:
    """CPU a request costs with PostgreSQL's included, two workers, four visitors at once, mixed pages."""
    found = places(bench, SMALL)
    site = bench.serve("peerhub.wsgi", bench.env(bench.demo(SMALL)), workers=2, ready="/healthz")
    site.cookies = bench.site(SMALL).cookies
    floor = bench.serve("tests.bench.baseline.wsgi", bench.env(bench.floor_url), workers=2, ready="/plain/")
    cookie = bench.floor.cookies["bench"]
    paths = [(place["persona"], place["path"]) for place in found]
    ours, rate = _cost(bench, site, lambda persona: site.client(persona), paths, requests=400)
    plain, _ = _cost(bench, floor, lambda _: Client(floor.base, {"sessionid": cookie}), [("", Q1)], requests=800)
    yield at_most("P8", "CPU a request, PostgreSQL included, mixed pages", ours / plain, "x q1", 8)
    yield at_least("P8", "mixed pages, 2 workers", rate, "requests/s", 0)


def _cost(
    bench: Bench, site: Site, client_for: Any, paths: list[tuple[str, str]], *, requests: int
) -> tuple[float, float]:
    """CPU seconds a request, and requests a second."""
    assert bench.postgres.process

    def visitor(offset: int) -> int:
        clients = {persona: client_for(persona) for persona, _ in paths}
        for number in range(requests // 4):
            persona, path = paths[(number + offset) % len(paths)]
            assert clients[persona].get(path).status == 200, path
        for client in clients.values():
            client.close()
        return requests // 4

    roots = (site.process.pid, bench.postgres.process.pid)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(visitor, range(2)))  # warm both workers
        before, started = cpu_seconds(*roots), time.monotonic()
        done = sum(pool.map(visitor, range(4)))
        elapsed = time.monotonic() - started
    return (cpu_seconds(*roots) - before) / done, done / elapsed


# --- what a visitor feels ---------------------------------------------------------------------------
def _sampled(client: Client, path: str, times: int) -> Samples:
    """That many visits, after two that warm caches."""
    samples = Samples(path)
    for number in range(times + 2):
        reply = client.get(path)
        if number >= 2:
            samples.add(reply)
    return samples


@register("P18")
def every_page_at_ten_times(bench: Bench) -> Iterator[Result]:
    """One page of every URL name for each person, ten times each, on the large demo.

    Ten samples have no 95th percentile but their largest, so a page that seems too slow is looked at again, forty
    times: one hiccup of the machine among thousands of requests is not the page's.
    """
    site = bench.site(LARGE)
    crawled = bench.module(bench.demo(LARGE), "tests.bench.crawl")
    first: dict[tuple[str, str], dict[str, Any]] = {}
    for page in crawled:
        if page["html"]:
            first.setdefault((page["persona"], page["name"]), page)
    slowest, largest = [], []
    for (persona, name), page in first.items():
        client = site.client(persona)
        samples = _sampled(client, page["path"], 10)
        if samples.p95_ms > SLOW_MS:
            samples = _sampled(client, page["path"], 40)
        client.close()
        slowest.append((samples.p95_ms, f"{name} as {persona or 'a stranger'}"))
        largest.append((samples.bytes / 1000, f"{name} as {persona or 'a stranger'}"))
    for ms, where in sorted(slowest, reverse=True)[:5]:
        say(f"  {where}: {ms:.0f} ms")
    (ms, where), (kilobytes, big) = _worst(slowest), _worst(largest)
    yield at_most("P18", f"{len(first)} pages, slowest p95 ({where})", ms, "ms", SLOW_MS)
    yield at_most("P18", f"{len(first)} pages, largest ({big})", kilobytes, "kB", 200, slack=1)
