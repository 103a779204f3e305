"""What somebody planning a session should know first: closed days, a busy leader, a taken room. Advice, no rule."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from peerhub.accounts.models import shown_name
from peerhub.common import clock, dates
from peerhub.institution.models import Closure
from programmes.models import Cycle, Mode, Session, SessionKind, SessionLeader, SessionStatus

UNUSUALLY_LONG = timedelta(hours=10)


def unusually_long(starts_at: datetime, ends_at: datetime) -> list[str]:
    """A sentence when it would last most of a day: often two times typed the wrong way round."""
    if ends_at - starts_at <= UNUSUALLY_LONG:
        return []
    hours = round((ends_at - starts_at).total_seconds() / 3600)
    return [
        _("It would last %(hours)s hours, until %(end)s. Check the times.")
        % {"hours": hours, "end": dates.when(ends_at)}
    ]


def closures_on(cycle: Cycle, starts_at: datetime, ends_at: datetime) -> list[str]:
    """A sentence for each closure the institution's calendar has on these days."""
    first, last = (clock.local(one, cycle.time_zone).date() for one in (starts_at, ends_at))
    rows = Closure.objects.filter(starts_on__lte=last, ends_on__gte=first).order_by("starts_on", "pk")
    return [_("The institution is closed that day: %(name)s.") % {"name": row.name} for row in rows]


def busy_leaders(
    user_ids: Collection[int], starts_at: datetime, ends_at: datetime, *, besides: int | None = None
) -> list[str]:
    """A sentence for each leader who leads something else at that time. `besides` is the session being moved."""
    rows = (
        SessionLeader.objects.filter(
            membership__user__in=user_ids,
            session__status=SessionStatus.PLANNED,
            session__kind=SessionKind.SESSION,
            session__starts_at__lt=ends_at,
            session__ends_at__gt=starts_at,
        )
        .exclude(session=besides or 0)
        .exclude(session__mode=Mode.ASYNC)
        .order_by("session__starts_at", "pk")
        .values_list(
            "session__cycle__programme__name",
            "session__starts_at",
            "membership__user__preferred_name",
            "membership__user__given_name",
            "membership__user__family_name",
        )[:5]
    )
    return [
        _("%(person)s already leads in %(programme)s at %(time)s.")
        % {"person": shown_name(*names), "programme": programme, "time": dates.clock(starts)}
        for programme, starts, *names in rows
    ]


def taken_room(place: str, starts_at: datetime, ends_at: datetime, *, besides: int | None = None) -> list[str]:
    """A sentence when another session is planned in the same place at that time."""
    if not place.strip():
        return []
    rows = (
        Session.objects.filter(
            place__iexact=place.strip(),
            mode=Mode.IN_PERSON,
            status=SessionStatus.PLANNED,
            starts_at__lt=ends_at,
            ends_at__gt=starts_at,
        )
        .exclude(pk=besides or 0)
        .order_by("starts_at", "pk")
        .values_list("cycle__programme__name", "starts_at")[:3]
    )
    return [
        _("%(place)s is taken by %(programme)s at %(time)s.")
        % {"place": place.strip(), "programme": programme, "time": dates.clock(starts)}
        for programme, starts in rows
    ]
