"""Two people press the same button at the same moment. On both databases: threads meet in one real database."""

from datetime import date

import pytest

from peerhub.common.models import AuditEvent
from programmes.models import Cycle, Membership
from programmes.services.cycles import move_cycle, waive_check
from programmes.services.memberships import name_point_person
from programmes.services.rollover import NextCycle, roll_over
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
