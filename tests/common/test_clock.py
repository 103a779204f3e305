from datetime import UTC, date, datetime, time

import pytest

from peerhub.common.clock import NoSuchTime, day_bounds, instant, local, period

LONDON = "Europe/London"


def test_instant_follows_summer_time():
    assert instant(date(2026, 7, 1), time(14), LONDON) == datetime(2026, 7, 1, 13, tzinfo=UTC)
    assert instant(date(2026, 12, 1), time(14), LONDON) == datetime(2026, 12, 1, 14, tzinfo=UTC)


def test_instant_refuses_a_time_the_clocks_skip():
    """On 29 March 2026 London goes from 00:59 to 02:00."""
    with pytest.raises(NoSuchTime) as refusal:
        instant(date(2026, 3, 29), time(1, 30), LONDON)
    assert refusal.value.code == "no_such_time"


def test_instant_takes_the_first_of_two():
    """On 25 October 2026 London has 01:30 twice."""
    assert instant(date(2026, 10, 25), time(1, 30), LONDON) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_period_over_midnight_ends_the_next_day():
    starts_at, ends_at = period(date(2026, 11, 4), time(23), time(1), LONDON)
    assert (starts_at, ends_at) == (datetime(2026, 11, 4, 23, tzinfo=UTC), datetime(2026, 11, 5, 1, tzinfo=UTC))


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 28), 2), (date(2026, 10, 24), 4)])
def test_period_over_a_clock_change_keeps_the_times_on_the_wall(day, hours):
    """23:00 to 02:00 is three hours on the wall: two in spring (02:00 is right after the jump), four in autumn."""
    starts_at, ends_at = period(day, time(23), time(2), LONDON)
    assert (ends_at - starts_at).total_seconds() / 3600 == hours
    assert [local(one, LONDON).time() for one in (starts_at, ends_at)] == [time(23), time(2)]


def test_day_bounds_are_23_or_25_hours_when_clocks_change():
    lengths = {day: day_bounds(day, LONDON) for day in (date(2026, 3, 29), date(2026, 10, 25), date(2026, 11, 4))}
    assert [(end - start).total_seconds() / 3600 for start, end in lengths.values()] == [23, 25, 24]
