"""The figures of units, counted ahead and counted now, against numbers counted by hand."""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction

from programmes.models import UnitReach, UnitWeek
from programmes.queries.unit_figures import Week, kept_reach, kept_weeks, live_reach, live_weeks
from programmes.services.unit_figures import LIVELY_WEEKS, count_units, mondays_until, stale_weeks
from programmes.tasks import count_unit_figures
from tests import factories as make
from tests.factories import NOW
from tests.programmes.overview import aberwen
from tests.programmes.overview.aberwen import THIS_YEAR, held, on

pytestmark = pytest.mark.django_db
WEEK_3 = THIS_YEAR + timedelta(weeks=2)


@pytest.fixture
def place():
    return aberwen.build()


def reach(unit, context="", *, is_own=False):
    row = UnitReach.objects.get(unit=unit, context=context, is_own=is_own)
    return row.students, row.leaders


def test_count_units_counts_each_person_once_for_every_unit_above(place):
    count_units(now=NOW, mondays=[])
    assert reach(place.biology) == (6, 1)
    assert reach(place.chemistry) == (0, 0)
    assert reach(place.science) == (7, 2)
    assert reach(place.root) == (7, 2)
    assert reach(place.arts) == (0, 0)


def test_count_units_tells_contexts_and_own_provision_apart(place):
    count_units(now=NOW, mondays=[])
    assert reach(place.science, "co") == (6, 1)
    assert reach(place.science, "extra") == (3, 2)
    assert reach(place.science, "extra", is_own=True) == (3, 2)
    assert reach(place.science, "co", is_own=True) == (0, 0)


def test_live_reach_agrees_with_what_was_counted(place):
    count_units(now=NOW, mondays=[])
    ids = [place.science.pk, place.biology.pk, place.chemistry.pk]
    live, kept = live_reach(ids), kept_reach([place.science.pk])[place.science.pk, False]
    assert (live.students[""], live.leaders[""]) == (kept.students[""], kept.leaders[""]) == (7, 2)


def test_a_week_counts_different_people_who_were_here(place):
    one, two, three, *_ = place.students
    held(place.study, on(WEEK_3), one, two, absent=(three,))
    held(place.study, on(WEEK_3 + timedelta(days=2)), one)
    held(place.study, on(WEEK_3), three, status="planned", logged_after=None)
    held(place.study, on(WEEK_3), three, kind="contact")
    late = held(place.study, on(WEEK_3 + timedelta(days=7)), one)
    late.attendances.update(status="late")
    count_units(now=NOW)
    weeks, counted_at = kept_weeks(place.science.pk, [WEEK_3, WEEK_3 + timedelta(days=7)])
    assert counted_at == NOW
    assert [weeks[day].students for day in sorted(weeks)] == [3, 1]
    assert weeks[WEEK_3].held == 2  # contacts are not sessions
    assert UnitWeek.objects.get(unit=place.arts, starts_on=WEEK_3).students == 0


def test_a_week_begins_on_monday_where_the_institution_is(place):
    """Monday 00:30 in British summer time is still Sunday in UTC."""
    held(place.study, on(WEEK_3, 0) - timedelta(minutes=30), place.students[0])
    count_units(now=NOW)
    weeks, _ = kept_weeks(place.root.pk, [WEEK_3 - timedelta(weeks=1), WEEK_3])
    assert [weeks[day].students for day in sorted(weeks)] == [0, 1]


def test_prompt_is_within_a_day_of_the_end_and_waits_a_day_to_judge(place):
    held(place.study, on(WEEK_3), logged_after=24)
    held(place.study, on(WEEK_3), logged_after=24.01)
    held(place.study, on(WEEK_3), status="planned", logged_after=None)
    held(place.study, on(WEEK_3), status="not_held", logged_after=None)
    this_week = NOW.date() - timedelta(days=NOW.weekday())
    held(place.study, NOW - timedelta(hours=20), logged_after=1)
    count_units(now=NOW)
    weeks, _ = kept_weeks(place.root.pk, [WEEK_3, this_week])
    assert (weeks[WEEK_3].due, weeks[WEEK_3].prompt) == (3, 1)
    assert (weeks[this_week].held, weeks[this_week].due) == (1, 0)


def test_live_weeks_agree_with_what_was_counted(place):
    one, two, *_ = place.students
    held(place.study, on(WEEK_3), one, two)
    held(place.study, on(WEEK_3 + timedelta(days=7)), one, logged_after=30)
    mondays = [WEEK_3, WEEK_3 + timedelta(days=7), WEEK_3 + timedelta(days=14)]
    count_units(now=NOW)
    kept, _ = kept_weeks(place.biology.pk, mondays)
    assert kept == live_weeks([place.biology.pk], mondays, now=NOW)
    assert kept[mondays[2]] == Week()


def test_count_units_again_counts_the_lively_weeks_and_the_rest_once_a_day(place):
    everything = len(mondays_until(NOW))
    assert count_units(now=NOW) == everything
    assert count_units(now=NOW + timedelta(minutes=10)) == LIVELY_WEEKS
    assert len(stale_weeks(NOW + timedelta(days=2))) == everything
    assert UnitWeek.objects.filter(unit=place.root).count() == everything


def test_count_units_follows_a_correction(place):
    held(place.study, on(WEEK_3), *place.students[:3])
    count_units(now=NOW)
    place.students[0].attendances.update(status="absent")
    count_units(now=NOW + timedelta(days=1, minutes=1))
    assert kept_weeks(place.root.pk, [WEEK_3])[0][WEEK_3].students == 2


def test_count_units_forgets_weeks_that_are_past_comparing(place):
    old = UnitWeek.objects.create(unit=place.root, starts_on=date(2024, 1, 1), counted_at=NOW)
    count_units(now=NOW, mondays=[])
    assert not UnitWeek.objects.filter(pk=old.pk).exists()


def test_count_units_without_an_organisation_does_nothing():
    assert count_units(now=NOW) == 0


def test_the_task_counts(place):
    with time_machine.travel(NOW, tick=False):
        count_unit_figures()
    assert reach(place.root) == (7, 2)


@pytest.mark.parametrize(
    ("model", "fields", "change"),
    [
        (UnitWeek, {"starts_on": WEEK_3}, {"prompt": 1}),
        (UnitReach, {"context": "co"}, {"context": "elsewhere"}),
    ],
)
def test_figures_hold_their_constraints(model, fields, change):
    row = model.objects.create(unit=make.OrgUnitFactory(), counted_at=NOW, **fields)
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.filter(pk=row.pk).update(**change)


@pytest.mark.parametrize(("model", "fields"), [(UnitWeek, {"starts_on": WEEK_3}), (UnitReach, {"context": "co"})])
def test_figures_are_there_once(model, fields):
    unit = make.OrgUnitFactory()
    model.objects.create(unit=unit, counted_at=NOW, **fields)
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.create(unit=unit, counted_at=NOW, **fields)
