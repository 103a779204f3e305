"""The Monday digest: one mail a person and week, nothing when there is nothing to say, late until Tuesday evening."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from peerhub.common.mail.planner import plan
from peerhub.common.mail.preferences import set_preferences, switchable_topics
from peerhub.common.mail.writing import write_letters
from peerhub.common.models.outbox import Message, WorkerBeat
from programmes.models import Cycle, Membership, Role, Session
from programmes.queries.cadence_reminders import cadence_reminders
from tests import factories as make
from tests.programmes.cadence.conftest import contact, pair_in

pytestmark = pytest.mark.django_db
LONDON = ZoneInfo("Europe/London")
KIND = "programmes.monday_digest"


def at(day, hour, minute=0, *, month=11, zone=LONDON):
    return datetime(2026, month, day, hour, minute, tzinfo=zone)


def plan_at(now, *, last=None):
    WorkerBeat.objects.update_or_create(name="planner", defaults={"at": last or now - timedelta(minutes=1)})
    plan(cadence_reminders(now), now)


def digests(**which):
    return Message.objects.filter(kind=KIND, **which).order_by("recipient_id")


def written(now):
    return {row.recipient.given_name: said for row, said in write_letters(list(digests()), now)}


def test_those_who_run_a_cycle_get_one_on_monday_at_eight(world, pair):
    plan_at(at(9, 7, 59))
    plan_at(at(10, 8))  # a Tuesday, the planner was there on Monday
    assert not digests().exists()
    for minute in (0, 1, 2):
        plan_at(at(9, 8, minute))
    assert {row.recipient.given_name for row in digests()} == {"Rhian", "Imran", "Owain"}
    assert digests().count() == 3
    assert set(digests().values_list("channel", flat=True)) == {"email"}


def test_it_names_what_is_quiet_with_a_link_each_and_can_be_unsubscribed(world, pair):
    Session.objects.filter(pk=world.other_session.pk).update(status="held")
    plan_at(at(9, 8))
    sent = written(at(9, 8))
    assert sent["Rhian"].subject == "Monday: 2 to look at"
    for part in (sent["Rhian"].text, sent["Rhian"].html):
        assert "No first contact (1)" in part
        assert "Kai Davies" in part
        assert "/programmes/bio-pass/2026-27/quiet/?show=unlogged" in part
    assert "<h2" in sent["Rhian"].html
    assert sent["Rhian"].headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert str(sent["Owain"].reason) == "There was nothing to say this week."


def test_who_does_not_run_it_any_more_gets_none(world, pair):
    plan_at(at(9, 8))
    Membership.objects.filter(user=world.rhian).update(status="removed", is_point_person=False)
    assert "does not coordinate" in str(written(at(9, 8))["Rhian"].reason)


@pytest.mark.django_db(transaction=True)
def test_a_person_can_switch_it_off(vocabulary):
    from tests.world import build_world  # noqa: PLC0415

    world = build_world()
    assert "digest" in switchable_topics()
    set_preferences(actor=world.rhian, wishes={"digest": (False, False)}, now=at(8, 8))
    plan_at(at(9, 8))
    assert "switched off" in str(written(at(9, 8))["Rhian"].reason)


@pytest.mark.parametrize(("day", "hour", "state"), [(9, 20, "queued"), (10, 17, "queued"), (10, 19, "missed")])
def test_a_late_planner_sends_until_tuesday_evening(world, pair, day, hour, state):
    plan_at(at(day, hour), last=at(8, 12))
    assert set(digests().values_list("state", flat=True)) == {state}
    assert digests(recipient=world.rhian).get().cycle_id == world.cycle.pk  # shown on that cycle's Messages page


def test_one_mail_over_all_cycles_even_in_two_time_zones(world, pair):
    far = make.CycleFactory(programme=make.ProgrammeFactory(name="Far away"), time_zone="Pacific/Auckland")
    make.MembershipFactory(cycle=far, user=world.rhian, role=Role.COORDINATOR)
    pair_in(far, make.MembershipFactory(cycle=far, role=Role.LEADER), "Ana")
    plan_at(at(9, 8, zone=ZoneInfo("Pacific/Auckland")))
    plan_at(at(9, 8))
    said = written(at(9, 8))["Rhian"]
    assert digests(recipient=world.rhian).count() == 1
    assert "Bio PASS" in said.text
    assert "Far away" in said.text


@pytest.mark.parametrize(("day", "utc_hour"), [(19, 7), (26, 8)])  # the clocks go back on Sunday 25 October
def test_eight_is_eight_by_the_cycles_clocks(world, pair, day, utc_hour):
    plan_at(at(day, 8, month=10))
    assert {row.not_before.hour for row in digests()} == {utc_hour}


def test_a_digest_takes_the_same_queries_however_many_pairs_and_readers(world):
    counts = []
    for number in (1, 2, 12):  # the first round also reads what is kept for the others
        for n in range(number):
            cycle = make.CycleFactory(programme=make.ProgrammeFactory())
            make.MembershipFactory(cycle=cycle, role=Role.COORDINATOR)
            contact(pair_in(cycle, make.MembershipFactory(cycle=cycle, role=Role.LEADER), f"P{number}{n}"), 20)
        Message.objects.all().delete()
        plan_at(at(9, 8))
        rows = list(digests())
        with CaptureQueriesContext(connection) as caught:
            write_letters(rows, at(9, 8))
        counts.append(len(caught))
    assert counts[1] == counts[2] <= 16
    assert Cycle.objects.count() > 14
