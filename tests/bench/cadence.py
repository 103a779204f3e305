"""cadence: who has gone quiet in 1,200 programmes at once, in a constant number of statements for a thousand rows."""

from collections.abc import Iterator

from tests.bench.registry import Result, at_most, register
from tests.bench.stage import LARGE, Bench


@register("cadence")
def quiet_lists(bench: Bench) -> Iterator[Result]:
    seen = bench.module(bench.demo(LARGE), "tests.bench.cadence_load")
    name = f"quiet lists of {seen['cycles']:,} cycles, {seen['pairs']:,} pairs"
    yield at_most("cadence", f"{name}: statements a thousand pairs", seen["per_thousand"], "queries", 2, slack=1)
    yield at_most("cadence", f"{name}: statements beside the pages", seen["besides"], "queries", 8, slack=1)
    yield at_most("cadence", f"{name}: time", seen["seconds"], "s", 30)
    name = f"{seen['letters']:,} Monday digests"
    yield at_most("cadence", f"{name}: statements a hundred letters", seen["letter_statements"], "queries", 20, slack=1)
    yield at_most("cadence", f"{name}: time to write them", seen["letter_seconds"], "s", 60)
