"""Reminders about dates of training: the day before to who has a place, afterwards to whoever takes the register."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import F

from peerhub.common.stages import Reminder
from programmes.queries.delivery_reminders import last_planned
from training.models import Delivery, DeliveryPlace, PlaceState

AHEAD, GRACE = timedelta(hours=24), timedelta(hours=12)
REGISTER_GRACE = timedelta(days=3)


def delivery_reminders(now: datetime) -> Iterator[Reminder]:
    """Two queries, streamed."""
    since = last_planned(now)
    booked = DeliveryPlace.objects.filter(
        state=PlaceState.BOOKED,
        delivery__called_off_at=None,
        delivery__starts_at__gt=since - GRACE + AHEAD,
        delivery__starts_at__lte=now + AHEAD,
        made_at__lte=F("delivery__starts_at") - AHEAD,
    )
    for place in booked.select_related("delivery").order_by("pk").iterator(chunk_size=1000):
        starts = int(place.delivery.starts_at.timestamp())
        yield Reminder(
            key=f"training.tomorrow:{place.pk}:{starts}",
            due_at=place.delivery.starts_at - AHEAD,
            grace=GRACE,
            recipient_id=place.user_id,
            kind="training.delivery_tomorrow",
            ids={"place": place.pk, "delivery": place.delivery_id, "starts": starts},
        )
    over = Delivery.objects.standing().filter(
        registered_at=None, ends_at__gt=since - REGISTER_GRACE, ends_at__lte=now, places__state=PlaceState.BOOKED
    )
    for delivery in over.distinct().order_by("pk").iterator(chunk_size=1000):
        to = delivery.trainer_id or delivery.created_by_id
        if to is not None:
            yield Reminder(
                key=f"training.register_due:{delivery.pk}:{int(delivery.ends_at.timestamp())}:{to}",
                due_at=delivery.ends_at,
                grace=REGISTER_GRACE,
                recipient_id=to,
                kind="training.register_due",
                ids={"delivery": delivery.pk},
            )
