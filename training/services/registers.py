"""The register of a date: who came, and what that completes. Saving it again corrects it; the same twice is once."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peerhub.common import audit
from peerhub.common.errors import DomainError
from peerhub.common.once import spend
from training.models import REGISTERED, CompletionSource, Delivery, DeliveryPlace, PlaceState
from training.queries.deliveries import completes_by_coming, trains_in
from training.services.completions import record_completion
from training.services.delivery_places import locked_delivery

ON_REGISTER = (PlaceState.BOOKED, PlaceState.WAITING, PlaceState.UNSERVED, *REGISTERED)


class RegisterRefused(DomainError):
    """Codes: called_off, not_begun, own, unknown, not_yours."""


@transaction.atomic(durable=True)
def take_register(
    *, actor: Any, delivery_id: int, came: Collection[UUID], key: UUID | None = None, now: datetime
) -> tuple[int, int]:
    """`came`: places (uuids) of those who were there; everybody else who had a place did not come.

    Who came has the module complete as of that day, where it asks for no more. Who is ticked no more loses what this
    register made, nothing else. Returns (came, missed).
    """
    spend(user=actor, key=key, now=now)
    delivery = _open_register(delivery_id, now)
    places = list(delivery.places.filter(state__in=ON_REGISTER).order_by("pk"))
    if set(came) - {one.uuid for one in places}:
        raise RegisterRefused("unknown", gettext_lazy("Somebody here has no place on this date. Open it again."))
    changed = [one for one in places if _mark(actor, delivery, one, came=one.uuid in came, now=now)]
    delivery.registered_at = delivery.registered_at or now
    delivery.save(update_fields=["registered_at"])
    if changed:
        detail = {"places": [one.pk for one in changed]}
        audit.record(actor=actor, action="training.register_taken", target=delivery, detail=detail, now=now)
    states = [one.state for one in places]
    return states.count(PlaceState.CAME), states.count(PlaceState.MISSED)


@transaction.atomic(durable=True)
def add_to_register(
    *, actor: Any, delivery_id: int, person: Any, key: UUID | None = None, now: datetime
) -> DeliveryPlace:
    """Somebody came without a place. Who has one is ticked."""
    spend(user=actor, key=key, now=now)
    delivery = _open_register(delivery_id, now)
    if not trains_in(person, delivery.module):
        raise RegisterRefused("not_yours", gettext_lazy("They do not lead, coordinate or supervise here."))
    place = delivery.places.filter(user=person, state__in=ON_REGISTER).order_by("-pk").first()
    if place is None:
        place = DeliveryPlace(delivery=delivery, user=person, state=PlaceState.WAITING, made_at=now)
    if _mark(actor, delivery, place, came=True, now=now):
        detail = {"places": [place.pk]}
        audit.record(actor=actor, action="training.register_taken", target=delivery, detail=detail, now=now)
    return place


# --- steps ------------------------------------------------------------------------------------------------------------
def _open_register(delivery_id: int, now: datetime) -> Delivery:
    delivery = locked_delivery(delivery_id)
    if delivery.called_off_at is not None:
        raise RegisterRefused("called_off", gettext_lazy("This date was called off."))
    if not delivery.has_begun(now=now):
        raise RegisterRefused("not_begun", gettext_lazy("It has not begun yet."))
    return delivery


def _mark(actor: Any, delivery: Delivery, place: DeliveryPlace, *, came: bool, now: datetime) -> bool:
    """Whether that changed anything. Only who had a place can have missed it."""
    is_so = place.state == PlaceState.CAME if came else place.state not in {PlaceState.CAME, PlaceState.BOOKED}
    if is_so:
        return False
    if came and place.user_id == actor.pk:
        raise RegisterRefused("own", gettext_lazy("Nobody decides on their own training. Ask a colleague to tick you."))
    if came:
        place.state, place.ended_at = PlaceState.CAME, None
        place.completion = _complete(actor, delivery, place, now=now)
    else:
        _take_back(actor, place, now=now)
        place.completion = None
        place.state = PlaceState.MISSED if place.had_place else PlaceState.UNSERVED
        place.ended_at = None if place.had_place else now
    place.save()
    return True


def _complete(actor: Any, delivery: Delivery, place: DeliveryPlace, *, now: datetime) -> Any:
    """The completion of that day; None where coming is not enough, or the day was completed in another way."""
    if not completes_by_coming(delivery.module):
        return None
    made = record_completion(
        actor, place.user_id, delivery.module, timezone.localdate(delivery.starts_at), CompletionSource.REGISTER,
        assessor=actor, now=now,
    )  # fmt: skip
    return made if made.source == CompletionSource.REGISTER else None


def _take_back(actor: Any, place: DeliveryPlace, *, now: datetime) -> None:
    """Withdraw what this register made, unless another date of that day says they came, too."""
    made = place.completion
    if made is None or made.withdrawn_at or DeliveryPlace.objects.filter(completion=made).exclude(pk=place.pk).exists():
        return
    made.withdrawn_at, made.withdrawn_by, made.withdrawn_why = now, actor, _("The register was corrected.")
    made.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_why"])
    audit.record(actor=actor, action="training.completion_withdrawn", target=made, now=now)
