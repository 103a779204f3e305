from datetime import date

import factory

from tests.factories.people import UserFactory
from tests.factories.programmes import CycleFactory, MembershipFactory
from tests.factories.time import in_days, in_hours
from training.models import (
    Completion,
    Curriculum,
    CurriculumModule,
    Delivery,
    DeliveryPlace,
    Module,
    QuizQuestion,
)


class ModuleFactory(factory.django.DjangoModelFactory[Module]):
    """A shared module to read, which lasts."""

    class Meta:
        model = Module

    title = factory.Sequence(lambda n: f"Module {n}")
    hours = 1
    content = "# Why\n\nBecause."
    created_at = in_days(-100)


class QuizQuestionFactory(factory.django.DjangoModelFactory[QuizQuestion]):
    """A question whose first answer is right."""

    class Meta:
        model = QuizQuestion

    module = factory.SubFactory(ModuleFactory, assessment="quiz")
    text = factory.Sequence(lambda n: f"Question {n}?")
    options = ["Right", "Wrong", "Neither"]
    right = 0
    feedback = "Because."


class CurriculumFactory(factory.django.DjangoModelFactory[Curriculum]):
    """What leaders need in a cycle; give it `modules`, all mandatory since the cycle began."""

    class Meta:
        model = Curriculum
        skip_postgeneration_save = True

    cycle = factory.SubFactory(CycleFactory)
    role = "leader"
    created_at = in_days(-60)

    @factory.post_generation
    def modules(self, create, extracted, **kwargs):
        for place, module in enumerate(extracted or ()):
            CurriculumModule.objects.create(
                curriculum=self, module=module, position=place, required_from=date(2026, 9, 21)
            )


class CompletionFactory(factory.django.DjangoModelFactory[Completion]):
    """Completed a month ago."""

    class Meta:
        model = Completion

    user = factory.SubFactory(UserFactory)
    module = factory.SubFactory(ModuleFactory)
    version = 1
    completed_on = date(2026, 10, 4)
    source = "read"
    recorded_at = in_days(-31)


class DeliveryFactory(factory.django.DjangoModelFactory[Delivery]):
    """A date of a live, shared module in a week, with two places, to be booked until it begins."""

    class Meta:
        model = Delivery

    module = factory.SubFactory(ModuleFactory, mode="live")
    starts_at = in_days(7)
    ends_at = factory.LazyAttribute(lambda made: made.starts_at + (in_hours(2) - in_hours(0)))
    closes_at = factory.LazyAttribute(lambda made: made.starts_at)
    where = "B2.01"
    capacity = 2
    created_at = in_days(-10)


class DeliveryPlaceFactory(factory.django.DjangoModelFactory[DeliveryPlace]):
    """Booked a day ago by somebody who leads somewhere; give it a `user` otherwise."""

    class Meta:
        model = DeliveryPlace

    delivery = factory.SubFactory(DeliveryFactory)
    user = factory.LazyFunction(lambda: MembershipFactory(role="leader").user)
    had_place = True
    made_at = in_days(-1)
