"""R1, R2, R7 and R10 of the outbox's design, short: real processes, real kills, real sockets.

`make bench` runs R1 and R2 in full (10,000 mails, 50 kills).
"""

import os
import signal
import time

import pytest
import redis

from tests.faults.fleet import ask, fleet

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("live")]
SLOWLY = ("--hang", "0.02")  # so that there is something to interrupt
MAILS = 240


@pytest.mark.redis
def test_r1_killed_workers_lose_nothing(ships):
    """Celery workers, as an institution runs them."""
    ships.begin(MAILS, *SLOWLY)
    ships.start_celery(2)
    _wait_until_sent(ships, 10)
    ships.kill_group(0)
    for share in (2, 3, 4):
        _wait_until_sent(ships, share * MAILS // 5)
        ships.kill_child("sender1")
    ships.drain(60)
    _check(ships, extra_at_most=2 * ships.kills)


@pytest.mark.redis
def test_r2_with_redis_emptied_the_mail_server_away_and_lost_replies(ships):
    ships.begin(MAILS, *SLOWLY, "--busy", "0.02", "--drop", "0.01")
    ships.start_celery(1)
    _wait_until_sent(ships, 20)
    ships.kill_child("sender0")
    _empty(ships.live.env["REDIS_URL"])
    ships.sink.stop()
    time.sleep(1)
    ships.kill_child("sender0")
    ships.sink.start()
    _empty(ships.live.env["REDIS_URL"])
    ships.drain(60)
    ships.sink.stop()
    # A lost reply is one copy too many, and so may be what the sink was taking when it stopped. Twice is bad luck.
    _check(ships, extra_at_most=2 * ships.kills + 2 + ships.sink.dropped, copies=3)


def test_r7_a_sender_asleep_past_its_lease_sends_no_more_of_it(ships):
    ships.begin(150, *SLOWLY)
    ships.start_crew(2)
    _wait_until_sent(ships, 10)
    sleeper = ships.children("crew")[0]
    os.kill(sleeper, signal.SIGSTOP)
    ships.drain(60)
    os.kill(sleeper, signal.SIGCONT)
    time.sleep(1)
    _check(ships, extra_at_most=1)


def test_r10_killed_loops_on_sqlite_lose_nothing(tmp_path):
    """Embedded: no broker, plain loops, one file."""
    with fleet(tmp_path, "r10", seed=13, DATABASE_URL="", REDIS_URL="") as ships:
        ships.begin(MAILS, *SLOWLY)
        ships.start_crew(3)
        for share in (1, 2, 3, 4):
            _wait_until_sent(ships, share * MAILS // 6)
            ships.kill_child("crew")
        ships.drain(60)
        _check(ships, extra_at_most=ships.kills)
        assert ask(ships.live, "PRAGMA integrity_check") == [("ok",)]
        assert "database is locked" not in ships.live.log


def _check(ships, extra_at_most, copies=2):
    found = ships.verdict()
    assert (found.lost, found.unfinished) == (0, 0), found
    assert found.extra <= extra_at_most, found
    assert found.unsaid == 0, found
    assert found.most_copies <= copies, found


def _wait_until_sent(ships, count, seconds=40):
    until = time.monotonic() + seconds
    while ships.sent() < count:
        assert time.monotonic() < until, ships.live.log[-3000:]
        time.sleep(0.05)


def _empty(url):
    client = redis.Redis.from_url(url)
    client.flushdb()
    client.close()
