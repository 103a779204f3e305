"""R3: dying at every failpoint, in every flow that passes it, leaves all or nothing, and in the end everything once."""

import pytest

from tests.faults.dying import names
from tests.faults.fleet import seed_of_run
from tests.faults.flows import FLOWS
from tests.faults.survival import problems, survive


def test_every_failpoint_is_in_a_flow_and_every_flow_names_one():
    named = {name for flow in FLOWS for name in flow.failpoints}
    assert named == set(names())
    assert [flow.name for flow in FLOWS if not flow.failpoints] == []
    assert len({flow.name for flow in FLOWS}) == len(FLOWS)


@pytest.mark.slow
@pytest.mark.xdist_group("live")
def test_r3_dying_at_every_failpoint_leaves_it_all_or_nothing_and_in_the_end_once(ships):
    ships.begin(0)
    outcomes = survive(ships, str(seed_of_run()))
    assert [each["failpoint"].partition(":")[0] for each in outcomes] == names()
    assert not problems(ships, outcomes)
