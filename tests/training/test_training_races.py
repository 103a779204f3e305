"""Two presses at once. What only PostgreSQL can prove."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from peerhub.accounts.models import ExternalId
from peerhub.common.models.outbox import Message
from tests import factories as make
from tests.factories import NOW
from tests.programmes.test_log_races import all_at_once
from training.models import (
    Attempt,
    CertificationAward,
    CertificationLevel,
    CertificationScheme,
    ClearanceWaiver,
    Completion,
    DeliveryPlace,
)
from training.services import (
    certification,
    clearances,
    completion_imports,
    completions,
    delivery_places,
    nudges,
    quizzes,
    registers,
)
from training.services.completion_imports import ModuleColumn, lines_of, seal_of

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


def test_a_level_granted_by_four_at_once_is_one_award(leader):
    scheme = CertificationScheme.objects.create(title="Ladder", source="A standard", created_at=NOW)
    level = CertificationLevel.objects.create(scheme=scheme, number=1, title="One", hours=0)
    about = {"membership": leader, "level_id": level.pk, "now": NOW}
    people = make.UserFactory.create_batch(4)
    calls = [lambda who=who: certification.grant_award(actor=who, **about) for who in people]
    assert sorted(all_at_once(calls)) == ["have_it"] * 3 + ["ok"]
    assert CertificationAward.objects.count() == 1


def test_a_file_imported_by_four_at_once_and_another_with_the_same_is_recorded_once(leader):
    ExternalId.objects.create(user=leader.user, source="records", value="0041")
    module = make.ModuleFactory(owner=leader.cycle.programme, title="First steps")
    who = make.UserFactory()
    text = b"ID number,First steps\n0041,90\n"
    wanted = [ModuleColumn(module.uuid, 1, Decimal(100), 80)]
    rows = []
    for _ in range(2):
        about = {"actor": who, "now": NOW}
        row = completion_imports.upload_completions(
            cycle=leader.cycle, file=SimpleUploadedFile("x.csv", text), name="x.csv", **about
        )
        chosen = {"identifier": 0, "email": None, "source": "records", "modules": wanted, "on": NOW.date()}
        row = completion_imports.check_completions(import_id=row.pk, **chosen, **about)
        seen = seal_of(lines_of(row))
        rows += [{"import_id": row.pk, "seen": seen, **about}] * 2
    calls = [lambda row=row: completion_imports.import_completions(**row) for row in rows]
    assert set(all_at_once(calls)) <= {"ok", "wrong_state", "changed"}
    assert Completion.objects.count() == 1
