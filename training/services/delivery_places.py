"""Places on a date: booked, awaited, given back, passed on.

Whoever needs or frees a place holds the person's row first (one date of a module at a time), then the delivery's, then
looks: whoever waited for the lock sees the places already taken.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from peerhub.accounts.models import User
from peerhub.common import audit, mail
from peerhub.common.errors import DomainError
from peerhub.common.once import spend
from training.models import Delivery, DeliveryPlace, Module, PlaceState
from training.queries.completions import done_by
from training.queries.deliveries import held_elsewhere, leavers_places, trains_in
from training.queries.standing import State, state_on
from training.services.completions import refuse_closed

SWEPT = 500


class PlaceRefused(DomainError):
    """Codes: called_off, closed, not_yours, own, complete, already, another, begun."""


@transaction.atomic(durable=True)
def book_place(*, actor: Any, delivery_id: int, key: UUID | None = None, now: datetime) -> DeliveryPlace:
    """A place for oneself, or where none is free the end of the waiting list: look at its state."""
    spend(user=actor, key=key, now=now)
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)
    delivery = locked_delivery(delivery_id)
    known = delivery.places.live().filter(user=actor).first()
    if known:
        return known  # pressed twice
    _refuse_booking(actor, delivery, now)
    _refuse_person(actor, delivery, now)
    is_free = settle_places(delivery, now=now) > 0
    place = DeliveryPlace.objects.create(
        delivery=delivery,
        user=actor,
        state=PlaceState.BOOKED if is_free else PlaceState.WAITING,
        had_place=is_free,
        made_at=now,
    )
    record(actor, "place_booked" if is_free else "place_awaited", place, now=now)
    if is_free:
        tell("place_booked", place, now=now)
    return place


@transaction.atomic(durable=True)
def give_back_place(*, actor: Any, delivery_id: int, now: datetime) -> None:
    """One's own place, or one's place in the queue, until it begins. The next in order has it at once."""
    delivery = locked_delivery(delivery_id)
    place = delivery.places.live().filter(user=actor).first()
    if place is None:
        return  # pressed twice
    if delivery.has_begun(now=now):
        raise PlaceRefused("begun", _("It has begun. Tell whoever gives it if you are not there."))
    end_place(place, PlaceState.GIVEN_BACK, now=now)
    record(actor, "place_given_back", place, now=now)
    settle_places(delivery, now=now)


# --- steps ------------------------------------------------------------------------------------------------------------
def locked_delivery(delivery_id: int) -> Delivery:
    """A step: the date with its module, held until the transaction ends."""
    rows = Delivery.objects.select_related("module").select_for_update(of=("self",), no_key=True)
    return rows.get(pk=delivery_id)


def settle_places(delivery: Delivery, *, now: datetime) -> int:
    """A step on a delivery that is held: free places go to those who wait, in order, until it begins; they are told.
    Returns how many are free then. Safe at any time.
    """
    free = delivery.capacity - delivery.places.filter(state=PlaceState.BOOKED).count()
    if delivery.called_off_at is not None or delivery.has_begun(now=now):
        return max(0, free)
    for place in delivery.places.waiting_in_order()[: max(0, free)]:
        place.state, place.had_place = PlaceState.BOOKED, True
        place.save(update_fields=["state", "had_place"])
        record(None, "place_came_free", place, now=now)
        tell("place_came_free", place, now=now)
        free -= 1
    return max(0, free)


def end_place(place: DeliveryPlace, state: str, *, now: datetime) -> None:
    """A step: it is over, and why. The caller settles the delivery."""
    place.state, place.ended_at = state, now
    place.save(update_fields=["state", "ended_at"])


def tell(kind: str, place: DeliveryPlace, *, now: datetime) -> None:
    """A step: one letter to whoever has it; as often as asked, once."""
    about = {"place": place.pk, "delivery": place.delivery_id}
    mail.queue(f"training.{kind}", to=place.user_id, key=f"training.{kind}:{place.pk}", about=about, now=now)


def record(actor: Any, action: str, place: DeliveryPlace, *, now: datetime) -> None:
    audit.record(
        actor=actor, action=f"training.{action}", target=place, detail={"delivery": place.delivery_id}, now=now
    )


def _refuse_booking(actor: Any, delivery: Delivery, now: datetime) -> None:
    refuse_closed(delivery.module)
    if delivery.called_off_at is not None:
        raise PlaceRefused("called_off", _("This date was called off. Choose another."))
    if not delivery.takes_bookings(now=now):
        raise PlaceRefused("closed", _("Booking for this date has closed. Choose another."))
    if delivery.trainer_id == actor.pk:
        raise PlaceRefused("own", _("You give this one yourself."))


def _refuse_person(actor: Any, delivery: Delivery, now: datetime) -> None:
    module: Module = delivery.module
    if not trains_in(actor, module):
        raise PlaceRefused("not_yours", _("This is for those who lead, coordinate or supervise here."))
    if delivery.places.filter(user=actor, state__in=[PlaceState.CAME, PlaceState.MISSED]).exists():
        raise PlaceRefused("already", _("You are on the register of this date already."))
    done = done_by([actor.pk], [module.pk]).get((actor.pk, module.pk))
    if state_on(delivery.starts_at.date(), done) == State.COMPLETE:
        raise PlaceRefused("complete", _("You have completed this, and it still counts then."))
    if held_elsewhere(actor, delivery, now=now):
        raise PlaceRefused("another", _("You have another date of this module. Give that back first."))


# --- the sweep --------------------------------------------------------------------------------------------------------
def sweep_places(*, now: datetime) -> int:
    """Who does not lead any more makes room; who still waits when it begins hears that no place came free. One
    transaction a date; twice, late or at once comes to the same. Returns places that ended.
    """
    left = leavers_places(now=now).values_list("delivery_id", flat=True)
    waiting = DeliveryPlace.objects.filter(state=PlaceState.WAITING, delivery__starts_at__lte=now)
    due = sorted({*left, *waiting.values_list("delivery_id", flat=True)})[:SWEPT]
    return sum(_sweep_one(pk, now=now) for pk in due)


@transaction.atomic(durable=True)
def _sweep_one(delivery_id: int, *, now: datetime) -> int:
    delivery, ended = locked_delivery(delivery_id), 0
    for place in leavers_places(now=now).filter(delivery=delivery):
        end_place(place, PlaceState.ENDED, now=now)
        ended += 1
    if delivery.has_begun(now=now):
        for place in delivery.places.waiting_in_order():
            end_place(place, PlaceState.UNSERVED, now=now)
            tell("place_not_free", place, now=now)
            ended += 1
    settle_places(delivery, now=now)
    return ended
