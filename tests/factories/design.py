from datetime import date

import factory

from programmes.models import (
    REQUIRED,
    Cycle,
    Decision,
    DecisionOption,
    DesignDocument,
    DesignPartner,
    DesignSignature,
    DocumentVersion,
    Proposal,
    Side,
)
from tests.factories.people import UserFactory
from tests.factories.programmes import CycleFactory
from tests.factories.time import NOW, in_days


class DesignPartnerFactory(factory.django.DjangoModelFactory[DesignPartner]):
    """A student who said yes."""

    class Meta:
        model = DesignPartner

    cycle = factory.SubFactory(CycleFactory)
    user = factory.SubFactory(UserFactory)
    side = Side.STUDENT
    asked_at = in_days(-30)
    joined_at = in_days(-29)


class ProposalFactory(factory.django.DjangoModelFactory[Proposal]):
    class Meta:
        model = Proposal

    cycle = factory.SubFactory(CycleFactory)
    title = factory.Sequence(lambda n: f"Proposal {n}")
    text = "Because it helps."
    by = factory.SubFactory(UserFactory)
    side = Side.STUDENT
    made_at = in_days(-20)


class DecisionFactory(factory.django.DjangoModelFactory[Decision]):
    """A question that is not decided yet, with one option of a student's. `decided=True` decides it."""

    class Meta:
        model = Decision
        skip_postgeneration_save = True

    cycle = factory.SubFactory(CycleFactory)
    number = factory.Sequence(lambda n: n + 1)
    question = factory.Sequence(lambda n: f"Question {n}")
    raised_at = in_days(-20)

    class Params:
        decided = factory.Trait(
            status="decided",
            decision="Wednesdays.",
            reason="Most are on campus.",
            student_input="Students said Fridays would exclude commuters.",
            decided_on=date(2026, 11, 1),
        )

    @factory.post_generation
    def option(self, create: bool, extracted: str | None, **kwargs: object) -> None:
        if create:
            DecisionOption.objects.create(
                decision=self, position=1, text="On Wednesdays", side=extracted or Side.STUDENT, **kwargs
            )


def sign_design(cycle: Cycle) -> list[DesignPartner]:
    """What a cycle needs before it is prepared: a student and a staff partner, who signed the required documents."""
    partners = [DesignPartnerFactory(cycle=cycle, side=side) for side in Side]
    for kind in REQUIRED:
        document, _new = DesignDocument.objects.get_or_create(cycle=cycle, kind=kind)
        version = DocumentVersion.objects.create(
            document=document, number=1, text="As agreed.", changed_at=NOW, issued_at=NOW, is_current=True
        )
        for partner in partners:
            DesignSignature.objects.create(version=version, partner=partner, signed_at=NOW)
    return partners
