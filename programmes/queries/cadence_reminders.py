"""Reminders about contacts: once a morning for each time zone, when that morning has come since the last round.

A pair's leader is reminded the day after a contact was due and every seventh day from then, at most once in an ISO week
(the key), until the cadence has run out a second time; then it is the coordinator's (cadence_todos).
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from peerhub.common import clock
from peerhub.common.stages import Reminder
from programmes.models import Cycle, CycleState
from programmes.queries.delivery_reminders import last_planned
from programmes.queries.quiet_ground import LEADER, Ground, Quiet, ground
from programmes.queries.quiet_pairs import quiet_pairs

MORNING = time(9)
GRACE = timedelta(days=4)
WEEK = 7
DAY = timedelta(days=1)


def cadence_reminders(now: datetime) -> Iterator[Reminder]:
    """Contacts due, to whoever leads the pair now (who took over last). Two queries on most minutes of a day."""
    since = last_planned(now)
    running = Cycle.objects.filter(state=CycleState.RUNNING)
    for zone in running.order_by("time_zone").values_list("time_zone", flat=True).distinct():
        mornings = _mornings(zone, since, now)
        if mornings:
            here = ground(list(running.filter(time_zone=zone).values_list("pk", flat=True)), now=now)
            yield from _contacts_due(here, mornings)


def iso_week(day: date) -> str:
    """2026-W45: what a week's messages have in their keys."""
    year, week, _weekday = day.isocalendar()
    return f"{year}-W{week:02}"


def _mornings(zone: str, since: datetime, now: datetime) -> list[tuple[date, datetime]]:
    """Days whose morning came after `since`, with that moment."""
    day, last = since.astimezone(ZoneInfo(zone)).date(), now.astimezone(ZoneInfo(zone)).date()
    found = []
    while day <= last:
        moment = clock.instant(day, MORNING, zone)
        if since < moment <= now:
            found.append((day, moment))
        day += DAY
    return found


def _contacts_due(here: Ground, mornings: list[tuple[date, datetime]]) -> Iterator[Reminder]:
    for one in quiet_pairs(here):
        if one.side != LEADER or one.is_second or not one.leader_ids:
            continue
        for day, moment in mornings:
            if _is_turn(one, day):
                yield Reminder(
                    key=f"contact.due:{one.group_id}:{iso_week(day)}",
                    due_at=moment,
                    grace=GRACE,
                    recipient_id=one.leader_ids[0],
                    kind="programmes.contact_due",
                    ids={"group": one.group_id, "cycle": one.cycle_id, "on": day.isoformat()},
                    cycle_id=one.cycle_id,
                )


def _is_turn(one: Quiet, day: date) -> bool:
    """The day after it was due, and every seventh from then."""
    waited = (day - (one.asked_on or one.on)).days
    return waited > 0 and waited % WEEK == 1
