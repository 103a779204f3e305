from datetime import date, timedelta
from uuid import uuid4

import pytest

from peerhub.common.models import AuditEvent
from peerhub.common.models.outbox import Message
from peerhub.common.once import Repeated
from programmes.models import CycleState, JoinPolicy, Membership, MembershipStatus, Role
from programmes.services.joining import (
    JoiningRefused,
    accept_offer,
    ask_to_join,
    decline_offer,
    expire_offers,
    leave_programme,
    withdraw_request,
)
from programmes.services.places import NoPlace
from tests import factories as make
from tests.factories import in_days
from tests.programmes.joining import scenes

pytestmark = pytest.mark.django_db


def test_ask_to_join_open_programme_is_active_at_once(now):
    cycle, ben = scenes.cycle(), make.UserFactory()
    membership = ask_to_join(actor=ben, cycle_id=cycle.pk, note="I like maths.", now=now)
    assert (membership.status, membership.joined_at, membership.join_note) == ("active", now, "I like maths.")
    assert membership.source == "self"
    assert [letter.recipient for letter in scenes.letters("joined")] == [ben]
    assert AuditEvent.objects.about(membership).get().action == "programmes.member_joined"


def test_ask_to_join_by_approval_tells_every_coordinator_once(now):
    cycle, ben = scenes.cycle(JoinPolicy.APPROVAL), make.UserFactory()
    make.MembershipFactory(cycle=cycle, role=Role.COORDINATOR)
    make.MembershipFactory(cycle=cycle, role=Role.SUPERVISOR)
    membership = ask_to_join(actor=ben, cycle_id=cycle.pk, now=now)
    assert (membership.status, membership.waiting_since, membership.joined_at) == ("requested", now, None)
    told = {letter.recipient for letter in scenes.letters("join_requested")}
    assert told == {row.user for row in Membership.objects.filter(cycle=cycle, role=Role.COORDINATOR)}
    assert not scenes.letters("joined")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"join_policy": JoinPolicy.INVITATION}, "by_invitation"),
        ({"join_policy": JoinPolicy.ROSTER}, "from_list"),
        ({"joining_open": False}, "closed"),
        ({"state": CycleState.CLOSED}, "closed"),
        ({"state": CycleState.DESIGN}, "closed"),
        ({"join_closes_on": date(2026, 11, 3)}, "closed"),
    ],
)
def test_ask_to_join_says_why_not(now, change, code):
    cycle = scenes.cycle(**{"policy": JoinPolicy.OPEN, **{k: v for k, v in change.items() if k != "join_policy"}})
    type(cycle).objects.filter(pk=cycle.pk).update(**change)
    with pytest.raises(JoiningRefused) as refusal:
        ask_to_join(actor=make.UserFactory(), cycle_id=cycle.pk, now=now)
    assert refusal.value.code == code
    assert not Membership.objects.filter(cycle=cycle, role=Role.PARTICIPANT).exists()


def test_ask_to_join_on_the_last_day_where_the_cycle_is(now):
    """Half past eleven in the evening in London in summer is already tomorrow in UTC's other half."""
    cycle = scenes.cycle(join_closes_on=date(2026, 11, 4), time_zone="Pacific/Auckland")
    with pytest.raises(JoiningRefused):  # 10:00 UTC is 23:00 in Auckland: still the 4th; two hours later it is not
        ask_to_join(actor=make.UserFactory(), cycle_id=cycle.pk, now=now + timedelta(hours=2))
    assert ask_to_join(actor=make.UserFactory(), cycle_id=cycle.pk, now=now).status == "active"


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("active", "already_in"),
        ("requested", "already_asked"),
        ("waiting", "already_asked"),
        ("offered", "place_offered"),
        ("declined", "declined"),
        ("removed", "removed"),
    ],
)
def test_ask_to_join_twice_is_refused(now, status, code):
    cycle, ben = scenes.cycle(), make.UserFactory()
    make.MembershipFactory(
        cycle=cycle, user=ben, status=status, waiting_since=in_days(-1), offer_expires_at=in_days(1), joined_at=None
    )
    with pytest.raises(JoiningRefused) as refusal:
        ask_to_join(actor=ben, cycle_id=cycle.pk, now=now)
    assert refusal.value.code == code


def test_ask_to_join_is_refused_to_who_leads_here(now):
    cycle = scenes.cycle()
    [amara] = scenes.taking_part(cycle, role=Role.LEADER)
    with pytest.raises(JoiningRefused, match="leads_here"):
        ask_to_join(actor=amara.user, cycle_id=cycle.pk, now=now)


@pytest.mark.parametrize("status", [MembershipStatus.LEFT, MembershipStatus.DEFERRED, MembershipStatus.INVITED])
def test_ask_to_join_again_uses_the_same_row(now, status):
    cycle, ben = scenes.cycle(), make.UserFactory()
    before = make.MembershipFactory(
        cycle=cycle, user=ben, status=status, ended_at=in_days(-3), end_reason="Too busy.", decision_reason="Later."
    )
    again = ask_to_join(actor=ben, cycle_id=cycle.pk, now=now)
    assert again.pk == before.pk
    assert (again.status, again.ended_at, again.end_reason, again.decision_reason) == ("active", None, "", "")
    assert AuditEvent.objects.about(again).get().detail == {"from": status}


def test_ask_to_join_full_goes_to_the_end_of_the_waiting_list(now):
    cycle = scenes.cycle(places=1)
    scenes.taking_part(cycle)
    first = scenes.waiting(cycle, days_ago=2)
    ben = ask_to_join(actor=make.UserFactory(), cycle_id=cycle.pk, now=now)
    assert ben.status == "waiting"
    assert list(Membership.objects.filter(cycle=cycle).waiting_in_order()) == [first, ben]
    assert len(scenes.letters("wait_listed")) == 1


@pytest.mark.parametrize("policy", [JoinPolicy.OPEN, JoinPolicy.APPROVAL])
def test_ask_to_join_full_without_waiting_list_is_refused_kindly(now, policy):
    cycle = scenes.cycle(policy, places=1, waiting_list=False)
    scenes.taking_part(cycle)
    with pytest.raises(NoPlace, match="full"):
        ask_to_join(actor=make.UserFactory(), cycle_id=cycle.pk, now=now)


def test_ask_to_join_does_not_jump_the_queue(now):
    """A place came free while no worker ran: whoever waits is first, not whoever clicks."""
    cycle = scenes.cycle(places=2)
    scenes.taking_part(cycle)
    first = scenes.waiting(cycle)
    ben = ask_to_join(actor=make.UserFactory(), cycle_id=cycle.pk, now=now)
    first.refresh_from_db()
    assert (first.status, ben.status) == ("offered", "waiting")


def test_ask_to_join_double_submit_has_one_effect(now):
    cycle, ben, key = scenes.cycle(JoinPolicy.APPROVAL), make.UserFactory(), uuid4()
    ask_to_join(actor=ben, cycle_id=cycle.pk, form_key=key, now=now)
    with pytest.raises(Repeated):
        ask_to_join(actor=ben, cycle_id=cycle.pk, form_key=key, now=now)
    assert Membership.objects.filter(cycle=cycle, user=ben).count() == 1
    assert len(scenes.letters("join_requested")) == 1


@pytest.mark.parametrize("status", ["requested", "waiting", "deferred"])
def test_withdraw_request_leaves_the_queue(now, status):
    cycle = scenes.cycle(places=1)
    ben = make.MembershipFactory(cycle=cycle, status=status, waiting_since=in_days(-1), joined_at=None)
    for _ in range(2):  # the second press changes nothing
        assert withdraw_request(actor=ben.user, membership_id=ben.pk, now=now).status == "left"
    assert AuditEvent.objects.about(ben).count() == 1


def test_withdraw_request_of_somebody_taking_part_is_refused(now):
    [ben] = scenes.taking_part(scenes.cycle())
    with pytest.raises(JoiningRefused, match="nothing_to_withdraw"):
        withdraw_request(actor=ben.user, membership_id=ben.pk, now=now)


def test_withdraw_request_of_another_person_does_not_exist(now):
    ben = scenes.waiting(scenes.cycle())
    with pytest.raises(Membership.DoesNotExist):
        withdraw_request(actor=make.UserFactory(), membership_id=ben.pk, now=now)


def test_leave_programme_offers_the_place_to_whoever_waited_longest(now):
    cycle = scenes.cycle(places=2, offer_days=5)
    ben, _other = scenes.taking_part(cycle, 2)
    later, first = scenes.waiting(cycle, days_ago=1), scenes.waiting(cycle, days_ago=2)
    left = leave_programme(actor=ben.user, membership_id=ben.pk, reason="Moving away.", now=now)
    assert (left.status, left.ended_at, left.end_reason) == ("left", now, "Moving away.")
    later.refresh_from_db()
    first.refresh_from_db()
    assert (first.status, first.offer_expires_at, later.status) == ("offered", now + timedelta(days=5), "waiting")
    assert [letter.recipient for letter in scenes.letters("place_offered")] == [first.user]


def test_leave_programme_tells_coordinators_inside_peerhub_only(now):
    [ben] = scenes.taking_part(scenes.cycle())
    leave_programme(actor=ben.user, membership_id=ben.pk, now=now)
    assert len(scenes.letters("member_left", "inapp")) == 1
    assert not scenes.letters("member_left")


def test_leave_programme_ends_group_places_and_keeps_registers(now):
    cycle = scenes.cycle()
    [ben] = scenes.taking_part(cycle)
    place = make.GroupMemberFactory(group__cycle=cycle, membership=ben)
    make.AttendanceFactory(session__group=place.group, membership=ben)
    leave_programme(actor=ben.user, membership_id=ben.pk, now=now)
    place.refresh_from_db()
    assert place.ended_at == now
    assert ben.attendances.count() == 1


def test_leave_programme_keeps_a_point_person_and_a_coordinator(now):
    cycle = scenes.cycle()
    rhian = Membership.objects.get(cycle=cycle, is_point_person=True)
    with pytest.raises(JoiningRefused, match="point_person"):
        leave_programme(actor=rhian.user, membership_id=rhian.pk, now=now)
    Membership.objects.filter(pk=rhian.pk).update(is_point_person=False)
    with pytest.raises(JoiningRefused, match="last_coordinator"):
        leave_programme(actor=rhian.user, membership_id=rhian.pk, now=now)
    make.MembershipFactory(cycle=cycle, role=Role.COORDINATOR)
    assert leave_programme(actor=rhian.user, membership_id=rhian.pk, now=now).status == "left"


def test_leave_programme_needs_a_running_membership(now):
    ben = scenes.waiting(scenes.cycle())
    with pytest.raises(JoiningRefused, match="not_in"):
        leave_programme(actor=ben.user, membership_id=ben.pk, now=now)


def offered(cycle, *, until):
    return make.MembershipFactory(
        cycle=cycle, status="offered", waiting_since=in_days(-5), offer_expires_at=until, joined_at=None
    )


def test_accept_offer_takes_the_place_that_was_held(now):
    cycle = scenes.cycle(places=1)
    ben = offered(cycle, until=in_days(1))
    for _ in range(2):
        assert accept_offer(actor=ben.user, membership_id=ben.pk, now=now).status == "active"
    assert len(scenes.letters("joined")) == 1
    assert scenes.held(cycle) == 1


def test_accept_offer_after_it_ran_out_is_refused(now):
    ben = offered(scenes.cycle(places=1), until=now)
    with pytest.raises(JoiningRefused, match="offer_expired"):
        accept_offer(actor=ben.user, membership_id=ben.pk, now=now)


@pytest.mark.parametrize("answer", [accept_offer, decline_offer])
def test_answering_an_offer_nobody_made_is_refused(now, answer):
    ben = scenes.waiting(scenes.cycle(places=1))
    with pytest.raises(JoiningRefused, match="no_offer"):
        answer(actor=ben.user, membership_id=ben.pk, now=now)


def test_decline_offer_goes_to_the_next_in_line(now):
    cycle = scenes.cycle(places=1)
    ben, next_one = offered(cycle, until=in_days(1)), scenes.waiting(cycle)
    for _ in range(2):
        assert decline_offer(actor=ben.user, membership_id=ben.pk, now=now).status == "left"
    next_one.refresh_from_db()
    assert next_one.status == "offered"
    assert len(scenes.letters("place_offered")) == 1


def test_expire_offers_passes_the_place_on_and_may_run_twice(now):
    cycle = scenes.cycle(places=1)
    late, next_one = offered(cycle, until=now), scenes.waiting(cycle)
    assert expire_offers(now) == 1
    assert expire_offers(now) == 0
    late.refresh_from_db()
    next_one.refresh_from_db()
    assert (late.status, late.ended_at, next_one.status) == ("left", now, "offered")
    assert len(scenes.letters("offer_expired")) == 1


def test_expire_offers_fills_places_added_since(now):
    cycle = scenes.cycle(places=1)
    scenes.taking_part(cycle)
    people = [scenes.waiting(cycle, days_ago=days) for days in (3, 2, 1)]
    type(cycle).objects.filter(pk=cycle.pk).update(capacity=3)
    assert expire_offers(now) == 2
    assert [type(one).objects.get(pk=one.pk).status for one in people] == ["offered", "offered", "waiting"]


def test_expire_offers_leaves_cycles_that_are_over_alone(now):
    cycle = scenes.cycle(places=1, state=CycleState.CLOSED)
    late, next_one = offered(cycle, until=now), scenes.waiting(cycle)
    expire_offers(now)
    late.refresh_from_db()
    next_one.refresh_from_db()
    assert (late.status, next_one.status) == ("left", "waiting")


def test_an_offer_that_ran_out_is_not_lost_when_no_worker_runs(now):
    """The next click on the cycle does what the sweep would have done."""
    cycle = scenes.cycle(places=1)
    late, next_one = offered(cycle, until=in_days(-2)), scenes.waiting(cycle)
    ask_to_join(actor=make.UserFactory(), cycle_id=cycle.pk, now=now)
    late.refresh_from_db()
    next_one.refresh_from_db()
    assert (late.status, next_one.status) == ("left", "offered")


def test_a_leader_who_leaves_gives_up_coming_sessions_only(now):
    cycle = scenes.cycle()
    [amara] = scenes.taking_part(cycle, role=Role.LEADER)
    place = make.GroupMemberFactory(group__cycle=cycle, membership=amara)
    past, coming = (make.SessionFactory(group=place.group, starts_at=in_days(days)) for days in (-7, 7))
    for session in (past, coming):
        make.SessionLeaderFactory(session=session, membership=amara)
    leave_programme(actor=amara.user, membership_id=amara.pk, now=now)
    assert list(amara.led_sessions.values_list("session", flat=True)) == [past.pk]


def given_up(now):
    """One place, given up now and offered for three days to whoever waited."""
    cycle = scenes.cycle(places=1, offer_days=3)
    [ben], ines = scenes.taking_part(cycle), scenes.waiting(cycle)
    leave_programme(actor=ben.user, membership_id=ben.pk, now=now)
    return ines


def dropped(at):
    """The letter about the offer came to its turn then, and was not wanted any more."""
    Message.objects.filter(kind="programmes.place_offered", channel="email").update(state="cancelled", finished_at=at)


def test_an_offer_nobody_was_told_of_starts_again(now):
    ines = given_up(now)
    assert expire_offers(in_days(4)) == 0
    ines.refresh_from_db()
    assert (ines.status, ines.offer_expires_at) == ("offered", in_days(7))
    assert len(scenes.letters("place_offered")) == 1, "the one that waits will do"
    assert not scenes.letters("offer_expired")


def test_an_offer_whose_letter_was_dropped_for_being_late_is_told_again(now):
    ines = given_up(now)
    dropped(in_days(4))
    expire_offers(in_days(4))
    ines.refresh_from_db()
    assert (ines.status, [letter.state for letter in scenes.letters("place_offered")]) == (
        "offered",
        ["cancelled", "queued"],
    )


@pytest.mark.parametrize(("state", "days"), [("sent", 0), ("dead", 0), ("cancelled", 0), ("sent", 3)])
def test_an_offer_runs_out_for_who_was_told_or_cannot_be(now, state, days):
    ines = given_up(now)
    Message.objects.filter(kind="programmes.place_offered", channel="email").update(
        state=state, finished_at=in_days(days)
    )
    expire_offers(in_days(4))
    ines.refresh_from_db()
    assert ines.status == "left"


def test_an_offer_nobody_was_told_of_runs_out_with_its_cycle(now):
    ines = given_up(now)
    type(ines.cycle).objects.filter(pk=ines.cycle_id).update(state=CycleState.EVALUATING)
    expire_offers(in_days(4))
    ines.refresh_from_db()
    assert ines.status == "left"
