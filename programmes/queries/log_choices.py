"""What the log form offers: topics, techniques, services. One query."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import CharField, IntegerField, QuerySet, Value
from django.db.models.functions import Cast

from peerhub.institution.models import SupportService
from programmes.models import Cycle, Technique, Topic

Choice = tuple[int, str]


@dataclass(frozen=True)
class LogChoices:
    """Each list as (key, name), in the order people know."""

    topics: list[Choice] = field(default_factory=list)
    techniques: list[Choice] = field(default_factory=list)
    services: list[Choice] = field(default_factory=list)


def log_choices(cycle: Cycle) -> LogChoices:
    """Everything on offer in this cycle's programme now."""
    columns = ("pk", "name", "sort", "source")
    rows = (
        _offered(Topic.objects.filter(programme=cycle.programme_id, is_active=True), "topics")
        .values_list(*columns)
        .union(
            _offered(Technique.objects.filter(is_active=True), "techniques").values_list(*columns),
            _offered(SupportService.objects.active(), "services").values_list(*columns),
            all=True,
        )
    )
    found = LogChoices()
    for pk, name, _sort, source in sorted(rows, key=lambda row: (row[2], row[1])):
        getattr(found, source).append((pk, name))
    return found


def _offered(queryset: QuerySet[Any], source: str) -> QuerySet[Any]:
    return queryset.annotate(
        sort=Cast("position", IntegerField()), source=Value(source, output_field=CharField(max_length=12))
    )
