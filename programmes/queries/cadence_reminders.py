"""Reminders about contacts: once a morning for each time zone, when that morning has come since the last round.

A pair's leader is reminded the day after a contact was due and every seventh day from then, at most once in an ISO week
(the key), until the cadence has run out a second time; then it is the coordinator's (cadence_todos). On Mondays at 8:00
those who run cycles get one digest; a planner that comes late sends it until Tuesday evening, then it is missed.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Min

from peerhub.common import clock
from peerhub.common.stages import Reminder
from programmes.models import Cycle, CycleState, Membership, Role
from programmes.queries.delivery_reminders import last_planned
from programmes.queries.quiet_ground import CHUNK, LEADER, Ground, Quiet, ground
from programmes.queries.quiet_pairs import quiet_pairs

MORNING, DIGEST_AT, TOO_LATE = time(9), time(8), time(18)  # too late: the evening of the Tuesday
MONDAY = 0
GRACE = timedelta(days=4)
WEEK = 7
DAY = timedelta(days=1)


def cadence_reminders(now: datetime) -> Iterator[Reminder]:
    """Contacts due, to whoever leads the pair now (who took over last), and the Monday digests. Two queries on most
    minutes of a week.
    """
    since = last_planned(now)
    running = Cycle.objects.filter(state=CycleState.RUNNING)
    for zone in running.order_by("time_zone").values_list("time_zone", flat=True).distinct():
        for monday, moment in _days_at(DIGEST_AT, zone, since, now):
            if monday.weekday() == MONDAY:
                yield from _digests(zone, monday, moment)
        mornings = _days_at(MORNING, zone, since, now)
        if mornings:
            here = ground(list(running.filter(time_zone=zone).values_list("pk", flat=True)), now=now)
            yield from _contacts_due(here, mornings)


def iso_week(day: date) -> str:
    """2026-W45: what a week's messages have in their keys."""
    year, week, _weekday = day.isocalendar()
    return f"{year}-W{week:02}"


def _days_at(hour: time, zone: str, since: datetime, now: datetime) -> list[tuple[date, datetime]]:
    """Days on which the clocks of `zone` showed `hour` after `since`, with that moment."""
    day, last = since.astimezone(ZoneInfo(zone)).date(), now.astimezone(ZoneInfo(zone)).date()
    found = []
    while day <= last:
        moment = clock.instant(day, hour, zone)
        if since < moment <= now:
            found.append((day, moment))
        day += DAY
    return found


def _digests(zone: str, monday: date, moment: datetime) -> Iterator[Reminder]:
    """One to everybody who coordinates or supervises a running cycle there. Whether there is something to say is
    asked when it leaves. A person with cycles in several zones gets it when the first of them has its Monday morning.
    """
    offices = Membership.objects.active().filter(
        role__in=[Role.COORDINATOR, Role.SUPERVISOR], cycle__state=CycleState.RUNNING, cycle__time_zone=zone
    )
    readers = offices.order_by("user_id").values_list("user_id").annotate(cycle=Min("cycle_id"))
    for user_id, cycle_id in readers.iterator(chunk_size=CHUNK):
        yield Reminder(
            key=f"digest:{user_id}:{iso_week(monday)}",
            due_at=moment,
            grace=clock.instant(monday + DAY, TOO_LATE, zone) - moment,
            recipient_id=user_id,
            kind="programmes.monday_digest",
            ids={"user": user_id, "on": monday.isoformat()},
            channels=("email",),
            cycle_id=cycle_id,
        )


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
