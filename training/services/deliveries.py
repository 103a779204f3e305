"""Planning the dates of a live module: new ones, changes people hear of, and calling one off."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from peerhub.common import audit, mail
from peerhub.common.errors import DomainError
from peerhub.common.once import spend
from training.models import REGISTERED, Delivery, DeliveryPlace, Mode, Module, PlaceState
from training.services.completions import refuse_closed
from training.services.delivery_places import end_place, locked_delivery, settle_places


class DeliveryRefused(DomainError):
    """Codes: not_live, called_off, registered, too_few, no_reason."""


@dataclass(frozen=True)
class DeliveryPlan:
    """When and where, who gives it, for how many, and until when people book."""

    starts_at: datetime
    ends_at: datetime
    closes_at: datetime
    capacity: int
    where: str = ""
    link: str = ""
    trainer_id: int | None = None
    trainer_name: str = ""
    notes: str = ""


# What those who have a place hear of when it changes.
TOLD = ("starts_at", "ends_at", "where", "link")


@transaction.atomic(durable=True)
def plan_delivery(
    *, actor: Any, module_id: int, plan: DeliveryPlan, key: UUID | None = None, now: datetime
) -> Delivery:
    """A date of a live module; also one that is over, so that its register can be taken."""
    spend(user=actor, key=key, now=now)
    module = Module.objects.get(pk=module_id)
    refuse_closed(module)
    if module.mode != Mode.LIVE:
        raise DeliveryRefused("not_live", _("This module is done in one’s own time. It has no dates."))
    delivery = Delivery.objects.create(module=module, created_by=actor, created_at=now, **asdict(plan))
    audit.record(actor=actor, action="training.delivery_planned", target=delivery, now=now)
    return delivery


@transaction.atomic(durable=True)
def change_delivery(*, actor: Any, delivery_id: int, plan: DeliveryPlan, now: datetime) -> Delivery:
    """Change a date. Nobody loses a place; more places go to those who wait; another time or place is told to all."""
    delivery = locked_delivery(delivery_id)
    wanted = asdict(plan)
    changed = [name for name, value in wanted.items() if getattr(delivery, name) != value]
    if not changed:
        return delivery
    told = set(changed) & set(TOLD)
    _refuse_change(delivery, told)
    if plan.capacity < delivery.places.filter(state=PlaceState.BOOKED).count():
        raise DeliveryRefused("too_few", _("More people have a place than that. Nobody loses theirs."))
    for name in changed:
        setattr(delivery, name, wanted[name])
    if told:
        delivery.sequence += 1
        delivery.revised_at = now
    delivery.save(update_fields=[*changed, "sequence", "revised_at"])
    audit.record(actor=actor, action="training.delivery_changed", target=delivery, detail={"parts": changed}, now=now)
    if told and not delivery.has_begun(now=now):
        _tell_all("delivery_changed", delivery, delivery.places.live(), now=now)
    settle_places(delivery, now=now)
    return delivery


@transaction.atomic(durable=True)
def call_off_delivery(*, actor: Any, delivery_id: int, reason: str, now: datetime) -> Delivery:
    """It does not take place. Everybody with a place or waiting for one is told once, with the reason."""
    delivery = locked_delivery(delivery_id)
    if delivery.called_off_at is not None:
        return delivery  # pressed twice
    if not reason.strip():
        raise DeliveryRefused("no_reason", _("Say in a few words why. Those who booked read it."))
    if delivery.places.filter(state__in=REGISTERED).exists():
        raise DeliveryRefused("registered", _("Its register is taken: it took place."))
    delivery.called_off_at, delivery.called_off_why = now, reason.strip()
    delivery.sequence, delivery.revised_at = delivery.sequence + 1, now
    delivery.save(update_fields=["called_off_at", "called_off_why", "sequence", "revised_at"])
    audit.record(actor=actor, action="training.delivery_called_off", target=delivery, now=now)
    places = list(delivery.places.live())
    for place in places:
        end_place(place, PlaceState.ENDED, now=now)
    _tell_all("delivery_called_off", delivery, places, now=now)
    return delivery


def _tell_all(kind: str, delivery: Delivery, places: Iterable[DeliveryPlace], *, now: datetime) -> None:
    """One letter each about this state of the date; the next change is another letter."""
    mail.queue_many(
        (
            mail.Entry(
                f"training.{kind}",
                place.user_id,
                f"training.{kind}:{place.pk}:{delivery.sequence}",
                {"place": place.pk, "delivery": delivery.pk, "sequence": delivery.sequence},
            )
            for place in places
        ),
        now=now,
    )


def _refuse_change(delivery: Delivery, told: set[str]) -> None:
    if delivery.called_off_at is not None:
        raise DeliveryRefused("called_off", _("This date was called off. Plan a new one."))
    if told & {"starts_at", "ends_at"} and delivery.places.filter(state__in=REGISTERED).exists():
        raise DeliveryRefused("registered", _("Its register is taken: its time stays as it is."))
