"""series: a term of 2,000 sessions planned in one go, and what a changed calendar would do to them."""

from collections.abc import Iterator

from tests.bench.registry import Result, at_most, register
from tests.bench.stage import Bench, say

SESSIONS = 2000


@register("series")
def a_term_of_sessions(bench: Bench) -> Iterator[Result]:
    """On an empty database of its own; the floor is the same sessions and leaders inserted by bulk_create."""
    with bench.empty_database("bench_series") as url:
        found = bench.module(url, "tests.bench.series_load", str(SESSIONS), PEERHUB_ROLE="worker")
    say(f"series: {found['sessions']} sessions in {found['seconds']:.2f} s; bulk_create {found['floor']:.2f} s")
    name = f"a term of {SESSIONS:,} sessions"
    yield at_most("series", f"{name}: queries", found["queries"], "queries", 20, slack=1)
    yield at_most("series", f"{name} against bulk_create", found["seconds"] / found["floor"], "x", 1.5)
    yield at_most("series", f"{name}, looked at first: queries", found["preview"], "queries", 8, slack=1)
    yield at_most("series", f"{name}, a day closed: queries to show it", found["fit"], "queries", 3, slack=1)
    yield at_most("series", f"{name}, a day closed: queries to follow it, per series", found["refit"], "queries", 6)
