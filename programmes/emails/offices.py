"""Letters to those who run a cycle are theirs for as long as they run it: an office ends, its letters with it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from peerhub.common.mail import Letter
from programmes.models import Membership, Role

ANOTHERS = _("The person does not coordinate this any more.")


@dataclass(frozen=True)
class OfCycle:
    """What letters to coordinators are about, by key, and who coordinates now: user pks by cycle."""

    rows: Mapping[int, Any]
    coordinators: Mapping[int, set[int]]

    def get(self, key: int) -> Any:
        return self.rows.get(key)

    def is_anothers(self, letter: Letter) -> bool:
        """True when the reader no longer coordinates the cycle: names and numbers in it are not theirs to read."""
        return letter.recipient.pk not in self.coordinators.get(letter.about["cycle"], ())


def coordinators_of(cycle_ids: Collection[int]) -> dict[int, set[int]]:
    """User pks of those who coordinate now, by cycle. One query."""
    found: dict[int, set[int]] = {pk: set() for pk in cycle_ids}
    rows = Membership.objects.active().filter(cycle__in=cycle_ids, role=Role.COORDINATOR)
    for cycle_id, user_id in rows.values_list("cycle_id", "user_id"):
        found[cycle_id].add(user_id)
    return found
