"""A training board of 500 people and 20 modules, or the clearance of everybody who leads in a demo. Prints JSON."""

import json
import os
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peerhub.settings")
django.setup()

from django.db import connection, transaction
from django.urls import reverse

from peerhub.accounts.models import User
from peerhub.common import stages
from programmes.models import Cycle, CycleState, Membership, Role
from tests import factories as make
from tests.bench.cadence_load import Counter
from tests.bench.cast import cast
from training.models import ClearanceWaiver, Completion, Curriculum, CurriculumModule, Module

PEOPLE, MODULES = 500, 20
NOW = datetime.now(UTC).replace(second=0, microsecond=0)
TODAY = NOW.date()
LONG_AGO = TODAY - timedelta(days=300)


def modules() -> list[Module]:
    return Module.objects.bulk_create(Module(title=f"Module {n}", hours=1, created_at=NOW) for n in range(MODULES))


def completed(user_id: int, module: Module, **more: Any) -> Completion:
    return Completion(
        user_id=user_id, module=module, version=1, completed_on=LONG_AGO, source="read", recorded_at=NOW, **more
    )


def board() -> dict[str, Any]:
    """Everybody has nearly everything: a third lack one, a third lose one soon, every tenth is exempt from one."""
    cycle = make.CycleFactory(programme=make.ProgrammeFactory(slug="bench-board", name="Bench board"))
    make.MembershipFactory(cycle=cycle, user=cast()["rhian"], role=Role.COORDINATOR)
    asked = modules()
    make.CurriculumFactory(cycle=cycle, modules=asked)
    users = User.objects.bulk_create(
        User(given_name=f"Given{n}", family_name=f"Family{n:03}", password="!") for n in range(PEOPLE)
    )
    leads = Membership.objects.bulk_create(
        Membership(cycle=cycle, user=user, role=Role.LEADER, created_at=NOW, joined_at=NOW) for user in users
    )
    soon = {"expires_on": TODAY + timedelta(days=9)}
    rows = [
        completed(user.pk, module, **(soon if place % 3 == 1 and number == 0 else {}))
        for place, user in enumerate(users)
        for number, module in enumerate(asked)
        if not (place % 3 == 0 and number == 1)
    ]
    Completion.objects.bulk_create(rows, batch_size=5000)
    ClearanceWaiver.objects.bulk_create(
        ClearanceWaiver(membership=lead, code=f"module-{asked[1 + place % 2].uuid}", reason="Away", until=TODAY, at=NOW)
        for place, lead in enumerate(leads[::10])
    )
    return {"board": reverse("training:board", args=[cycle.programme.slug, cycle.code])}


def clearance() -> dict[str, Any]:
    """In a transaction that is taken back: other measurements read the same demo."""
    with transaction.atomic():
        cycles = list(Cycle.objects.exclude(state=CycleState.CLOSED).values_list("pk", flat=True))
        leads = list(
            Membership.objects.active().filter(cycle__in=cycles, role=Role.LEADER).values_list("pk", "user_id")
        )
        asked = modules()
        Curriculum.objects.filter(cycle__in=cycles).delete()
        made = Curriculum.objects.bulk_create(Curriculum(cycle_id=pk, created_at=NOW) for pk in cycles)
        CurriculumModule.objects.bulk_create(
            (
                CurriculumModule(curriculum=one, module=module, position=place, required_from=LONG_AGO)
                for one in made
                for place, module in enumerate(asked[:5])
            ),
            batch_size=5000,
        )
        runs = {"nobody trained": _counted([pk for pk, _user in leads])}
        users = {user for _pk, user in leads}
        Completion.objects.bulk_create((completed(user, module) for user in users for module in asked), batch_size=5000)
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE training_completion")
        runs["everybody trained"] = _counted([pk for pk, _user in leads])
        transaction.set_rollback(True)
    return {"leaders": len(leads), "cycles": len(cycles), "runs": runs}


def _counted(membership_ids: list[int]) -> tuple[int, float]:
    counter, started = Counter(), time.monotonic()
    with connection.execute_wrapper(counter):
        stages.clearance(membership_ids, NOW)
    return counter.count, time.monotonic() - started


if __name__ == "__main__":
    print(json.dumps({"board": board, "clearance": clearance}[sys.argv[1]]()))
