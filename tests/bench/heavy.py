"""P3: a grid of 58 people and 30 sessions. P10: saving a register of 58 in one request. P16: a CSV of 100,000
attendances.
"""

import re
import statistics
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from tests.bench.client import Client, interleaved
from tests.bench.pages import Q1
from tests.bench.registry import Result, at_least, at_most, register
from tests.bench.stage import SMALL, Bench

INPUT = re.compile(r"<input\b[^>]*>")
ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')


@cache
def large_rows(bench: Bench) -> dict[str, Any]:
    return dict(bench.module(bench.demo(SMALL), "tests.bench.large"))


def filled_in(page: str) -> dict[str, object]:
    """The sheet's hidden fields as they came, with everybody ticked."""
    fields: dict[str, object] = {}
    ticked: list[str] = []
    for tag in INPUT.findall(page.partition('id="log"')[2]):
        attributes = dict(ATTRIBUTE.findall(tag))
        if attributes.get("type") == "hidden":
            fields[attributes["name"]] = attributes.get("value", "")
        elif attributes.get("name") == "here":
            ticked.append(attributes["value"])
    return {**fields, "here": ticked, "outcome": "held", "minutes": "60", "support": ["academic"]}


@register("P3")
def attendance_grid(bench: Bench) -> Iterator[Result]:
    """Everybody's marks, every cell editable, against the plainest grid of as many cells that only shows them."""
    path, floor = large_rows(bench)["grid"], bench.floor_client()
    plain, ours = interleaved([(floor, "/grid/7/"), (bench.site(SMALL).client("rhian"), path)])
    cells = ours.replies[-1].body.count(b"<td class=")
    assert cells == 58 * 30, f"{path} shows {cells} cells"
    yield at_most("P3", "attendance grid, 58 x 30, editable: CPU", ours.median() / plain.median(), "x floor grid", 3)
    yield at_most("P3", "attendance grid: queries", ours.queries, "queries", 15, slack=1)
    yield at_most("P3", "attendance grid: bytes", ours.bytes / 1000, "kB", 200, slack=1)


@register("P10")
def save_a_register(bench: Bench) -> Iterator[Result]:
    client, floor = bench.site(SMALL).client("amara"), bench.floor_client()
    cpu, queries, plain = [], [], []
    for number, path in enumerate(large_rows(bench)["sheets"]):
        fields = filled_in(client.get(path).body.decode())
        assert len(fields["here"]) == 58, f"{path} lists {len(fields['here'])}"  # type: ignore[arg-type]
        saved, bare = client.request("POST", path, fields), floor.get(Q1)
        assert saved.status == 302, f"{path} answered {saved.status} to a register"
        if number >= 5:
            cpu.append(saved.timing["cpu"])
            queries.append(saved.timing["queries"])
            plain.append(bare.timing["cpu"])
    yield at_most("P10", "save a register of 58: queries", max(queries), "queries", 10, slack=1)
    ratio = statistics.median(cpu) / statistics.median(plain)
    yield at_most("P10", "save a register of 58: CPU", ratio, "x q1", 6)


def peak_memory(pid: int) -> float:
    """The most memory any worker of this server has held, in MiB (Linux)."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    found = [re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{child}/status").read_text()) for child in children]
    return max(int(match[1]) for match in found if match) / 1024


@register("P16")
def export_attendances(bench: Bench) -> Iterator[Result]:
    """Streamed, against the plainest streamed export of as many rows, in turns."""
    site, floor = bench.site(SMALL), bench.floor_client()
    path, client = large_rows(bench)["export"], site.client("rhian")
    client.get(f"{path.rpartition('/')[0]}/")
    before = peak_memory(site.process.pid)
    rates: dict[str, list[float]] = {"ours": [], "plain": []}
    for _ in range(3):
        for name, asker, address in (("ours", client, path), ("plain", floor, "/export/")):
            rates[name].append(_rows_a_second(asker, address))
    ratio = statistics.median(rates["ours"]) / statistics.median(rates["plain"])
    yield at_least("P16", "export of 100,000 attendances: rows/s", ratio, "x plain", 0.5)
    grown = peak_memory(site.process.pid) - before
    yield at_most("P16", "export of 100,000 attendances: memory growth", grown, "MiB", 50, slack=1)


def _rows_a_second(client: Client, path: str) -> float:
    started = time.perf_counter()
    reply = client.get(path)
    rows = reply.body.count(b"\n") - 1
    assert reply.status == 200, f"{path} answered {reply.status}"
    assert rows >= 100_000, f"{path} gave {rows} rows"
    return rows / (time.perf_counter() - started)
