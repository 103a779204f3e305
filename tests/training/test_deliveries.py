"""Dates of live modules: planned, booked in order, called off; and the register, which completes and corrects."""

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from peerhub.common import stages
from peerhub.common.errors import DomainError
from peerhub.common.mail import NotWanted
from peerhub.common.mail.writing import write_letters
from peerhub.common.models import Message
from peerhub.common.once import Repeated
from programmes.models import Membership
from tests import factories as make
from tests.factories import NOW, TODAY, in_days, in_hours
from training.forms.deliveries import DeliveryForm
from training.models import Completion, Delivery, DeliveryPlace, Module
from training.queries import deliveries as reads
from training.queries.board import board_of
from training.queries.delivery_reminders import delivery_reminders
from training.queries.training_holdings import training_holdings
from training.services import completions, deliveries, delivery_places, quizzes, registers
from training.services.deliveries import DeliveryPlan
from training.services.training_erasure import forget_training

pytestmark = pytest.mark.django_db


def leader(**more):
    return make.MembershipFactory(role="leader", **more).user


@pytest.fixture
def delivery():
    return make.DeliveryFactory(capacity=1)


@pytest.fixture
def rhian():
    return make.UserFactory(given_name="Rhian")


def book(who, delivery, now=NOW, **more):
    return delivery_places.book_place(actor=who, delivery_id=delivery.pk, now=now, **more)


def give_back(who, delivery, now=NOW):
    delivery_places.give_back_place(actor=who, delivery_id=delivery.pk, now=now)


def register(actor, delivery, *places, now=None, **more):
    came = [one.uuid for one in places]
    return registers.take_register(actor=actor, delivery_id=delivery.pk, came=came, now=now or delivery.ends_at, **more)


def states(delivery):
    return list(delivery.places.order_by("pk").values_list("state", flat=True))


def letters(kind, now=NOW):
    rows = list(Message.objects.filter(channel="email", kind=f"training.{kind}").select_related("recipient"))
    return [said for _row, said in write_letters(rows, now)]


def code_of(call):
    with pytest.raises(DomainError) as refused:
        call()
    return refused.value.code


def plan_of(delivery, **more):
    names = DeliveryPlan.__dataclass_fields__
    return DeliveryPlan(**{name: getattr(delivery, name) for name in names} | more)


# --- places -----------------------------------------------------------------------------------------------------------
def test_places_go_in_order_and_move_up_by_themselves(delivery):
    amara, lena, tomos = leader(), leader(), leader()
    assert [book(one, delivery).state for one in (amara, lena, tomos)] == ["booked", "waiting", "waiting"]
    assert book(amara, delivery).state == "booked"
    give_back(amara, delivery)
    give_back(amara, delivery)
    assert states(delivery) == ["given_back", "booked", "waiting"]
    give_back(tomos, delivery)
    assert states(delivery) == ["given_back", "booked", "given_back"]
    (said,) = letters("place_came_free")
    assert "A place came free" in said.subject
    assert said.attachment.filename == "training.ics"
    (booked,) = letters("place_booked")
    assert isinstance(booked, NotWanted)
    assert book(amara, delivery).state == "waiting"


def test_more_places_go_to_those_who_wait(delivery, rhian):
    for _ in range(3):
        book(leader(), delivery)
    plan = plan_of(delivery, capacity=2)
    deliveries.change_delivery(actor=rhian, delivery_id=delivery.pk, plan=plan, now=NOW)
    assert states(delivery) == ["booked", "booked", "waiting"]
    assert not Message.objects.filter(kind="training.delivery_changed").exists()
    fewer = plan_of(delivery, capacity=1)
    assert code_of(lambda: deliveries.change_delivery(actor=rhian, delivery_id=delivery.pk, plan=fewer, now=NOW)) == (
        "too_few"
    )


def test_booking_is_refused_with_its_reason(delivery, rhian):
    amara = leader()
    other = make.DeliveryFactory(module=delivery.module, starts_at=in_days(9))
    assert code_of(lambda: book(rhian, delivery)) == "not_yours"
    assert code_of(lambda: book(amara, delivery, now=delivery.closes_at)) == "closed"
    book(amara, delivery)
    assert code_of(lambda: book(amara, other)) == "another"
    assert code_of(lambda: give_back(amara, delivery, now=delivery.starts_at)) == "begun"
    assert book(amara, other, now=delivery.ends_at).state == "booked"  # the first is over
    Delivery.objects.filter(pk=delivery.pk).update(trainer=amara)
    give_back(amara, delivery)
    assert code_of(lambda: book(amara, delivery)) == "own"
    make.CompletionFactory(user=rhian, module=delivery.module, expires_on=TODAY + timedelta(days=38))
    make.MembershipFactory(user=rhian, role="leader")
    assert code_of(lambda: book(rhian, delivery)) == "complete"
    Completion.objects.update(expires_on=TODAY + timedelta(days=37))
    assert book(rhian, delivery).state == "booked"
    Module.objects.update(closed_at=NOW)
    assert code_of(lambda: book(leader(), delivery)) == "closed"


def test_a_programmes_own_module_is_for_its_own_people(delivery):
    here = make.MembershipFactory(role="leader")
    Module.objects.update(owner=here.cycle.programme)
    assert code_of(lambda: book(leader(), delivery)) == "not_yours"
    assert book(here.user, delivery).state == "booked"


def test_who_leaves_makes_room_and_who_waited_in_vain_hears_of_it(delivery):
    amara, lena, tomos = leader(), leader(), leader()
    for one in (amara, lena, tomos):
        book(one, delivery)
    Membership.objects.filter(user=amara).update(status="left")
    assert delivery_places.sweep_places(now=NOW) == 1
    assert states(delivery) == ["ended", "booked", "waiting"]
    assert delivery_places.sweep_places(now=delivery.starts_at) == 1
    assert delivery_places.sweep_places(now=delivery.starts_at) == 0
    assert states(delivery) == ["ended", "booked", "unserved"]
    (said,) = letters("place_not_free", delivery.starts_at)
    assert "no place came free" in said.text


@pytest.mark.parametrize("wrong", [{"capacity": 0}, {"where": ""}, {"closes_at": in_days(8)}, {"ends_at": in_days(6)}])
def test_dates_hold_what_the_database_says(delivery, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.update(**wrong)


def test_a_person_is_on_a_date_once(delivery):
    place = make.DeliveryPlaceFactory(delivery=delivery)
    with pytest.raises(IntegrityError), transaction.atomic():
        make.DeliveryPlaceFactory(delivery=delivery, user=place.user, state="came")


# --- planning ---------------------------------------------------------------------------------------------------------
def test_another_time_is_told_once_and_a_moved_date_reminds_again(delivery, rhian):
    book(leader(), delivery)
    book(leader(), delivery)
    later = plan_of(delivery, starts_at=in_days(8), ends_at=in_days(8.1))
    for _ in range(2):
        deliveries.change_delivery(actor=rhian, delivery_id=delivery.pk, plan=later, now=NOW)
    assert len(letters("delivery_changed")) == 2
    (first,) = delivery_reminders(in_days(7.01))
    again = replace(later, starts_at=in_days(9), ends_at=in_days(9.1))
    deliveries.change_delivery(actor=rhian, delivery_id=delivery.pk, plan=again, now=NOW)
    assert sum(not isinstance(said, NotWanted) for said in letters("delivery_changed")) == 2
    (second,) = delivery_reminders(in_days(8.01))
    assert first.key != second.key


def test_called_off_is_told_to_all_once(delivery, rhian):
    book(leader(), delivery)
    book(leader(), delivery)
    about = {"actor": rhian, "delivery_id": delivery.pk, "now": NOW}
    assert code_of(lambda: deliveries.call_off_delivery(**about, reason=" ")) == "no_reason"
    for _ in range(2):
        deliveries.call_off_delivery(**about, reason="The trainer is ill.")
    assert states(delivery) == ["ended", "ended"]
    said = letters("delivery_called_off")
    assert len(said) == 2
    assert "The trainer is ill." in said[0].text
    assert "STATUS:CANCELLED" in said[0].attachment.text
    assert code_of(lambda: book(leader(), delivery)) == "called_off"
    assert code_of(lambda: deliveries.change_delivery(**about, plan=plan_of(delivery, capacity=9))) == "called_off"
    assert code_of(lambda: register(rhian, delivery)) == "called_off"


def test_only_live_modules_have_dates_and_a_form_sent_twice_plans_one(delivery, rhian):
    about = {"actor": rhian, "plan": plan_of(delivery), "now": NOW}
    other = make.ModuleFactory()
    assert code_of(lambda: deliveries.plan_delivery(module_id=other.pk, **about)) == "not_live"
    key = uuid.uuid4()
    deliveries.plan_delivery(module_id=delivery.module_id, key=key, **about)
    with pytest.raises(Repeated):
        deliveries.plan_delivery(module_id=delivery.module_id, key=key, **about)
    assert Delivery.objects.count() == 2


def test_form_reads_times_on_the_wall_and_refuses_nowhere_and_strangers(rhian):
    said = {"on": "2026-11-20", "start": "23:00", "end": "01:00", "where": "B2", "capacity": "3"}
    form = DeliveryForm(said | {"closes_on": "2026-11-18", "trainer_address": rhian.email.upper()})
    assert form.is_valid(), form.errors
    plan = form.plan()
    assert (plan.ends_at - plan.starts_at, plan.trainer_name) == (timedelta(hours=2), rhian.display_name)
    assert plan.closes_at.isoformat() == "2026-11-19T00:00:00+00:00"
    again = DeliveryForm(DeliveryForm.of(Delivery(**{**vars(plan), "trainer": rhian})))
    assert again.is_valid()
    assert again.plan() == plan
    wrong = DeliveryForm(said | {"where": "", "closes_on": "2026-11-21", "trainer_address": "nobody@example.org"})
    assert set(wrong.errors) == {"where", "closes_on", "trainer_address"}


# --- the register -----------------------------------------------------------------------------------------------------
def test_register_completes_for_those_who_came_and_is_corrected(delivery, rhian):
    Module.objects.update(valid_months=12)
    Delivery.objects.update(capacity=2)
    came, missed = make.DeliveryPlaceFactory(delivery=delivery), make.DeliveryPlaceFactory(delivery=delivery)
    assert code_of(lambda: register(rhian, delivery, now=NOW)) == "not_begun"
    for _ in range(2):
        assert register(rhian, delivery, came) == (1, 1)
    (made,) = Completion.objects.counting()
    assert (made.user, made.source, made.completed_on) == (came.user, "register", delivery.starts_at.date())
    assert made.expires_on == made.completed_on.replace(year=2027)
    register(rhian, delivery, missed)
    assert list(Completion.objects.counting().values_list("user", flat=True)) == [missed.user_id]
    register(rhian, delivery, came, missed)
    assert Completion.objects.counting().count() == 2
    assert states(delivery) == ["came", "came"]
    assert code_of(lambda: deliveries.call_off_delivery(actor=rhian, delivery_id=delivery.pk, reason="x", now=NOW)) == (
        "registered"
    )


def test_register_takes_back_only_what_it_made(delivery, rhian):
    place = make.DeliveryPlaceFactory(delivery=delivery)
    make.CompletionFactory(
        user=place.user, module=delivery.module, completed_on=delivery.starts_at.date(), source="sign_off"
    )
    register(rhian, delivery, place)
    register(rhian, delivery)
    assert Completion.objects.counting().count() == 1
    assert states(delivery) == ["missed"]


def test_register_is_spent_once_and_never_for_oneself(delivery, rhian):
    place, key = make.DeliveryPlaceFactory(delivery=delivery), uuid.uuid4()
    register(rhian, delivery, place, key=key)
    with pytest.raises(Repeated):
        register(rhian, delivery, key=key)
    assert states(delivery) == ["came"]
    other = make.DeliveryPlaceFactory()
    assert code_of(lambda: register(place.user, other.delivery, other, place)) == "unknown"
    assert code_of(lambda: register(other.user, other.delivery, other)) == "own"


def test_who_came_without_a_place_is_added(delivery, rhian):
    lena, about = leader(), {"actor": rhian, "delivery_id": delivery.pk, "now": delivery.ends_at}
    for _ in range(2):
        registers.add_to_register(**about, person=lena)
    assert states(delivery) == ["came"]
    assert Completion.objects.counting().count() == 1
    assert code_of(lambda: registers.add_to_register(**about, person=rhian)) == "not_yours"
    assert register(rhian, delivery) == (0, 0)  # a mistake: who had no place has not missed it
    assert states(delivery) == ["unserved"]
    assert not Completion.objects.counting().exists()


# --- what a live module asks for --------------------------------------------------------------------------------------
def test_live_is_completed_by_coming_and_in_no_other_way(rhian):
    member = make.MembershipFactory(role="leader")
    module = make.ModuleFactory(mode="live")
    about = {"module_id": module.pk, "now": NOW}
    assert code_of(lambda: completions.complete_reading(actor=member.user, **about)) == "not_by_reading"
    signed = {"membership": member, "completed_on": TODAY, "evidence": "Was there."}
    assert code_of(lambda: completions.sign_off(actor=rhian, **signed, **about)) == "by_register"
    Module.objects.update(assessment="sign_off")
    completions.sign_off(actor=rhian, **signed, **about)


def test_live_with_a_quiz_wants_both(delivery, rhian):
    Module.objects.update(assessment="quiz", valid_months=1)
    make.QuizQuestionFactory(module=delivery.module)
    member = make.MembershipFactory(role="leader")
    make.CurriculumFactory(cycle=member.cycle, modules=[delivery.module])
    place = make.DeliveryPlaceFactory(delivery=delivery, user=member.user)
    begin = lambda now: quizzes.start_quiz(actor=member.user, module_id=delivery.module_id, now=now)  # noqa: E731
    assert code_of(lambda: begin(NOW)) == "not_there"
    register(rhian, delivery, place)
    assert not Completion.objects.exists()
    (row,) = board_of(member.cycle, show="missing", group="", page=1, now=delivery.ends_at).page
    assert row.cells[0].state == "in_progress"
    assert begin(delivery.ends_at)
    assert code_of(lambda: begin(in_days(40))) == "not_there"


# --- reminders, and what is known of a person -------------------------------------------------------------------------
def test_reminders_go_to_who_has_a_place_and_then_to_who_gives_it(delivery, rhian):
    place = make.DeliveryPlaceFactory(delivery=delivery)
    make.DeliveryPlaceFactory(delivery=delivery, state="waiting")
    (soon,) = delivery_reminders(in_days(6.1))
    assert (soon.kind, soon.recipient_id) == ("training.delivery_tomorrow", place.user_id)
    assert list(delivery_reminders(delivery.ends_at)) == []
    Delivery.objects.update(trainer=rhian)
    (due,) = delivery_reminders(delivery.ends_at)
    assert (due.kind, due.recipient_id) == ("training.register_due", rhian.pk)
    register(rhian, delivery, place)
    assert list(delivery_reminders(delivery.ends_at + timedelta(hours=1))) == []


def test_who_books_late_is_not_reminded_of_what_they_just_read(delivery):
    book(leader(), delivery, now=in_days(6.5))
    assert list(delivery_reminders(in_days(6.6))) == []


def test_erasing_frees_the_place_and_keeps_that_they_came(delivery, rhian):
    amara, lena = leader(), leader()
    book(amara, delivery)
    book(lena, delivery)
    past = make.DeliveryPlaceFactory(user=amara, state="came", delivery__starts_at=in_days(-9))
    Delivery.objects.filter(pk=past.delivery_id).update(trainer=amara, trainer_name="Amara")
    held = next(one for one in training_holdings(amara) if str(one.section) == "Places at training dates")
    assert [row["state"] for row in held.rows] == ["Came", "Booked"] or len(held.rows) == 2
    forget_training(user=amara, now=NOW)
    assert states(delivery) == ["booked"]
    assert list(DeliveryPlace.objects.filter(user=amara)) == [past]
    assert Delivery.objects.get(pk=past.delivery_id).trainer_name == ""


def test_my_dates_are_mine_and_those_i_could_book(delivery):
    amara = leader()
    book(amara, delivery)
    other = make.DeliveryFactory(starts_at=in_hours(30))
    make.DeliveryFactory()
    shown = reads.my_dates(amara, [other.module_id], now=NOW)
    assert [(one.delivery, one.mine, one.free) for one in shown] == [(other, "", 2), (delivery, "booked", 0)]


def test_my_calendar_holds_my_dates_and_what_was_called_off(delivery, rhian):
    amara = leader()
    book(amara, delivery)
    past = make.DeliveryPlaceFactory(user=amara, state="missed", delivery__starts_at=in_days(-9))
    assert [one.summary for one in stages.events(amara, in_days(-60), "en")] == [delivery.module.title]
    Delivery.objects.filter(pk=past.delivery_id).update(trainer=rhian)
    assert len(stages.events(rhian, in_days(-60), "en")) == 1
    deliveries.call_off_delivery(actor=rhian, delivery_id=delivery.pk, reason="Snow", now=NOW)
    (off,) = stages.events(amara, in_days(-60), "cy")
    assert (off.is_cancelled, off.summary) == (True, f"Wedi’i ganslo: {delivery.module.title}")
