"""A person's own log, as they see it, and what of it others may read."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet, Sum

from programmes.models import Membership
from training.models import DevelopmentEntry

PER_PAGE = 25
DELETED_SHOWN = 20
HEADER = ("day", "what", "kind", "hours", "what I learned", "what I will do", "shared with")


@dataclass(frozen=True, slots=True)
class Log:
    """A page of entries, newest first; hours in all and shared; what was deleted and can be put back."""

    page: Page
    hours: Decimal
    shared_hours: Decimal
    deleted: Sequence[DevelopmentEntry]


def log_of(user: Any, number: Any, *, since: datetime) -> Log:
    """Four queries. `since`: entries deleted before then are as good as gone."""
    mine = DevelopmentEntry.objects.of(user)
    page = Paginator(_listed(mine.current()), PER_PAGE).get_page(number)
    sums = mine.current().aggregate(all=Sum("hours"), shared=Sum("hours", filter=Q(shared_with__isnull=False)))
    deleted = list(mine.filter(deleted_at__gte=since).order_by("-deleted_at", "-pk")[:DELETED_SHOWN])
    return Log(page, sums["all"] or Decimal(0), sums["shared"] or Decimal(0), deleted)


def _listed(rows: QuerySet[DevelopmentEntry]) -> QuerySet[DevelopmentEntry]:
    return rows.select_related("shared_with__cycle__programme").order_by("-on", "-pk")


def everything_of(user: Any) -> Iterator[tuple[Any, ...]]:
    """All of one's log, as rows of a spreadsheet."""
    return (_row(one) for one in _listed(DevelopmentEntry.objects.of(user).current()))


def _row(one: DevelopmentEntry) -> tuple[Any, ...]:
    shared = one.shared_with.cycle.programme.name if one.shared_with else ""
    return (one.on.isoformat(), one.what, one.get_kind_display(), one.hours, one.learned, one.will_do, shared)


def shared_entries(membership: Membership) -> Iterable[DevelopmentEntry]:
    """What somebody shares with those who run this cycle, newest first; the last 50. One query."""
    return list(DevelopmentEntry.objects.shared().filter(shared_with=membership).order_by("-on", "-pk")[:50])
