from datetime import timedelta
from uuid import uuid4

import pytest

from peerhub.common.models import AuditEvent
from peerhub.common.once import Repeated
from programmes.models import CycleState, Membership, Role
from programmes.services.joining import JoiningRefused
from programmes.services.memberships import (
    MembershipRefused,
    appoint_member,
    name_point_person,
    reinstate_member,
    release_coordinator,
    remove_member,
)
from programmes.services.places import NoPlace
from tests import factories as make
from tests.factories import in_days
from tests.programmes.joining import scenes

pytestmark = pytest.mark.django_db


@pytest.fixture
def cycle(db):
    return scenes.cycle(places=2)


@pytest.fixture
def rhian(cycle):
    return scenes.coordinator(cycle)


@pytest.mark.parametrize("role", Role.values)
def test_appoint_member_gives_any_role_at_once(now, cycle, rhian, role):
    imran = make.UserFactory()
    membership = appoint_member(actor=rhian, cycle_id=cycle.pk, user_id=imran.pk, role=role, now=now)
    assert (membership.status, membership.role, membership.source) == ("active", role, "added")
    assert [letter.recipient for letter in scenes.letters("appointed")] == [imran]


@pytest.mark.parametrize("status", ["requested", "waiting", "offered", "declined", "left", "removed"])
def test_appoint_member_takes_somebody_as_they_are(now, cycle, rhian, status):
    before = make.MembershipFactory(
        cycle=cycle, status=status, waiting_since=in_days(-1), offer_expires_at=in_days(1), joined_at=None
    )
    after = appoint_member(actor=rhian, cycle_id=cycle.pk, user_id=before.user_id, role="participant", now=now)
    assert (after.pk, after.status) == (before.pk, "active")


def test_appoint_member_as_participant_needs_a_free_place(now, cycle, rhian):
    scenes.taking_part(cycle, 2)
    with pytest.raises(NoPlace, match="full"):
        appoint_member(actor=rhian, cycle_id=cycle.pk, user_id=make.UserFactory().pk, role="participant", now=now)


def test_appoint_member_twice_is_refused(now, cycle, rhian):
    with pytest.raises(MembershipRefused, match="already_in"):
        appoint_member(actor=rhian, cycle_id=cycle.pk, user_id=rhian.pk, role=Role.COORDINATOR, now=now)


def test_appoint_member_whose_account_is_closed_is_refused(now, cycle, rhian):
    with pytest.raises(MembershipRefused, match="person_inactive"):
        appoint_member(
            actor=rhian, cycle_id=cycle.pk, user_id=make.UserFactory(is_active=False).pk, role="leader", now=now
        )


def test_appoint_member_in_a_closed_cycle_is_refused(now, rhian):
    over = scenes.cycle(state=CycleState.CLOSED)
    with pytest.raises(MembershipRefused, match="cycle_closed"):
        appoint_member(actor=rhian, cycle_id=over.pk, user_id=make.UserFactory().pk, role="leader", now=now)


def test_appoint_member_double_submit_has_one_effect(now, cycle, rhian):
    imran, key = make.UserFactory(), uuid4()
    for attempt in range(2):
        try:
            appoint_member(actor=rhian, cycle_id=cycle.pk, user_id=imran.pk, role="supervisor", form_key=key, now=now)
        except Repeated:
            assert attempt == 1
    assert len(scenes.letters("appointed")) == 1


def test_name_point_person_hands_over(now, cycle, rhian):
    owain = make.MembershipFactory(cycle=cycle, role=Role.COORDINATOR)
    for _ in range(2):
        name_point_person(actor=rhian, cycle_id=cycle.pk, user_id=owain.user_id, now=now)
    assert Membership.objects.get(cycle=cycle, is_point_person=True) == owain
    assert Membership.objects.get(cycle=cycle, user=rhian).status == "active"
    assert len(scenes.letters("point_person")) == 1


def test_name_point_person_makes_them_a_coordinator_and_writes_once(now, cycle, rhian):
    [imran] = scenes.taking_part(cycle, role=Role.SUPERVISOR)
    named = name_point_person(actor=rhian, cycle_id=cycle.pk, user_id=imran.user_id, now=now)
    assert (named.role, named.status, named.is_point_person) == ("coordinator", "active", True)
    assert (len(scenes.letters("point_person")), len(scenes.letters("appointed"))) == (1, 0)
    recorded = AuditEvent.objects.filter(cycle_id=cycle.pk).values_list("action", flat=True)
    assert set(recorded) == {"programmes.coordinator_appointed", "programmes.point_person_named"}


def test_name_point_person_refuses_a_closed_account_and_a_closed_cycle(now, cycle, rhian):
    gone = make.UserFactory(is_active=False)
    with pytest.raises(MembershipRefused, match="person_inactive"):
        name_point_person(actor=rhian, cycle_id=cycle.pk, user_id=gone.pk, now=now)
    over = scenes.cycle(state=CycleState.CLOSED)
    with pytest.raises(MembershipRefused, match="cycle_closed"):
        name_point_person(actor=rhian, cycle_id=over.pk, user_id=rhian.pk, now=now)


def test_appointing_coordinators_settles_the_fresh_look_at_people(now, cycle, rhian):
    type(cycle).objects.filter(pk=cycle.pk).update(fresh_look=["people", "dates"])
    appoint_member(actor=rhian, cycle_id=cycle.pk, user_id=make.UserFactory().pk, role=Role.COORDINATOR, now=now)
    cycle.refresh_from_db()
    assert cycle.fresh_look == ["dates"]


def test_release_coordinator_tells_them_and_lets_them_come_back(now, cycle, rhian):
    owain = make.MembershipFactory(cycle=cycle, role=Role.COORDINATOR)
    for _ in range(2):
        gone = release_coordinator(actor=rhian, membership_id=owain.pk, now=now)
    assert (gone.status, gone.ended_at) == ("removed", now)
    assert [letter.recipient_id for letter in scenes.letters("removed")] == [owain.user_id]
    assert AuditEvent.objects.filter(action="programmes.coordinator_released").count() == 1
    again = appoint_member(actor=rhian, cycle_id=cycle.pk, user_id=owain.user_id, role=Role.COORDINATOR, now=now)
    assert (again.pk, again.status) == (owain.pk, "active")


def test_release_coordinator_keeps_a_point_person_and_oneself(now, cycle, rhian):
    point_person = Membership.objects.get(cycle=cycle, user=rhian)
    other = make.MembershipFactory(cycle=cycle, role=Role.COORDINATOR)
    [amara] = scenes.taking_part(cycle, role=Role.LEADER)
    cases = [
        (other.user, point_person, JoiningRefused, "point_person"),
        (other.user, other, MembershipRefused, "oneself"),
        (rhian, amara, MembershipRefused, "not_in"),
    ]
    for actor, membership, error, code in cases:
        with pytest.raises(error, match=code):
            release_coordinator(actor=actor, membership_id=membership.pk, now=now)


def test_remove_member_is_private_and_passes_the_place_on(now, cycle, rhian):
    ben, _other = scenes.taking_part(cycle, 2)
    next_one = scenes.waiting(cycle)
    for _ in range(2):
        gone = remove_member(actor=rhian, membership_id=ben.pk, reason="Asked us to.", now=now)
    assert (gone.status, gone.ended_at, gone.end_reason) == ("removed", now, "Asked us to.")
    next_one.refresh_from_db()
    assert next_one.status == "offered"
    [letter] = scenes.letters("removed")
    assert letter.not_before == now + timedelta(minutes=10)
    assert "Asked" not in str(list(AuditEvent.objects.values_list("detail", flat=True)))


@pytest.mark.parametrize("status", ["waiting", "offered", "invited"])
def test_remove_member_also_takes_people_off_the_queue(now, cycle, rhian, status):
    ines = make.MembershipFactory(
        cycle=cycle, status=status, waiting_since=in_days(-1), offer_expires_at=in_days(1), joined_at=None
    )
    assert remove_member(actor=rhian, membership_id=ines.pk, reason="Graduated.", now=now).status == "removed"


def test_remove_member_refusals(now, cycle, rhian):
    point_person = Membership.objects.get(cycle=cycle, user=rhian)
    [ben] = scenes.taking_part(cycle)
    gone = make.MembershipFactory(cycle=cycle, status="left")
    other = make.MembershipFactory(cycle=cycle, role=Role.COORDINATOR).user
    cases = [
        (rhian, point_person, "x", MembershipRefused, "oneself"),
        (other, point_person, "x", JoiningRefused, "point_person"),
        (rhian, ben, " ", MembershipRefused, "reason_missing"),
        (rhian, gone, "x", MembershipRefused, "not_in"),
    ]
    for actor, membership, reason, error, code in cases:
        with pytest.raises(error, match=code):
            remove_member(actor=actor, membership_id=membership.pk, reason=reason, now=now)


def test_reinstate_member_within_ten_minutes_undoes_it_all(now, cycle, rhian):
    [amara] = scenes.taking_part(cycle, role=Role.LEADER)
    place = make.GroupMemberFactory(group__cycle=cycle, membership=amara)
    coming = make.SessionFactory(group=place.group, starts_at=in_days(3))
    make.SessionLeaderFactory(session=coming, membership=amara)
    remove_member(actor=rhian, membership_id=amara.pk, reason="Wrong person.", now=now)
    assert not coming.leaders.exists()
    for _ in range(2):
        back = reinstate_member(actor=rhian, membership_id=amara.pk, now=now + timedelta(minutes=5))
    assert (back.status, back.joined_at, back.end_reason) == ("active", in_days(-40), "")
    assert amara.group_places.filter(ended_at=None).get().group == place.group
    assert coming.leaders.get().membership == amara
    assert not scenes.letters("reinstated")  # nobody was told of the removal yet


def test_reinstate_member_later_starts_a_new_time_without_groups(now, cycle, rhian):
    [ben] = scenes.taking_part(cycle)
    make.GroupMemberFactory(group__cycle=cycle, membership=ben)
    remove_member(actor=rhian, membership_id=ben.pk, reason="Left the course.", now=in_days(-3))
    back = reinstate_member(actor=rhian, membership_id=ben.pk, now=now)
    assert (back.status, back.joined_at) == ("active", now)
    assert not ben.group_places.filter(ended_at=None).exists()
    assert len(scenes.letters("reinstated")) == 1


def test_reinstate_member_skips_a_group_that_has_filled_up(now, cycle, rhian):
    [ben] = scenes.taking_part(cycle)
    group = make.GroupFactory(cycle=cycle, capacity=1)
    make.GroupMemberFactory(group=group, membership=ben)
    remove_member(actor=rhian, membership_id=ben.pk, reason="x", now=now)
    make.GroupMemberFactory(group=group)
    reinstate_member(actor=rhian, membership_id=ben.pk, now=now)
    assert not ben.group_places.filter(ended_at=None).exists()


def test_reinstate_member_needs_a_place_and_somebody_gone(now, cycle, rhian):
    gone, ben = make.MembershipFactory(cycle=cycle, status="removed", ended_at=in_days(-3)), scenes.asked(cycle)
    scenes.taking_part(cycle, 2)
    with pytest.raises(NoPlace):
        reinstate_member(actor=rhian, membership_id=gone.pk, now=now)
    with pytest.raises(MembershipRefused, match="not_gone"):
        reinstate_member(actor=rhian, membership_id=ben.pk, now=now)
