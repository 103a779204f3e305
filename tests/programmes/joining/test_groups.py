from datetime import timedelta
from uuid import uuid4

import pytest

from peerhub.common import stages
from peerhub.common.models import AuditEvent
from peerhub.common.once import Repeated
from peerhub.common.stages import Blocker, Silent
from programmes.models import CycleState, Group, GroupMember, Role, SessionStatus, Shape
from programmes.services.group_places import PlacingRefused, place_people, take_out
from programmes.services.groups import GroupFields, GroupRefused, change_group, create_group, end_group
from tests import factories as make
from tests.factories import in_days
from tests.programmes.joining import scenes

pytestmark = pytest.mark.django_db


class Untrained(Silent):
    """A stage that holds back everybody it is asked about, with a public reason."""

    number, code, title = 2, "untrained", "Training"

    def clearance(self, membership_ids, now):
        return {pk: [Blocker("training", "The training is not finished.")] for pk in membership_ids}


@pytest.fixture
def cycle(db):
    return scenes.cycle()


@pytest.fixture
def rhian(cycle):
    return scenes.coordinator(cycle)


def place(rhian, group, *memberships, now, origin=None, key=None):
    return place_people(
        actor=rhian,
        group_id=group.pk,
        membership_ids=[one.pk for one in memberships],
        from_group_id=origin.pk if origin else None,
        form_key=key,
        now=now,
    )


def inside(group):
    return {row.membership for row in GroupMember.objects.filter(group=group, ended_at=None)}


def test_place_people_in_a_closed_cycle_is_refused(now, cycle, rhian):
    group, [ben] = make.GroupFactory(cycle=cycle), scenes.taking_part(cycle)
    type(cycle).objects.filter(pk=cycle.pk).update(state=CycleState.CLOSED)
    with pytest.raises(PlacingRefused, match="cycle_closed"):
        place(rhian, group, ben, now=now)


def test_place_people_puts_several_in_and_tells_them(now, cycle, rhian):
    group, people = make.GroupFactory(cycle=cycle), scenes.taking_part(cycle, 3)
    [amara] = scenes.taking_part(cycle, role=Role.LEADER)
    assert set(place(rhian, group, amara, *people, now=now)) == {amara, *people}
    assert inside(group) == {amara, *people}
    assert {letter.recipient for letter in scenes.letters("grouped")} == {one.user for one in people}
    assert [letter.recipient for letter in scenes.letters("leads_group")] == [amara.user]
    assert AuditEvent.objects.about(group).get().action == "programmes.people_placed"


def test_place_people_again_changes_nothing(now, cycle, rhian):
    group, [ben] = make.GroupFactory(cycle=cycle), scenes.taking_part(cycle)
    assert place(rhian, group, ben, now=now) == [ben]
    assert place(rhian, group, ben, now=now) == []
    assert len(scenes.letters("grouped")) == 1


def test_place_people_double_submit_has_one_effect(now, cycle, rhian):
    group, [ben], key = make.GroupFactory(cycle=cycle), scenes.taking_part(cycle), uuid4()
    place(rhian, group, ben, now=now, key=key)
    with pytest.raises(Repeated):
        place(rhian, group, ben, now=now, key=key)


def test_moving_keeps_history_and_registers(now, cycle, rhian):
    old, new = make.GroupFactory(cycle=cycle), make.GroupFactory(cycle=cycle)
    [ben] = scenes.taking_part(cycle)
    before = make.GroupMemberFactory(group=old, membership=ben)
    make.AttendanceFactory(session__group=old, membership=ben)
    place(rhian, new, ben, origin=old, now=now)
    before.refresh_from_db()
    assert before.ended_at == now
    assert (inside(old), inside(new)) == (set(), {ben})
    assert ben.attendances.count() == 1
    assert AuditEvent.objects.about(new).get().detail == {"memberships": [ben.pk], "from": old.pk}


def test_moving_refused_moves_nobody(now, cycle, rhian):
    old, new = make.GroupFactory(cycle=cycle), make.GroupFactory(cycle=cycle, capacity=1)
    people = scenes.taking_part(cycle, 2)
    for one in people:
        make.GroupMemberFactory(group=old, membership=one)
    with pytest.raises(PlacingRefused, match="full"):
        place(rhian, new, *people, origin=old, now=now)
    assert inside(old) == set(people)


@pytest.mark.parametrize("status", ["requested", "waiting", "left", "removed"])
def test_place_people_takes_active_members_of_this_cycle_only(now, cycle, rhian, status):
    group = make.GroupFactory(cycle=cycle)
    not_in = make.MembershipFactory(cycle=cycle, status=status, waiting_since=in_days(-1), joined_at=None)
    stranger = make.MembershipFactory()
    supervisor = make.MembershipFactory(cycle=cycle, role=Role.SUPERVISOR)
    for one in (not_in, stranger, supervisor):
        with pytest.raises(PlacingRefused, match="not_in_cycle"):
            place(rhian, group, one, now=now)


def test_place_people_refusals(now, cycle, rhian):
    group, [ben] = make.GroupFactory(cycle=cycle), scenes.taking_part(cycle)
    over = make.GroupFactory(cycle=cycle, ended_at=in_days(-1))
    elsewhere = make.GroupFactory()
    for args, code in [
        (((group,), {}), "nobody_chosen"),
        (((over, ben), {}), "group_ended"),
        (((group, ben), {"origin": group}), "same_group"),
        (((group, ben), {"origin": elsewhere}), "not_in_cycle"),
    ]:
        with pytest.raises(PlacingRefused, match=code):
            place(rhian, *args[0], now=now, **args[1])


def test_a_pair_has_one_leader_and_one_participant(now, cycle, rhian):
    pair = make.GroupFactory(cycle=cycle, shape=Shape.PAIR)
    amara, lena = scenes.taking_part(cycle, 2, role=Role.LEADER)
    ben, zoe = scenes.taking_part(cycle, 2)
    place(rhian, pair, amara, ben, now=now)
    with pytest.raises(PlacingRefused, match="one_leader"):
        place(rhian, pair, lena, now=now)
    with pytest.raises(PlacingRefused, match="full"):
        place(rhian, pair, zoe, now=now)


def test_a_pair_may_be_given_more_participants(now, cycle, rhian):
    pair = make.GroupFactory(cycle=cycle, shape=Shape.PAIR, capacity=3)
    place(rhian, pair, *scenes.taking_part(cycle, 3), now=now)
    with pytest.raises(PlacingRefused, match="full"):
        place(rhian, pair, *scenes.taking_part(cycle), now=now)


def test_nobody_takes_part_in_a_group_they_lead(now, cycle, rhian):
    group = make.GroupFactory(cycle=cycle)
    [amara] = scenes.taking_part(cycle, role=Role.LEADER)
    also = make.MembershipFactory(cycle=cycle, user=amara.user, role=Role.PARTICIPANT)
    with pytest.raises(PlacingRefused, match="both_roles"):
        place(rhian, group, amara, also, now=now)


def test_a_leader_who_is_not_cleared_is_refused_with_the_public_reason(now, cycle, rhian, settings):
    settings.PEERHUB_STAGES = [f"{__name__}.Untrained"]
    assert stages.all_stages()[0].code == "untrained"
    group, [ben] = make.GroupFactory(cycle=cycle), scenes.taking_part(cycle)
    amara = make.MembershipFactory(
        cycle=cycle, role=Role.LEADER, user=make.UserFactory(given_name="Amara", family_name="Okafor")
    )
    with pytest.raises(PlacingRefused) as refusal:
        place(rhian, group, amara, ben, now=now)
    assert refusal.value.code == "not_cleared"
    assert str(refusal.value.message) == "Amara Okafor cannot lead yet. The training is not finished."
    assert inside(group) == set()
    assert place(rhian, group, ben, now=now) == [ben]  # participants need no clearance


def test_who_leads_a_group_leads_its_coming_sessions(now, cycle, rhian):
    group = make.GroupFactory(cycle=cycle)
    amara, lena = scenes.taking_part(cycle, 2, role=Role.LEADER)
    make.GroupMemberFactory(group=group, membership=amara)
    past, coming = (make.SessionFactory(group=group, starts_at=in_days(days)) for days in (-7, 7))
    for session in (past, coming):
        make.SessionLeaderFactory(session=session, membership=amara)
    place(rhian, group, lena, now=now)
    take_out(actor=rhian, group_id=group.pk, membership_ids=[amara.pk], now=now)
    assert [row.membership for row in past.leaders.all()] == [amara]
    assert [row.membership for row in coming.leaders.all()] == [lena]


def test_take_out_ends_the_time_in_the_group(now, cycle, rhian):
    group, [ben] = make.GroupFactory(cycle=cycle), scenes.taking_part(cycle)
    row = make.GroupMemberFactory(group=group, membership=ben)
    assert take_out(actor=rhian, group_id=group.pk, membership_ids=[ben.pk], now=now) == 1
    row.refresh_from_db()
    assert row.ended_at == now
    with pytest.raises(PlacingRefused, match="nobody_chosen"):
        take_out(actor=rhian, group_id=group.pk, membership_ids=[ben.pk], now=now)


def test_create_group(now, cycle, rhian):
    group = create_group(
        actor=rhian, cycle_id=cycle.pk, fields=GroupFields("Group C", Shape.GROUP, "Statics", capacity=8), now=now
    )
    assert (group.name, group.subject, group.capacity, group.created_at) == ("Group C", "Statics", 8, now)


def test_create_group_double_submit_makes_one(now, cycle, rhian):
    key = uuid4()
    for attempt in range(2):
        try:
            create_group(actor=rhian, cycle_id=cycle.pk, fields=GroupFields("C", "group"), form_key=key, now=now)
        except Repeated:
            assert attempt == 1
    assert Group.objects.filter(cycle=cycle).count() == 1


def test_create_group_in_a_closed_cycle_is_refused(now, rhian):
    with pytest.raises(GroupRefused, match="cycle_closed"):
        create_group(
            actor=rhian, cycle_id=scenes.cycle(state=CycleState.CLOSED).pk, fields=GroupFields("C", "group"), now=now
        )


def test_change_group_records_which_fields(now, cycle, rhian):
    group = make.GroupFactory(cycle=cycle, name="A")
    fields = GroupFields("B", Shape.GROUP, place="Library")
    for _ in range(2):
        change_group(actor=rhian, group_id=group.pk, fields=fields, now=now)
    assert AuditEvent.objects.about(group).get().detail == {"fields": ["name", "place"]}


def test_change_group_refusals(now, cycle, rhian):
    group = make.GroupFactory(cycle=cycle)
    for one in [*scenes.taking_part(cycle, 2), *scenes.taking_part(cycle, 2, role=Role.LEADER)]:
        make.GroupMemberFactory(group=group, membership=one)
    over = make.GroupFactory(cycle=cycle, ended_at=in_days(-1))
    for target, fields, code in [
        (group, GroupFields("A", Shape.GROUP, capacity=1), "too_small"),
        (group, GroupFields("A", Shape.PAIR), "too_small"),
        (group, GroupFields("A", Shape.PAIR, capacity=2), "one_leader"),
        (over, GroupFields("A", Shape.GROUP), "ended"),
    ]:
        with pytest.raises(GroupRefused, match=code):
            change_group(actor=rhian, group_id=target.pk, fields=fields, now=now)


def test_end_group_ends_everybodys_time_in_it(now, cycle, rhian):
    group, [ben] = make.GroupFactory(cycle=cycle), scenes.taking_part(cycle)
    make.GroupMemberFactory(group=group, membership=ben)
    make.SessionFactory(group=group, starts_at=in_days(-7), status=SessionStatus.PLANNED)
    for _ in range(2):
        assert end_group(actor=rhian, group_id=group.pk, now=now).ended_at == now
    assert inside(group) == set()
    assert AuditEvent.objects.about(group).count() == 1


def test_end_group_with_planned_sessions_is_refused(now, cycle, rhian):
    group = make.GroupFactory(cycle=cycle)
    make.SessionFactory(group=group, starts_at=now + timedelta(hours=1))
    with pytest.raises(GroupRefused, match="has_sessions"):
        end_group(actor=rhian, group_id=group.pk, now=now)
