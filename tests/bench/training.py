"""training: the board of 500 people by 20 modules, and who is cleared among all who lead in 1,200 programmes."""

from collections.abc import Iterator

from tests.bench.client import interleaved
from tests.bench.pages import DASHBOARD, Q1
from tests.bench.registry import Result, at_most, register
from tests.bench.stage import LARGE, SMALL, Bench


@register("training")
def the_board(bench: Bench) -> Iterator[Result]:
    """Each filter, interleaved with the bare page."""
    site = bench.site(SMALL)
    seen = bench.module(bench.demo(SMALL), "tests.bench.training_load", "board")
    shows = ("all", "missing", "expiring")
    pages = [(bench.floor_client(), Q1), *((site.client("rhian"), f"{seen['board']}?show={show}") for show in shows)]
    floor, *ours = interleaved(pages)
    for show, samples in zip(shows, ours, strict=True):
        name = f"board of 500 people by 20 modules, {show}"
        yield at_most("training", f"{name}: CPU", samples.median() / floor.median(), "x q1", DASHBOARD)
        yield at_most("training", f"{name}: queries", samples.queries, "queries", 12, slack=1)


@register("training")
def everybodys_clearance(bench: Bench) -> Iterator[Result]:
    """All leaders at once, when everybody is cleared and when everybody lacks something."""
    seen = bench.module(bench.demo(LARGE), "tests.bench.training_load", "clearance")
    for state, (statements, seconds) in seen["runs"].items():
        name = f"clearance of {seen['leaders']:,} leaders in {seen['cycles']:,} cycles, {state}"
        yield at_most("training", f"{name}: statements", statements, "queries", 12, slack=1)
        yield at_most("training", f"{name}: time", seconds, "s", 30)
