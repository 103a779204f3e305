from typing import Any

import factory

from peerhub.accounts.models import User

PASSWORD = "correct horse battery staple"


class UserFactory(factory.django.DjangoModelFactory[User]):
    """A student who can sign in with PASSWORD. `email=None` is somebody known only from a roster."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    given_name = factory.Sequence(lambda n: f"Given{n}")
    family_name = factory.Sequence(lambda n: f"Family{n}")
    email = factory.LazyAttributeSequence(lambda user, n: f"{user.given_name}.{n}@student.aberwen.ac.uk".lower())

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **kwargs: Any) -> User:
        password = kwargs.pop("password", PASSWORD)
        return User.objects.create_user(kwargs.pop("email"), password, **kwargs)

    @factory.post_generation
    def verified(self, create: bool, extracted: bool | None, **kwargs: Any) -> None:
        """The address is confirmed unless `verified=False`."""
        if create and self.email and extracted is not False:
            self.emailaddress_set.create(email=self.email, verified=True, primary=True)
