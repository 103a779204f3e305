"""What booking answers to the rest of the house: what waits for people, and what it holds on one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Max, Min, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from peerhub.common import dates
from peerhub.common.stages import URGENCY_LATER, URGENCY_NOW, Todo
from peerhub.common.statements import compiled
from programmes.models import (
    AttendanceMode,
    Booking,
    BookingPause,
    BookingState,
    MembershipStatus,
    Role,
    SessionStatus,
)
from programmes.permissions import current_roles
from programmes.queries.naming import session_title

LISTED = 20
WAITS, PAUSED = "waits", "paused"


# --- what waits ------------------------------------------------------------------------------------------------------
def booking_todos(user: Any, now: datetime) -> list[Todo]:
    """Student: seats that are kept for them. Coordinator: full sessions with people waiting, and paused people.

    One query for each, and only where seats are booked.
    """
    roles = current_roles(user, mode=AttendanceMode.BOOK)
    found: list[Todo] = []
    if Role.PARTICIPANT in roles:
        found += [_to_answer(one) for one in _offers(user=user, now=now)]
    if Role.COORDINATOR in roles:
        for row in _in_need(cycle_ids=roles[Role.COORDINATOR], now=now):
            found.append(_full(row) if row["what"] == WAITS else _away(row))
    return found


@compiled
def _offers(*, user: Any, now: datetime) -> QuerySet[Booking, Booking]:
    rows = Booking.objects.filter(
        membership__user=user,
        membership__status=MembershipStatus.ACTIVE,
        state=BookingState.OFFERED,
        offer_expires_at__gt=now,
        session__status=SessionStatus.PLANNED,
    )
    related = ("session__cycle__programme__activity_type", "session__group")
    return rows.select_related(*related).order_by("offer_expires_at", "pk")[:LISTED]


def _to_answer(booking: Booking) -> Todo:
    session = booking.session
    words = {"title": session_title(session), "until": dates.when(booking.offer_expires_at or session.starts_at)}
    where = {"programme": session.cycle.programme.name, "when": dates.when(session.starts_at)}
    return Todo(
        title=_("A seat is yours if you want it: %(title)s") % words,
        url=reverse("programmes:booking_detail", args=[booking.uuid]),
        due_at=booking.offer_expires_at,
        urgency=URGENCY_NOW,
        role="student",
        detail=_("%(programme)s, %(when)s. Kept for you until %(until)s.") % {**where, **words},
        icon="exclamation-circle",
        cycle_id=session.cycle_id,
        code="seat_offered",
    )


@compiled
def _in_need(*, cycle_ids: set[int], now: datetime) -> QuerySet[Booking, Any]:
    """A row for each cycle in which people wait for seats: how many, at how many sessions, the first of them. And one
    for each in which people book nothing for a while: how many, until when the last of them.
    """
    waiting = Booking.objects.filter(
        state=BookingState.WAITING,
        session__cycle__in=cycle_ids,
        session__status=SessionStatus.PLANNED,
        session__starts_at__gt=now,
    )
    full = waiting.order_by().values(what=Value(WAITS), **_words("session__cycle"))
    pauses = BookingPause.objects.filter(
        lifted_at=None,
        until__gt=now,
        membership__cycle__in=cycle_ids,
        membership__status=MembershipStatus.ACTIVE,
    )
    away = pauses.order_by().values(what=Value(PAUSED), **_words("membership__cycle"))
    return full.annotate(n=Count("session", distinct=True), waiting=Count("pk"), next=Min("session__starts_at")).union(
        away.annotate(n=Count("pk"), waiting=Count("pk"), next=Max("until")), all=True
    )


def _words(cycle: str) -> dict[str, Any]:
    """What a line about a cycle says of it."""
    programme = f"{cycle}__programme"
    kind = f"{programme}__activity_type"
    return {
        "cycle_pk": F(f"{cycle}_id"),
        "code": F(f"{cycle}__code"),
        "slug": F(f"{programme}__slug"),
        "programme": F(f"{programme}__name"),
        "one": Coalesce(NullIf(f"{programme}__session_word", Value("")), f"{kind}__session_word"),
        "many": Coalesce(NullIf(f"{programme}__sessions_word", Value("")), f"{kind}__sessions_word"),
    }


def _full(row: Mapping[str, Any]) -> Todo:
    title = ngettext("%(n)s %(one)s is full, and people wait", "%(n)s %(many)s are full, and people wait", row["n"])
    detail = ngettext(
        "%(programme)s: %(waiting)s person on the waiting list. The first is %(when)s.",
        "%(programme)s: %(waiting)s people on waiting lists. The first is %(when)s.",
        row["waiting"],
    )
    url = reverse("programmes:session_list", args=[row["slug"], row["code"]])
    return Todo(
        title=title % row,
        url=f"{url}?show=wanted",
        due_at=row["next"],
        urgency=URGENCY_LATER,
        role="coordinator",
        detail=detail % {**row, "when": dates.when(row["next"])},
        icon="hourglass-split",
        cycle_id=row["cycle_pk"],
        code="seats_wanted",
    )


def _away(row: Mapping[str, Any]) -> Todo:
    title = ngettext("Booking is paused for %(n)s person", "Booking is paused for %(n)s people", row["n"])
    return Todo(
        title=title % row,
        url=reverse("programmes:pause_list", args=[row["slug"], row["code"]]),
        due_at=None,
        urgency=URGENCY_LATER,
        role="coordinator",
        detail=_("%(programme)s. They missed seats. A word from you may help more than the pause.") % row,
        icon="pause-circle",
        cycle_id=row["cycle_pk"],
        code="booking_paused",
    )
