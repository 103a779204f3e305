from datetime import timedelta
from uuid import uuid4

import pytest

from peerhub.common.models import AuditEvent
from peerhub.common.once import Repeated
from programmes.models import JoinPolicy, Membership, Role
from programmes.services.joining import JoiningRefused, accept_offer
from programmes.services.places import NoPlace
from programmes.services.requests import (
    DecisionRefused,
    approve_request,
    approve_requests,
    decline_request,
    defer_request,
    undo_decision,
)
from tests import factories as make
from tests.factories import in_days
from tests.programmes.joining import scenes

pytestmark = pytest.mark.django_db


@pytest.fixture
def cycle(db):
    return scenes.cycle(JoinPolicy.APPROVAL, places=2)


@pytest.fixture
def rhian(cycle):
    return scenes.coordinator(cycle)


def test_approve_request_gives_a_place(now, cycle, rhian):
    zoe = approve_request(actor=rhian, membership_id=scenes.asked(cycle).pk, reason="Good to have you.", now=now)
    assert (zoe.status, zoe.joined_at, zoe.decided_by, zoe.decided_at) == ("active", now, rhian, now)
    assert [letter.recipient for letter in scenes.letters("join_approved")] == [zoe.user]
    assert AuditEvent.objects.about(zoe).get().action == "programmes.request_approved"


def test_nobody_comes_into_a_closed_cycle(now, cycle, rhian):
    asked = scenes.asked(cycle)
    offered = make.MembershipFactory(cycle=cycle, status="offered", offer_expires_at=in_days(2), joined_at=None)
    type(cycle).objects.filter(pk=cycle.pk).update(state="closed")
    with pytest.raises(JoiningRefused, match="closed"):
        approve_request(actor=rhian, membership_id=asked.pk, now=now)
    with pytest.raises(JoiningRefused, match="closed"):
        accept_offer(actor=offered.user, membership_id=offered.pk, now=now)


def test_approve_request_of_a_leader_needs_no_place(now, cycle, rhian):
    scenes.taking_part(cycle, 2)
    assert (
        approve_request(actor=rhian, membership_id=scenes.asked(cycle, role=Role.LEADER).pk, now=now).status == "active"
    )


def test_approve_request_when_full_goes_to_the_waiting_list(now, cycle, rhian):
    scenes.taking_part(cycle, 2)
    zoe = approve_request(actor=rhian, membership_id=scenes.asked(cycle).pk, now=now)
    assert (zoe.status, zoe.waiting_since) == ("waiting", now)
    assert len(scenes.letters("wait_listed")) == 1


def test_approve_request_when_full_without_waiting_list_is_refused(now, cycle, rhian):
    scenes.taking_part(cycle, 2)
    type(cycle).objects.filter(pk=cycle.pk).update(waiting_list=False)
    zoe = scenes.asked(cycle)
    with pytest.raises(NoPlace):
        approve_request(actor=rhian, membership_id=zoe.pk, now=now)
    zoe.refresh_from_db()
    assert (zoe.status, zoe.decided_at) == ("requested", None)


def test_approve_request_may_change_an_earlier_no(now, cycle, rhian):
    zoe = scenes.asked(cycle)
    decline_request(actor=rhian, membership_id=zoe.pk, reason="No.", now=in_days(-3))
    assert approve_request(actor=rhian, membership_id=zoe.pk, now=now).status == "active"


@pytest.mark.parametrize("decide", [decline_request, defer_request])
def test_turning_away_needs_a_reason(now, cycle, rhian, decide):
    with pytest.raises(DecisionRefused, match="reason_missing"):
        decide(actor=rhian, membership_id=scenes.asked(cycle).pk, reason="  ", now=now)


@pytest.mark.parametrize(
    ("decide", "status", "kind"),
    [(decline_request, "declined", "join_declined"), (defer_request, "deferred", "join_deferred")],
)
def test_turning_away_tells_the_person_after_ten_minutes(now, cycle, rhian, decide, status, kind):
    zoe = decide(actor=rhian, membership_id=scenes.asked(cycle).pk, reason="This year is for first years.", now=now)
    assert (zoe.status, zoe.decision_reason) == (status, "This year is for first years.")
    [letter] = scenes.letters(kind)
    assert letter.not_before == now + timedelta(minutes=10)
    [notice] = scenes.letters(kind, "inapp")
    assert notice.state == "queued"


@pytest.mark.parametrize("status", ["active", "waiting", "left", "removed"])
def test_deciding_on_somebody_who_does_not_ask_is_refused(now, cycle, rhian, status):
    member = make.MembershipFactory(cycle=cycle, status=status, waiting_since=in_days(-1))
    for decide in (approve_request, decline_request, defer_request):
        with pytest.raises(DecisionRefused, match="not_asking"):
            decide(actor=rhian, membership_id=member.pk, reason="x", now=now)


def test_nobody_decides_on_their_own_request(now, cycle, rhian):
    own = make.MembershipFactory(cycle=cycle, user=rhian, role=Role.LEADER, status="requested", joined_at=None)
    with pytest.raises(DecisionRefused, match="own_request"):
        approve_request(actor=rhian, membership_id=own.pk, now=now)


def test_approve_requests_in_the_order_they_asked(now, cycle, rhian):
    people = [scenes.asked(cycle, days_ago=days) for days in (1, 3, 2)]
    already = scenes.taking_part(cycle)[0]
    outcome = approve_requests(
        actor=rhian, cycle_id=cycle.pk, membership_ids=[already.pk, *(one.pk for one in people)], now=now
    )
    assert outcome.joined == [people[1]]
    assert outcome.waiting == [people[2], people[0]]
    assert outcome.not_asking == [already]
    assert scenes.held(cycle) == 2


def test_approve_requests_names_those_without_a_place(now, cycle, rhian):
    type(cycle).objects.filter(pk=cycle.pk).update(waiting_list=False, capacity=1)
    first, second = scenes.asked(cycle, days_ago=2), scenes.asked(cycle)
    outcome = approve_requests(actor=rhian, cycle_id=cycle.pk, membership_ids=[first.pk, second.pk], now=now)
    assert (outcome.joined, outcome.no_place) == ([first], [second])
    second.refresh_from_db()
    assert (second.status, second.decided_at) == ("requested", None)


def test_approve_requests_ignores_other_cycles(now, cycle, rhian):
    stranger = scenes.asked(scenes.cycle(JoinPolicy.APPROVAL))
    approve_requests(actor=rhian, cycle_id=cycle.pk, membership_ids=[stranger.pk], now=now)
    stranger.refresh_from_db()
    assert stranger.status == "requested"


def test_approve_requests_of_nobody_is_refused(now, cycle, rhian):
    with pytest.raises(DecisionRefused, match="nobody_chosen"):
        approve_requests(actor=rhian, cycle_id=cycle.pk, membership_ids=[], now=now)


def test_approve_requests_double_submit_has_one_effect(now, cycle, rhian):
    zoe, key = scenes.asked(cycle), uuid4()
    approve_requests(actor=rhian, cycle_id=cycle.pk, membership_ids=[zoe.pk], form_key=key, now=now)
    with pytest.raises(Repeated):
        approve_requests(actor=rhian, cycle_id=cycle.pk, membership_ids=[zoe.pk], form_key=key, now=now)
    assert len(scenes.letters("join_approved")) == 1


@pytest.mark.parametrize("decide", [approve_request, decline_request, defer_request])
def test_undo_decision_puts_the_request_back_where_it_was(now, cycle, rhian, decide):
    zoe = scenes.asked(cycle, days_ago=2)
    decide(actor=rhian, membership_id=zoe.pk, reason="x", now=now)
    for _ in range(2):
        back = undo_decision(actor=rhian, membership_id=zoe.pk, now=now + timedelta(minutes=9))
    assert (back.status, back.waiting_since, back.joined_at, back.ended_at) == ("requested", in_days(-2), None, None)
    assert (back.decided_by, back.decided_at, back.decision_reason) == (None, None, "")
    assert AuditEvent.objects.about(zoe).filter(action="programmes.decision_undone").count() == 1


def test_undo_decision_tells_somebody_who_was_told_yes(now, cycle, rhian):
    yes, no = scenes.asked(cycle), scenes.asked(cycle)
    approve_request(actor=rhian, membership_id=yes.pk, now=now)
    decline_request(actor=rhian, membership_id=no.pk, reason="x", now=now)
    for one in (yes, no):
        undo_decision(actor=rhian, membership_id=one.pk, now=now)
    assert [letter.recipient for letter in scenes.letters("decision_undone")] == [yes.user]


def test_undo_decision_frees_the_place_and_the_group(now, cycle, rhian):
    type(cycle).objects.filter(pk=cycle.pk).update(capacity=1)
    zoe, next_one = scenes.asked(cycle), scenes.waiting(cycle)
    Membership.objects.filter(pk=next_one.pk).update(status="left")
    approve_request(actor=rhian, membership_id=zoe.pk, now=now)
    Membership.objects.filter(pk=next_one.pk).update(status="waiting")
    place = make.GroupMemberFactory(group__cycle=cycle, membership=zoe)
    undo_decision(actor=rhian, membership_id=zoe.pk, now=now)
    place.refresh_from_db()
    next_one.refresh_from_db()
    assert (place.ended_at, next_one.status) == (now, "offered")


def test_undo_decision_after_ten_minutes_is_refused(now, cycle, rhian):
    zoe = scenes.asked(cycle)
    approve_request(actor=rhian, membership_id=zoe.pk, now=now)
    with pytest.raises(DecisionRefused, match="too_late"):
        undo_decision(actor=rhian, membership_id=zoe.pk, now=now + timedelta(minutes=10, seconds=1))


def test_undo_decision_nobody_took_is_refused(now, cycle, rhian):
    [ben] = scenes.taking_part(cycle)
    with pytest.raises(DecisionRefused, match="nothing_to_undo"):
        undo_decision(actor=rhian, membership_id=ben.pk, now=now)
