"""The words of a search: programmes in which every word is found, further afield when none is, and what was meant."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from peerhub.common.folding import fold
from peerhub.institution.models import OrgUnit
from programmes.models import Group, Programme

MOST_WORDS = 8
READ_FOR_SPELLING = 2000
FIELDS_FURTHER = ("mission", "population_served", "benefits")


def searched_for(q: str, unit: OrgUnit | None = None) -> dict[str, str]:
    """What is looked for, by name: `word0`, `word1` and so on, and `below`, the path of a subtree."""
    words = {f"word{place}": word for place, word in enumerate(fold(q).split()[:MOST_WORDS])}
    return {**words, **({"below": unit.path} if unit else {})}


def narrowed(user: Any, searched: Mapping[str, str], *, further: bool = False) -> QuerySet[Programme]:
    """What the catalogue may show `user`, narrowed to words and a subtree. Every word must be found somewhere.

    `further` also looks in what a programme says of itself and in its groups' modules: slower, for when nothing is
    found otherwise.
    """
    programmes = Programme.objects.listed(user)
    for name, text in searched.items():
        if name == "below":
            programmes = programmes.filter(owner_unit__path__startswith=text)
        else:
            programmes = programmes.filter(_says(text) | _says_further(text) if further else _says(text))
    return programmes


def found(user: Any, q: str) -> QuerySet[Programme]:
    """Programmes in which every word is found."""
    return narrowed(user, searched_for(q))


def _says(word: str) -> Q:
    return Q(search_text__contains=word) | Q(search_text="", name__icontains=word)


def _says_further(word: str) -> Q:
    groups = Group.objects.filter(cycle__programme=OuterRef("pk"), ended_at=None, subject__icontains=word)
    says = Q(Exists(groups))
    for name in FIELDS_FURTHER:
        says |= Q(**{f"{name}__icontains": word})
    return says


def meant(user: Any, q: str) -> str:
    """The search with its misspelt words put right, "" when none is like a word of the catalogue. One query."""
    texts = Programme.objects.listed(user).order_by("pk").values_list("search_text", flat=True)[:READ_FOR_SPELLING]
    known = sorted({word for text in texts for word in text.split() if len(word) > 3})
    words = fold(q).split()[:MOST_WORDS]
    better = [_nearest(word, known) for word in words]
    return " ".join(better) if better != words else ""


def _nearest(word: str, known: list[str]) -> str:
    if len(word) < 4 or any(word in one for one in known):
        return word
    return next(iter(get_close_matches(word, known, n=1, cutoff=0.75)), word)
