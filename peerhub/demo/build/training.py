"""PASS in Engineering asks leaders for eight modules: most have them, some are about to lose one, a few lack one."""

from datetime import date, timedelta

from peerhub.common.clock import NOON
from peerhub.demo.build.anchor import Anchor, at
from peerhub.demo.build.people import People, stable_uuid
from peerhub.demo.training_texts import MODULES, QUIZ, STANDARD, ModulePlan
from programmes.models import Cycle, Membership, Role
from training.models import (
    Attempt,
    ClearanceWaiver,
    Completion,
    CompletionSource,
    Curriculum,
    CurriculumModule,
    LeaderTerms,
    Module,
    Observation,
    QuizQuestion,
    RightToWork,
)

SLUG = "pass-engineering"
# What is otherwise with a leader, by their place in the list; the rest have everything.
LAPSING, EXPIRED, FAILED, EXEMPT, VISA, RETRAINING = 1, 2, 3, 4, 5, 6
SOURCES = {"quiz": "quiz", "observed": "observed", "sign_off": "register"}  # signed off: at the training day


def train_leaders(*, anchor: Anchor, people: People) -> None:
    """Write the modules, what PASS in Engineering asks for, and what its leaders have done."""
    cycle = Cycle.objects.select_related("programme").get(programme__slug=SLUG, code=anchor.year_code())
    modules = {plan.key: _module(plan, cycle, anchor, people) for plan in MODULES}
    _ask(cycle, list(modules.values()), people, anchor)
    amara = people.cast["amara"]
    leaders = Membership.objects.active().filter(cycle=cycle, role=Role.LEADER).order_by("pk")
    others = [one for one in leaders if one.user_id != amara.pk]
    ready = [one for one in leaders if one.user_id == amara.pk]
    _complete(anchor, people, modules, ready + others, {one.pk: place for place, one in enumerate(others, 1)})
    _set_aside(anchor, people, modules, others)


def _module(plan: ModulePlan, cycle: Cycle, anchor: Anchor, people: People) -> Module:
    created = at(anchor.year_start() - timedelta(days=40), 10)
    module = Module.objects.create(
        uuid=stable_uuid("module", plan.key),
        owner=cycle.programme if plan.is_own else None,
        title=plan.title,
        summary=plan.summary,
        hours=plan.hours,
        outcomes=plan.outcomes,
        content=plan.content,
        standard=STANDARD,
        created_by=people.cast["rhian" if plan.is_own else "helen"],
        created_at=created,
        **plan.more,
    )
    if module.assessment == "quiz":
        QuizQuestion.objects.bulk_create(
            QuizQuestion(
                uuid=stable_uuid("question", place), module=module, text=text, options=list(options), right=right,
                feedback=feedback, position=place,
            )
            for place, (text, options, right, feedback) in enumerate(QUIZ)
        )  # fmt: skip
    return module


def _ask(cycle: Cycle, modules: list[Module], people: People, anchor: Anchor) -> None:
    made = Curriculum.objects.create(
        uuid=stable_uuid("curriculum", SLUG),
        cycle=cycle,
        created_by=people.cast["rhian"],
        created_at=at(anchor.year_start() - timedelta(days=35), 11),
    )
    CurriculumModule.objects.bulk_create(
        CurriculumModule(
            curriculum=made,
            module=module,
            position=place,
            is_mandatory=module.uuid != stable_uuid("module", "online"),
            required_from=cycle.starts_on,
        )
        for place, module in enumerate(modules)
    )
    LeaderTerms.objects.create(cycle=cycle, is_paid=True, paid_since=cycle.starts_on)


def _complete(
    anchor: Anchor,
    people: People,
    modules: dict[str, Module],
    leaders: list[Membership],
    places: dict[int, int],
) -> None:
    rows, seen, checks = [], [], []
    for member in leaders:
        place = places.get(member.pk, 0)
        for number, (key, module) in enumerate(modules.items()):
            day = _day(anchor, key, place, number)
            if day is not None:
                rows.append(_completion(module, member, day, people))
        if place != FAILED:
            seen.append(_observation(modules["session"], member, anchor, people))
        checks.append(_check(member, place, anchor, people))
    Completion.objects.bulk_create(rows, batch_size=1000)
    Observation.objects.bulk_create(seen, batch_size=1000)
    RightToWork.objects.bulk_create(checks, batch_size=1000)
    _try_in_vain(anchor, modules["safeguarding"], next((one for one in leaders if places.get(one.pk) == FAILED), None))


def _day(anchor: Anchor, key: str, place: int, number: int) -> date | None:
    """When somebody completed a module; None where they have not."""
    usual = anchor.year_start() - timedelta(days=20 - number)
    if place == FAILED and key in {"safeguarding", "session"}:
        return None
    if place in {EXEMPT, RETRAINING} and key == "facilitation":
        return None
    if key == "safeguarding" and place == LAPSING:
        return anchor.today - timedelta(days=353)
    if key == "safeguarding" and place == EXPIRED:
        return anchor.today - timedelta(days=369)
    if key == "online" and place % 3 == 2:
        return None
    return usual


def _completion(module: Module, member: Membership, day: date, people: People) -> Completion:
    source = SOURCES.get(module.assessment, CompletionSource.READ)
    by_hand = source in {"observed", "register"}
    return Completion(
        uuid=stable_uuid("completion", module.uuid, member.uuid),
        user_id=member.user_id,
        module=module,
        version=1,
        completed_on=day,
        expires_on=module.expires_on(day),
        score=(80, 100)[member.pk % 2] if source == "quiz" else None,
        source=source,
        assessor=people.cast["imran"] if by_hand else None,
        recorded_at=at(day, NOON.hour),
    )


def _observation(module: Module, member: Membership, anchor: Anchor, people: People) -> Observation:
    day = anchor.year_start() - timedelta(days=17)
    marks = [[line, 3 + (member.pk + place) % 2] for place, line in enumerate(module.lines("criteria"))]
    return Observation(
        uuid=stable_uuid("observation", member.uuid),
        user_id=member.user_id,
        module=module,
        cycle_id=member.cycle_id,
        observer=people.cast["imran"],
        observed_on=day,
        occasion="Simulated session at the training day",
        marks=marks,
        is_enough=True,
        feedback="A warm opening, and real questions. Try to wait a little longer before you help.",
        recorded_at=at(day, 16),
    )


def _check(member: Membership, place: int, anchor: Anchor, people: People) -> RightToWork:
    day = anchor.year_start() - timedelta(days=15)
    return RightToWork(
        uuid=stable_uuid("right-to-work", member.uuid),
        user_id=member.user_id,
        kind="share_code" if place == VISA else "passport",
        checked_on=day,
        checked_by=people.cast["rhian"],
        valid_until=anchor.today + timedelta(days=20) if place == VISA else None,
        recorded_at=at(day, 10),
    )


def _try_in_vain(anchor: Anchor, quiz: Module, member: Membership | None) -> None:
    """Somebody began late, and has failed the quiz once."""
    if member is None:
        return
    begun = anchor.now - timedelta(days=2)
    drawn = [str(key) for key in quiz.questions.order_by("position").values_list("uuid", flat=True)]
    Attempt.objects.create(
        uuid=stable_uuid("attempt", member.uuid),
        user_id=member.user_id,
        module=quiz,
        drawn=drawn,
        answers=dict.fromkeys(drawn, 1),
        started_at=begun,
        closes_at=begun + timedelta(minutes=30),
        submitted_at=begun + timedelta(minutes=9),
        score=60,
    )


def _set_aside(anchor: Anchor, people: People, modules: dict[str, Module], others: list[Membership]) -> None:
    """One was ill on the training day; Rhian lets them lead until the next."""
    if len(others) >= EXEMPT:
        ClearanceWaiver.objects.create(
            uuid=stable_uuid("waiver", SLUG),
            membership=others[EXEMPT - 1],
            code=f"module-{modules['facilitation'].uuid}",
            reason="Ill on the training day; led for us last year. Comes to the next one.",
            until=anchor.today + timedelta(days=21),
            by=people.cast["rhian"],
            at=at(anchor.year_start(), 9),
        )
