"""Teaching weeks, closures and teaching days; and who may write them down."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from peerhub.institution import services
from peerhub.institution.forms.calendar import read_line
from peerhub.institution.models import AcademicYear, Closure, Term
from peerhub.institution.queries.calendar import (
    Calendar,
    is_closed,
    is_teaching_day,
    teaching_weeks,
    week_number,
    year_of,
)
from peerhub.institution.services import CalendarRefused
from tests.factories import NOW, UserFactory


def term(name, first, last, *, week=1, kind="teaching"):
    return Term(name=name, starts_on=first, ends_on=last, first_week=week, kind=kind)


AUTUMN = term("Autumn", date(2026, 10, 5), date(2026, 12, 18))
SPRING = term("Spring", date(2027, 1, 20), date(2027, 4, 2), week=12)  # begins on a Wednesday
EXAMS = term("Exams", date(2027, 1, 11), date(2027, 1, 15), kind="exams")
CLOSED = [
    Closure(name="Open day", starts_on=date(2026, 12, 2), ends_on=date(2026, 12, 2)),
    Closure(name="Reading week", starts_on=date(2026, 11, 9), ends_on=date(2026, 11, 15)),
]
CALENDAR = Calendar([SPRING, EXAMS, AUTUMN], CLOSED)


@pytest.mark.parametrize(
    ("day", "number"),
    [
        (date(2026, 10, 4), None),  # the Sunday before
        (date(2026, 10, 5), 1),
        (date(2026, 10, 11), 1),
        (date(2026, 10, 12), 2),
        (date(2026, 12, 18), 11),
        (date(2026, 12, 19), None),
        (date(2027, 1, 13), None),  # exams are not taught
        (date(2027, 1, 19), None),
        (date(2027, 1, 20), 12),
        (date(2027, 1, 24), 12),
        (date(2027, 1, 25), 13),
    ],
)
def test_week_number_runs_monday_to_sunday_from_the_terms_first_week(day, number):
    assert CALENDAR.week_number(day) == number


def test_teaching_weeks_list_every_week_with_its_closures():
    weeks = CALENDAR.teaching_weeks()
    assert [week.number for week in weeks] == [*range(1, 12), *range(12, 23)]
    reading = weeks[5]
    assert (reading.number, reading.closures, reading.is_wholly_closed) == (6, ("Reading week",), True)
    assert (weeks[8].closures, weeks[8].is_wholly_closed, weeks[8].open_days) == (("Open day",), False, 4)
    wednesday = weeks[11]
    assert (wednesday.starts_on, wednesday.first_day) == (date(2027, 1, 18), date(2027, 1, 20))


@pytest.mark.parametrize(
    ("day", "teaching"),
    [
        (date(2026, 10, 9), True),
        (date(2026, 10, 10), False),  # Saturday
        (date(2026, 11, 10), False),  # reading week
        (date(2026, 12, 2), False),  # open day
        (date(2027, 1, 12), False),  # exams
    ],
)
def test_teaching_day_is_an_open_weekday_inside_a_term(day, teaching):
    assert CALENDAR.is_teaching_day(day) is teaching


@given(start=st.dates(date(2020, 1, 1), date(2030, 1, 1)), length=st.integers(0, 200), offset=st.integers(0, 200))
def test_week_numbers_never_go_back_and_change_on_mondays_only(start, length, offset):
    calendar = Calendar([term("T", start, start + timedelta(days=length))], [])
    day = start + timedelta(days=min(offset, length))
    number, before = calendar.week_number(day), calendar.week_number(day - timedelta(days=1))
    assert number is not None
    if before is not None:
        assert number - before == (1 if day.weekday() == 0 else 0)


@pytest.fixture
def year(db):
    year = AcademicYear.objects.create(code="2026-27", starts_on=date(2026, 9, 1), ends_on=date(2027, 8, 31))
    Term.objects.create(year=year, name="Autumn", starts_on=date(2026, 10, 5), ends_on=date(2026, 12, 18))
    Closure.objects.create(name="Reading week", starts_on=date(2026, 11, 9), ends_on=date(2026, 11, 15))
    return year


def test_calendar_answers_a_thousand_dates_with_two_queries(year, django_assert_num_queries):
    first = date(2026, 9, 1)
    with django_assert_num_queries(2):
        calendar = Calendar.between(first, first + timedelta(days=365))
        days = [first + timedelta(days=n) for n in range(1000)]
        assert sum(calendar.is_teaching_day(day) for day in days) == 50


def test_single_questions(year):
    assert week_number(date(2026, 10, 12)) == 2
    assert is_closed(date(2026, 11, 15))
    assert not is_closed(date(2026, 11, 16))
    assert is_teaching_day(date(2026, 11, 16))
    assert len(teaching_weeks(year)) == 11
    assert year_of(date(2026, 12, 1)) == year
    assert year_of(date(2020, 1, 1)) == year
    assert year_of(date(2030, 1, 1)) == year


# --- writing it down ---
def save_term(year, **changed):
    facts = {"name": "Spring", "kind": "teaching", "starts_on": date(2027, 1, 11), "ends_on": date(2027, 3, 26)}
    return services.save_term(actor=None, year=year, first_week=12, now=NOW, **{**facts, **changed})


def test_save_term_keeps_one_number_for_every_day(year):
    saved = save_term(year)
    save_term(year, term=saved, name="Lent")
    assert Term.objects.get(pk=saved.pk).name == "Lent"
    save_term(year, name="Exams", kind="exams")
    with pytest.raises(CalendarRefused, match="overlaps"):
        save_term(year, name="Again")


def test_save_term_refuses_days_that_cannot_be(year):
    with pytest.raises(CalendarRefused, match="ends_before_start"):
        save_term(year, ends_on=date(2027, 1, 10))
    with pytest.raises(CalendarRefused, match="outside_year"):
        save_term(year, ends_on=date(2027, 9, 1))


def test_save_year_refuses_what_would_break_it(year):
    def save(**changed):
        facts = {"code": "2027-28", "starts_on": date(2027, 9, 1), "ends_on": date(2028, 8, 31)}
        return services.save_year(actor=None, now=NOW, **{**facts, **changed})

    assert save().code == "2027-28"
    for code, changed in (
        ("ends_before_start", {"code": "x1", "ends_on": date(2027, 9, 1)}),
        ("too_long", {"code": "x2", "ends_on": date(2029, 1, 1)}),
        ("code_taken", {"code": "2026-27"}),
        (
            "terms_outside",
            {"code": "2026-27", "year": year, "starts_on": date(2026, 11, 1), "ends_on": date(2027, 8, 1)},
        ),
    ):
        with pytest.raises(CalendarRefused, match=code):
            save(**changed)


def test_save_closure_refuses_what_cannot_be(db):
    def save(last):
        return services.save_closure(actor=None, name="C", starts_on=date(2026, 12, 24), ends_on=last, now=NOW)

    assert save(date(2026, 12, 24)).pk
    with pytest.raises(CalendarRefused, match="ends_before_start"):
        save(date(2026, 12, 23))
    with pytest.raises(CalendarRefused, match="too_long"):
        save(date(2027, 12, 24))


def test_add_closures_twice_changes_nothing(db):
    rows = [(date(2026, 12, 24), date(2027, 1, 3), "Christmas"), (date(2027, 5, 3), date(2027, 5, 3), "May Day")]
    assert services.add_closures(actor=None, rows=rows, now=NOW) == 2
    assert services.add_closures(actor=None, rows=rows, now=NOW) == 0
    assert Closure.objects.count() == 2


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("2026-12-24 to 2027-01-03 Christmas", (date(2026, 12, 24), date(2027, 1, 3), "Christmas")),
        ("2027-05-03 May Day", (date(2027, 5, 3), date(2027, 5, 3), "May Day")),
        ("2026-12-24..2027-01-03; Closed, all of it", (date(2026, 12, 24), date(2027, 1, 3), "Closed, all of it")),
    ],
)
def test_closure_lines_are_read(line, found):
    assert read_line(line) == found


@pytest.mark.parametrize(
    "line", ["Christmas", "24/12/2026 Christmas", "2026-13-01 x", "2026-02-30 x", "2026-12-24", ""]
)
def test_closure_lines_that_cannot_be_read_say_why(line):
    assert not isinstance(read_line(line), tuple)


def test_closure_form_names_the_lines_that_are_wrong(client_of, db):
    sam = UserFactory(is_superuser=True, is_staff=True)
    lines = "2026-12-24 Christmas Eve\nrubbish\n2026-02-30 never"
    reply = client_of(sam).post(reverse("institution:closure_create"), {"lines": lines})
    assert reply.status_code == 422
    text = reply.content.decode()
    assert "Line 2: Write a date such as 2026-12-24, then the name." in text
    assert "Line 3: There is no such day." in text
    assert not Closure.objects.exists()


def test_calendar_constraints(year):
    def forbids(name, rows, **values):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            rows.update(**values)

    forbids("academic_year_ends_after_start", AcademicYear.objects.all(), ends_on=date(2026, 9, 1))
    forbids("term_ends_after_start", Term.objects.all(), ends_on=date(2026, 10, 4))
    forbids("term_kind_known", Term.objects.all(), kind="party")
    forbids("closure_ends_after_start", Closure.objects.all(), ends_on=date(2026, 11, 8))
