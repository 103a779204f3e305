"""fairness: the funnel by group of a round of 5,000 applications, read by who coordinates."""

from collections.abc import Iterator

from tests.bench.client import interleaved
from tests.bench.pages import Q1
from tests.bench.registry import Result, at_most, register
from tests.bench.stage import SMALL, Bench, say


@register("fairness")
def the_funnel(bench: Bench) -> Iterator[Result]:
    found = bench.module(bench.demo(SMALL), "tests.bench.fairness_load", PEERHUB_ROLE="worker")
    say(f"fairness: {found['people']:,} applications counted in {found['seconds']:.1f} s")
    plain, ours = interleaved([(bench.floor_client(), Q1), (bench.site(SMALL).client("rhian"), found["path"])])
    name = f"funnel of {found['people']:,} applications"
    yield at_most("fairness", f"{name}: queries", ours.queries, "queries", 12, slack=1)
    yield at_most("fairness", f"{name}: CPU", ours.median() / plain.median(), "x q1", 8)
    yield at_most("fairness", f"{name}: bytes", ours.bytes / 1000, "kB", 200, slack=1)
    yield at_most("fairness", f"{name}: counted once, by a worker", found["seconds"], "s", 60)
