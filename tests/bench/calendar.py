"""calendar: a feed of 500 events, against the bare page, with as many statements as one of three."""

from collections.abc import Iterator

from tests.bench.client import Client, interleaved
from tests.bench.pages import Q1
from tests.bench.registry import Result, at_most, register
from tests.bench.stage import SMALL, Bench

EVENTS = 500


@register("calendar")
def feed_of_a_leader(bench: Bench) -> Iterator[Result]:
    """As a calendar asks: by the link alone, again and again."""
    site = bench.site(SMALL)
    feeds = bench.module(bench.demo(SMALL), "tests.bench.calendar_load", str(EVENTS))
    stranger = Client(site.base, {})
    reply = stranger.get(feeds["large"])
    assert reply.body.count(b"BEGIN:VEVENT") == EVENTS, "the feed is not of the size it should be"
    few = [stranger.get(feeds["small"]) for _ in range(2)][-1]
    floor, feed = interleaved([(bench.floor_client(), Q1), (stranger, feeds["large"])])
    yield at_most("calendar", f"feed of {EVENTS} events: CPU", feed.median() / floor.median(), "x q1", 6)
    more = feed.queries - few.timing["queries"]
    yield at_most("calendar", f"feed of {EVENTS} events: queries more than of three", more, "queries", 0, slack=1)
