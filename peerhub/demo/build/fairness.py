"""Equality monitoring: those who apply now have told something, locked; last year’s rounds are finished and counted."""

import random
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from peerhub.common.disclosure import profile_in_use
from peerhub.demo.build.anchor import Anchor, at
from peerhub.demo.build.people import stable_uuid
from peerhub.demo.recruitment_texts import ADVERT
from programmes.models import Cycle
from training.models import Application, EqualityBox, RecruitmentRound
from training.models.equality_questions import NO_DISABILITY, PREFER
from training.queries.equality import Given, equality_ring, questions_in_use
from training.queries.fairness import what_may_be_told
from training.services.equality import keep_answers

# What people of Aberwen answer, as weights; what is not named here is answered by few.
LIKELY: dict[str, dict[str, int]] = {
    "age": {"20": 60, "21": 25, "25": 9, "30": 6},
    "sex": {"f": 58, "m": 42},
    "gender_identity": {"yes": 94, "no": 3},
    "orientation": {"straight": 78, "bi": 11, "gay": 6, "other": 3},
    "ethnicity": {
        "british": 58, "white_other": 7, "indian": 8, "pakistani": 5, "bangladeshi": 2, "chinese": 4, "african": 8,
        "caribbean": 2, "mixed_caribbean": 2, "mixed_asian": 2, "arab": 2, "irish": 1,
    },
    "disability": {NO_DISABILITY: 76, "51": 9, "55": 8, "54": 3, "53": 2, "57": 1},
    "religion": {"none": 50, "christian": 27, "muslim": 12, "hindu": 5, "sikh": 2, "buddhist": 1, "jewish": 1},
    "care": {"no": 96, "yes": 4},
    "carer": {"no": 90, "yes": 10},
    "parents": {"yes": 52, "no": 48},
}  # fmt: skip
# Of a hundred who came to a stage, how many go on: to eligible, shortlist, conversation, offer, acceptance.
GO_ON = (95, 58, 92, 66, 88)
LESS = {("parents", "no"): 17, ("disability", "51"): 6}  # how many fewer of these are shortlisted, in a hundred
LEAVE = 2


def ask_about_fairness(*, anchor: Anchor) -> None:
    """First-year buddies chose from many last year, PASS in Engineering from few: most of its groups are too small."""
    if not equality_ring():
        return
    _tell_now()
    for slug, people, places in (("first-year-buddies", 320, 90), ("pass-engineering", 64, 16)):
        _count_last_year(slug, people, places, anchor)


def _tell_now() -> None:
    """Two of three who have applied in a round that runs."""
    rng = random.Random("told now")
    running = Application.objects.sent().filter(round__state="open").select_related("round").order_by("uuid")
    for application in running:
        if rng.random() < 0.66:
            keep_answers(application, _said(rng))


def _count_last_year(slug: str, people: int, places: int, anchor: Anchor) -> None:
    """A round whose applications are deleted by now: what could be told when it was finished is all there is."""
    cycle = Cycle.objects.get(programme__slug=slug, code=anchor.year_code(1))
    closes_at = at(anchor.year_start(1) - timedelta(days=60), 12)
    finished_at = closes_at + timedelta(days=40)
    round_ = RecruitmentRound.objects.create(
        uuid=stable_uuid("round", slug, 1), cycle=cycle, state="finished", places=places, closes_at=closes_at,
        created_at=closes_at - timedelta(days=30), opened_at=closes_at - timedelta(days=21),
        shortlisted_at=closes_at + timedelta(days=14), shortlist_from=60, finished_at=finished_at,
        forgotten_at=finished_at + timedelta(days=183), **ADVERT,
    )  # fmt: skip
    rng = random.Random(f"told {slug}")
    given: dict[UUID, Given] = {}
    ways: dict[UUID, int] = {}
    for number in range(people):
        uuid = stable_uuid("applied", slug, number)
        said = _said(rng)
        ways[uuid] = _way(rng, said)
        if rng.random() < 0.82:
            given[uuid] = said
    told = what_may_be_told(ways, given, profile=profile_in_use(), asked=questions_in_use())
    EqualityBox.objects.create(of=round_.uuid, counted_on=finished_at.date(), told=told)


def _said(rng: random.Random) -> Given:
    said: dict[str, Sequence[str]] = {}
    for question in questions_in_use():
        drawn = rng.random()
        if drawn < 0.05:
            continue
        weights = LIKELY.get(question.code) or {option.code: 1 for option in question.options}
        chosen = [PREFER] if drawn < 0.11 else rng.choices(list(weights), list(weights.values()))
        if question.several and chosen[0] not in {PREFER, NO_DISABILITY} and rng.random() < 0.25:
            chosen = sorted({*chosen, "55"}) if question.code == "disability" else chosen
        said[question.code] = chosen
    return said


def _way(rng: random.Random, said: Given) -> int:
    """How far somebody came, as training.queries.outcomes has it."""
    less = sum(fewer for (question, answer), fewer in LESS.items() if answer in said.get(question, ()))
    for stage, chance in enumerate(GO_ON):
        if rng.random() * 100 < LEAVE:
            return 2 * stage + 1
        if rng.random() * 100 >= chance - (less if stage == 1 else 0):
            return 2 * stage
    return 2 * len(GO_ON)
