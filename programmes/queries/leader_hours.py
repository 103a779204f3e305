"""How long people lead in a week, over all programmes, against what a cycle sets as the most."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from peerhub.accounts.models import User
from peerhub.common import clock, dates
from programmes.models import BookingRules, Cycle, Mode, SessionKind, SessionLeader, SessionStatus

COUNTS = (SessionStatus.PLANNED, SessionStatus.HELD, SessionStatus.NOBODY_CAME)
Led = tuple[datetime, datetime, Collection[int]]  # from, until, led by users


def beyond_limit(cycle: Cycle, wanted: Sequence[Led], *, changed: Collection[int] = ()) -> str:
    """A sentence about the first leader and week that `wanted` would take beyond the cycle's hours a week; "" for none.

    A session counts in the week in which it begins where the cycle runs, with its full length; what people do in their
    own time does not. `changed` are the sessions that `wanted` stands for: who leads no longer in them than before is
    not held up by a limit that came later. One query where there is no limit, else two.
    """
    limit = BookingRules.objects.filter(cycle=cycle).values_list("leader_hours", flat=True).first()
    if not limit or not wanted:
        return ""
    most = timedelta(hours=limit)
    new = _by_week(cycle, ((start, end, user) for start, end, users in wanted for user in users))
    before, besides = _led(cycle, wanted, set(changed))
    over = sorted(
        (monday, user)
        for (user, monday), time in new.items()
        if time + besides[user, monday] > most and time > before[user, monday]
    )
    if not over:
        return ""
    monday, user = over[0]
    hours = (new[user, monday] + besides[user, monday]).total_seconds() / 3600
    return _("%(name)s would lead %(hours)s hours in the week of %(monday)s; %(limit)s is the most here.") % {
        "name": User.objects.get(pk=user).display_name,
        "hours": f"{hours:.1f}".removesuffix(".0"),
        "monday": dates.day(monday),
        "limit": limit,
    }


def _by_week(cycle: Cycle, rows: Iterable[tuple[datetime, datetime, int]]) -> dict[Any, timedelta]:
    """(user, Monday) to how long they lead in that week."""
    found: dict[Any, timedelta] = defaultdict(timedelta)
    for starts_at, ends_at, user in rows:
        on = clock.local(starts_at, cycle.time_zone).date()
        found[user, on - timedelta(days=on.weekday())] += ends_at - starts_at
    return found


def _led(cycle: Cycle, wanted: Sequence[Led], changed: set[int]) -> tuple[dict[Any, timedelta], dict[Any, timedelta]]:
    """What these leaders lead in those weeks: of what is changed, as it is now, and besides."""
    week = timedelta(days=8)  # whatever the zone, the whole of the first and the last week
    near = Q(
        session__starts_at__gt=min(start for start, _end, _users in wanted) - week,
        session__starts_at__lt=max(start for start, _end, _users in wanted) + week,
    )
    rows = SessionLeader.objects.filter(
        near | Q(session__in=changed),
        membership__user__in={user for _start, _end, users in wanted for user in users},
        session__kind=SessionKind.SESSION,
        session__status__in=COUNTS,
    ).exclude(session__mode=Mode.ASYNC)
    columns = ("session_id", "session__starts_at", "session__ends_at", "membership__user_id")
    found = list(rows.values_list(*columns))
    return (
        _by_week(cycle, (row[1:] for row in found if row[0] in changed)),
        _by_week(cycle, (row[1:] for row in found if row[0] not in changed)),
    )
