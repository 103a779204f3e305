"""What queues and booking hold on a person, for "My privacy": tickets, seats and pauses, in one query for all three."""

from collections.abc import Iterable
from typing import Any

from django.db.models import DateTimeField, F, Value
from django.db.models.functions import Cast, Coalesce
from django.utils.translation import gettext_lazy as _

from peerhub.common.stages import Holding
from programmes.models import Booking, BookingPause, BookingState, QueueEntry, QueueHow, QueueState
from programmes.queries.group_holdings import moment

TICKET, HELPED, SEAT, PAUSE = "ticket", "helped", "seat", "pause"
NEVER = Cast(Value(None), DateTimeField())
NOTHING = Value("")
Row = tuple[Any, ...]  # kind, key, number, programme, session, two codes, two texts, five moments


def seat_holdings(user: Any, kept: Any) -> list[Holding]:
    """Tickets of queues and those one helped; seats and pauses, of those who ever booked. One query."""
    rows = sorted(_rows(user), key=lambda row: (str(row[9]), row[1]))
    tickets = [_ticket(row) for row in rows if row[0] in {TICKET, HELPED}]
    seats, pauses = ([row for row in rows if row[0] == kind] for kind in (SEAT, PAUSE))
    queues = Holding(
        _("Queues of drop-ins"),
        _("So that people are helped in order, and that the programme knows whom it could not help."),
        kept,
        tickets,
    )
    if not seats and not pauses:
        return [queues]
    return [
        queues,
        Holding(
            _("Seats you booked or waited for"),
            _("So that there is a seat for everybody who comes, and fair turns where there are few."),
            kept,
            [_seat(row) for row in seats],
            about=[("programmes.booking", str(row[1])) for row in seats],
        ),
        Holding(
            _("Pauses of booking"),
            _("So that seats are not held by people who do not come."),
            kept,
            [_pause(row) for row in pauses],
            about=[("programmes.bookingpause", str(row[1])) for row in pauses],
        ),
    ]


def _rows(user: Any) -> Iterable[Row]:
    programme = "session__cycle__programme__name"
    title = Coalesce("session__title", NOTHING)
    group = Coalesce("session__group__name", NOTHING)
    own = QueueEntry.objects.filter(membership__user=user).order_by()
    helped = QueueEntry.objects.filter(called_by__user=user).order_by()
    seats = Booking.objects.filter(membership__user=user).order_by()
    pauses = BookingPause.objects.filter(membership__user=user).order_by()
    times = ("called_at", "started_at", "ended_at", "session__starts_at")
    return own.values_list(
        Value(TICKET), "pk", "number", programme, title, group, "state", "how",
        Coalesce("topic__name", NOTHING), "joined_at", *times, "about",
    ).union(
        helped.values_list(
            Value(HELPED), "pk", Value(0), programme, title, group, NOTHING, NOTHING, NOTHING, F("called_at"),
            *times, NOTHING,
        ),
        seats.values_list(
            Value(SEAT), "pk", Value(0), programme, title, group, "state", NOTHING, NOTHING, "made_at",
            "waiting_since", "offered_at", "ended_at", "session__starts_at", NOTHING,
        ),
        pauses.values_list(
            Value(PAUSE), "pk", "misses", "membership__cycle__programme__name", NOTHING, NOTHING, NOTHING, NOTHING,
            NOTHING, "started_at", "until", "lifted_at", NEVER, NEVER, "lift_reason",
        ),
        all=True,
    )  # fmt: skip


def _names(row: Row) -> dict[str, Any]:
    return {"programme": row[3], "session": row[4] or row[5] or str(_("Session"))}


def _ticket(row: Row) -> dict[str, Any]:
    """Of those one helped: only that one did, and when."""
    kind, number, (state, how, topic), at = row[0], row[2], row[6:9], row[13]
    joined, called, started, ended, about = *row[9:13], row[14]
    is_own = kind == TICKET
    return {
        **_names(row),
        "at": moment(at),
        "you": str(_("queued")) if is_own else str(_("helped somebody")),
        "ticket": number if is_own else "",
        "topic": topic,
        "about": about,
        "joined": str(QueueHow(how).label) if is_own else "",
        "joined_at": moment(joined) if is_own else "",
        "called_at": moment(called),
        "started_at": moment(started),
        "ended_at": moment(ended),
        "outcome": str(QueueState(state).label) if is_own else "",
    }


def _seat(row: Row) -> dict[str, Any]:
    return {
        **_names(row),
        "at": moment(row[13]),
        "booked_or_asked_at": moment(row[9]),
        "waited_since": moment(row[10]),
        "offered_at": moment(row[11]),
        "ended_at": moment(row[12]),
        "state": str(BookingState(row[6]).label),
    }


def _pause(row: Row) -> dict[str, Any]:
    return {
        "programme": row[3],
        "from": moment(row[9]),
        "until": moment(row[10]),
        "missed": row[2],
        "lifted_at": moment(row[11]),
        "why_lifted": row[14],
    }
