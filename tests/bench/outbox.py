"""P11, P12: mail at full speed. (R1, R2: tests/bench/faults.py.)"""

import os
from collections.abc import Iterator

from tests import mailsink
from tests.bench.registry import Result, at_least, at_most, register
from tests.bench.stage import Bench

MAILS = int(os.environ.get("BENCH_MAILS", "5000"))


@register("P11", "P12")
def mail_rate(bench: Bench) -> Iterator[Result]:
    """5,000 invitations through the outbox, against plain Django on one connection, in turns, three times."""
    with bench.empty_database("bench_mail") as url:
        with mailsink.running(bench.folder) as sink:
            seen = bench.module(url, "tests.bench.mail_rate", str(MAILS), EMAIL_URL=sink.url, PEERHUB_ROLE="worker")
        counts = sink.counts()
    ours = counts["connections"] - 1 - seen["floor_connections"]  # one was the look whether the sink is up
    yield at_least("P11", f"{MAILS:,} mails, messages/s against plain Django's", seen["ratio"], "x", 0.6)
    yield at_least("P11", "the same by CPU of the sender", seen["cpu_ratio"], "x", 0.6)
    yield at_most("P12", "SQL statements a recipient, queueing included", seen["queries"], "queries", 2.1, slack=1)
    yield at_most("P12", "connections for each 500 messages", 500 * ours / seen["ours"], "connections", 1, slack=1)
    yield at_least("P12", "messages in a claim", seen["claim"], "messages", 100, slack=1)
    assert counts["messages"] == seen["ours"] + seen["floor"], (counts, seen)
