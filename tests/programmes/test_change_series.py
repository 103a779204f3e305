"""Changing a series: from a day on, the rest off and on again. The past and what is its own stay; one message each."""

import uuid
from datetime import date, time, timedelta

import pytest

from peerhub.common import mail
from peerhub.common.mail.writing import write_letters
from peerhub.common.models import AuditEvent
from peerhub.common.models.outbox import Message
from peerhub.common.once import Repeated
from programmes.models import Group, SeriesPattern, Session, SessionLeader, SessionStatus
from programmes.queries.occurrences import Pattern
from programmes.services.memberships import remove_member
from programmes.services.series import SeriesRefused, plan_series
from programmes.services.series_changes import cancel_rest, change_series, restore_rest
from programmes.services.sessions import cancel_session, change_session, restore_session
from tests import factories as make
from tests.factories import NOW
from tests.programmes.test_plan_series import as_it_is, wanted

pytestmark = pytest.mark.django_db

FROM = date(2026, 11, 18)  # the third of its Wednesdays to come
LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def series(world):
    """Amara's group on Wednesdays at 14:00 in B2.14, from today to 16 December."""
    plan = wanted(world, first=date(2026, 11, 4), last=date(2026, 12, 16))
    return plan_series(actor=world.rhian, cycle_id=world.cycle.pk, plans=[plan], key=None, now=NOW)[0]


def pattern(world, **changes):
    values = {"start": time(14), "minutes": 60, "leaders": (world.memberships["amara"],), "place": "B2.14"}
    return Pattern(**{**values, **changes})


def change(world, series, *, actor=None, from_on=FROM, key=None, now=NOW, **changes):
    return change_series(
        actor=actor or world.rhian,
        series_id=series.pk,
        from_on=from_on,
        pattern=pattern(world, **changes),
        key=key,
        now=now,
    )


def stop(world, series, *, from_on=FROM, reason="The room is gone", key=None, now=NOW, actor=None):
    return cancel_rest(
        actor=actor or world.rhian, series_id=series.pk, from_on=from_on, reason=reason, key=key, now=now
    )


def told(kind):
    rows = Message.objects.filter(kind=f"programmes.{kind}", channel="email").select_related("recipient")
    return sorted(row.recipient.given_name for row in rows)


def letters(kind, now=NOW):
    rows = list(Message.objects.filter(kind=f"programmes.{kind}", channel="email").order_by("created_at", "recipient"))
    return {row.recipient.given_name: said for row, said in write_letters(rows, now)}


def hours(series):
    return [(one.slot_on.day, one.starts_at.hour, one.place) for one in series.sessions.order_by("slot_on")]


# --- from a day on --------------------------------------------------------------------------------
def test_from_a_day_on_it_is_otherwise_and_before_it_stays(world, series):
    done = change(world, series, start=time(16), place="Library 3")
    assert hours(series) == [
        (4, 14, "B2.14"), (11, 14, "B2.14"), (18, 16, "Library 3"), (25, 16, "Library 3"), (2, 16, "Library 3"),
        (9, 16, "Library 3"), (16, 16, "Library 3"),
    ]  # fmt: skip
    assert (done.n, told("series_changed")) == (5, ["Amara", "Ben"])
    assert list(series.patterns.order_by("from_on").values_list("from_on", "place")) == [
        (date(2026, 11, 4), "B2.14"),
        (FROM, "Library 3"),
    ]
    assert set(series.sessions.filter(slot_on__gte=FROM).values_list("sequence", flat=True)) == {1}
    assert AuditEvent.objects.get(action="programmes.series_changed").detail["sessions"] == 5


def test_what_was_changed_for_one_alone_wins(world, series):
    one, other, third = series.sessions.filter(slot_on__gte=FROM).order_by("slot_on")[:3]
    lowri = make.MembershipFactory(cycle=world.cycle, role="leader")
    moved = {"starts_at": one.starts_at + timedelta(hours=3), "ends_at": one.ends_at + timedelta(hours=3)}
    change_session(actor=world.rhian, session_id=one.pk, plan=as_it_is(one, **moved), now=NOW)
    change_session(actor=world.rhian, session_id=other.pk, plan=as_it_is(other, place="Lab 1"), now=NOW)
    change_session(actor=world.rhian, session_id=third.pk, plan=as_it_is(third, leaders=[lowri]), now=NOW)
    tomos = make.MembershipFactory(cycle=world.cycle, role="leader")
    change(world, series, start=time(16), place="Library 3", leaders=(tomos,))
    for row in (one, other, third):
        row.refresh_from_db()
    assert (one.starts_at.hour, one.place) == (17, "Library 3")
    assert (other.starts_at.hour, other.place) == (16, "Lab 1")
    assert [row.membership for row in third.leaders.all()] == [lowri]
    assert [row.membership for row in other.leaders.all()] == [tomos]


def test_what_is_logged_or_called_off_is_not_touched(world, series):
    held, off = series.sessions.filter(slot_on__gte=FROM).order_by("slot_on")[:2]
    Session.objects.filter(pk=held.pk).update(status=SessionStatus.HELD)
    cancel_session(actor=world.rhian, session_id=off.pk, reason="Ill", now=NOW)
    change(world, series, start=time(16))
    for row in (held, off):
        row.refresh_from_db()
        assert row.starts_at.hour == 14


def test_a_later_change_of_an_earlier_day_replaces_the_one_between(world, series):
    change(world, series, from_on=date(2026, 12, 2), place="Lab 1")
    change(world, series, place="Library 3", now=LATER)
    assert list(series.patterns.order_by("from_on").values_list("place", flat=True)) == ["B2.14", "Library 3"]
    assert [place for *_when, place in hours(series)].count("Library 3") == 5


def test_changed_from_the_beginning_there_is_one_pattern(world, series):
    change(world, series, from_on=date(2026, 11, 1), place="Library 3")
    assert SeriesPattern.objects.get(series=series).place == "Library 3"


def test_over_the_change_of_clocks_the_new_time_is_on_the_wall(world):
    plan = wanted(world, weekdays=(6,), first=date(2027, 3, 14), last=date(2027, 4, 11), at=time(9))
    (sundays,) = plan_series(actor=world.rhian, cycle_id=world.cycle.pk, plans=[plan], key=None, now=NOW)
    change(world, sundays, from_on=date(2027, 3, 21), start=time(1, 30))
    found = [one.starts_at.strftime("%d %H:%M") for one in sundays.sessions.order_by("slot_on")]
    assert found == ["14 09:00", "21 01:30", "28 01:30", "04 00:30", "11 00:30"]


def test_a_new_title_is_told_to_nobody_a_new_leader_to_both(world, series):
    change(world, series, title="Maths")
    assert told("series_changed") == []
    tomos = make.MembershipFactory(cycle=world.cycle, role="leader", user__given_name="Tomos")
    change(world, series, title="Maths", leaders=(tomos,), now=LATER)
    assert told("series_changed") == ["Amara", "Tomos"]
    said = letters("series_changed", LATER)
    assert "You do not lead it any more from Wednesday 18 November." in said["Amara"].text
    assert "From Wednesday 18 November it is: Wednesday, 14:00 to 15:00. B2.14." in said["Tomos"].text


def test_a_form_sent_twice_changes_it_once(world, series):
    key = uuid.uuid4()
    change(world, series, key=key, place="Library 3")
    with pytest.raises(Repeated):
        change(world, series, key=key, place="Library 3")


def test_a_change_is_refused(world, series):
    def code(**changes):
        with pytest.raises(SeriesRefused) as refusal:
            change(world, series, **changes)
        return refusal.value.code

    assert code(minutes=1441) == "too_long"
    assert code(leaders=()) == "no_leader"
    assert code(leaders=(world.memberships["ben"],)) == "no_leader"
    assert code(from_on=date(2026, 12, 17)) == "nothing_left"
    assert code(from_on=date(2026, 11, 4), start=time(9)) == "past"
    lowri = make.MembershipFactory(cycle=world.cycle, role="leader")
    assert code(actor=lowri.user) == "not_your_group"
    type(world.cycle).objects.update(state="closed")
    assert code() == "closed"


# --- the rest, off and on -------------------------------------------------------------------------
def test_the_rest_is_called_off_with_one_message_each(world, series):
    own = series.sessions.get(slot_on=date(2026, 11, 25))
    change_session(actor=world.rhian, session_id=own.pk, plan=as_it_is(own, place="Lab 1"), now=NOW)
    stop(world, series)
    states = dict(series.sessions.values_list("slot_on", "status"))
    assert [str(states[day]) for day in sorted(states)] == ["planned"] * 2 + ["cancelled"] * 5
    assert told("series_cancelled") == ["Amara", "Ben"]
    assert told("session_cancelled") == []
    said = letters("series_cancelled")["Ben"]
    assert said.subject == "Called off: the rest of Group A, from Wednesday 18 November"
    assert "The reason given: The room is gone" in said.text
    assert "and 1 more" in said.text


def test_the_rest_comes_back_as_it_was_and_one_called_off_before_stays_off(world, series):
    alone = series.sessions.get(slot_on=date(2026, 11, 25))
    cancel_session(actor=world.rhian, session_id=alone.pk, reason="Ill", now=NOW)
    made = stop(world, series)
    for _ in range(2):
        restore_rest(actor=world.rhian, stop_id=made.pk, now=LATER)
    assert [one.slot_on.day for one in series.sessions.filter(status=SessionStatus.CANCELLED)] == [25]
    assert told("series_restored") == ["Amara", "Ben"]
    assert isinstance(letters("series_cancelled", LATER)["Ben"], mail.NotWanted)
    assert letters("series_restored", LATER)["Ben"].subject == "On again: Group A, from Wednesday 18 November"
    assert AuditEvent.objects.filter(action="programmes.series_restored").count() == 1


def test_one_of_the_rest_put_back_alone_is_its_own_again(world, series):
    made = stop(world, series)
    one = series.sessions.get(slot_on=date(2026, 11, 25))
    restore_session(actor=world.rhian, session_id=one.pk, now=NOW)
    cancel_session(actor=world.rhian, session_id=one.pk, reason="Ill", now=NOW)
    restore_rest(actor=world.rhian, stop_id=made.pk, now=LATER)
    one.refresh_from_db()
    assert (one.status, one.status_note) == (SessionStatus.CANCELLED, "Ill")


def test_who_left_meanwhile_leads_none_of_what_comes_back(world, series):
    tomos = make.MembershipFactory(cycle=world.cycle, role="leader", user__given_name="Tomos")
    one = series.sessions.get(slot_on=date(2026, 11, 25))
    change_session(actor=world.rhian, session_id=one.pk, plan=as_it_is(one, leaders=[tomos]), now=NOW)
    made = stop(world, series)
    remove_member(actor=world.rhian, membership_id=tomos.pk, reason="Moved away", now=NOW)
    restore_rest(actor=world.rhian, stop_id=made.pk, now=LATER)
    leads = SessionLeader.objects.filter(session__in=series.sessions.filter(slot_on__gte=FROM))
    assert {row.membership for row in leads} == {world.memberships["amara"]}
    assert leads.count() == 5
    assert isinstance(letters("series_cancelled", LATER)["Tomos"], mail.NotWanted)


def test_calling_off_and_putting_back_are_refused(world, series):
    with pytest.raises(SeriesRefused, match="few words"):
        stop(world, series, reason=" ")
    made = stop(world, series)
    with pytest.raises(SeriesRefused) as refusal:
        stop(world, series)
    assert refusal.value.code == "nothing_left"
    Group.objects.filter(pk=world.group.pk).update(ended_at=NOW)
    with pytest.raises(SeriesRefused) as refusal:
        restore_rest(actor=world.rhian, stop_id=made.pk, now=LATER)
    assert refusal.value.code == "wrong_group"
    type(world.cycle).objects.update(state="closed")
    with pytest.raises(SeriesRefused) as refusal:
        restore_rest(actor=world.rhian, stop_id=made.pk, now=LATER)
    assert refusal.value.code == "closed"


# --- the guard of the messages --------------------------------------------------------------------
def test_a_message_about_a_change_is_not_sent_when_it_is_not_so_any_more(world, series):
    change(world, series, place="Library 3")
    change(world, series, place="Lab 1", now=LATER)
    rows = list(Message.objects.filter(kind="programmes.series_changed", channel="email", recipient=world.ben))
    said = [words for _row, words in write_letters(rows, LATER)]
    assert [isinstance(one, mail.NotWanted) for one in said].count(True) == 1
    stop(world, series, now=LATER)
    assert all(isinstance(words, mail.NotWanted) for _row, words in write_letters(rows, LATER))


def test_whoever_left_gets_no_message(world, series):
    change(world, series, place="Library 3")
    stop(world, series, now=LATER)
    for name in ("ben", "amara"):
        remove_member(actor=world.rhian, membership_id=world.memberships[name].pk, reason="Gone", now=LATER)
    for kind in ("series_changed", "series_cancelled"):
        assert all(isinstance(one, mail.NotWanted) for one in letters(kind, LATER).values())
