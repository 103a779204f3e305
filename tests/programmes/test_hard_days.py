"""Days that calendars get wrong: 29 February, the hour that exists twice, the one that does not, a year later."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from peerhub.common import clock, mail
from peerhub.common.mail.writing import write_letters
from peerhub.common.models.outbox import Message, WorkerBeat
from programmes.models import Attendance, CheckIn, Cycle, Session
from programmes.models.check_ins import code_of
from programmes.queries import quiet
from programmes.queries.delivery_reminders import delivery_reminders
from programmes.queries.rollover import suggestion
from programmes.services.check_ins import CheckInRefused, check_in
from programmes.services.logs import LogEntry, log_session
from programmes.services.rollover import NextCycle, roll_over
from tests import factories as make
from tests.programmes.cadence.conftest import contact, pair_in

pytestmark = pytest.mark.django_db
LONDON = "Europe/London"
LEAP_DAY = date(2028, 2, 29)


def in_years(world, first, last):
    Cycle.objects.filter(pk=world.cycle.pk).update(starts_on=first, ends_on=last)
    world.cycle.refresh_from_db()


def met(world, starts_at, minutes=60):
    session = make.SessionFactory(
        group=world.group, starts_at=starts_at, ends_at=starts_at + timedelta(minutes=minutes)
    )
    make.SessionLeaderFactory(session=session, membership=world.memberships["amara"])
    return Session.objects.select_related("cycle__programme__activity_type").get(pk=session.pk)


# --- 29 February ----------------------------------------------------------------------------------
def test_the_day_after_29_february_is_tomorrow(world):
    in_years(world, date(2027, 9, 20), date(2028, 6, 9))
    met(world, clock.instant(date(2028, 3, 1), datetime.min.time().replace(hour=10), LONDON))
    now = datetime(2028, 2, 29, 10, 5, tzinfo=UTC)
    [ben] = [one for one in delivery_reminders(now) if one.recipient_id == world.ben.pk and "tomorrow" in one.key]
    mail.queue(ben.kind, to=world.ben, key=ben.key, about=ben.ids, now=now, channels=("email",))
    [(_row, said)] = write_letters(list(Message.objects.filter(channel="email")), now)
    assert said.subject == "Tomorrow, 10:00: Group A"
    assert "Wednesday 1 March" in said.text


def test_fourteen_days_over_29_february_are_fourteen_days(world):
    in_years(world, date(2027, 9, 20), date(2028, 6, 9))
    pair = pair_in(world.cycle, world.memberships["amara"])
    contact(pair, 0, now=datetime(2028, 2, 20, 12, tzinfo=UTC))
    asked = [datetime(2028, 3, day, 12, tzinfo=UTC) for day in (5, 6)]
    found = [quiet.quiet_in([world.cycle.pk], now=at)[1] for at in asked]
    assert [[one.kind for one in each if one.group_id == pair.pk] for each in found] == [[], ["silent"]]


def test_a_cycle_that_ends_on_29_february_rolls_over_to_days_that_exist(world):
    in_years(world, date(2027, 9, 27), LEAP_DAY)
    said = suggestion(world.cycle)
    assert (said["starts_on"], said["ends_on"]) == (date(2028, 9, 25), date(2029, 2, 27))
    assert said["ends_on"].weekday() == LEAP_DAY.weekday()
    made = roll_over(actor=world.rhian, cycle_id=world.cycle.pk, new=NextCycle(**said), now=make.NOW)
    assert made.ends_on == date(2029, 2, 27)


# --- the hour that exists twice, and the one that does not ------------------------------------------
TWICE = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # 01:30 in London, an hour before 01:30 again


def test_a_session_in_the_hour_that_exists_twice_is_over_after_its_hour(world):
    session = met(world, TWICE)
    for minutes, ok in ((5, True), (59, True), (60 * 3, False)):
        now = TWICE + timedelta(minutes=minutes)
        with time_machine.travel(now, tick=False):
            code = code_of(session.uuid, now)
            try:
                check_in(actor=world.ben, code=code, how="code", device=f"d{minutes}", seen_at=now, now=now)
                came = True
            except CheckInRefused:
                came = False
        assert came is ok, minutes
    assert CheckIn.objects.filter(session=session).count() == 1


def test_a_log_of_the_night_when_the_clocks_go_forward_has_its_real_length(world):
    """From 23:30 on Saturday to 02:30 on the wall: two hours, for one of them does not exist."""
    start = clock.instant(date(2027, 3, 27), datetime.min.time().replace(hour=23, minute=30), LONDON)
    end = clock.instant(date(2027, 3, 28), datetime.min.time().replace(hour=2, minute=30), LONDON)
    session = met(world, start, minutes=int((end - start).total_seconds() // 60))
    entry = LogEntry(outcome="held", version=0, marks={world.memberships["ben"].uuid: "present"})
    log_session(actor=world.amara, session=session, entry=entry, key=None, now=end + timedelta(minutes=5))
    assert session.log.minutes == 120
    assert Attendance.objects.filter(session=session, status="present").count() == 1


def test_reminders_over_a_change_of_clocks_come_once_and_say_the_right_day(world):
    """Monday 00:15 after the clocks went forward: a day of 24 hours before is Saturday, 23:15."""
    start = clock.instant(date(2027, 3, 29), datetime.min.time().replace(minute=15), LONDON)
    session = met(world, start)
    due = start - timedelta(hours=24)
    assert clock.local(due, LONDON).date() == date(2027, 3, 27)
    keys = set()
    for minutes in range(-20, 80, 5):
        now = due + timedelta(minutes=minutes)
        WorkerBeat.objects.update_or_create(name="planner", defaults={"at": now - timedelta(minutes=5)})
        keys |= {one.key for one in delivery_reminders(now) if one.recipient_id == world.ben.pk and one.due_at <= now}
    starts = int(start.timestamp())
    assert keys == {f"session.tomorrow:{session.pk}:{starts}:{world.ben.pk}"}
    about = {"session": session.pk, "cycle": session.cycle_id, "starts": starts}
    mail.queue("programmes.session_tomorrow", to=world.ben, key="k", about=about, now=due, channels=("email",))
    [(_row, said)] = write_letters(list(Message.objects.filter(channel="email")), due)
    assert said.subject == "Monday 29 March, 00:15: Group A"
