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
Writer = Callable[[DeliveryPlace, datetime], Rendered | NotWanted]


def _places(abouts: Sequence[Mapping[str, Any]]) -> dict[int, DeliveryPlace]:
    rows = DeliveryPlace.objects.select_related("delivery__module", "delivery__trainer")
    return rows.in_bulk({about["place"] for about in abouts})


def _to_place(
    code: str, title: Any, *states: str, essential: bool, when_over: bool = False
) -> Callable[[Writer], Writer]:
    """A kind of letter about somebody's place, written while it is in one of these states, about the date as it is now,
    and `when_over` or before that begins.
    """

    def register(write: Writer) -> Writer:
        @mail.kind(f"training.{code}", title=title, topic="training", essential=essential, load=_places)
        def render(letter: Letter, now: datetime) -> Rendered | NotWanted:
            place = _place(letter, states)
            if isinstance(place, NotWanted):
                return place
            if not when_over and (place.delivery.called_off_at or place.delivery.has_begun(now=now)):
                return NotWanted(_("It has begun, or was called off."))
            if letter.about.get("starts", _starts_of(place)) != _starts_of(place):
                return NotWanted(_("It was moved."))
            return write(place, now)

        return write

    return register


def _starts_of(place: DeliveryPlace) -> int:
    """As a reminder of it names its beginning: seconds since 1970."""
    return int(place.delivery.starts_at.timestamp())


def _place(letter: Letter, states: Sequence[str]) -> DeliveryPlace | NotWanted:
    place: DeliveryPlace | None = letter.facts.get(letter.about["place"])
    if place is None or place.state not in states:
        return NotWanted(_("Things have changed since."))
    if letter.about.get("sequence", place.delivery.sequence) != place.delivery.sequence:
        return NotWanted(_("It was changed again; a newer message says how."))
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


@_to_place("place_booked", gettext_lazy("You have a place in training"), S.BOOKED, essential=False)
def place_booked(place: DeliveryPlace, now: datetime) -> Rendered | NotWanted:
    """Booked by themselves, with the date for their own calendar."""
    lines = [_("Your place is booked."), _said(place), _give_back()]
    return _rendered(place, now, _("You have a place: %(module)s"), lines)


@_to_place("place_came_free", gettext_lazy("A place in training came free for you"), S.BOOKED, essential=True)
def place_came_free(place: DeliveryPlace, now: datetime) -> Rendered | NotWanted:
    """Moved up from the waiting list."""
    lines = [_("You were next on the waiting list, and a place came free: it is yours."), _said(place), _give_back()]
    return _rendered(place, now, _("A place came free for you: %(module)s"), lines)


@_to_place("delivery_changed", gettext_lazy("A training date was changed"), S.BOOKED, S.WAITING, essential=True)
def delivery_changed(place: DeliveryPlace, now: datetime) -> Rendered | NotWanted:
    """Another time or place, to whoever has a place or waits for one."""
    lines = [_("The time or the place has changed. This is how it is now."), _give_back()]
    return _rendered(place, now, _("Changed: %(module)s"), lines, file=place.state == S.BOOKED)


@_to_place(
    "delivery_called_off", gettext_lazy("A training date was called off"), S.ENDED, essential=True, when_over=True
)
def delivery_called_off(place: DeliveryPlace, now: datetime) -> Rendered | NotWanted:
    """It does not take place, and why."""
    lines = [
        _("This date does not take place. The reason: %(why)s") % {"why": place.delivery.called_off_why},
        _("Other dates are on the page of the module."),
    ]
    return _rendered(place, now, _("Called off: %(module)s"), lines)


@_to_place("place_not_free", gettext_lazy("No place came free"), S.UNSERVED, essential=True, when_over=True)
def place_not_free(place: DeliveryPlace, now: datetime) -> Rendered | NotWanted:
    """Who waited until it began."""
    lines = [
        _("You were on the waiting list, and no place came free."),
        _("Other dates are on the page of the module."),
    ]
    return _rendered(place, now, _("No place came free: %(module)s"), lines, file=False)


@_to_place("delivery_tomorrow", gettext_lazy("Your training is coming up"), S.BOOKED, essential=False)
def delivery_tomorrow(place: DeliveryPlace, now: datetime) -> Rendered | NotWanted:
    """The day before."""
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
