"""R4 and R5, short: a planner that was away, and several at once."""

import time

import pytest

from tests.faults.fleet import ask, seed_of_run
from tests.faults.verdicts import reminded, ticks, watch_ticks

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("live")]


@pytest.mark.parametrize("hours", [6, 72])
def test_r4_what_fell_due_while_nobody_planned_is_sent_late_or_seen_to_be_missing(ships, hours):
    ships.begin(0)
    wanted = ships.told("tests.faults.reminders", "away", str(hours), "40", str(seed_of_run()))
    ships.start_loops(1)
    _until(lambda: _planned(ships), ships)
    ships.drain(150, impatient=False)
    found = reminded(ships, wanted)
    assert (found.wrong, found.doubled) == ([], 0), found
    assert found.sent > 0 < found.missed
    _each_left_once(ships)


@pytest.mark.redis
@pytest.mark.postgres
def test_r5_three_planners_and_two_beats_write_each_reminder_once(ships):
    ships.begin(0)
    wanted = ships.told("tests.faults.reminders", "busy", "4", "24", str(seed_of_run()))
    watch_ticks(ships)
    ships.start_planners(3, 2, every=0.1)
    _until(lambda: ticks(ships) >= 30, ships)
    _until(lambda: len(reminded(ships, wanted).wrong) == 0, ships)
    assert reminded(ships, wanted).doubled == 0
    ships.drain(150, impatient=False)
    _each_left_once(ships)


def _each_left_once(ships):
    found = ships.verdict()
    assert (found.extra, found.unfinished) == (0, 0), found


def _planned(ships):
    return ask(ships.live, "SELECT 1 FROM common_message LIMIT 1")


def _until(holds, ships, seconds=150):
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, ships.live.log[-3000:]
        time.sleep(0.1)
