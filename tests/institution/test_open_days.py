"""Days that count between two dates: closures, vacations, gaps between terms."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerhub.institution.models import AcademicYear, Closure, Term
from peerhub.institution.queries.open_days import OpenDays, open_days

START = date(2026, 11, 2)
NEAR = st.integers(-40, 140)


@pytest.fixture
def calendar(db):
    """A term to 18 December, a vacation nobody wrote down, a term from 11 January, a closed Friday."""
    year = AcademicYear.objects.create(code="2026-27", starts_on=date(2026, 9, 21), ends_on=date(2027, 6, 11))
    for first, last in ((date(2026, 9, 21), date(2026, 12, 18)), (date(2027, 1, 11), date(2027, 3, 26))):
        Term.objects.create(year=year, name="Term", starts_on=first, ends_on=last)
    Closure.objects.create(name="Open day", starts_on=date(2026, 11, 13), ends_on=date(2026, 11, 13))
    return open_days(date(2026, 9, 21), date(2027, 6, 1))


def test_closed_days_and_the_time_between_terms_do_not_count(calendar):
    days = calendar.terms_only
    assert days.since(date(2026, 11, 12), date(2026, 11, 14)) == 1
    assert days.since(date(2026, 12, 18), date(2027, 1, 10)) == 0
    assert days.after(date(2026, 12, 11), 14) == date(2027, 1, 17)
    assert calendar.all_year.after(date(2026, 12, 11), 14) == date(2026, 12, 25)
    assert calendar.all_year.since(date(2026, 11, 12), date(2026, 11, 14)) == 1


def test_after_the_last_term_days_count(calendar):
    assert calendar.terms_only.since(date(2027, 3, 26), date(2027, 4, 5)) == 10


def test_a_calendar_nobody_filled_in_counts_every_day(db):
    assert open_days(START, START + timedelta(days=60)).terms_only.after(START, 14) == START + timedelta(days=14)


def test_the_calendar_is_one_query(calendar, django_assert_num_queries):
    with django_assert_num_queries(1):
        open_days(START, START + timedelta(days=60))


@given(start=NEAR, wait=st.integers(1, 120), away=st.sets(st.integers(0, 99)))
def test_after_is_the_first_day_on_which_so_many_have_counted(start, wait, away):
    days = OpenDays(START, START + timedelta(days=99), [START + timedelta(days=n) for n in away])
    begin = START + timedelta(days=start)
    day = days.after(begin, wait)
    assert days.since(begin, day) == wait
    assert days.since(begin, day - timedelta(days=1)) == wait - 1
