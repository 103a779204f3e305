"""The topics a programme's logs offer. Switched off, never deleted: old logs keep theirs."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from peerhub.common import audit
from peerhub.common.errors import DomainError
from programmes.models import Programme, Topic
from programmes.services.changes import put

MOST_TOPICS = 40


class TopicRefused(DomainError):
    """Codes: taken, too_many, empty."""


def _clean(name: str, programme: Programme, but: int = 0) -> str:
    name = " ".join(name.split())
    if not name:
        raise TopicRefused("empty", _("Write the topic’s name."))
    if Topic.objects.filter(programme=programme, name__iexact=name).exclude(pk=but).exists():
        raise TopicRefused("taken", _("There is a topic with this name already."))
    return name


@transaction.atomic(durable=True)
def add_topic(*, actor: Any, programme: Programme, name: str, cycle_id: int, now: datetime) -> Topic:
    """Add a topic at the end of the list. Refuses with `TopicRefused`."""
    Programme.objects.select_for_update().get(pk=programme.pk)
    name = _clean(name, programme)
    if Topic.objects.filter(programme=programme, is_active=True).count() >= MOST_TOPICS:
        raise TopicRefused("too_many", _("Forty topics are enough to choose from on a phone. Switch one off first."))
    last = Topic.objects.filter(programme=programme).aggregate(last=Max("position"))["last"] or 0
    topic = Topic.objects.create(programme=programme, name=name, position=last + 1)
    audit.record(actor=actor, action="programmes.topic_added", target=topic, cycle_id=cycle_id, now=now)
    return topic


@transaction.atomic(durable=True)
def rename_topic(*, actor: Any, topic: Topic, name: str, cycle_id: int, now: datetime) -> None:
    """Give a topic another name, in old logs too. Refuses with `TopicRefused`."""
    Programme.objects.select_for_update().get(pk=topic.programme_id)
    row = Topic.objects.select_for_update().get(pk=topic.pk)
    if put(row, name=_clean(name, row.programme, but=row.pk)):
        audit.record(actor=actor, action="programmes.topic_renamed", target=row, cycle_id=cycle_id, now=now)


@transaction.atomic(durable=True)
def switch_topic(*, actor: Any, topic: Topic, on: bool, cycle_id: int, now: datetime) -> None:
    """Offer a topic in logs, or stop offering it."""
    row = Topic.objects.select_for_update().get(pk=topic.pk)
    if put(row, is_active=on):
        action = "programmes.topic_switched_on" if on else "programmes.topic_switched_off"
        audit.record(actor=actor, action=action, target=row, cycle_id=cycle_id, now=now)
