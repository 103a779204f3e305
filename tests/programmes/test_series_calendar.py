"""The calendar changes under series: what would happen is shown, then done at once, and undone with the calendar."""

from datetime import date, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from peerhub.common import mail
from peerhub.common.mail.writing import write_letters
from peerhub.common.models import AuditEvent
from peerhub.common.models.outbox import Message
from peerhub.institution.models import AcademicYear, Closure, Term
from programmes.models import SeriesLeader, SeriesPattern, Session, SessionSeries, SessionStatus
from programmes.permissions import forget_roles
from programmes.queries.occurrences import Pattern
from programmes.queries.series_fit import fits_of, seen_mark
from programmes.queries.series_todos import series_todos
from programmes.services.series import SeriesRefused, plan_series
from programmes.services.series_calendar import refit_series, settle_marks
from programmes.services.series_changes import cancel_rest, change_series
from programmes.services.sessions import cancel_session, change_session
from tests import factories as make
from tests.factories import NOW
from tests.programmes.test_plan_series import as_it_is, wanted

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def term(db):
    """Ten weeks from 28 September."""
    year = AcademicYear.objects.create(code="2026-27", starts_on="2026-09-21", ends_on="2027-06-18")
    return Term.objects.create(year=year, name="Autumn", starts_on="2026-09-28", ends_on="2026-12-04")


def planned(world, **changes):
    return plan_series(actor=world.rhian, cycle_id=world.cycle.pk, plans=[wanted(world, **changes)], key=None, now=NOW)[
        0
    ]


@pytest.fixture
def series(world, term):
    """Wednesdays at 14:00 from today, 4 November, to 2 December."""
    return planned(world)


def fits(world):
    return fits_of([world.cycle.pk], now=LATER)


def refit(world, seen=None):
    seen = seen_mark(fits(world)) if seen is None else seen
    return refit_series(actor=world.rhian, cycle_id=world.cycle.pk, seen=seen, key=None, now=LATER)


def states(series):
    return {one.slot_on.strftime("%d/%m"): str(one.status) for one in series.sessions.order_by("slot_on")}


def close(day, name="Open day"):
    return Closure.objects.create(name=name, starts_on=day, ends_on=day)


def told():
    rows = Message.objects.filter(kind="programmes.series_refitted", channel="email").select_related("recipient")
    return sorted(row.recipient.given_name for row in rows)


def todos(user):
    forget_roles(user)
    return [str(one.title) for one in series_todos(user, LATER)]


def test_nothing_waits_while_series_fit(world, series):
    assert fits(world) == []
    assert todos(world.rhian) == []
    close(date(2026, 11, 19))  # a Thursday: the calendar changed, no date of the series does
    assert todos(world.rhian) == ["The calendar changed under a series"]
    assert settle_marks(now=LATER) == 1
    assert todos(world.rhian) == []


def test_a_closed_day_is_left_out_and_back_when_it_opens_again(world, series):
    closure = close(date(2026, 11, 18))
    assert settle_marks(now=LATER) == 0
    assert todos(world.rhian) == ["The calendar changed under a series"]
    assert todos(world.amara) == todos(world.owain) == []
    (fit,) = fits(world)
    assert [(one.slot_on.day, why) for one, why in fit.off] == [(18, "Closed: Open day")]
    assert refit(world) == 1
    assert (states(series)["18/11"], series.sessions.get(slot_on="2026-11-18").status_note) == (
        "cancelled",
        "Closed: Open day",
    )
    assert todos(world.rhian) == []
    assert told() == ["Amara", "Ben"]
    closure.delete()
    assert [one.slot_on.day for one in fits(world)[0].back] == [18]
    refit(world)
    assert set(states(series).values()) == {"planned"}
    assert AuditEvent.objects.filter(action="programmes.series_refitted").count() == 2


def test_a_closure_removed_makes_the_day_that_was_never_planned(world, term):
    closure = close(date(2026, 11, 18))
    series = planned(world)
    assert "18/11" not in states(series)
    closure.delete()
    assert [day.on.day for day in fits(world)[0].new] == [18]
    refit(world)
    one = series.sessions.get(slot_on="2026-11-18")
    assert (one.place, [row.membership.user for row in one.leaders.all()]) == ("B2.14", [world.amara])


def test_a_term_moved_by_a_week(world, series, term):
    Term.objects.filter(pk=term.pk).update(starts_on="2026-10-05", ends_on="2026-12-11")
    (fit,) = fits(world)
    assert ([day.on.isoformat() for day in fit.new], fit.off, fit.moves) == (["2026-12-09"], [], [])
    refit(world)
    assert list(states(series)) == ["04/11", "11/11", "18/11", "25/11", "02/12", "09/12"]


def test_a_term_moved_by_a_week_moves_every_second_week_with_it(world, term):
    series = planned(world, every=2, first=date(2026, 11, 9))
    assert list(states(series)) == ["11/11", "25/11"]
    Term.objects.filter(pk=term.pk).update(starts_on="2026-11-16", ends_on="2026-12-11")
    (fit,) = fits(world)
    moved = [(one.slot_on.day, day.on.day) for one, day in fit.moves]
    assert (moved, fit.off) == ([(11, 18), (25, 2)], [])
    keys = set(series.sessions.values_list("pk", flat=True))
    refit(world)
    assert list(states(series)) == ["18/11", "02/12"]
    assert set(series.sessions.values_list("pk", flat=True)) == keys
    assert {one.starts_at.date() for one in series.sessions.all()} == {date(2026, 11, 18), date(2026, 12, 2)}
    assert set(series.sessions.values_list("sequence", flat=True)) == {1}


def test_what_was_moved_by_hand_and_what_was_called_off_stay(world, series):
    moved, off = (series.sessions.get(slot_on=day) for day in ("2026-11-18", "2026-11-25"))
    times = {"starts_at": moved.starts_at + timedelta(days=1), "ends_at": moved.ends_at + timedelta(days=1)}
    change_session(actor=world.rhian, session_id=moved.pk, plan=as_it_is(moved, **times), now=NOW)
    cancel_session(actor=world.rhian, session_id=off.pk, reason="Ill", now=NOW)
    close(date(2026, 11, 18))
    assert fits(world) == []


def test_what_is_over_is_not_touched_and_the_rest_called_off_does_not_grow(world, series, term):
    Session.objects.filter(series=series, slot_on="2026-11-04").update(status=SessionStatus.HELD)
    close(date(2026, 11, 4))
    assert fits(world) == []
    cancel_rest(actor=world.rhian, series_id=series.pk, from_on=date(2026, 11, 18), reason="No room", key=None, now=NOW)
    Term.objects.filter(pk=term.pk).update(ends_on="2026-12-11")
    assert fits(world) == []


def test_new_dates_are_as_the_series_is_by_then(world, series, term):
    pattern = Pattern(time(16), 60, (world.memberships["amara"],), place="Library 3")
    change_series(
        actor=world.rhian, series_id=series.pk, from_on=date(2026, 11, 18), pattern=pattern, key=None, now=NOW
    )
    Term.objects.filter(pk=term.pk).update(ends_on="2026-12-11")
    refit(world)
    one = series.sessions.get(slot_on="2026-12-09")
    assert (one.starts_at.hour, one.place) == (16, "Library 3")


def test_it_is_done_only_as_it_was_seen(world, series):
    close(date(2026, 11, 18))
    seen = seen_mark(fits(world))
    close(date(2026, 11, 25))
    with pytest.raises(SeriesRefused) as refusal:
        refit(world, seen)
    assert refusal.value.code == "changed"
    assert set(states(series).values()) == {"planned"}
    refit(world)
    assert refit(world) == 0
    type(world.cycle).objects.update(state="closed")
    with pytest.raises(SeriesRefused) as refusal:
        refit(world)
    assert refusal.value.code == "closed"


def test_the_message_lists_the_next_dates_and_not_to_who_left(world, series):
    close(date(2026, 11, 11))
    refit(world)
    rows = list(Message.objects.filter(kind="programmes.series_refitted", channel="email", recipient=world.ben))
    ((_row, said),) = write_letters(rows, LATER)
    assert said.subject == "Changed: dates of Group A"
    assert "Wednesday 4 November, 14:00 to 15:00" in said.text
    assert "11 November" not in said.text
    world.memberships["ben"].__class__.objects.filter(user=world.ben).update(status="left", ended_at=LATER)
    ((_row, said),) = write_letters(rows, LATER)
    assert isinstance(said, mail.NotWanted)


def test_many_series_take_no_more_statements(world, term):
    def statements():
        with CaptureQueriesContext(connection) as captured:
            fits(world)
        return len(captured)

    planned(world)
    one = statements()
    for _ in range(3):
        planned(world, group=make.GroupFactory(cycle=world.cycle))
    assert statements() == one <= 3


def test_a_series_without_a_calendar_mark_is_looked_at_closely(world, term):
    series = SessionSeries.objects.create(
        cycle=world.cycle, weekdays=[2], starts_on=NOW.date(), ends_on="2026-12-02", created_at=NOW
    )
    pattern = SeriesPattern.objects.create(series=series, from_on=series.starts_on, start=time(14), minutes=60)
    SeriesLeader.objects.create(pattern=pattern, membership=world.memberships["amara"])
    assert len(fits(world)[0].new) == 5


@pytest.mark.usefixtures("frozen")
def test_the_coordinator_sees_it_before_one_button_does_it(world, series, client_of):
    rhian = client_of(world.rhian)
    close(date(2026, 11, 18))
    at = [world.programme.slug, world.cycle.code]
    assert "1 series no longer fits it." in rhian.get(reverse("programmes:series_list", args=at)).content.decode()
    url = reverse("programmes:series_fit", args=at)
    page = rhian.get(url)
    assert "Wed 18 Nov is left out: Closed: Open day" in page.content.decode()
    assert rhian.post(url, {"seen": "old"}).url == url
    assert "Look again" in rhian.get(url).content.decode()
    rhian.post(url, {"seen": page.context["seen"]})
    assert states(series)["18/11"] == "cancelled"
    assert "Every series fits the calendar" in rhian.get(url).content.decode()
