from typing import Any

import factory

from peerhub.institution.models import OrgUnit, RoleGrant, SupportService, UnitKind
from tests.factories.people import UserFactory
from tests.factories.time import NOW, TODAY


class OrgUnitFactory(factory.django.DjangoModelFactory[OrgUnit]):
    """A department; its path follows from its parent."""

    class Meta:
        model = OrgUnit
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Department {n}")
    kind = UnitKind.DEPARTMENT

    @factory.post_generation
    def place(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        if create:
            self.path = f"{self.parent.path if self.parent else ''}{self.pk}/"
            OrgUnit.objects.filter(pk=self.pk).update(path=self.path)


class RoleGrantFactory(factory.django.DjangoModelFactory[RoleGrant]):
    class Meta:
        model = RoleGrant

    user = factory.SubFactory(UserFactory)
    unit = factory.SubFactory(OrgUnitFactory)
    role = "lead"
    granted_at = NOW


class SupportServiceFactory(factory.django.DjangoModelFactory[SupportService]):
    class Meta:
        model = SupportService

    name = factory.Sequence(lambda n: f"Support service {n}")
    what_for = "Money, housing, worries"
    phone = "01970 111 222"
    last_verified_on = TODAY
