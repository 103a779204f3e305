"""What a card reader or a person types, as the number another system knows them by (docs/check-in.md)."""

import re
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Exists, OuterRef

from peerhub.accounts.models import ExternalId

LONGEST = 80  # characters of a card's track, and as many as a pattern is ever tried on


@dataclass(frozen=True, slots=True)
class Number:
    """A number with the sources it may stand in; none named: in any but the cards'. Leading zeros are part of it."""

    value: str
    sources: tuple[str, ...]
    is_card: bool


def read_number(text: str) -> Number:
    """A card's number where the whole text fits PEERHUB_CARD_PATTERN (its one group), else what somebody typed."""
    said = text.strip()[: LONGEST + 1]
    pattern = settings.PEERHUB_CARD_PATTERN
    found = re.fullmatch(pattern, said) if pattern and len(said) <= LONGEST else None
    if found:
        return Number(found[1] or "", (settings.PEERHUB_CARD_SOURCE,), is_card=True)
    return Number("".join(said.split()), tuple(settings.PEERHUB_NUMBER_SOURCES), is_card=False)


def has_number(number: Number) -> Exists:
    """For a queryset of rows with a `user`: whether that is whom the number names."""
    rows = ExternalId.objects.filter(user=OuterRef("user"), value=number.value)
    if number.sources:
        return Exists(rows.filter(source__in=number.sources))
    return Exists(rows.exclude(source=settings.PEERHUB_CARD_SOURCE))
