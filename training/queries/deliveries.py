"""Dates of live modules as people see them, and the rules of who may have a place."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from programmes.models import CycleState, Membership
from training.models import (
    LIVE_PLACES,
    AssessmentKind,
    Delivery,
    DeliveryPlace,
    Mode,
    Module,
    PlaceState,
)
from training.models.modules import TRAINED
from training.queries.standing import SOON

S = PlaceState
LISTED = 20
# What a tag says of a place: its kind, and an icon where the kind's own does not fit.
LOOKS = {
    S.BOOKED: "done",
    S.WAITING: "turn",
    S.CAME: "done",
    S.MISSED: "late",
    S.GIVEN_BACK: "hidden",
    S.UNSERVED: "hidden",
    S.ENDED: "hidden",
}


# --- rules ------------------------------------------------------------------------------------------------------------
def completes_by_coming(module: Module) -> bool:
    """The register completes what asks for no more than being there, or for somebody who vouches for that. A quiz is
    still to be passed, practice still to be observed.
    """
    return module.assessment in {AssessmentKind.NONE, AssessmentKind.SIGN_OFF}


def only_by_register(module: Module) -> bool:
    """Live, and nothing but being there: no other way completes it."""
    return module.mode == Mode.LIVE and module.assessment == AssessmentKind.NONE


def trains_in(user: Any, module: Module) -> bool:
    """Leads, coordinates or supervises where the module is at home; for a shared one anywhere."""
    return _places_in_programmes(module.owner_id).filter(user=user).exists()


def _places_in_programmes(owner_id: Any) -> QuerySet[Membership]:
    rows = Membership.objects.active().filter(role__in=TRAINED).exclude(cycle__state=CycleState.CLOSED)
    return rows if owner_id is None else rows.filter(cycle__programme=owner_id)


def held_elsewhere(user: Any, delivery: Delivery, *, now: datetime) -> bool:
    """Has or awaits a place on another date of the module that is not over."""
    others = DeliveryPlace.objects.live().filter(user=user, delivery__module=delivery.module_id)
    return others.filter(delivery__ends_at__gt=now, delivery__called_off_at=None).exclude(delivery=delivery).exists()


def has_attended(user: Any, module: Module, today: date) -> bool:
    """Came to a date of it that still counts today."""
    rows = DeliveryPlace.objects.filter(user=user, state=S.CAME, delivery__module=module)
    last = rows.order_by("-delivery__starts_at").values_list("delivery__starts_at", flat=True).first()
    if last is None:
        return False
    until = module.expires_on(last.date())
    return until is None or today < until


def leavers_places(*, now: datetime) -> QuerySet[DeliveryPlace]:
    """Live places on dates to come of people who lead, coordinate or supervise where the module is at home no more."""
    active = Membership.objects.active().filter(user=OuterRef("user"), role__in=TRAINED)
    active = active.exclude(cycle__state=CycleState.CLOSED)
    here = active.filter(cycle__programme=OuterRef("delivery__module__owner"))
    stays = Q(Exists(here)) | Q(Exists(active), delivery__module__owner=None)
    return DeliveryPlace.objects.live().filter(~stays, delivery__starts_at__gt=now)


# --- lists ------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Dated:
    """A date with how many have a place and wait, and the reader's own state ("" for none)."""

    delivery: Delivery
    booked: int
    waiting: int
    mine: str

    @property
    def free(self) -> int:
        return max(0, self.delivery.capacity - self.booked)

    @property
    def words(self) -> Any:
        return PlaceState(self.mine).label if self.mine else ""

    @property
    def look(self) -> str:
        return LOOKS[PlaceState(self.mine)] if self.mine else ""


def dated(rows: QuerySet[Delivery], user: Any) -> list[Dated]:
    """The first of them. Two queries."""
    counted = rows.annotate(
        booked=Count("places", filter=Q(places__state__in=[S.BOOKED, S.CAME, S.MISSED])),
        waiting=Count("places", filter=Q(places__state=S.WAITING)),
    ).select_related("module", "trainer")
    found: list[Any] = list(counted[:LISTED])
    own = DeliveryPlace.objects.filter(user=user, delivery__in=[one.pk for one in found]).order_by("pk")
    mine = dict(own.exclude(state=S.GIVEN_BACK).values_list("delivery_id", "state"))
    return [Dated(one, one.booked, one.waiting, mine.get(one.pk, "")) for one in found]


def dates_to_come(module: Module, user: Any, *, now: datetime) -> list[Dated]:
    """The next dates of a module. Two queries."""
    rows = Delivery.objects.to_come(now=now).filter(module=module)
    return dated(rows.order_by("starts_at", "pk"), user)


def past_dates(module: Module, *, now: datetime) -> QuerySet[Delivery]:
    """Those that have begun or were called off, the last first, with `came`."""
    rows = Delivery.objects.filter(Q(starts_at__lte=now) | Q(called_off_at__isnull=False), module=module)
    came = Count("places", filter=Q(places__state=S.CAME))
    return rows.annotate(came=came).order_by("-starts_at", "-pk")


def my_dates(user: Any, module_ids: Collection[int], *, now: datetime) -> list[Dated]:
    """Dates to come at which somebody has or awaits a place, and those of `module_ids` to be booked. Two queries."""
    held = DeliveryPlace.objects.filter(delivery=OuterRef("pk"), user=user, state__in=LIVE_PLACES)
    open_now = Q(module__in=sorted(module_ids), closes_at__gt=now, module__closed_at=None)
    rows = Delivery.objects.standing().filter(Q(Exists(held)) | open_now, ends_at__gt=now)
    return dated(rows.order_by("starts_at", "pk"), user)


def given_by(user: Any, *, now: datetime) -> list[Delivery]:
    """Dates somebody gives, from a month ago on."""
    rows = Delivery.objects.standing().filter(trainer=user, ends_at__gt=now - SOON).select_related("module")
    return list(rows.order_by("starts_at", "pk")[:LISTED])


def people_on(delivery: Delivery) -> list[DeliveryPlace]:
    """Everybody who has or had something to do with it, by name; given back ones last. One query."""
    order = {S.BOOKED: 0, S.CAME: 0, S.MISSED: 0, S.WAITING: 1, S.UNSERVED: 2}
    rows = delivery.places.select_related("user").order_by("user__family_name", "user__given_name", "pk")
    return sorted(rows, key=lambda one: (order.get(PlaceState(one.state), 3), one.pk * (one.state == S.WAITING)))


def latest_places(user_id: int, module_ids: Sequence[int]) -> dict[int, list[DeliveryPlace]]:
    """Module pk to a person's places of note, the newest first: to come, came, missed. One query."""
    rows = DeliveryPlace.objects.filter(
        user=user_id, delivery__module__in=module_ids, state__in=[*LIVE_PLACES, S.CAME, S.MISSED]
    )
    found: dict[int, list[DeliveryPlace]] = {}
    for one in rows.select_related("delivery").order_by("-delivery__starts_at", "-pk"):
        found.setdefault(one.delivery.module_id, []).append(one)
    return found
