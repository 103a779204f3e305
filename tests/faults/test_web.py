"""R6, short: web workers die under people who press again."""

import json

import pytest

from tests.faults.browsers import Crowd
from tests.faults.fleet import seed_of_run

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("live")]
FORMS, KILLS = 48, 6


def test_r6_each_form_has_its_effect_once_although_workers_die(ships):
    ships.begin(0)
    forms = ships.told("tests.faults.forms", "prepare", str(FORMS))
    ships.start_web(2)
    crowd = Crowd(ships.live.base, forms, people=6, seed=seed_of_run())
    crowd.start()
    for number in range(KILLS):
        crowd.wait_for((number + 1) * FORMS // (KILLS + 1), lambda: ships.live.log[-3000:])
        ships.kill_child("web")
    crowd.wait_for(FORMS, lambda: ships.live.log[-3000:])
    assert crowd.refused == []
    found = ships.told("tests.faults.forms", "verify", given=json.dumps(forms))
    assert found == {"effects": FORMS, "wrong": [], "orphans": {}}
