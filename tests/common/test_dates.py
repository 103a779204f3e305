"""Dates as people say them, in the reader's time zone and language."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone, translation

from peerhub.common import dates

AT = datetime(2026, 11, 13, 14, 0, tzinfo=UTC)
SUMMER = datetime(2026, 7, 3, 23, 30, tzinfo=UTC)  # half past midnight on the 4th in London


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel(datetime(2026, 11, 10, 9, 0, tzinfo=UTC), tick=False):
        yield


def test_day_and_clock():
    assert dates.day(AT) == "Friday 13 November"
    assert dates.short_day(AT) == "Fri 13 Nov"
    assert dates.long_day(AT) == "13 November 2026"
    assert dates.clock(AT) == "14:00"


def test_times_are_in_the_active_zone():
    assert dates.day(SUMMER) == "Saturday 4 July"
    with timezone.override("America/Bogota"):
        assert (dates.day(SUMMER), dates.clock(SUMMER)) == ("Friday 3 July", "18:30")


def test_months_are_translated():
    with translation.override("es"):
        assert "noviembre" in dates.day(AT)


def test_span_within_a_day_over_days_and_of_dates():
    assert dates.span(AT, AT + timedelta(hours=1)) == "14:00 to 15:00"
    assert dates.span(AT, AT + timedelta(hours=12)) == "Friday 13 November, 14:00 to Saturday 14 November, 02:00"
    assert dates.span(date(2026, 11, 13), date(2026, 11, 20)) == "13 to 20 November 2026"
    assert dates.span(date(2026, 11, 13), date(2026, 12, 20)) == "13 November to 20 December 2026"
    assert dates.span(date(2026, 11, 13), date(2027, 1, 2)) == "13 November 2026 to 2 January 2027"
    assert dates.span(date(2026, 11, 13), date(2026, 11, 13)) == "13 November 2026"


def test_when_names_the_days_around_today():
    now = timezone.now()
    assert dates.when(now + timedelta(hours=5)) == "Today, 14:00"
    assert dates.when(now + timedelta(days=1)) == "Tomorrow, 09:00"
    assert dates.when(now - timedelta(days=1)) == "Yesterday, 09:00"
    assert dates.when(AT) == "Friday 13 November, 14:00"
    assert dates.when(date(2026, 11, 10)) == "Today"


def test_ago_past_and_future():
    now = timezone.now()
    said = [
        dates.ago(now + timedelta(**away)).replace("\xa0", " ")
        for away in ({"minutes": -40}, {"hours": 3}, {"seconds": 20})
    ]
    assert said == ["40 minutes ago", "in 3 hours", "just now"]


def test_ago_counts_dates_in_days():
    today = timezone.localdate()
    said = [dates.ago(today + timedelta(days=away)) for away in (-3, -1, 0, 1, 2)]
    assert said == ["3 days ago", "yesterday", "today", "tomorrow", "in 2 days"]


@pytest.mark.parametrize("say", [dates.day, dates.short_day, dates.long_day, dates.clock, dates.when, dates.ago])
def test_nothing_is_said_of_no_date(say):
    assert say(None) == ""


def test_clock_of_a_date_is_a_mistake():
    with pytest.raises(TypeError):
        dates.clock(date(2026, 11, 13))


def test_an_occasion_names_a_day_once():
    start = datetime(2026, 11, 13, 14, 0, tzinfo=UTC)
    assert dates.occasion(start, start + timedelta(hours=1)) == "Friday 13 November, 14:00 to 15:00"
    assert dates.occasion(start, start + timedelta(hours=12)) == (
        "Friday 13 November, 14:00 to Saturday 14 November, 02:00"
    )
    assert dates.occasion(start, None) == ""
