"""Reminders about sessions and logs, streamed a thousand sessions at a time with the same few queries each.

A reminder is offered while it is within its grace, and when its grace ran out while no planner was running: the planner
then records it as missed. Keys hold the start, so that a moved session reminds again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max, Q, QuerySet

from peerhub.common import clock
from peerhub.common.mail.beats import PLANNER
from peerhub.common.models.outbox import WorkerBeat
from peerhub.common.stages import Reminder
from programmes.models import Cycle, CycleState, Membership, Role, Session, SessionKind, SessionStatus
from programmes.queries.expected import expected_user_ids, leader_user_ids
from programmes.queries.overdue import COORDINATOR_AFTER

CHUNK = 1000
LOOK_BACK = timedelta(days=7)  # after a longer silence nobody needs to hear of it
OVERLAP = timedelta(minutes=10)


@dataclass(frozen=True)
class Step:
    """One reminder before a session: `ahead` of its start, worth sending for `grace`."""

    code: str
    kind: str
    ahead: timedelta
    grace: timedelta


TOMORROW = Step("session.tomorrow", "programmes.session_tomorrow", timedelta(hours=24), timedelta(hours=12))
SOON = Step("session.soon", "programmes.session_soon", timedelta(hours=2), timedelta(minutes=90))
LOG_GRACE = timedelta(days=3)


def delivery_reminders(now: datetime) -> Iterator[Reminder]:
    """Everything due by `now`: tomorrow, in two hours, log due (leader), log overdue (coordinator)."""
    since = last_planned(now)
    for step in (TOMORROW, SOON):
        yield from _before_sessions(step, since, now)
    yield from _after_sessions(since, now)


def last_planned(now: datetime) -> datetime:
    """When a planner last finished a round; bounded, so that a first start does not dig up history."""
    last = WorkerBeat.objects.filter(name=PLANNER).values_list("at", flat=True).first()
    return max(min(last or now, now) - OVERLAP, now - LOOK_BACK)


def _chunks(sessions: QuerySet[Session]) -> Iterator[list[Session]]:
    """Sessions in pages of a thousand, by key: memory does not grow with the number of sessions."""
    after = 0
    wanted = (
        sessions.filter(kind=SessionKind.SESSION, status=SessionStatus.PLANNED)
        .exclude(cycle__state__in=[CycleState.CLOSED, CycleState.DESIGN])
        .select_related("cycle")
        .order_by("pk")
    )
    while page := list(wanted.filter(pk__gt=after)[:CHUNK]):
        yield page
        after = page[-1].pk


def _before_sessions(step: Step, since: datetime, now: datetime) -> Iterator[Reminder]:
    earliest = since - step.grace + step.ahead
    for page in _chunks(Session.objects.filter(starts_at__gt=earliest, starts_at__lte=now + step.ahead)):
        people, leaders = expected_user_ids(page), leader_user_ids(page)
        for session in page:
            starts = int(session.starts_at.timestamp())
            for user_id in sorted(people[session.pk] | leaders[session.pk]):
                yield Reminder(
                    key=f"{step.code}:{session.pk}:{starts}:{user_id}",
                    due_at=session.starts_at - step.ahead,
                    grace=step.grace,
                    recipient_id=user_id,
                    kind=step.kind,
                    ids={"session": session.pk, "cycle": session.cycle_id, "starts": starts},
                    cycle_id=session.cycle_id,
                )


def _after_sessions(since: datetime, now: datetime) -> Iterator[Reminder]:
    """A log is due `log_due_hours` after the end; a day later the coordinator hears of it, once a day and cycle."""
    longest = Cycle.objects.current().aggregate(hours=Max("log_due_hours"))["hours"]
    if longest is None:
        return
    earliest = since - LOG_GRACE - COORDINATOR_AFTER - timedelta(hours=longest)
    digests: dict[tuple[int, int], Reminder] = {}  # of cycle and coordinator: after a silence one mail, not one a day
    for page in _chunks(Session.objects.filter(ends_at__gt=earliest, ends_at__lte=now)):
        late = [one for one in page if one.log_due_at(one.cycle.log_due_hours) <= now]
        leaders, coordinators = leader_user_ids(late), _coordinators({one.cycle_id for one in late})
        for session in late:
            yield from _to_leaders(session, leaders[session.pk], since)
            for reminder in _to_coordinators(session, coordinators.get(session.cycle_id, ()), since, now):
                digest = digests.setdefault((session.cycle_id, reminder.recipient_id), reminder)
                if digest.due_at < reminder.due_at:
                    digests[session.cycle_id, reminder.recipient_id] = reminder
    yield from digests.values()


def _to_leaders(session: Session, user_ids: set[int], since: datetime) -> Iterator[Reminder]:
    due_at, starts = session.log_due_at(session.cycle.log_due_hours), int(session.starts_at.timestamp())
    if due_at + LOG_GRACE < since:
        return
    for user_id in sorted(user_ids):
        yield Reminder(
            key=f"log.due:{session.pk}:{starts}:{user_id}",
            due_at=due_at,
            grace=LOG_GRACE,
            recipient_id=user_id,
            kind="programmes.log_due",
            ids={"session": session.pk, "cycle": session.cycle_id, "starts": starts},
            cycle_id=session.cycle_id,
        )


def _to_coordinators(
    session: Session, user_ids: "set[int] | tuple", since: datetime, now: datetime
) -> Iterator[Reminder]:
    due_at = session.log_due_at(session.cycle.log_due_hours) + COORDINATOR_AFTER
    if due_at > now or due_at + LOG_GRACE < since:
        return
    on = clock.local(due_at, session.cycle.time_zone).date()
    for user_id in sorted(user_ids):
        yield Reminder(
            key=f"log.overdue:{session.cycle_id}:{on.isoformat()}:{user_id}",
            due_at=due_at,
            grace=LOG_GRACE,
            recipient_id=user_id,
            kind="programmes.log_overdue",
            ids={"cycle": session.cycle_id},
            cycle_id=session.cycle_id,
        )


def _coordinators(cycle_ids: set[int]) -> dict[int, set[int]]:
    """The point person of each cycle; where there is none, all its coordinators."""
    rows = (
        Membership.objects.active()
        .filter(Q(role=Role.COORDINATOR), cycle_id__in=cycle_ids)
        .values_list("cycle_id", "user_id", "is_point_person")
    )
    found: dict[int, dict[int, bool]] = {}
    for cycle_id, user_id, is_point_person in rows:
        found.setdefault(cycle_id, {})[user_id] = is_point_person
    return {
        cycle_id: {pk for pk, is_point in people.items() if is_point} or set(people)
        for cycle_id, people in found.items()
    }
