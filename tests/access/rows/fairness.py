"""Equality monitoring: what Dev tells about himself, and a counted round. Nerys is equality analyst, and no more."""

import random
import uuid
from typing import Any

from peerhub.accounts.models import PersonKind
from peerhub.common.disclosure import HESA
from tests import factories as make
from tests.access.matrix import LOGIN, Row, expect
from tests.access.rows.recruitment import DESK, OPEN, SCORING, own
from tests.factories import in_days
from tests.training.recruiting import LATER, open_round
from tests.world import World, person
from training.models import EqualityBox, RecruitmentRound
from training.models.equality_questions import UK
from training.queries.fairness import what_may_be_told
from training.services.equality import tell_about_oneself


def extend(world: World) -> None:
    """Writing guides: its round is finished and counted."""
    world.nerys = person("Nerys", "Lloyd", PersonKind.STAFF)  # type: ignore[attr-defined]
    make.RoleGrantFactory(user=world.nerys, role="equality_analyst", unit=world.biosciences)  # type: ignore[attr-defined]
    world.extra["finished_round"] = _finished(world, "Writing guides")


def _finished(world: World, title: str) -> RecruitmentRound:
    slug = title.lower().replace(" ", "-")
    programme = make.ProgrammeFactory(slug=slug, name=title, owner_unit=world.biosciences)
    cycle = make.CycleFactory(programme=programme, state="preparing")
    for who in ("rhian", "imran"):
        make.MembershipFactory(cycle=cycle, user=getattr(world, who), role=world.memberships[who].role)
    round_ = open_round(cycle, closes_at=in_days(-2))
    RecruitmentRound.objects.filter(pk=round_.pk).update(state="finished", finished_at=LATER)
    round_.refresh_from_db()
    EqualityBox.objects.create(of=round_.uuid, counted_on=LATER.date(), told=told(160))
    world.extra[slug] = cycle
    return round_


def told(people: int) -> dict[str, Any]:
    """What may be told of so many, of whom half say something."""
    rng = random.Random(people)
    ways = {
        uuid.UUID(int=n + 1): rng.choices(range(11), [6, 2, 30, 2, 5, 1, 20, 1, 5, 1, 27])[0] for n in range(people)
    }
    given = {one: {"sex": [rng.choice("fm")], "disability": ["51", "55"]} for one in ways if rng.random() < 0.7}
    return what_may_be_told(ways, given, profile=HESA, asked=UK)


def grow(world: World, times: int) -> None:
    """More rounds that are counted, and more people in the one that is looked at."""
    for _ in range(times):
        _finished(world, f"Guides {RecruitmentRound.objects.count()}")
    box = EqualityBox.objects.filter(of=world.extra["finished_round"].uuid)
    box.update(told=told(160 * (1 + times)))
    given = {"sex": ["m"]}
    tell_about_oneself(actor=world.dev, application_id=world.extra["devs_application"].pk, given=given, now=in_days(0))


def finished(world: World) -> dict[str, Any]:
    cycle = world.extra["writing-guides"]
    return {"slug": cycle.programme.slug, "code": cycle.code}


# Who runs the workspace is told that it is not theirs; the round does not exist for anybody else: superusers, too.
TOTALS = DESK | {"equality_analyst": 200, "assessor": 404}

ROWS = [
    Row("training:equality_edit", expect(404, anonymous=LOGIN, elsewhere=200, equality_analyst=404), kwargs=own),
    Row(
        "training:equality_edit",
        expect(404, anonymous=LOGIN, elsewhere=302, equality_analyst=404),
        kwargs=own,
        method="POST",
        data=lambda w: {"sex": "m", "disability": ["51", "55"]},
    ),
    Row("training:equality_remove", expect(404, anonymous=LOGIN, elsewhere=302), kwargs=own, method="POST"),
    Row("training:fairness_list", expect(403, anonymous=LOGIN, equality_analyst=200)),
    Row("training:fairness_show", expect(404, **TOTALS), kwargs=finished),
    Row("training:fairness_show", expect(404, **TOTALS), kwargs=OPEN, note="not finished"),
    Row("training:fairness_show", expect(404, **TOTALS), kwargs=SCORING, note="being scored"),
    Row("training:fairness_export", expect(404, **TOTALS), kwargs=finished, writes=True, note="an export is on record"),
    Row("training:fairness_export", expect(404, **TOTALS | {"coordinator": 404, "equality_analyst": 404}), kwargs=OPEN,
        note="not finished"),
    # --- the analyst reads totals, and no page of the round ---
    *(
        Row(name, expect(404, **DESK | {"equality_analyst": 404}), kwargs=finished, note="the analyst")
        for name in ("training:recruitment", "training:application_list", "training:offer_list")
    ),
]  # fmt: skip
