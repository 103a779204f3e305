"""Who the people of a roster are among those we know: four or five queries for a chunk of any size."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db.models.functions import Lower

from peerhub.accounts.models import ExternalId, User
from peerhub.common import bulk
from programmes.rosters.records import Person

# `anyof` is a lookup of peerhub.common.bulk: one parameter however long the list.
ANY_OF = bulk.AnyOf.lookup_name


class Known(NamedTuple):
    """What we have on somebody already."""

    id: int
    email: str | None
    given_name: str
    family_name: str
    preferred_name: str
    pronouns: str
    kind: str
    is_active: bool
    deactivated_at: Any
    last_login: Any
    is_staff: bool
    is_superuser: bool

    @property
    def has_signed_in(self) -> bool:
        """They have an account they use, or one with powers: a roster does not touch how they sign in."""
        return bool(self.last_login) or self.is_staff or self.is_superuser


def holders(source: str, values: Sequence[str]) -> dict[str, int]:
    """Identifier -> user, of those in `values` that somebody has in this source."""
    if not values:
        return {}
    rows = ExternalId.objects.filter(source=source, value__anyof=list(values))
    return dict(rows.values_list("value", "user_id"))


class Finder:
    """The people of one chunk, looked up."""

    def __init__(self, source: str, people: Sequence[Person]) -> None:
        self.by_key = holders(source, [person.key for person in people if person.key])
        self.by_other = self._others(people)
        self.by_email = _by_email([person.email for person in people if person.email])
        found = {*self.by_key.values(), *self.by_email.values()}
        keys = list(found.union(*(ids.values() for ids in self.by_other.values())))
        self.known = _known(keys)
        held = ExternalId.objects.filter(source=source, user__anyof=keys) if keys else ExternalId.objects.none()
        self.key_of: dict[int, str] = dict(held.values_list("user_id", "value"))

    @staticmethod
    def _others(people: Sequence[Person]) -> dict[str, dict[str, int]]:
        values: dict[str, list[str]] = {}
        for person in people:
            for source, value in person.more_ids:
                values.setdefault(source, []).append(value)
        return {source: holders(source, listed) for source, listed in values.items()}

    def find(self, person: Person) -> int | None:
        """The person's key in our database: by number, by another number, by address; None for somebody new."""
        if person.key in self.by_key:
            return self.by_key[person.key]
        for source, value in person.more_ids:
            if value in self.by_other[source]:
                return self.by_other[source][value]
        return self.by_email.get(person.email) if person.email else None


def _by_email(emails: list[str]) -> dict[str, int]:
    if not emails:
        return {}
    rows = User.objects.alias(lowered=Lower("email")).filter(lowered__anyof=emails).values_list("pk", "email")
    return {str(email).lower(): pk for pk, email in rows}


def _known(keys: list[int]) -> dict[int, Known]:
    if not keys:
        return {}
    rows = User.objects.filter(pk__anyof=keys).values_list(*Known._fields)  # noqa: SLF001 - a named tuple's public attribute
    return {row[0]: Known(*row) for row in rows}
