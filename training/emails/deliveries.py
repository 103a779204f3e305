"""Words about places on dates of live modules. Facts are read again when a message leaves."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peerhub.common import dates, mail
from peerhub.common.mail import Letter, NotWanted, Rendered
from training.models import Delivery, DeliveryPlace, PlaceState
from training.queries.delivery_calendar import announced

S = PlaceState


def _places(abouts: Sequence[Mapping[str, Any]]) -> dict[int, DeliveryPlace]:
    rows = DeliveryPlace.objects.select_related("delivery__module", "delivery__trainer")
    return rows.in_bulk({about["place"] for about in abouts})


def _kind(code: str, title: Any, *, essential: bool) -> Any:
    return mail.kind(f"training.{code}", title=title, topic="training", essential=essential, load=_places)


def _place(letter: Letter, states: Sequence[str]) -> DeliveryPlace | NotWanted:
    """The place, while it is in one of these states and about the date as it is now."""
    place: DeliveryPlace | None = letter.facts.get(letter.about["place"])
    if place is None or place.state not in states:
        return NotWanted(_("Things have changed since."))
    if letter.about.get("sequence", place.delivery.sequence) != place.delivery.sequence:
        return NotWanted(_("It was changed again; a newer message says how."))
    return place


def _to_come(letter: Letter, states: Sequence[str], now: datetime) -> DeliveryPlace | NotWanted:
    place = _place(letter, states)
    if not isinstance(place, NotWanted) and (place.delivery.called_off_at or place.delivery.has_begun(now=now)):
        return NotWanted(_("It has begun, or was called off."))
    return place


def _rendered(
    place: DeliveryPlace, now: datetime, title: str, lines: Sequence[str], *, file: bool = True, action: str = ""
) -> Rendered:
    delivery = place.delivery
    heading = title % {"module": delivery.module.title}
    return Rendered(
        "training/delivery",
        {
            "heading_line": heading,
            "lines": tuple(filter(None, lines)),
            "when_line": dates.occasion(delivery.starts_at, delivery.ends_at),
            "where_line": delivery.where,
            "link_line": "" if delivery.called_off_at or place.state != S.BOOKED else delivery.link,
            "action_line": action or _("Open this date"),
        },
        url=reverse("training:delivery_detail", args=[delivery.uuid]),
        why=_("You are getting this because you booked or waited for a place in training."),
        title=heading,
        attach=_file(delivery, now) if file else None,
    )


def _file(delivery: Delivery, now: datetime) -> Callable[[], mail.Attachment]:
    def make() -> mail.Attachment:
        return mail.Attachment("training.ics", "calendar", announced(delivery), (("method", "PUBLISH"),))

    return make


@_kind("place_booked", gettext_lazy("You have a place in training"), essential=False)
def place_booked(letter: Letter, now: datetime) -> Rendered | NotWanted:
    """Booked by themselves, with the date for their own calendar."""
    place = _to_come(letter, [S.BOOKED], now)
    if isinstance(place, NotWanted):
        return place
    lines = [_("Your place is booked."), _said(place), _give_back()]
    return _rendered(place, now, _("You have a place: %(module)s"), lines)


@_kind("place_came_free", gettext_lazy("A place in training came free for you"), essential=True)
def place_came_free(letter: Letter, now: datetime) -> Rendered | NotWanted:
    """Moved up from the waiting list."""
    place = _to_come(letter, [S.BOOKED], now)
    if isinstance(place, NotWanted):
        return place
    lines = [_("You were next on the waiting list, and a place came free: it is yours."), _said(place), _give_back()]
    return _rendered(place, now, _("A place came free for you: %(module)s"), lines)


@_kind("delivery_changed", gettext_lazy("A training date was changed"), essential=True)
def delivery_changed(letter: Letter, now: datetime) -> Rendered | NotWanted:
    """Another time or place, to whoever has a place or waits for one."""
    place = _to_come(letter, [S.BOOKED, S.WAITING], now)
    if isinstance(place, NotWanted):
        return place
    lines = [_("The time or the place has changed. This is how it is now."), _give_back()]
    return _rendered(place, now, _("Changed: %(module)s"), lines, file=place.state == S.BOOKED)


@_kind("delivery_called_off", gettext_lazy("A training date was called off"), essential=True)
def delivery_called_off(letter: Letter, now: datetime) -> Rendered | NotWanted:
    """It does not take place, and why."""
    place = _place(letter, [S.ENDED])
    if isinstance(place, NotWanted):
        return place
    lines = [
        _("This date does not take place. The reason: %(why)s") % {"why": place.delivery.called_off_why},
        _("Other dates are on the page of the module."),
    ]
    return _rendered(place, now, _("Called off: %(module)s"), lines)


@_kind("place_not_free", gettext_lazy("No place came free"), essential=True)
def place_not_free(letter: Letter, now: datetime) -> Rendered | NotWanted:
    """Who waited until it began."""
    place = _place(letter, [S.UNSERVED])
    if isinstance(place, NotWanted):
        return place
    lines = [
        _("You were on the waiting list, and no place came free."),
        _("Other dates are on the page of the module."),
    ]
    return _rendered(place, now, _("No place came free: %(module)s"), lines, file=False)


@_kind("delivery_tomorrow", gettext_lazy("Your training is coming up"), essential=False)
def delivery_tomorrow(letter: Letter, now: datetime) -> Rendered | NotWanted:
    """The day before."""
    place = _to_come(letter, [S.BOOKED], now)
    if isinstance(place, NotWanted):
        return place
    if int(place.delivery.starts_at.timestamp()) != letter.about["starts"]:
        return NotWanted(_("It was moved."))
    lines = [dates.when(place.delivery.starts_at, now), _said(place), _give_back()]
    return _rendered(place, now, _("Coming up: %(module)s"), lines, file=False)


def _said(place: DeliveryPlace) -> str:
    return place.delivery.notes


def _give_back() -> str:
    return _("If you cannot come, give the place back on its page until it begins, so that somebody else has it.")


# --- to whoever gives it ---------------------------------------------------------------------------------------------
def _deliveries(abouts: Sequence[Mapping[str, Any]]) -> dict[int, Delivery]:
    return Delivery.objects.select_related("module").in_bulk({about["delivery"] for about in abouts})


@mail.kind("training.register_due", title=gettext_lazy("A register to take"), topic="training", load=_deliveries)
def register_due(letter: Letter, now: datetime) -> Rendered | NotWanted:
    """Once it is over, to the trainer; where there is none with an account, to whoever planned it."""
    delivery: Delivery | None = letter.facts.get(letter.about["delivery"])
    if delivery is None or delivery.called_off_at or delivery.registered_at:
        return NotWanted(_("The register is taken, or it was called off."))
    if letter.recipient.pk != (delivery.trainer_id or delivery.created_by_id):
        return NotWanted(_("Somebody else gives it."))
    heading = _("Who came to “%(module)s”?") % {"module": delivery.module.title}
    return Rendered(
        "training/delivery",
        {
            "heading_line": heading,
            "lines": (_("Please take the register: for those who came it counts from that day."),),
            "when_line": dates.occasion(delivery.starts_at, delivery.ends_at),
            "where_line": delivery.where,
            "link_line": "",
            "action_line": _("Take the register"),
        },
        url=reverse("training:register_take", args=[delivery.uuid]),
        why=_("You are getting this because you give or planned this training."),
        title=heading,
    )
