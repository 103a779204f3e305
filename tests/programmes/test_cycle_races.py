"""Two people press the same button at the same moment. On both databases: threads meet in one real database."""

from datetime import date

import pytest

from peerhub.common.models import AuditEvent
from programmes.models import ActivityType, Cycle, GroupMember, Membership, Programme, Topic
from programmes.services.cycles import move_cycle, waive_check
from programmes.services.group_places import place_people
from programmes.services.memberships import name_point_person, remove_member
from programmes.services.programmes import Basics, create_programme
from programmes.services.rollover import NextCycle, roll_over
from programmes.services.topics import add_topic, rename_topic
from tests import factories as make
from tests.factories import NOW
from tests.programmes.joining.test_races import together
from tests.world import build_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def there(vocabulary):
    return build_world()


def test_moves_at_once_have_one_effect(there):
    about = {"actor": there.rhian, "cycle_id": there.cycle.pk, "now": NOW}
    outcomes = together([lambda: move_cycle(to="evaluating", **about).state] * 6)

    assert outcomes == {"evaluating": 6}
    assert AuditEvent.objects.filter(action="programmes.cycle_moved").count() == 1


def test_roll_overs_at_once_make_one_cycle(there):
    new = NextCycle("2027-28", date(2027, 9, 20), date(2028, 6, 9))
    outcomes = together([lambda: roll_over(actor=there.rhian, cycle_id=there.cycle.pk, new=new, now=NOW).code] * 6)

    assert outcomes == {"2027-28": 6}
    assert Cycle.objects.filter(programme=there.programme).count() == 2
    assert Membership.objects.filter(cycle__code="2027-28").count() == 2


def test_two_point_persons_at_once_leave_one(there):
    about = {"actor": there.rhian, "cycle_id": there.cycle.pk, "now": NOW}
    people = [there.imran, there.owain, there.elin]
    outcomes = together([lambda person=person: name_point_person(user_id=person.pk, **about).role for person in people])

    assert outcomes == {"coordinator": 3}
    assert Membership.objects.filter(cycle=there.cycle, is_point_person=True).count() == 1


def test_waivers_at_once_keep_one_reason(there):
    about = {"actor": there.rhian, "cycle_id": there.cycle.pk, "code": "boundaries", "now": NOW}
    outcomes = together([lambda: waive_check(reason="Agreed.", **about).check_code] * 4)

    assert outcomes == {"boundaries": 4}
    assert AuditEvent.objects.filter(action="programmes.check_waived").count() == 1


def test_two_cycles_rolled_over_to_one_code_make_one(there):
    earlier = make.CycleFactory(
        programme=there.programme, code="2025-26", starts_on=date(2025, 9, 20), ends_on=date(2026, 6, 9)
    )
    new = NextCycle("2027-28", date(2027, 9, 20), date(2028, 6, 9))
    about = {"actor": there.rhian, "new": new, "now": NOW}
    jobs = [lambda pk=pk: roll_over(cycle_id=pk, **about).code for pk in (there.cycle.pk, earlier.pk) * 2]
    outcomes = together(jobs)

    assert outcomes == {"2027-28": 2, "code_taken": 2}  # pressed twice on the one, refused on the other
    assert Cycle.objects.filter(code="2027-28").count() == 1


def test_programmes_of_one_name_at_once_find_addresses_of_their_own(there):
    days = {"starts_on": date(2026, 9, 21), "ends_on": date(2027, 6, 11)}
    basics = Basics("Maths", ActivityType.objects.all()[0], there.biosciences, "co", "department", "2026-27", **days)
    about = {"actor": there.rhian, "key": None, "now": NOW}
    outcomes = together([lambda: create_programme(basics=basics, **about).programme.slug] * 4)

    assert outcomes == {"maths": 1, "maths-2": 1, "maths-3": 1, "maths-4": 1}
    assert Programme.objects.filter(name="Maths").count() == 4


def test_topics_renamed_alike_at_once_stay_two(there):
    about = {"actor": there.rhian, "cycle_id": there.cycle.pk, "now": NOW}
    topics = [add_topic(programme=there.programme, name=name, **about) for name in ("Cells", "Tissue")]
    outcomes = together([lambda topic=topic: rename_topic(topic=topic, name="Membranes", **about) for topic in topics])

    assert outcomes == {"None": 1, "taken": 1}
    assert Topic.objects.filter(name="Membranes").count() == 1


def test_nobody_is_placed_who_is_removed_at_the_same_moment(there):
    groups = [make.GroupFactory(cycle=there.cycle) for _ in range(4)]
    people = [make.MembershipFactory(cycle=there.cycle) for _ in range(4)]
    about = {"actor": there.rhian, "now": NOW}
    jobs = [lambda one=one: remove_member(membership_id=one.pk, reason="Left.", **about).status for one in people]
    jobs += [
        lambda one=one, group=group: len(place_people(group_id=group.pk, membership_ids=[one.pk], **about))
        for one, group in zip(people, groups, strict=True)
    ]
    outcomes = together(jobs)

    assert outcomes["removed"] == 4
    assert outcomes["1"] + outcomes["not_in_cycle"] == 4
    assert not GroupMember.objects.filter(membership__in=people, ended_at=None).exists()
