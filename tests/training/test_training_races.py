"""Two presses at once. What only PostgreSQL can prove."""

import pytest

from peerhub.common.models.outbox import Message
from tests import factories as make
from tests.factories import NOW
from tests.programmes.test_log_races import all_at_once
from training.models import Attempt, ClearanceWaiver, Completion
from training.services import clearances, completions, nudges, quizzes

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def leader(vocabulary):
    membership = make.MembershipFactory(role="leader")
    make.CurriculumFactory(cycle=membership.cycle, modules=[make.ModuleFactory()])
    return membership


def test_a_quiz_begun_eight_times_at_once_is_one_try(leader):
    quiz = make.QuizQuestionFactory().module
    calls = [lambda: quizzes.start_quiz(actor=leader.user, module_id=quiz.pk, now=NOW)] * 8
    assert set(all_at_once(calls)) == {"ok"}
    assert Attempt.objects.count() == 1


def test_a_quiz_handed_in_eight_times_at_once_counts_once(leader):
    quiz = make.QuizQuestionFactory().module
    attempt = quizzes.start_quiz(actor=leader.user, module_id=quiz.pk, now=NOW)
    answers = {attempt.drawn[0]: 0}
    calls = [lambda: quizzes.submit_quiz(actor=leader.user, attempt_id=attempt.pk, answers=answers, now=NOW)] * 8
    assert set(all_at_once(calls)) == {"ok"}
    assert Completion.objects.count() == 1


def test_reading_confirmed_eight_times_at_once_is_one_completion(leader):
    module = make.ModuleFactory()
    calls = [lambda: completions.complete_reading(actor=leader.user, module_id=module.pk, now=NOW)] * 8
    assert set(all_at_once(calls)) == {"ok"}
    assert Completion.objects.count() == 1


def test_a_blocker_waived_by_two_at_once_has_one_waiver(leader):
    module = leader.cycle.curricula.get().entries.get().module
    about = {"membership_id": leader.pk, "code": f"module-{module.uuid}", "reason": "Ill", "until": NOW.date()}
    calls = [lambda: clearances.waive_blocker(actor=make.UserFactory(), now=NOW, **about)] * 2
    assert set(all_at_once(calls)) == {"ok"}
    assert ClearanceWaiver.objects.standing().count() == 1


def test_a_nudge_pressed_by_two_at_once_is_one_letter(leader):
    calls = [lambda: nudges.nudge(actor=make.UserFactory(), cycle=leader.cycle, now=NOW)] * 2
    assert set(all_at_once(calls)) == {"ok"}
    assert Message.objects.filter(channel="email", kind="training.nudge").count() == 1
