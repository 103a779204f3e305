"""Leaders wanted: a round open to apply, one in which applications are scored without names, one at its offers."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from peerhub.accounts.models import User
from peerhub.demo.build.anchor import Anchor, at
from peerhub.demo.build.people import People, stable_uuid
from peerhub.demo.recruitment_texts import ADVERT, ANSWERS, CRITERIA, EVIDENCE, QUESTIONS
from programmes.models import Cycle, Membership, Role
from training.models import (
    Answer,
    Application,
    ApplicationEvent,
    Assessment,
    Consensus,
    Criterion,
    InterviewSlot,
    Question,
    RecruitmentRound,
    RoundHelper,
    Score,
)
from training.queries.redaction import Identity, redact
from training.services.applications import WORDS

TWO = 2
# How each application of a round came to where it is: its states after "submitted".
TO_PREPARE: tuple[str, ...] = ()
SCORED = ("eligible",)
UNFIT = ("ineligible",)
GONE = ("withdrawn",)
NO = ("eligible", "rejected")
INVITED = ("eligible", "shortlisted", "invited")
TALKED = (*INVITED, "interviewed")
BEING_SCORED = [SCORED] * 16 + [TO_PREPARE] * 4 + [UNFIT] * 2 + [GONE] * 2
AT_OFFERS = [
    INVITED, (*TALKED, "offered"), *[(*TALKED, "accepted")] * 2, *[(*TALKED, "reserve")] * 2, (*TALKED, "declined"),
    TALKED, INVITED, *[NO] * 5,
]  # fmt: skip


@dataclass
class Scene:
    """One round as it is built, with when things happened in it."""

    round: RecruitmentRound
    anchor: Anchor
    rng: random.Random
    desk: User
    questions: list[Question] = field(default_factory=list)
    criteria: list[Criterion] = field(default_factory=list)

    def ago(self, days: float) -> datetime:
        return self.anchor.now - timedelta(days=days)


def recruit_leaders(*, anchor: Anchor, people: People) -> None:
    """PASS in Engineering is being scored by Amara and Maya; Business mentoring has offers out, to Ben and others, and
    would like to talk with Dev; First-year buddies takes applications, and Dev has begun one.
    """
    cast, students = people.cast, people.students(0)
    scoring = _round("pass-engineering", anchor, cast["rhian"], closes=4, places=12)
    helpers = _helpers(scoring, [cast["amara"], cast["maya"]])
    _score(scoring, helpers, _applications(scoring, students[200:], BEING_SCORED))
    offers = _round("business-mentoring", anchor, cast["rhian"], closes=24, places=4)
    assessors = _helpers(offers, [students[300], people.staff(0)[7]])
    found = _applications(offers, [cast["dev"], cast["ben"], *students[320:]], AT_OFFERS)
    _decide(offers, assessors, found)
    desk = Membership.objects.get(cycle__programme__slug="first-year-buddies", is_point_person=True,
                                  cycle__code=anchor.year_code()).user  # fmt: skip
    wanted = _round("first-year-buddies", anchor, desk, closes=-9, places=40)
    _applications(wanted, students[360:], [TO_PREPARE] * 6)
    _draft(wanted, cast["dev"])


def _round(slug: str, anchor: Anchor, desk: User, *, closes: int, places: int) -> Scene:
    """Published three weeks before it closes; `closes` days ago, or to come."""
    cycle = Cycle.objects.get(programme__slug=slug, code=anchor.year_code())
    closes_at = at(anchor.today - timedelta(days=closes), 12)
    round_ = RecruitmentRound.objects.create(
        uuid=stable_uuid("round", slug), cycle=cycle, state="open", places=places, closes_at=closes_at,
        created_at=closes_at - timedelta(days=30), opened_at=closes_at - timedelta(days=21), **ADVERT,
    )  # fmt: skip
    scene = Scene(round_, anchor, random.Random(f"recruitment {slug}"), desk)
    scene.questions = [
        Question.objects.create(round=round_, position=n, text=text, hint=hint, most_words=250)
        for n, (text, hint) in enumerate(QUESTIONS, start=1)
    ]
    scene.criteria = [
        Criterion.objects.create(round=round_, position=n, name=name, looks_like=looks, weight=weight, is_essential=is_)
        for n, (name, looks, weight, is_) in enumerate(CRITERIA, start=1)
    ]
    return scene


def _helpers(scene: Scene, who: Sequence[User]) -> list[RoundHelper]:
    return [
        RoundHelper.objects.create(
            uuid=stable_uuid("helper", scene.round.uuid, one.uuid), round=scene.round, user=one, kind="assessor",
            named_by=scene.desk, named_at=scene.round.created_at + timedelta(days=20),
        )
        for one in who
    ]  # fmt: skip


# --- those who apply -------------------------------------------------------------------------------------------------
def _applications(scene: Scene, who: Sequence[User], ways: Sequence[tuple[str, ...]]) -> list[Application]:
    """One for each way, by whoever neither coordinates nor leads there."""
    busy = set(
        Membership.objects.filter(cycle=scene.round.cycle, role__in=[Role.LEADER, Role.COORDINATOR]).values_list(
            "user_id", flat=True
        )
    )
    applicants = [one for one in who if one.pk not in busy][: len(ways)]
    codes = iter(scene.rng.sample([f"{word} {n}" for word in WORDS for n in range(11, 100, 7)], len(ways)))
    made = [
        _application(scene, one, next(codes), way, number)
        for number, (one, way) in enumerate(zip(applicants, ways, strict=True))
    ]
    Application.objects.bulk_create(made)
    Answer.objects.bulk_create(answer for one in made for answer in _answers(scene, one))
    ApplicationEvent.objects.bulk_create(
        event for one, way in zip(made, ways, strict=True) for event in _events(scene, one, way)
    )
    return made


def _application(scene: Scene, who: User, code: str, way: tuple[str, ...], number: int) -> Application:
    closes_at = scene.round.closes_at or scene.anchor.now
    sent_at = min(closes_at, scene.anchor.now) - timedelta(hours=7 * number + 2)
    is_ready = "eligible" in way
    return Application(
        uuid=stable_uuid("application", scene.round.uuid, who.uuid), round=scene.round, applicant=who, code=code,
        state=way[-1] if way else "submitted", wants_guarantee=number % 9 == 0, created_at=sent_at - timedelta(days=2),
        saved_at=sent_at, submitted_at=sent_at, moved_at=sent_at,
        adjustments="A room I can reach without stairs, please." if number % 9 == 0 else "",
        redacted_at=closes_at + timedelta(days=1) if is_ready else None,
        redacted_by=scene.desk if is_ready else None,
        revealed_at=closes_at + timedelta(days=9) if "shortlisted" in way else None,
        offer_expires_at=scene.anchor.now + timedelta(days=5) if way[-1:] == ("offered",) else None,
        reserve_rank=number - 3 if way[-1:] == ("reserve",) else None,
    )  # fmt: skip


def _answers(scene: Scene, application: Application) -> Iterator[Answer]:
    who = application.applicant
    identity = Identity((who.given_name, who.family_name), (who.email or "-",))
    for question, texts in zip(scene.questions, ANSWERS, strict=True):
        text = scene.rng.choice(texts) % {"given": who.given_name}
        yield Answer(application=application, question=question, text=text, redacted=redact(text, identity))


REASONS = {
    "ineligible": "You leave in January, and the role runs until May. Apply again if you come back.",
    "withdrawn": "My placement moved to the spring.",
    "rejected": "55 of 100 points; the shortlist began at 60.",
    "shortlisted": "70 of 100 points.",
}
BY_APPLICANT = {"submitted", "withdrawn", "accepted", "declined"}


def _events(scene: Scene, application: Application, way: tuple[str, ...]) -> Iterator[ApplicationEvent]:
    when, came_from = application.created_at, ""
    for number, state in enumerate(("draft", "submitted", *way)):
        if state == "submitted" and application.submitted_at:
            when = application.submitted_at
        elif number > 1:
            when = min((scene.round.closes_at or when) + timedelta(days=number * 2), scene.anchor.now)
        is_own = state in BY_APPLICANT or state == "draft"
        yield ApplicationEvent(
            application=application, came_from=came_from, to=state, reason=REASONS.get(state, ""),
            by=application.applicant if is_own else scene.desk, at=when,
        )  # fmt: skip
        came_from = state


def _draft(scene: Scene, who: User) -> None:
    since = scene.ago(1)
    draft = Application.objects.create(
        uuid=stable_uuid("application", scene.round.uuid, who.uuid), round=scene.round, applicant=who,
        code="Kestrel 41", created_at=since, saved_at=since, moved_at=since,
    )  # fmt: skip
    Answer.objects.create(application=draft, question=scene.questions[0], text=ANSWERS[0][0] % {"given": "Dev"})
    ApplicationEvent.objects.create(application=draft, to="draft", by=who, at=since)


# --- those who choose ------------------------------------------------------------------------------------------------
def _score(scene: Scene, helpers: Sequence[RoundHelper], applications: Sequence[Application]) -> None:
    """The first assessor has locked most, the second some; here and there they are two apart."""
    ready = [one for one in applications if one.state == "eligible"]
    for number, one in enumerate(ready):
        for place, helper in enumerate(helpers):
            is_locked = number < (11, 7)[place]
            _assess(scene, one, helper, is_locked=is_locked, shift=place * TWO if number % 4 == 1 else 0)


def _assess(scene: Scene, application: Application, helper: RoundHelper, *, is_locked: bool, shift: int = 0) -> None:
    made = Assessment.objects.create(
        uuid=stable_uuid("assessment", application.uuid, helper.uuid), application=application, helper=helper,
        position=scene.rng.randrange(1_000_000), locked_at=scene.ago(1) if is_locked else None,
    )  # fmt: skip
    if is_locked:
        level = scene.rng.choice((2, 3, 3))
        Score.objects.bulk_create(
            Score(assessment=made, criterion=one, value=max(0, level - shift), evidence=scene.rng.choice(EVIDENCE))
            for one in scene.criteria
        )


def _decide(scene: Scene, helpers: Sequence[RoundHelper], applications: Sequence[Application]) -> None:
    """Scored, agreed on, decided, talked with; times to talk are still to come for Dev."""
    for one in applications:
        for helper in helpers:
            _assess(scene, one, helper, is_locked=True)
    Consensus.objects.create(
        application=applications[2], criterion=scene.criteria[0], value=3, by=scene.desk, at=scene.ago(16),
        reason="The second reading found the example in the last paragraph.",
    )  # fmt: skip
    RecruitmentRound.objects.filter(pk=scene.round.pk).update(shortlisted_at=scene.ago(15), shortlist_from=60)
    slots = list(_slots(scene))
    Application.objects.filter(pk=applications[8].pk).update(slot=slots[-1])
    for one in applications:
        if one.state == "accepted":
            _lead(scene, one)
        if one.state in {"interviewed", "offered", "accepted", "reserve", "declined"}:
            Application.objects.filter(pk=one.pk).update(
                talk_note="Listens first. Asked what a good first meeting would be, and gave an example."
            )


def _slots(scene: Scene) -> Iterator[InterviewSlot]:
    day = scene.anchor.today + timedelta(days=5)
    day += timedelta(days={5: 2, 6: 1}.get(day.weekday(), 0))
    for number in range(6):
        starts_at = at(day, 14) + timedelta(minutes=20 * number)
        yield InterviewSlot.objects.create(
            uuid=stable_uuid("talk", scene.round.uuid, number), round=scene.round, starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=20), where="Business school 1.08 (lift beside the café)",
        )  # fmt: skip


def _lead(scene: Scene, application: Application) -> None:
    since = scene.ago(2)
    fields: dict[str, Any] = {"status": "active", "source": "added", "created_at": since, "joined_at": since}
    member, _made = Membership.objects.get_or_create(
        cycle=scene.round.cycle, user=application.applicant, role=Role.LEADER,
        defaults=fields | {"uuid": stable_uuid("recruited", application.uuid)},
    )  # fmt: skip
    Application.objects.filter(pk=application.pk).update(membership=member)
