"""P13, P14: rosters."""

import os
from collections.abc import Iterator

from tests.bench.registry import Result, at_least, at_most, register
from tests.bench.stage import Bench, say

ROWS = int(os.environ.get("BENCH_ROSTER_ROWS", "100000"))


@register("P13", "P14")
def roster_import(bench: Bench) -> Iterator[Result]:
    """The whole import, reading and checking included, against COPY and upsert of the same rows in the same run."""
    with bench.empty_database("bench_roster") as url:
        found = bench.module(url, "tests.bench.roster_load", str(ROWS), PEERHUB_ROLE="worker")
    say(f"roster: {ROWS / found['first']:,.0f} rows/s; COPY and upsert {ROWS / found['floor']:,.0f} rows/s")
    floor = found["floor"]
    yield at_least("P13", f"import of {ROWS:,} people against COPY and upsert", floor / found["first"], "x", 0.10)
    yield at_least("P13", f"check of {ROWS:,} people against COPY and upsert", floor / found["check"], "x", 0.15)
    yield at_most(
        "P13", f"queries of importing {ROWS:,} people", found["queries"], "queries", 40 + ROWS / 5000, slack=1
    )
    yield at_most("P13", f"memory grown by importing {ROWS:,} people", found["megabytes"], "MiB", 300, slack=1)
    yield at_most("P14", "the same file again against the first time", found["again"] / found["first"], "x", 1.0)
    yield at_most("P14", "writes of the same file again", found["again_writes"], "writes", 0, slack=1)
