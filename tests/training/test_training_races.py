"""Two presses at once. What only PostgreSQL can prove."""

import pytest

from peerhub.common.models.outbox import Message
from tests import factories as make
from tests.factories import NOW
from tests.programmes.test_log_races import all_at_once
from training.models import Attempt, ClearanceWaiver, Completion, DeliveryPlace
from training.services import clearances, completions, delivery_places, nudges, quizzes, registers

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


def test_one_place_and_eight_who_book_at_once(vocabulary):
    delivery = make.DeliveryFactory(capacity=1)
    people = [make.MembershipFactory(role="leader").user for _ in range(8)]

    def book(who):
        return lambda: delivery_places.book_place(actor=who, delivery_id=delivery.pk, now=NOW)

    assert set(all_at_once([book(one) for one in people])) == {"ok"}
    assert sorted(delivery.places.values_list("state", flat=True)) == ["booked", *["waiting"] * 7]
    first = delivery.places.get(state="booked").user

    def give_back():
        delivery_places.give_back_place(actor=first, delivery_id=delivery.pk, now=NOW)

    assert set(all_at_once([give_back] * 4)) == {"ok"}
    assert delivery.places.filter(state="booked").count() == 1
    assert Message.objects.filter(channel="email", kind="training.place_came_free").count() == 1


def test_one_person_who_books_two_dates_at_once_has_one(leader):
    module = make.ModuleFactory(mode="live")
    dates = [make.DeliveryFactory(module=module) for _ in range(4)]

    def book(delivery):
        return lambda: delivery_places.book_place(actor=leader.user, delivery_id=delivery.pk, now=NOW)

    assert all_at_once([book(one) for one in dates]) == ["another"] * 3 + ["ok"]
    assert DeliveryPlace.objects.count() == 1


def test_a_register_saved_by_two_at_once_completes_once(leader):
    place = make.DeliveryPlaceFactory(user=leader.user)
    about = {"delivery_id": place.delivery_id, "came": [place.uuid], "now": place.delivery.ends_at}
    calls = [lambda: registers.take_register(actor=make.UserFactory(), **about)] * 4
    assert set(all_at_once(calls)) == {"ok"}
    assert Completion.objects.count() == 1
