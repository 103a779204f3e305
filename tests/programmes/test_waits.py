"""How long somebody is told they will wait: honest at any size."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from programmes.queries.waits import DEFAULT, LONGEST, SHORTEST, STEP, Wait, estimated_wait, usual_minutes

AHEAD, BUSY, LEADERS = st.integers(0, 300), st.integers(0, 20), st.integers(0, 20)
USUAL = st.floats(SHORTEST, LONGEST)
MINUTES = st.integers(0, 10_000).map(lambda minutes: timedelta(minutes=minutes))


def wait(ahead, busy, leaders, usual):
    return estimated_wait(ahead=ahead, busy=busy, leaders=leaders, usual=usual)


@given(AHEAD, BUSY, LEADERS, USUAL)
def test_wait_is_a_range_in_steps_and_never_a_moment(ahead, busy, leaders, usual):
    found = wait(ahead, busy, leaders, usual)
    assert found.low % STEP == found.high % STEP == 0
    assert found == Wait(0, 0) or found.low + STEP <= found.high
    assert "." not in found.words


@given(AHEAD, BUSY, LEADERS, USUAL)
def test_wait_holds_what_would_happen_if_everybody_took_the_usual_time(ahead, busy, leaders, usual):
    found, to_finish = wait(ahead, busy, leaders, usual), ahead + 1 - max(max(leaders, 1) - busy, 0)
    expected = usual * max(to_finish, 0) / max(leaders, 1)
    assert found.low <= expected <= found.high


@given(AHEAD, BUSY, LEADERS, USUAL)
def test_wait_grows_with_those_ahead_and_those_busy_and_shrinks_with_leaders(ahead, busy, leaders, usual):
    here = wait(ahead, busy, leaders, usual)
    for other, is_longer in (
        (wait(ahead + 1, busy, leaders, usual), True),
        (wait(ahead, busy + 1, leaders, usual), True),
        (wait(ahead, busy, leaders + 1, usual), False),
    ):
        first, second = (here, other) if is_longer else (other, here)
        assert first.low <= second.low
        assert first.high <= second.high


@given(st.integers(0, 20), st.integers(1, 20), USUAL)
def test_wait_is_none_where_a_leader_is_free_for_everybody_ahead(ahead, leaders, usual):
    assert (wait(ahead, 0, leaders, usual) == Wait(0, 0)) == (ahead < leaders)


@given(st.lists(MINUTES, max_size=60))
def test_usual_minutes_are_bounded(durations):
    assert SHORTEST <= usual_minutes(durations) <= LONGEST


def test_usual_minutes_are_the_median_once_there_are_some():
    assert usual_minutes([timedelta(minutes=30)] * 3) == DEFAULT
    assert usual_minutes([timedelta(minutes=n) for n in (5, 8, 10, 600)]) == 9


def test_wait_reads_as_people_say_it():
    assert wait(2, 1, 1, 12).words == "about 20 to 55 minutes"
    assert wait(0, 1, 1, 5).words == "up to 10 minutes"
    assert wait(0, 0, 1, 12).words == "no wait"
    assert wait(60, 1, 1, 12).words == "more than 2 hours"
