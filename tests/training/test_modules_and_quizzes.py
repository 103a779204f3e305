"""Modules, curricula, quizzes and completions: what counts, once, in time, and for whom."""

import random
import uuid
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from peerhub.common.models import AuditEvent
from programmes.models import Cycle
from tests import factories as make
from tests.factories import NOW, TODAY, in_days, in_hours
from training.models import Attempt, Completion, Curriculum, Module, Observation
from training.models.modules import months_after
from training.queries.learning import my_training, reading
from training.queries.standing import Done, State, lapses_on, state_on
from training.services import completions, curricula, modules, quizzes
from training.services.completions import CompletionRefused
from training.services.curricula import CurriculumRefused, Entry
from training.services.modules import ModuleRefused, ModuleText, QuestionText
from training.services.quizzes import QuizRefused

pytestmark = pytest.mark.django_db
BORN = random.Random(7)


@pytest.fixture
def amara():
    return make.UserFactory(given_name="Amara")


@pytest.fixture
def rhian():
    return make.UserFactory(given_name="Rhian")


@pytest.fixture
def quiz():
    module = make.ModuleFactory(assessment="quiz", pass_mark=60, tries=2, minutes=30, valid_months=12)
    for _ in range(5):
        make.QuizQuestionFactory(module=module)
    return module


def answers(attempt: Attempt, right: int) -> dict[str, int]:
    return {key: 0 if number < right else 1 for number, key in enumerate(attempt.drawn)}


def begin(who, module, now=NOW):
    return quizzes.start_quiz(actor=who, module_id=module.pk, now=now, draw=BORN)


def hand_in(attempt, right, *, now=NOW, **more):
    return quizzes.submit_quiz(
        actor=attempt.user, attempt_id=attempt.pk, answers=answers(attempt, right) | more, now=now
    )


# --- states -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("done", "state"),
    [
        (None, State.NOT_STARTED),
        (Done(TODAY, None), State.COMPLETE),
        (Done(TODAY, TODAY + timedelta(days=31)), State.COMPLETE),
        (Done(TODAY, TODAY + timedelta(days=30)), State.EXPIRING),
        (Done(TODAY, TODAY + timedelta(days=1)), State.EXPIRING),
        (Done(TODAY - timedelta(days=400), TODAY), State.EXPIRED),
    ],
)
def test_state_follows_the_day(done, state):
    assert state_on(TODAY, done) == state


def test_state_of_who_has_begun_and_of_who_is_exempt():
    assert state_on(TODAY, None, has_begun=True) == State.IN_PROGRESS
    assert state_on(TODAY, None, exempt_until=TODAY) == State.EXEMPT
    assert state_on(TODAY, Done(TODAY, TODAY), exempt_until=TODAY - timedelta(days=1)) == State.EXPIRED


def test_lapse_is_the_first_day_without():
    asked = date(2026, 9, 21)
    assert lapses_on(None, required_from=asked) == asked
    assert lapses_on(Done(TODAY, None), required_from=asked) is None
    assert lapses_on(Done(TODAY, TODAY), required_from=asked) == TODAY
    assert lapses_on(Done(asked, date(2026, 9, 1)), required_from=asked) == asked
    assert lapses_on(None, required_from=asked, exempt_until=TODAY) == TODAY + timedelta(days=1)


def test_a_year_after_the_29th_of_february_is_the_28th():
    assert months_after(date(2028, 2, 29), 12) == date(2029, 2, 28)
    assert months_after(date(2026, 10, 31), 4) == date(2027, 2, 28)


# --- modules and curricula --------------------------------------------------------------------------------------------
def test_module_of_other_content_is_another_version(rhian):
    text = ModuleText(title="Roles", hours=Decimal("1.5"), content="One")
    module = modules.create_module(actor=rhian, owner=None, text=text, now=NOW)
    renamed, rewritten = (ModuleText("Roles, too", Decimal(2), content=said) for said in ("One", "Two"))
    for wanted, version in ((text, 1), (renamed, 1), (rewritten, 2)):
        module = modules.change_module(actor=rhian, module_id=module.pk, text=wanted, now=NOW)
        assert module.version == version
    assert AuditEvent.objects.filter(action="training.module_changed").count() == 2


def test_observation_needs_criteria_and_questions_need_answers(rhian, quiz):
    with pytest.raises(ModuleRefused) as refused:
        modules.create_module(actor=rhian, owner=None, text=ModuleText("x", Decimal(1), assessment="observed"), now=NOW)
    assert refused.value.code == "no_criteria"
    for options, right, code in ((["a"], 0, "options"), (["a", "a"], 0, "options"), (["a", "b"], 2, "right")):
        text = QuestionText("?", options, right)
        with pytest.raises(ModuleRefused) as refused:
            modules.save_question(actor=rhian, module_id=quiz.pk, text=text, now=NOW)
        assert refused.value.code == code
    assert quiz.questions.count() == 5


def test_changed_question_leaves_the_old_one_to_those_who_were_asked(rhian, amara, quiz):
    attempt = begin(amara, quiz)
    old = quiz.questions.get(uuid=attempt.drawn[0])
    modules.save_question(
        actor=rhian, module_id=quiz.pk, text=QuestionText("Anew?", ["a", "b"], 1), replaces=old.pk, now=NOW
    )
    assert hand_in(attempt, 5).score == 100
    assert old.text not in [one.text for one in quiz.questions.in_use()]


def test_curriculum_is_versioned_and_keeps_since_when_it_asks(rhian):
    cycle = make.CycleFactory()
    one, two = make.ModuleFactory(), make.ModuleFactory(owner=cycle.programme)
    first = save(rhian, cycle, [Entry(one.pk)], 0, TODAY)
    second = save(rhian, cycle, [Entry(two.pk, is_mandatory=False), Entry(one.pk)], 1, TODAY + timedelta(days=9))
    assert (first.version, second.version) == (1, 2)
    rows = [(row.module_id, row.is_mandatory, row.required_from) for row in second.entries.order_by("position")]
    assert rows == [(two.pk, False, TODAY + timedelta(days=9)), (one.pk, True, TODAY)]
    assert list(Curriculum.objects.current()) == [second]
    assert save(rhian, cycle, [Entry(two.pk, is_mandatory=False), Entry(one.pk)], 2, TODAY) == second


def save(actor, cycle, entries, seen, new_from):
    return curricula.save_curriculum(
        actor=actor, cycle_id=cycle.pk, entries=entries, seen=seen, new_from=new_from, now=NOW
    )


def test_curriculum_refuses_what_is_not_its_own(rhian):
    cycle = make.CycleFactory()
    mine, closed = make.ModuleFactory(), make.ModuleFactory(closed_at=NOW)
    foreign = make.ModuleFactory(owner=make.ProgrammeFactory())
    save(rhian, cycle, [Entry(mine.pk)], 0, TODAY)
    for entries, seen, code in (
        ([Entry(foreign.pk)], 1, "unknown_module"),
        ([Entry(closed.pk)], 1, "unknown_module"),
        ([Entry(mine.pk), Entry(mine.pk)], 1, "twice"),
        ([Entry(mine.pk)], 0, "changed"),
    ):
        with pytest.raises(CurriculumRefused) as refused:
            save(rhian, cycle, entries, seen, TODAY)
        assert refused.value.code == code
    Cycle.objects.filter(pk=cycle.pk).update(state="closed")
    with pytest.raises(CurriculumRefused, match="closed"):
        save(rhian, cycle, [], 1, TODAY)
    assert Curriculum.objects.count() == 1


# --- reading and sign-off ---------------------------------------------------------------------------------------------
def test_reading_twice_on_a_day_is_once_and_counts_in_every_programme(amara):
    module = make.ModuleFactory(valid_months=12)
    for _ in range(2):
        cycle = make.CycleFactory()
        make.MembershipFactory(cycle=cycle, user=amara, role="leader")
        make.CurriculumFactory(cycle=cycle, modules=[module])
    for _ in range(2):
        completions.complete_reading(actor=amara, module_id=module.pk, now=NOW)
    done = Completion.objects.get()
    assert (done.completed_on, done.expires_on, done.source) == (TODAY, date(2027, 11, 4), "read")
    (line,) = my_training(amara, now=NOW).lines
    assert line.state == State.COMPLETE
    assert len(line.asked_by) == 2


def test_reading_completes_neither_quizzes_nor_live_nor_closed_modules(amara, quiz):
    for module in (quiz, make.ModuleFactory(mode="live"), make.ModuleFactory(closed_at=NOW)):
        with pytest.raises(CompletionRefused):
            completions.complete_reading(actor=amara, module_id=module.pk, now=NOW)
    assert not Completion.objects.exists()


def test_sign_off_needs_grounds_and_somebody_else(rhian, quiz):
    membership = make.MembershipFactory(role="leader")
    day = make.ModuleFactory(assessment="sign_off")
    good = {"membership": membership, "module_id": day.pk, "completed_on": TODAY, "evidence": "Was there", "now": NOW}
    for changed, code in (
        ({"evidence": " "}, "no_evidence"),
        ({"completed_on": TODAY + timedelta(days=1)}, "in_future"),
        ({"module_id": quiz.pk}, "by_quiz"),
        ({"membership": make.MembershipFactory(role="leader", status="left")}, "not_here"),
        ({"membership": make.MembershipFactory(role="leader", user=rhian)}, "own"),
    ):
        with pytest.raises(CompletionRefused) as refused:
            completions.sign_off(actor=rhian, **good | changed)
        assert refused.value.code == code
    assert not Completion.objects.exists()
    done = completions.sign_off(actor=rhian, **good)
    assert (done.assessor, done.source) == (rhian, "sign_off")


def test_mistake_is_taken_back_and_stays_on_record(rhian):
    membership = make.MembershipFactory(role="leader")
    done = make.CompletionFactory(user=membership.user)
    for _ in range(2):
        completions.withdraw_completion(
            actor=rhian, membership=membership, completion_id=done.pk, reason="Somebody else", now=NOW
        )
    assert not Completion.objects.counting().exists()
    assert Completion.objects.get().withdrawn_by == rhian
    assert AuditEvent.objects.filter(action="training.completion_withdrawn").count() == 1


def test_observation_counts_when_it_is_good_enough(rhian):
    membership = make.MembershipFactory(role="leader")
    module = make.ModuleFactory(assessment="observed", criteria="Asks\nWaits")
    good = {
        "membership": membership,
        "module_id": module.pk,
        "observed_on": TODAY,
        "feedback": "Wait longer",
        "now": NOW,
    }
    for marks, feedback, code in (([3], "x", "marks"), ([3, 5], "x", "marks"), ([3, 3], " ", "no_feedback")):
        with pytest.raises(CompletionRefused) as refused:
            completions.record_observation(actor=rhian, **good | {"feedback": feedback}, marks=marks, is_enough=True)
        assert refused.value.code == code
    completions.record_observation(actor=rhian, **good, marks=[1, 2], is_enough=False)
    assert reading(module, membership.user, now=NOW).state == State.IN_PROGRESS
    completions.record_observation(actor=rhian, **good, marks=[3, 4], is_enough=True)
    assert reading(module, membership.user, now=NOW).state == State.COMPLETE
    assert Observation.objects.count() == 2
    assert Observation.objects.latest("pk").marks == [["Asks", 3], ["Waits", 4]]


# --- quizzes ----------------------------------------------------------------------------------------------------------
def test_quiz_failed_then_passed(amara, quiz):
    assert not hand_in(begin(amara, quiz), 2).is_passed
    assert not Completion.objects.exists()
    second = hand_in(begin(amara, quiz, in_hours(1)), 3, now=in_hours(1))
    assert (second.score, second.is_passed) == (60, True)  # 60 % exactly passes
    done = Completion.objects.get()
    assert (done.score, done.source, done.expires_on) == (60, "quiz", date(2027, 11, 4))


def test_quiz_handed_in_twice_counts_once(amara, quiz):
    attempt = begin(amara, quiz)
    hand_in(attempt, 2)
    again = hand_in(attempt, 5)
    assert (again.score, again.is_passed) == (40, False)
    assert AuditEvent.objects.filter(action="training.quiz_submitted").count() == 1


def test_quiz_too_late_is_refused_and_used_up(amara, quiz):
    attempt = begin(amara, quiz)
    with pytest.raises(QuizRefused) as refused:
        hand_in(attempt, 5, now=in_hours(0.5))
    assert refused.value.code == "late"
    attempt.refresh_from_db()
    assert attempt.submitted_at is None
    begin(amara, quiz, in_hours(1))
    attempt.refresh_from_db()
    assert attempt.score == 0
    assert Attempt.objects.count() == 2


def test_quiz_of_a_closed_module_is_refused(amara, rhian, quiz):
    attempt = begin(amara, quiz)
    modules.close_module(actor=rhian, module_id=quiz.pk, is_open=False, now=NOW)
    for ask in (lambda: hand_in(attempt, 5), lambda: begin(make.UserFactory(), quiz)):
        with pytest.raises(QuizRefused) as refused:
            ask()
        assert refused.value.code == "closed"
    assert not Completion.objects.exists()


def test_quiz_takes_answers_to_its_own_questions_alone(amara, quiz):
    Module.objects.filter(pk=quiz.pk).update(questions_drawn=3)
    attempt = begin(amara, quiz)
    assert len(attempt.drawn) == 3
    other = next(str(one.uuid) for one in quiz.questions.all() if str(one.uuid) not in attempt.drawn)
    for more, code in (
        ({other: 0}, "unknown_question"),
        ({str(uuid.uuid4()): 0}, "unknown_question"),
        ({attempt.drawn[0]: 3}, "unknown_answer"),
        ({attempt.drawn[0]: -1}, "unknown_answer"),
    ):
        with pytest.raises(QuizRefused) as refused:
            hand_in(attempt, 3, **more)
        assert refused.value.code == code
    with pytest.raises(QuizRefused, match="unanswered"):
        quizzes.submit_quiz(actor=amara, attempt_id=attempt.pk, answers={}, now=NOW)
    attempt.refresh_from_db()
    assert attempt.submitted_at is None


def test_tries_run_out_and_a_coordinator_gives_more(amara, rhian, quiz):
    for _ in range(2):
        hand_in(begin(amara, quiz), 0)
    with pytest.raises(QuizRefused, match="no_tries"):
        begin(amara, quiz)
    about = {"user_id": amara.pk, "module_id": quiz.pk, "cycle_id": make.CycleFactory().pk, "now": NOW}
    with pytest.raises(QuizRefused, match="own"):
        quizzes.forgive_tries(actor=amara, **about)
    assert quizzes.forgive_tries(actor=rhian, **about) == 2
    assert hand_in(begin(amara, quiz), 5).is_passed
    with pytest.raises(QuizRefused, match="passed"):
        begin(amara, quiz)
    assert begin(amara, quiz, in_days(340)).submitted_at is None  # it runs out soon: again


def test_somebody_elses_try_is_nobodys_business(amara, rhian, quiz):
    attempt = begin(amara, quiz)
    with pytest.raises(Attempt.DoesNotExist):
        quizzes.submit_quiz(actor=rhian, attempt_id=attempt.pk, answers={}, now=NOW)


def test_rows_that_cannot_be(amara, quiz):
    attempt = begin(amara, quiz)
    done = make.CompletionFactory(user=amara, module=quiz)
    for rows, wrong in (
        (Completion.objects.filter(pk=done.pk), {"score": 101}),
        (Completion.objects.filter(pk=done.pk), {"expires_on": done.completed_on}),
        (Completion.objects.filter(pk=done.pk), {"source": "gossip"}),
        (Attempt.objects.filter(pk=attempt.pk), {"submitted_at": NOW}),
        (Attempt.objects.filter(pk=attempt.pk), {"closes_at": attempt.started_at}),
        (Module.objects.filter(pk=quiz.pk), {"hours": 0}),
        (Module.objects.filter(pk=quiz.pk), {"pass_mark": 101}),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        make.CompletionFactory(user=amara, module=quiz)


# --- the pages --------------------------------------------------------------------------------------------------------
def test_pages_lead_through_a_quiz_and_say_why(amara, quiz, client_of, frozen):
    make.MembershipFactory(user=amara, role="leader")
    client = client_of(amara)
    started = client.post(reverse("training:quiz_start", args=[quiz.uuid]))
    attempt = Attempt.objects.get()
    assert started["Location"] == reverse("training:quiz_answer", args=[attempt.uuid])
    wrong = {f"answer-{key}": "1" for key in attempt.drawn}
    for more in ({f"answer-{uuid.uuid4()}": "0"}, {f"answer-{attempt.drawn[0]}": "99999999999999999999"}):
        refused = client.post(started["Location"], wrong | more)
        assert refused.status_code == 422
    assert client.post(started["Location"], wrong).status_code == 302
    body = client.get(started["Location"]).content.decode()
    assert "Not passed yet" in body
    assert "Because." in body
    assert "(right)" not in body  # what is right is said to who has passed
    assert "You have 1 try." in client.get(reverse("training:module_detail", args=[quiz.uuid])).content.decode()
