"""The people of Aberwen: the cast first, then as many students and staff as the scale asks for."""

import hashlib
import random
import unicodedata
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress

from peerhub.accounts.models import ExternalId, PersonKind, User
from peerhub.demo.cast import CAST, MATHS_GROUP_B
from peerhub.demo.names import NAMES, PRONOUNS

STUDENTS_PER_UNIT = 545
STAFF_PER_UNIT = 44
BATCH = 5_000


def stable_uuid(*parts: object) -> uuid.UUID:
    """The same identifier every time the demo is built, so that addresses in notes keep working."""
    return uuid.UUID(bytes=hashlib.sha256("/".join(map(str, parts)).encode()).digest()[:16], version=4)


def _plain(name: str) -> str:
    """A name as it stands in an address: no accents, lower case."""
    text = name.replace("Đ", "D").replace("ı", "i").replace("ø", "o").replace("ł", "l")
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return "".join(char for char in text.lower() if char.isalnum())


def _draw(rng: random.Random, kind: str, number: int, joined: datetime) -> User:
    given_names, family_names = rng.choice(NAMES)
    given, family = rng.choice(given_names), rng.choice(family_names)
    domain = "student.aberwen.ac.uk" if kind == PersonKind.STUDENT else "aberwen.ac.uk"
    return User(
        uuid=stable_uuid("person", kind, number),
        given_name=given,
        family_name=family,
        pronouns=rng.choice(PRONOUNS),
        email=f"{_plain(given)}.{_plain(family)}{number}@{domain}",
        kind=kind,
        password="!",  # nobody signs in with a password here: /demo/ opens the doors
        date_joined=joined,
    )


def _cast(joined: datetime) -> Iterator[User]:
    for one in CAST:
        yield User(
            uuid=stable_uuid("cast", one.key),
            given_name=one.given,
            family_name=one.family,
            pronouns=one.pronouns,
            email=one.email,
            kind=one.kind,
            password="!",
            date_joined=joined,
            is_staff=one.key == "admin",
            is_superuser=one.key == "admin",
        )
    for given, family in MATHS_GROUP_B:
        yield User(
            uuid=stable_uuid("group-b", given, family),
            given_name=given,
            family_name=family,
            email=f"{_plain(given)}.{_plain(family)}@student.aberwen.ac.uk",
            kind=PersonKind.STUDENT,
            password="!",
            date_joined=joined,
        )


class People:
    """Who there is: `cast` by key, `group_b` in order, and pools of students and staff per unit of scale."""

    def __init__(self, *, scale: int, now: datetime) -> None:
        rng = random.Random(1)
        joined = now - timedelta(days=420)
        named = list(_cast(joined))
        students = [_draw(rng, PersonKind.STUDENT, number, joined) for number in range(STUDENTS_PER_UNIT * scale)]
        staff = [_draw(rng, PersonKind.STAFF, number, joined) for number in range(STAFF_PER_UNIT * scale)]
        everyone = [*named, *students, *staff]
        User.objects.bulk_create(everyone, batch_size=BATCH)
        EmailAddress.objects.bulk_create(
            (EmailAddress(user_id=person.pk, email=person.email, verified=True, primary=True) for person in everyone),
            batch_size=BATCH,
        )
        ExternalId.objects.bulk_create(
            (
                ExternalId(
                    user_id=person.pk,
                    source="sits" if person.kind == PersonKind.STUDENT else "staff",
                    value=f"{number:08d}",
                )
                for number, person in enumerate(everyone, start=410_233)
            ),
            batch_size=BATCH,
        )
        self.cast = {one.key: person for one, person in zip(CAST, named, strict=False)}
        self.group_b = named[len(CAST) :]
        self._students, self._staff = students, staff

    def students(self, unit: int) -> list[User]:
        """The students of one unit of scale."""
        return self._students[unit * STUDENTS_PER_UNIT : (unit + 1) * STUDENTS_PER_UNIT]

    def staff(self, unit: int) -> list[User]:
        """The staff of one unit of scale."""
        return self._staff[unit * STAFF_PER_UNIT : (unit + 1) * STAFF_PER_UNIT]
