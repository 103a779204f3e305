"""Recruitment: a programme of its own with an open round in which Dev has applied, and one that is not published."""

from typing import Any

from tests import factories as make
from tests.access.matrix import LOGIN, Row, expect
from tests.factories import in_days
from tests.training.recruiting import apply, draft_round, open_round
from tests.world import World

ROLES = ("rhian", "imran", "elin", "amara", "ben")


def extend(world: World) -> None:
    """Study coaches: leaders are wanted until next week. Maths mentors: the advert is being written."""
    for slug, name in (("study-coaches", "Study coaches"), ("maths-mentors", "Maths mentors")):
        programme = make.ProgrammeFactory(slug=slug, name=name, owner_unit=world.biosciences)
        cycle = make.CycleFactory(programme=programme, state="preparing")
        for who in ROLES:
            role = world.memberships[who].role
            make.MembershipFactory(cycle=cycle, user=getattr(world, who), role=role, is_point_person=who == "rhian")
        world.extra[slug] = cycle
    world.extra["round"] = open_round(world.extra["study-coaches"])
    world.extra["draft_round"] = draft_round(world.extra["maths-mentors"])
    world.extra["devs_application"] = apply(world.extra["round"], world.dev)
    apply(world.extra["round"], world.zoe)


def grow(world: World, times: int) -> None:
    """More who apply."""
    for _ in range(times):
        apply(world.extra["round"])


def at(slug: str) -> Any:
    return lambda world: {"slug": slug, "code": world.extra[slug].code}


def own(world: World) -> dict[str, Any]:
    return {"uuid": world.extra["devs_application"].uuid}


# Who may open the workspace and does not coordinate is told that it is not theirs; to all others it does not exist.
DESK = {"anonymous": LOGIN, "coordinator": 200, "supervisor": 403, "institution_lead": 403}
MOVES = DESK | {"coordinator": 302}
MINE = {"anonymous": LOGIN, "elsewhere": 200}
APPLIES = {"anonymous": LOGIN, "elsewhere": 302}
TEXTS = {"answer_1": "I listened.", "answer_2": "To learn."}
ADVERT = {"places": "4", "purpose": "Why", "closes_on": "2026-12-01", "closes_time": "12:00"}
SETS = {
    "q-TOTAL_FORMS": "1", "q-INITIAL_FORMS": "0", "q-0-text": "Why?", "q-0-hint": "", "q-0-most_words": "100",
    "c-TOTAL_FORMS": "1", "c-INITIAL_FORMS": "0", "c-0-name": "Care", "c-0-looks_like": "", "c-0-weight": "2",
}  # fmt: skip
OPEN, DRAFT = at("study-coaches"), at("maths-mentors")

ROWS = [
    Row("training:advert_detail", expect(200), kwargs=OPEN),
    Row("training:advert_detail", expect(404, coordinator=200), kwargs=DRAFT, note="not published"),
    Row("training:application_edit", expect(200, anonymous=LOGIN, elsewhere=302), kwargs=OPEN),
    Row("training:application_edit", expect(404, anonymous=LOGIN, coordinator=302), kwargs=DRAFT, note="not published"),
    Row(
        "training:application_edit",
        expect(302, anonymous=LOGIN, coordinator=409),
        kwargs=OPEN,
        method="POST",
        data=lambda w: TEXTS | {"action": "send"},
    ),
    Row("training:application_detail", expect(404, **MINE), kwargs=own),
    Row("training:application_sent", expect(404, **MINE), kwargs=own),
    Row("training:application_withdraw", expect(404, **MINE), kwargs=own),
    Row("training:application_withdraw", expect(404, **APPLIES), kwargs=own, method="POST"),
    Row("training:recruitment", expect(404, **DESK), kwargs=OPEN),
    Row("training:recruitment", expect(404, **DESK), kwargs=DRAFT, note="not published"),
    Row("training:advert_edit", expect(404, **DESK), kwargs=DRAFT),
    Row("training:advert_edit", expect(404, **DESK), kwargs=OPEN, note="published"),
    Row("training:advert_edit", expect(404, **MOVES), kwargs=DRAFT, method="POST", data=lambda w: ADVERT),
    Row("training:questions_edit", expect(404, **DESK), kwargs=DRAFT),
    Row("training:questions_edit", expect(404, **DESK), kwargs=OPEN, note="published"),
    Row("training:questions_edit", expect(404, **MOVES), kwargs=DRAFT, method="POST", data=lambda w: SETS),
    Row("training:round_publish", expect(404, **MOVES), kwargs=DRAFT, method="POST"),
    Row(
        "training:round_extend",
        expect(404, **MOVES),
        kwargs=OPEN,
        method="POST",
        data=lambda w: {"closes_on": f"{in_days(9):%Y-%m-%d}", "closes_time": "12:00"},
    ),
    Row("training:application_list", expect(404, **DESK), kwargs=OPEN),
    Row("training:applications_export", expect(404, **DESK), kwargs=OPEN, writes=True, note="an export is on record"),
]
