"""Unmet demand: counted for planning, and nothing that leads to a person."""

import csv
import io
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import models
from django.test import Client
from django.urls import reverse

from peerhub.common.models import AuditEvent
from programmes.models import Booking, Cycle, EmptySearch, Programme, QueueEntry, SearchKey, SearchMark
from programmes.queries.unmet import by_hour, by_week, seats_missed, tickets_of, wanted_words
from programmes.services.changes import refresh_search
from programmes.services.searches import A_DAY, countable, forget_searches, note_empty_search
from tests import factories as make
from tests.factories import NOW, TODAY, in_days

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
MINUTE = timedelta(minutes=1)


def url(name, *args):
    return reverse(f"programmes:{name}", args=args)


def page(response):
    return response.content.decode()


@pytest.fixture
def session(world):
    Cycle.objects.filter(pk=world.cycle.pk).update(attendance_mode="queue")
    return make.SessionFactory(cycle=world.cycle, starts_at=in_days(-7), ends_at=in_days(-7) + timedelta(hours=3))


def queued(world, session, minutes, state, waited=10, helped=0):
    """One ticket: joined so many minutes after the start, waited so long."""
    joined_at = session.starts_at + minutes * MINUTE
    begun = joined_at + waited * MINUTE
    amara = world.memberships["amara"]
    more = {"called_by": amara, "called_at": begun, "started_at": begun} if state == "helped" else {}
    number = QueueEntry.objects.filter(session=session).count() + 1
    return QueueEntry.objects.create(
        session=session, membership=make.MembershipFactory(cycle=world.cycle), number=number, turn=number,
        how="phone", joined_at=joined_at, state=state, ended_at=begun + helped * MINUTE, **more,
    )  # fmt: skip


# --- queues ---------------------------------------------------------------------------------------------------
def test_who_went_without_help_is_counted_by_week_and_by_hour(world, session):
    queued(world, session, 0, "helped", waited=5, helped=30)
    queued(world, session, 10, "left", waited=20)
    queued(world, session, 70, "not_served", waited=40)
    queued(world, session, 80, "no_answer", waited=30)
    later = make.SessionFactory(cycle=world.cycle, starts_at=in_days(-1))
    queued(world, later, 0, "helped")
    found = by_week(tickets_of(world.cycle, since=in_days(-30)))
    assert [(week.queued, week.helped, week.lost) for week in found] == [(1, 1, 0), (4, 1, 3)]
    assert (found[1].wait, found[1].lost_wait) == (5, 30)
    hours = by_hour(tickets_of(world.cycle, since=in_days(-30)))
    assert hours.hours == [10, 11]
    assert [day for day, _cells in hours.rows] == ["Tuesday", "Wednesday"]
    assert [(cell.lost, cell.queued) for cell in hours.rows[1][1]] == [(1, 2), (2, 2)]
    assert hours.rows[1][1][1].shade == 5


def test_hours_are_those_of_the_cycles_clocks(world, session):
    Cycle.objects.filter(pk=world.cycle.pk).update(time_zone="Asia/Singapore")
    world.cycle.refresh_from_db()
    queued(world, session, 0, "left")
    assert by_hour(tickets_of(world.cycle, since=in_days(-30))).hours == [18]


def test_who_waits_now_is_not_counted_yet(world, session):
    entry = queued(world, session, 0, "left")
    QueueEntry.objects.filter(pk=entry.pk).update(state="waiting", ended_at=None)
    assert tickets_of(world.cycle, since=in_days(-30)) == []


def test_rhian_reads_it_and_takes_it_as_a_file(world, session, client_of):
    entry = queued(world, session, 10, "left", waited=20)
    queued(world, session, 0, "helped", waited=5)
    rhian, where = client_of(world.rhian), (world.programme.slug, world.cycle.code)
    assert url("unmet_demand", *where) in page(rhian.get(url("session_list", *where)))
    body = page(rhian.get(url("unmet_demand", *where)))
    assert "2 people queued" in body
    assert "1 went without help" in body
    assert entry.membership.user.family_name not in body
    reply = rhian.get(url("unmet_export", *where))
    rows = list(csv.reader(io.StringIO(b"".join(reply.streaming_content).decode("utf-8-sig"))))
    assert rows[1:] == [
        ["2026-10-26", "Wednesday", "10:00", "Helped", "1", "5"],
        ["2026-10-26", "Wednesday", "10:00", "Left", "1", "20"],
    ]
    QueueEntry.objects.all().delete()
    assert "Nobody has queued in these weeks" in page(rhian.get(url("unmet_demand", *where), {"weeks": "4"}))


def test_who_waited_for_a_seat_and_had_none_is_counted(world, session, client_of):
    Cycle.objects.filter(pk=world.cycle.pk).update(attendance_mode="book")
    for _ in range(3):
        Booking.objects.create(
            session=session, membership=make.MembershipFactory(cycle=world.cycle), state="unserved",
            made_at=in_days(-11), waiting_since=in_days(-11), ended_at=in_days(-7),
        )  # fmt: skip
    rhian, where = client_of(world.rhian), (world.programme.slug, world.cycle.code)
    assert url("unmet_demand", *where) in page(rhian.get(url("session_list", *where)))
    body = page(rhian.get(url("unmet_demand", *where)))
    assert "Who waited for a seat and had none" in body
    assert "Wednesday, 10:00" in body
    assert "Mon 26 Oct (3)" in body
    found = seats_missed(world.cycle, since=in_days(-30), until=NOW)
    assert [(one.people, one.waited) for one in found] == [(3, 4)]
    reply = rhian.get(url("unmet_export", *where))
    assert b"2026-10-26,Wednesday,10:00,Waited for a seat and had none,3" in b"".join(reply.streaming_content)
    Booking.objects.all().delete()
    assert "Everybody who wanted a seat had one" in page(rhian.get(url("unmet_demand", *where)))


def test_what_was_full_is_counted_although_nobody_waited(world, client_of):
    Cycle.objects.filter(pk=world.cycle.pk).update(attendance_mode="book")
    for seats, state in ((1, "booked"), (1, "late"), (2, "booked"), (1, "cancelled")):
        one = make.SessionFactory(cycle=world.cycle, starts_at=in_days(-7), capacity=seats)
        ended = None if state == "booked" else in_days(-8)
        Booking.objects.create(
            session=one, membership=world.memberships["ben"], state=state, made_at=in_days(-11), ended_at=ended
        )
    rhian, where = client_of(world.rhian), (world.programme.slug, world.cycle.code)
    body = page(rhian.get(url("unmet_demand", *where)))
    assert "Seats were booked for 3" in body
    assert "2 were full" in body
    reply = b"".join(rhian.get(url("unmet_export", *where)).streaming_content)
    assert b'2026-10-26,Wednesday,10:00,"Had a seat, and the last one went",2' in reply


def test_a_programme_without_queues_says_so(world, client_of):
    where = (world.programme.slug, world.cycle.code)
    rhian = client_of(world.rhian)
    assert "People just come along here" in page(rhian.get(url("unmet_demand", *where)))
    assert url("unmet_demand", *where) not in page(rhian.get(url("session_list", *where)))


def test_the_workspace_leads_to_the_queue_that_is_on(world, session, client_of):
    on = make.SessionFactory(cycle=world.cycle, starts_at=NOW)
    where = (world.programme.slug, world.cycle.code)
    assert url("queue_run", on.uuid) in page(client_of(world.rhian).get(url("cycle_workspace", *where)))
    assert url("queue_run", on.uuid) not in page(client_of(world.imran).get(url("cycle_workspace", *where)))


# --- searches ---------------------------------------------------------------------------------------------------
def search(client, words):
    return client.get(url("catalogue"), {"q": words})


def test_what_five_people_look_for_in_vain_is_shown_and_what_two_do_is_not(world, client_of):
    for user in (world.ben, world.dev):
        for _again in range(3):
            search(client_of(user), "  Quidditch ")
    for user in (world.ben, world.dev, world.zoe, world.amara, world.imran):
        search(client_of(user), "Robotics")
    assert dict(EmptySearch.objects.values_list("words", "searchers")) == {"quidditch": 2, "robotics": 5}
    assert [(one.words, one.searchers) for one in wanted_words(since=TODAY - timedelta(days=30))] == [("robotics", 5)]
    body = page(client_of(world.carys).get(url("empty_searches")))
    assert "robotics" in body
    assert "quidditch" not in body
    reply = client_of(world.rhian).get(url("searches_export"))
    assert b"robotics,2026-11-02,5" in b"".join(reply.streaming_content)


def test_weeks_do_not_make_up_for_people(world):
    for weeks in range(4):
        EmptySearch.objects.create(week_on=TODAY - timedelta(weeks=weeks), words="chess", searchers=4)
    assert wanted_words(since=TODAY - timedelta(weeks=12)) == []


def test_what_is_found_or_meant_or_looked_for_by_strangers_is_not_counted(world, client_of):
    refresh_search(Programme.objects.all())
    search(Client(), "Quidditch")
    ben = client_of(world.ben)
    search(ben, "PASS")
    search(ben, "history mentros")
    search(ben, "")
    assert not EmptySearch.objects.exists()
    assert not SearchKey.objects.exists()


@pytest.mark.parametrize("words", ["ab", "x" * 61, "ben@student.ac.uk", "00417733", "call 07700 900123", "123", "!!!"])
def test_what_looks_personal_or_says_nothing_is_not_counted(words):
    assert countable(words) == ""


def test_nobody_floods_it(world):
    for number in range(A_DAY + 5):
        note_empty_search(actor=world.ben, words=f"word {chr(97 + number)}", now=NOW)
    assert EmptySearch.objects.count() == A_DAY
    cache.clear()  # another day
    assert note_empty_search(actor=world.ben, words="something", now=NOW + timedelta(days=1))


def test_nothing_leads_from_words_to_a_person(world):
    """No row names anybody, nothing is in the record; and once the week is over not even the key is left."""
    note_empty_search(actor=world.ben, words="robotics", now=NOW)
    for model in (EmptySearch, SearchKey, SearchMark):
        assert not [field for field in model._meta.get_fields() if isinstance(field, models.ForeignKey)]
    assert not AuditEvent.objects.exists()
    assert EmptySearch.objects.get().searchers == 1
    forget_searches(now=NOW + timedelta(days=4))  # the Sunday
    assert SearchKey.objects.exists()
    forget_searches(now=NOW + timedelta(days=5))  # the Monday
    assert not SearchKey.objects.exists()
    assert not SearchMark.objects.exists()
    assert EmptySearch.objects.exists()
    forget_searches(now=NOW + timedelta(days=380))
    assert not EmptySearch.objects.exists()


def test_marks_of_two_weeks_have_nothing_in_common(world):
    note_empty_search(actor=world.ben, words="robotics", now=NOW)
    note_empty_search(actor=world.ben, words="robotics", now=NOW + timedelta(days=7))
    assert SearchMark.objects.values("mark").distinct().count() == 2
    assert [row.searchers for row in EmptySearch.objects.all()] == [1, 1]
