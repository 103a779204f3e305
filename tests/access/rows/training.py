"""Training and clearance: Bio PASS asks its leaders for four modules; Amara has them, Tomos lacks some."""

from datetime import date, timedelta
from typing import Any

from tests import factories as make
from tests.access.matrix import LOGIN, PERSONAS, Row, expect
from tests.access.rows.delivery import cycle
from tests.factories import NOW, in_days
from tests.world import World
from training.models import Attempt, ClearanceWaiver, LeaderTerms, Observation, RightToWork


def extend(world: World) -> None:
    """A shared quiz in safeguarding, three modules of the programme's own, and what everybody has of them."""
    quiz = make.ModuleFactory(title="Safeguarding", assessment="quiz", is_safeguarding=True, valid_months=12, tries=2)
    question = make.QuizQuestionFactory(module=quiz, text="Whom do you tell?")
    own = [
        make.ModuleFactory(owner=world.programme, title="Role and boundaries"),
        make.ModuleFactory(owner=world.programme, title="A session", assessment="observed", criteria="Asks\nWaits"),
        make.ModuleFactory(owner=world.programme, title="Training day", assessment="sign_off", mode="live"),
    ]
    make.CurriculumFactory(cycle=world.cycle, modules=[quiz, *own])
    for module in (quiz, *own):
        until = date(2026, 11, 20) if module is quiz else None
        make.CompletionFactory(user=world.amara, module=module, expires_on=until)
    LeaderTerms.objects.create(cycle=world.cycle, is_paid=True, paid_since=date(2026, 9, 1))
    RightToWork.objects.create(user=world.amara, kind="passport", checked_on=date(2026, 9, 1), recorded_at=in_days(-60))
    tomos = make.MembershipFactory(cycle=world.cycle, role="leader", user__given_name="Tomos")
    about = {"drawn": [str(question.uuid)], "started_at": in_days(-2), "closes_at": in_days(-1)}
    over = {"submitted_at": in_days(-2), "score": 0, "answers": {str(question.uuid): 1}}
    for _ in range(2):
        Attempt.objects.create(user=tomos.user, module=quiz, **about, **over)
    mine = {"drawn": [str(question.uuid)], "started_at": NOW, "closes_at": in_days(9000)}
    world.extra |= {
        "quiz": quiz,
        "question": question,
        "read": own[0],
        "practice": own[1],
        "day": own[2],
        "tomos": tomos,
        "attempt": Attempt.objects.create(user=world.amara, module=quiz, **mine),
        "signed": make.CompletionFactory(user=tomos.user, module=own[2], source="sign_off", assessor=world.rhian),
        "waiver": ClearanceWaiver.objects.create(
            membership=tomos, code=f"module-{own[0].uuid}", reason="Ill", until=date(2090, 1, 1), by=world.rhian, at=NOW
        ),
    }


def grow(world: World, times: int) -> None:
    """More modules, leaders, completions, tries, observations and waivers."""
    entries = world.extra["quiz"].curriculum_entries.get().curriculum.entries
    for number in range(times):
        module = make.ModuleFactory()
        entries.create(module=module, position=9 + number, required_from=date(2026, 9, 21))
        make.QuizQuestionFactory(module=world.extra["quiz"])
        make.CompletionFactory(user=world.amara, module=module, expires_on=date(2026, 11, 9))
        leader = make.MembershipFactory(cycle=world.cycle, role="leader")
        day = date(2026, 6, 1) + timedelta(days=world.amara.completions.count())  # one a day
        for who in (leader.user, world.amara, world.extra["tomos"].user):
            make.CompletionFactory(user=who, module=world.extra["quiz"], completed_on=day)
            Observation.objects.create(
                user=who, module=world.extra["practice"], cycle=world.cycle, observer=world.imran,
                observed_on=date(2026, 10, 1), marks=[["Asks", 2]], is_enough=False, feedback="Wait longer",
                recorded_at=NOW,
            )  # fmt: skip
            Attempt.objects.create(
                user=who, module=world.extra["quiz"], drawn=[], started_at=in_days(-2), closes_at=in_days(-1),
                submitted_at=in_days(-2), score=0,
            )  # fmt: skip
        RightToWork.objects.create(user=leader.user, kind="other", checked_on=date(2026, 9, 1), recorded_at=NOW)
        ClearanceWaiver.objects.create(
            membership=leader, code=f"module-{world.extra['practice'].uuid}", reason="Away", until=date(2090, 1, 1),
            by=world.rhian, at=NOW,
        )  # fmt: skip


def of(name: str) -> Any:
    return lambda world: {"uuid": world.extra[name].uuid}


def leader(**more: str) -> Any:
    """Tomos in Bio PASS, with the uuid of something else by its name in the address."""
    return lambda world: {
        **cycle(world),
        "uuid": world.extra["tomos"].uuid,
        **{key: world.extra[name].uuid for key, name in more.items()},
    }


def waives(world: World) -> dict[str, Any]:
    return {**leader()(world), "blocker": f"module-{world.extra['practice'].uuid}"}


EVERYONE = {persona: 200 for persona in PERSONAS if persona != "anonymous"}
# A shared module: whoever leads, coordinates or supervises somewhere, or has a role in the institution.
SHARED = {
    "anonymous": LOGIN, "leader": 200, "coordinator": 200, "supervisor": 200, "other_coordinator": 200,
    "institution_lead": 200, "safeguarding_lead": 200, "last_year": 200,
}  # fmt: skip
# A programme's own: those who lead, coordinate or supervise there, and who runs it from above.
OWN = {
    "anonymous": LOGIN, "leader": 200, "coordinator": 200, "supervisor": 200, "institution_lead": 200, "last_year": 200,
}  # fmt: skip
KEEPS = {"anonymous": LOGIN, "institution_lead": 200, "safeguarding_lead": 200, "superuser": 200}
CHANGES_OWN = {
    "anonymous": LOGIN, "coordinator": 200, "leader": 403, "supervisor": 403, "institution_lead": 403, "last_year": 403,
}  # fmt: skip
CHANGES_SHARED = {
    "anonymous": LOGIN, "institution_lead": 200, "safeguarding_lead": 200, "leader": 403, "coordinator": 403,
    "supervisor": 403, "other_coordinator": 403, "last_year": 403,
}  # fmt: skip
RUNS = {"anonymous": LOGIN, "coordinator": 200, "institution_lead": 403, "supervisor": 200}
COORDINATES = RUNS | {"supervisor": 403}


def moves(of_get: dict[str, Any]) -> dict[str, Any]:
    return {persona: 302 if status == 200 else status for persona, status in of_get.items()}


MODULE = {
    "title": "New", "hours": "1", "mode": "self_paced", "assessment": "none", "pass_mark": "80", "minutes": "60",
}  # fmt: skip
QUESTION = {"text": "Who?", "option1": "You", "option2": "Nobody", "right": "1"}
WAIVER = {"until": "2026-12-01", "reason": "Ill"}
OBSERVED = {"observed_on": "2026-10-01", "mark0": "3", "mark1": "3", "is_enough": "yes", "feedback": "Good"}
SIGNED = {"completed_on": "2026-10-02", "evidence": "Was there"}


def said(data: dict[str, str]) -> Any:
    return lambda world: data


def answers(world: World) -> dict[str, str]:
    return {f"answer-{world.extra['question'].uuid}": "0"}


def chosen(world: World) -> dict[str, str]:
    wanted = {f"use-{world.extra[name].uuid}": "must" for name in ("quiz", "read")}
    return {"seen": "1", "new_from": "2026-12-01", **wanted}


ROWS = [
    # --- for those who do it ---
    Row("training:mine", expect(LOGIN, **EVERYONE)),
    Row("training:module_detail", expect(404, **SHARED), of("quiz"), note="shared"),
    Row("training:module_detail", expect(404, **OWN), of("practice"), note="own"),
    Row("training:module_detail", expect(404, **OWN), of("read"), note="to read"),
    Row("training:module_read", expect(404, **moves(OWN)), of("read"), method="POST"),
    Row("training:quiz_start", expect(404, **moves(SHARED)), of("quiz"), method="POST"),
    Row("training:quiz_answer", expect(404, anonymous=LOGIN, leader=200), of("attempt")),
    Row(
        "training:quiz_answer", expect(404, anonymous=LOGIN, leader=302), of("attempt"), method="POST", data=answers
    ),
    # --- modules and curricula ---
    Row("training:shared_modules", expect(403, **KEEPS)),
    Row("training:shared_create", expect(403, **KEEPS)),
    Row("training:shared_create", expect(403, **moves(KEEPS)), method="POST", data=said(MODULE)),
    Row("training:module_edit", expect(404, **CHANGES_SHARED), of("quiz"), note="shared"),
    Row("training:module_edit", expect(404, **CHANGES_OWN), of("practice"), note="own"),
    Row("training:module_edit", expect(404, **moves(CHANGES_OWN)), of("practice"), method="POST", data=said(MODULE)),
    Row("training:module_close", expect(404, **moves(CHANGES_OWN)), of("practice"), method="POST"),
    Row("training:question_create", expect(404, **CHANGES_SHARED), of("quiz")),
    Row(
        "training:question_create", expect(404, **moves(CHANGES_SHARED)), of("quiz"), method="POST",
        data=said(QUESTION),
    ),
    Row("training:question_edit", expect(404, **CHANGES_SHARED), of("question")),
    Row(
        "training:question_edit", expect(404, **moves(CHANGES_SHARED)), of("question"), method="POST",
        data=said(QUESTION),
    ),
    Row("training:question_retire", expect(404, **moves(CHANGES_SHARED)), of("question"), method="POST"),
    Row("training:curriculum", expect(404, **COORDINATES), cycle),
    Row("training:curriculum", expect(404, **moves(COORDINATES)), cycle, method="POST", data=chosen),
    Row("training:terms_change", expect(404, **moves(COORDINATES)), cycle, method="POST"),
    Row("training:module_create", expect(404, **COORDINATES), cycle),
    Row("training:module_create", expect(404, **moves(COORDINATES)), cycle, method="POST", data=said(MODULE)),
    # --- the board, one person, who is ready ---
    Row("training:board", expect(404, **RUNS), cycle),
    Row("training:board", expect(404, **RUNS), cycle, query="?show=missing", note="missing"),
    Row("training:board_export", expect(404, **COORDINATES), cycle),
    Row("training:board_nudge", expect(404, **moves(COORDINATES)), cycle, method="POST"),
    Row("training:readiness", expect(404, **RUNS), cycle),
    Row("training:inactive_list", expect(404, **COORDINATES), cycle),
    Row("training:inactive_write", expect(404, **moves(COORDINATES)), leader(), method="POST"),
    Row("training:person", expect(404, **RUNS), leader()),
    Row("training:completion_record", expect(404, **RUNS), leader(module="practice"), note="observe"),
    Row(
        "training:completion_record", expect(404, **moves(RUNS)), leader(module="practice"), method="POST",
        data=said(OBSERVED),
    ),
    Row("training:completion_record", expect(404, **RUNS), leader(module="day"), note="sign off"),
    Row(
        "training:completion_record", expect(404, **moves(RUNS)), leader(module="day"), method="POST",
        data=said(SIGNED), note="sign off",
    ),
    Row("training:completion_withdraw", expect(404, **RUNS), leader(completion="signed")),
    Row(
        "training:completion_withdraw", expect(404, **moves(RUNS)), leader(completion="signed"), method="POST",
        data=said({"reason": "Somebody else"}),
    ),
    Row("training:tries_forgive", expect(404, **moves(RUNS)), leader(module="quiz"), method="POST"),
    Row("training:waiver_create", expect(404, **COORDINATES), waives),
    Row("training:waiver_create", expect(404, **moves(COORDINATES)), waives, method="POST", data=said(WAIVER)),
    Row("training:waiver_end", expect(404, **moves(COORDINATES)), leader(waiver="waiver"), method="POST"),
    Row("training:right_to_work_record", expect(404, **COORDINATES), leader()),
    Row(
        "training:right_to_work_record", expect(404, **moves(COORDINATES)), leader(), method="POST",
        data=said({"kind": "passport", "checked_on": "2026-10-01"}),
    ),
]  # fmt: skip
