"""What a queue does with who has left, with leaders who queue, with second thoughts, and with one who tries often."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from peerhub.common import mail
from peerhub.common.mail.writing import write_letters
from peerhub.common.models import Message
from programmes.models import CheckIn, Session
from programmes.queries.unmet import by_week, tickets_of
from programmes.services.kiosks import open_kiosk
from programmes.services.memberships import remove_member
from programmes.services.queue_steps import finish_helping, start_helping, undo_step
from programmes.services.queues import add_to_queue, close_queue, leave_queue, reopen_queue
from tests import factories as make
from tests.factories import NOW, in_days, in_hours
from tests.programmes.test_queues import (  # noqa: F401 - fixtures
    join,
    joined,
    kofi,
    people,
    refused,
    session,
    states,
    step,
    take,
)

pytestmark = pytest.mark.django_db


def seconds(number):
    return NOW + timedelta(seconds=number)


@pytest.mark.usefixtures("frozen")
def test_who_is_removed_holds_no_ticket_and_is_on_no_screen(world, session, people):  # noqa: F811
    ben, zoe = people[:2]
    joined(session, [ben, zoe])
    screen = open_kiosk(actor=world.rhian, cycle=world.cycle, name="Wall", kind="screen", shows_names=True, now=NOW)
    remove_member(actor=world.rhian, membership_id=ben.pk, reason="Asked to go", now=NOW)
    assert states(session) == ["left", "waiting"]
    wall = Client()
    wall.get(reverse("programmes:screen_link", args=[screen.token]))
    assert "Ben" not in wall.get(reverse("programmes:screen")).content.decode()
    assert take(world, session).membership == zoe


def test_who_is_being_helped_when_they_are_removed_stays_with_who_helps(world, session, people):  # noqa: F811
    joined(session, people[:1])
    step(start_helping, take(world, session), world.amara)
    remove_member(actor=world.rhian, membership_id=people[0].pk, reason="Asked to go", now=NOW)
    assert states(session) == ["helping"]


def test_no_leader_of_it_is_queued(world, session, kofi):  # noqa: F811
    also = make.MembershipFactory(cycle=world.cycle, user=kofi.user)
    add = {"actor": world.amara, "session_id": session.pk, "who": str(also.uuid), "now": NOW}
    assert refused(lambda: add_to_queue(**add)) == "not_in"


@pytest.mark.parametrize(("hours", "code"), [(72, "too_early"), (-72, "over")])
def test_a_queue_is_closed_only_while_there_is_one(world, session, hours, code):  # noqa: F811
    Session.objects.filter(pk=session.pk).update(starts_at=in_hours(hours), ends_at=in_hours(hours + 2))
    assert refused(lambda: close_queue(actor=world.amara, session_id=session.pk, now=NOW)) == code


def test_closing_again_within_two_minutes_writes_once_and_in_its_own_time(world, session, people):  # noqa: F811
    joined(session, people[:1])
    about = {"actor": world.amara, "session_id": session.pk}
    close_queue(**about, now=NOW)
    reopen_queue(**about, now=seconds(60))
    close_queue(**about, now=seconds(110))

    def letters(now):
        rows = Message.objects.filter(channel="email", kind="programmes.queue_not_served", not_before__lte=now)
        return [isinstance(said, mail.NotWanted) for _row, said in write_letters(list(rows), now)]

    assert letters(seconds(121)) == [True], "the first letter is about a closing that was taken back"
    assert sorted(letters(seconds(240))) == [False, True]


def test_taking_a_start_back_leaves_a_doubtful_check_in_doubtful(world, session, people):  # noqa: F811
    ben = people[0]
    join(session, ben)
    CheckIn.objects.create(session=session, membership=ben, at=NOW, how="qr", device="friend", is_same_device=True)
    entry = step(start_helping, take(world, session), world.amara)
    assert not CheckIn.objects.get(membership=ben).is_same_device
    step(undo_step, entry, world.amara)
    found = CheckIn.objects.get(membership=ben)
    assert (found.is_same_device, found.device) == (True, "friend")


def test_one_person_who_was_helped_in_the_end_is_nobody_without_help(world, session, people):  # noqa: F811
    ben = people[0]
    for number in range(3):
        join(session, ben, now=seconds(number))
        leave_queue(actor=ben.user, session_id=session.pk, now=seconds(number))
    join(session, ben, now=seconds(10))
    helped = step(start_helping, take(world, session, now=seconds(20)), world.amara, now=seconds(20))
    step(finish_helping, helped, world.amara, now=seconds(60))
    (week,) = by_week(tickets_of(world.cycle, since=in_days(-7)))
    assert (week.queued, week.lost) == (1, 0)
