"""Dates on which a live module is given, and who has, awaits or gave back a place; later: who came."""

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from training.models.modules import Completion, Module


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def standing(self) -> "DeliveryQuerySet":
        """Not called off."""
        return self.filter(called_off_at=None)

    def to_come(self, *, now: datetime) -> "DeliveryQuerySet":
        return self.standing().filter(starts_at__gt=now)

    def visible_to(self, user: Any) -> "DeliveryQuerySet":
        """Whoever sees the module; and whoever gives it."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(Q(module__in=Module.objects.visible_to(user).values("pk")) | Q(trainer=user))


class Delivery(models.Model):
    """A live module on one date. Whoever books holds its row first, then looks."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    module = models.ForeignKey(Module, on_delete=models.PROTECT, related_name="deliveries")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    where = models.CharField(_("where"), max_length=200, blank=True)
    link = models.URLField(_("link"), max_length=500, blank=True)
    trainer = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="deliveries_given"
    )
    trainer_name = models.CharField(_("who gives it"), max_length=120, blank=True)
    capacity = models.PositiveSmallIntegerField(_("places"))
    closes_at = models.DateTimeField(help_text=_("Nobody books from then on."))
    notes = models.TextField(_("what to know before"), blank=True)
    sequence = models.PositiveSmallIntegerField(default=0, help_text=_("Grows with every change people are told of."))
    revised_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    registered_at = models.DateTimeField(null=True, blank=True)
    called_off_at = models.DateTimeField(null=True, blank=True)
    called_off_why = models.CharField(_("why it was called off"), max_length=240, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("date of a module")
        verbose_name_plural = _("dates of modules")
        constraints = [
            models.CheckConstraint(name="delivery_ends_after_start", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(name="delivery_has_room", condition=Q(capacity__gt=0)),
            models.CheckConstraint(name="delivery_closes_before_start", condition=Q(closes_at__lte=F("starts_at"))),
            models.CheckConstraint(name="delivery_is_somewhere", condition=~Q(where="", link="")),
            models.CheckConstraint(
                name="delivery_reason_when_off", condition=Q(called_off_why="") | Q(called_off_at__isnull=False)
            ),
        ]
        indexes = [
            models.Index(fields=["module", "starts_at"], name="delivery_by_module"),
            models.Index(fields=["starts_at"], name="delivery_by_start"),
        ]

    def __str__(self) -> str:
        return f"{self.module_id} at {self.starts_at:%Y-%m-%d %H:%M}"

    def takes_bookings(self, *, now: datetime) -> bool:
        return self.called_off_at is None and now < self.closes_at

    def has_begun(self, *, now: datetime) -> bool:
        return self.starts_at <= now


class PlaceState(models.TextChoices):
    BOOKED = "booked", _("Booked")
    WAITING = "waiting", _("On the waiting list")
    GIVEN_BACK = "given_back", _("Given back")
    UNSERVED = "unserved", _("No place came free")
    ENDED = "ended", _("Ended")
    CAME = "came", _("Came")
    MISSED = "missed", _("Did not come")


LIVE_PLACES = (PlaceState.BOOKED, PlaceState.WAITING)
REGISTERED = (PlaceState.CAME, PlaceState.MISSED)
ONCE = (*LIVE_PLACES, *REGISTERED)


class DeliveryPlaceQuerySet(models.QuerySet["DeliveryPlace"]):
    def live(self) -> "DeliveryPlaceQuerySet":
        return self.filter(state__in=LIVE_PLACES)

    def waiting_in_order(self) -> "DeliveryPlaceQuerySet":
        """Whoever was written down first is next: rows are written while the delivery is held."""
        return self.filter(state=PlaceState.WAITING).order_by("pk")


class DeliveryPlace(models.Model):
    """One person and a place on one date. A new try is a new row. `completion`: what the register made of it."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="places")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="training_places")
    state = models.CharField(_("state"), max_length=10, choices=PlaceState, default=PlaceState.BOOKED)
    had_place = models.BooleanField(default=False, help_text=_("Booked, or moved up from the waiting list."))
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    completion = models.ForeignKey(
        Completion, null=True, blank=True, on_delete=models.SET_NULL, related_name="training_places"
    )

    objects = DeliveryPlaceQuerySet.as_manager()

    class Meta:
        verbose_name = _("place on a date")
        verbose_name_plural = _("places on dates")
        constraints = [
            models.UniqueConstraint(
                fields=["delivery", "user"],
                condition=Q(state__in=["booked", "waiting", "came", "missed"]),
                name="delivery_place_once",
            ),
            models.CheckConstraint(name="delivery_place_state_known", condition=Q(state__in=PlaceState.values)),
            models.CheckConstraint(
                name="delivery_place_ended_when_over",
                condition=Q(state__in=["given_back", "unserved", "ended"], ended_at__isnull=False)
                | Q(state__in=["booked", "waiting", "came", "missed"], ended_at=None),
            ),
            models.CheckConstraint(
                name="delivery_place_completes_who_came", condition=Q(completion=None) | Q(state="came")
            ),
        ]
        indexes = [models.Index(fields=["delivery", "state"], name="delivery_place_by_state")]

    def __str__(self) -> str:
        return f"{self.state} {self.user_id} at {self.delivery_id}"
