"""What the log form offers: topics, techniques, services. One query."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import BooleanField, CharField, Exists, IntegerField, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast

from peerhub.common.statements import compiled
from peerhub.institution.models import SupportService
from programmes.models import Cycle, SessionLog, Technique, Topic

Choice = tuple[int, str]
COLUMNS = ("pk", "name", "sort", "source", "chosen")


@dataclass(frozen=True)
class LogChoices:
    """Each list as (key, name), in the order people know. `chosen_topics` are those the log names now."""

    topics: list[Choice] = field(default_factory=list)
    techniques: list[Choice] = field(default_factory=list)
    services: list[Choice] = field(default_factory=list)
    chosen_topics: set[int] = field(default_factory=set)


def log_choices(cycle: Cycle, log: SessionLog | None) -> LogChoices:
    """Everything on offer in this cycle's programme now, and what this log chose when it was still on offer."""
    rows = _offered(
        programme_id=cycle.programme_id,
        log_id=(log.pk if log else None) or 0,
        technique_id=(log.technique_id if log else None) or 0,
        service_id=(log.signposted_to_id if log else None) or 0,
    )
    found = LogChoices()
    for pk, name, _sort, source, is_chosen in sorted(rows, key=lambda row: (row[2], row[1])):
        getattr(found, source).append((pk, name))
        if is_chosen:
            found.chosen_topics.add(pk)
    return found


@compiled
def _offered(
    *, programme_id: int, log_id: int, technique_id: int, service_id: int
) -> QuerySet[Any, tuple[int, str, int, str, bool]]:
    named = SessionLog.topics.through.objects.filter(sessionlog=log_id, topic=OuterRef("pk"))
    topics = Topic.objects.filter(programme=programme_id).annotate(chosen=Exists(named))
    techniques = Technique.objects.filter(Q(is_active=True) | Q(pk=technique_id))
    services = SupportService.objects.filter(Q(is_active=True) | Q(pk=service_id))
    return _listed(topics.filter(Q(is_active=True) | Q(chosen=True)), "topics").union(
        _listed(techniques.annotate(chosen=_NO), "techniques"),
        _listed(services.annotate(chosen=_NO), "services"),
        all=True,
    )


_NO = Value(value=False, output_field=BooleanField())


def _listed(rows: QuerySet[Any], source: str) -> QuerySet[Any]:
    named = Value(source, output_field=CharField(max_length=12))
    return rows.annotate(sort=Cast("position", IntegerField()), source=named).values_list(*COLUMNS)
