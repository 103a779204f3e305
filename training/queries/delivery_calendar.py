"""Dates of training for somebody's own calendar: one as a file, and those in the feed behind their private link."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import get_language

from peerhub.common import ical
from peerhub.common.mail.writing import sender_identity
from peerhub.common.statements import compiled
from programmes.queries.calendar_words import WORDS, language_of
from training.models import Delivery, DeliveryPlace, PlaceState


def event(delivery: Delivery, language: str) -> ical.Event:
    """Load the module. For readers who have a place, or give it: it says the link."""
    words, is_off = WORDS[language], delivery.called_off_at is not None
    title = delivery.module.title
    parts = [words.led_by % delivery.trainer_name if delivery.trainer_name else "", delivery.notes]
    if delivery.link and not is_off:
        parts.append(words.join % delivery.link)
    return ical.Event(
        uid=ical.uid(delivery.uuid),
        changed_at=delivery.revised_at or delivery.created_at,
        sequence=delivery.sequence,
        starts=delivery.starts_at,
        ends=delivery.ends_at,
        summary=words.called_off % title if is_off else title,
        description="\n".join(filter(None, parts)),
        location=delivery.where or (words.online if delivery.link else ""),
        url=f"{settings.SITE_URL}{reverse('training:delivery_detail', args=[delivery.uuid])}",
        is_cancelled=is_off,
    )


def announced(delivery: Delivery) -> str:
    """A file to open or a part of a mail: METHOD:PUBLISH, again with every change, by the same UID."""
    address, _header = sender_identity(settings.DEFAULT_FROM_EMAIL)
    made = event(delivery, language_of(get_language()))
    return ical.calendar([made], method="PUBLISH", organizer=ical.Organizer("PeerHub", address))


def dates_of(user: Any, since: datetime, language: str) -> list[ical.Event]:
    """Dates somebody has a place at, came to or gives; called off ones stay, marked so. One query."""
    return [event(one, language) for one in _dates(user=user, since=since)]


@compiled
def _dates(*, user: Any, since: datetime) -> QuerySet[Delivery, Delivery]:
    held: Sequence[str] = [PlaceState.BOOKED, PlaceState.CAME]
    mine = DeliveryPlace.objects.filter(delivery=OuterRef("pk"), user=user)
    has_place = Exists(mine.filter(state__in=held))
    was_off = Q(Exists(mine.filter(state=PlaceState.ENDED)), called_off_at__isnull=False)
    rows = Delivery.objects.filter(Q(has_place) | was_off | Q(trainer=user), ends_at__gt=since)
    return rows.select_related("module").order_by("starts_at", "pk")
