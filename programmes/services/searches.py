"""Counting what people looked for in the catalogue and did not find, without noting who looked.

This is the one write without a line in the record: the line would say who. Nobody can flood it: a person counts once a
week for the same words and for twenty different ones a day, and what fewer than three people looked for in a week is
never shown (`queries.unmet`).
"""

import hashlib
import hmac
import re
import secrets
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from peerhub.common import limits
from programmes.models.searches import WORDS_LENGTH, EmptySearch, SearchKey, SearchMark

A_DAY, DAY = 20, 24 * 3600
SHORTEST = 3
KEPT = timedelta(days=366)
PERSONAL = re.compile(r"@|\d{4}")  # an address, a student number, a telephone: nothing we want to keep


def countable(words: str) -> str:
    """Words as they are counted: lower case, single spaces; "" for what is too short, too long or looks personal."""
    text = " ".join(words.casefold().split())
    fits = SHORTEST <= len(text) <= WORDS_LENGTH and any(letter.isalpha() for letter in text)
    return text if fits and not PERSONAL.search(text) else ""


def note_empty_search(*, actor: Any, words: str, now: datetime) -> bool:
    """Count that somebody who is signed in found nothing; true when it was counted."""
    text = countable(words)
    if not text or not actor.is_authenticated:
        return False
    if limits.tries(f"empty-search:{actor.pk}", seconds=DAY) > A_DAY:
        return False
    return _count(actor, text, _monday(now))


@transaction.atomic(durable=True)
def _count(actor: Any, text: str, week_on: date) -> bool:
    key = SearchKey.objects.get_or_create(week_on=week_on, defaults={"key": secrets.token_hex(32)})[0].key
    mark = hmac.new(bytes.fromhex(key), f"{actor.pk}|{text}".encode(), hashlib.sha256).hexdigest()
    if not SearchMark.objects.get_or_create(mark=mark, defaults={"week_on": week_on})[1]:
        return False
    EmptySearch.objects.get_or_create(week_on=week_on, words=text)
    EmptySearch.objects.filter(week_on=week_on, words=text).update(searchers=F("searchers") + 1)
    return True


@transaction.atomic(durable=True)
def forget_searches(*, now: datetime) -> int:
    """Throw away the keys and marks of weeks that are over, and words after a year. Safe to run at any time."""
    week_on = _monday(now)
    SearchKey.objects.filter(week_on__lt=week_on).delete()
    SearchMark.objects.filter(week_on__lt=week_on).delete()
    return EmptySearch.objects.filter(week_on__lt=(now - KEPT).date()).delete()[0]


def _monday(now: datetime) -> date:
    today = now.astimezone(UTC).date()
    return today - timedelta(days=today.weekday())
