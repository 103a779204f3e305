"""What training answers to the rest of the house: what waits for whom, what runs out, hours, and what may be shown."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from peerhub.common import dates
from peerhub.common.stages import (
    URGENCY_LATE,
    URGENCY_NOW,
    URGENCY_SOON,
    Evidence,
    Fact,
    Reminder,
    Todo,
)
from peerhub.common.statements import compiled
from programmes.models import Cycle, CycleState, Membership, Role
from programmes.permissions import current_roles
from programmes.queries.delivery_reminders import last_planned
from training.models import ClearanceWaiver, Completion, CurriculumModule, RightToWork
from training.queries.clearance import Lapse, lapses, members_of, members_with_gaps
from training.queries.completions import done_by
from training.queries.standing import SOON

LISTED = 20
READ = "_read"
CHUNK = 1000
AT = time(8)
# Days ahead, and how long after that the reminder is still worth sending.
STEPS = ((30, timedelta(days=10)), (14, timedelta(days=7)), (3, timedelta(days=2)))
FACTS: tuple[Fact, ...] = (Fact("training_hours", gettext_lazy("Training"), gettext_lazy("hours")),)


# --- what waits -------------------------------------------------------------------------------------------------------
def training_todos(user: Any, now: datetime) -> list[Todo]:
    """Leaders: what is missing, or runs out within a month. Coordinators: how many are not cleared, or soon are not.

    One query while all is well.
    """
    roles = current_roles(user)
    leads, coordinates = roles.get(Role.LEADER, set()), roles.get(Role.COORDINATOR, set())
    if not leads and not coordinates:
        return []
    suspects = _suspects(user=user, led=leads, coordinated=coordinates, until=(now + SOON).date())
    if not suspects:
        return []
    found = list(lapses(members_of(Membership.objects.filter(pk__anyof=suspects), now)))
    soon = [one for one in found if one.on <= one.member.today + SOON]
    # What is to be read stands in a line of its own (handbook_answers).
    own = (one for one in soon if one.member.user_id == user.pk and not one.code.endswith(READ))
    mine = sorted(own, key=lambda one: one.on)
    theirs = [one for one in soon if one.member.cycle_id in coordinates]
    return [*_own(mine[:LISTED]), *_of_coordinator(theirs)]


@compiled
def _suspects(
    *, user: Any, led: Collection[int], coordinated: Collection[int], until: date
) -> QuerySet[Membership, int]:
    mine = Membership.objects.active().filter(Q(cycle__in=led, user=user) | Q(cycle__in=coordinated))
    return members_with_gaps(mine, until=until)


def _own(found: Sequence[Lapse]) -> list[Todo]:
    names = dict(
        Cycle.objects.filter(pk__in={one.member.cycle_id for one in found}).values_list("pk", "programme__name")
    )
    return [
        Todo(
            title=one.title,
            url=one.url,
            due_at=_morning(one.on, one.member.zone),
            urgency=URGENCY_LATE if one.has_come() else URGENCY_SOON,
            role="leader",
            detail=_own_words(one, names[one.member.cycle_id]),
            icon="mortarboard",
            cycle_id=one.member.cycle_id,
            code="training_missing",
        )
        for one in found
    ]


def _own_words(lapse: Lapse, programme: str) -> str:
    words = {"programme": programme, "day": dates.day(lapse.on)}
    if lapse.has_come():
        return _("%(programme)s. You cannot lead until this is done.") % words
    return _("%(programme)s. Needed by %(day)s, so that you can go on leading.") % words


def _of_coordinator(found: Sequence[Lapse]) -> list[Todo]:
    todos = []
    for cycle_id in sorted({one.member.cycle_id for one in found}):
        here = [one for one in found if one.member.cycle_id == cycle_id]
        missing = {one.member.pk for one in here if one.has_come()}
        soon = {one.member.pk for one in here} - missing
        member = here[0].member
        todos.append(
            Todo(
                title=_not_cleared(len(missing)) if missing else _soon_not_cleared(len(soon)),
                url=reverse("training:readiness", args=[member.slug, member.code]),
                due_at=None if missing else _morning(min(one.on for one in here), member.zone),
                urgency=URGENCY_NOW if missing else URGENCY_SOON,
                role="coordinator",
                detail=_soon_not_cleared(len(soon)) if missing and soon else _("What is missing, and what it touches."),
                icon="mortarboard",
                cycle_id=cycle_id,
                code="not_cleared",
            )
        )
    return todos


def _not_cleared(count: int) -> str:
    return ngettext("%(n)s leader is not cleared", "%(n)s leaders are not cleared", count) % {"n": count}


def _soon_not_cleared(count: int) -> str:
    said = ngettext(
        "%(n)s leader is about to lose their clearance", "%(n)s leaders are about to lose their clearance", count
    )
    return said % {"n": count}


def _morning(day: date, zone: str) -> datetime:
    return datetime.combine(day, AT, ZoneInfo(zone)).astimezone(UTC)


# --- what runs out ----------------------------------------------------------------------------------------------------
def training_reminders(now: datetime) -> Iterator[Reminder]:
    """30, 14 and 3 days before somebody's clearance lapses: one message each, however much lapses on that day."""
    since = last_planned(now)
    last = now.date() + timedelta(days=STEPS[0][0] + 1)
    first = since.date() - timedelta(days=max(grace.days for _ahead, grace in STEPS))
    after = 0
    wanted = _lapsing(first, last)
    while page := list(wanted.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:CHUNK]):
        after = page[-1]
        yield from _of_members(Membership.objects.filter(pk__anyof=page), since, now)


def _lapsing(first: date, last: date) -> QuerySet[Membership]:
    """Leaders for whom something may run out between two days: a completion, a waiver, a check, or the time given."""
    mine = {"user": OuterRef("user")}
    asked = CurriculumModule.objects.filter(
        curriculum__cycle=OuterRef("cycle"),
        curriculum__role=Role.LEADER,
        curriculum__replaced_at=None,
        is_mandatory=True,
    )
    runs_out = Completion.objects.counting().filter(expires_on__range=(first, last), **mine)
    return (
        Membership.objects.active()
        .filter(role=Role.LEADER)
        .exclude(cycle__state__in=[CycleState.CLOSED, CycleState.DESIGN])
        .filter(
            Exists(asked.filter(required_from__range=(first, last)))
            | Exists(asked) & Exists(runs_out)
            | Exists(ClearanceWaiver.objects.standing().filter(membership=OuterRef("pk"), until__range=(first, last)))
            | Exists(RightToWork.objects.filter(valid_until__range=(first, last), **mine))
        )
    )


def _of_members(memberships: QuerySet[Membership], since: datetime, now: datetime) -> Iterator[Reminder]:
    days: dict[tuple[int, date], Lapse] = {}
    for lapse in lapses(members_of(memberships, now)):
        if not lapse.has_come():
            days.setdefault((lapse.member.pk, lapse.on), lapse)
    for (pk, on), lapse in days.items():
        for ahead, grace in STEPS:
            due_at = _morning(on - timedelta(days=ahead), lapse.member.zone)
            if due_at <= now and due_at + grace >= since:
                yield Reminder(
                    key=f"training.lapsing:{pk}:{on.isoformat()}:{ahead}",
                    due_at=due_at,
                    grace=grace,
                    recipient_id=lapse.member.user_id,
                    kind="training.lapsing",
                    ids={"membership": pk, "cycle": lapse.member.cycle_id, "on": on.isoformat()},
                    cycle_id=lapse.member.cycle_id,
                )


# --- hours, and what may be shown -------------------------------------------------------------------------------------
def training_facts(membership_ids: Sequence[int]) -> dict[int, dict[str, float]]:
    """Hours of the curriculum's modules that somebody has completed, whenever that was. Three queries."""
    places = Membership.objects.filter(pk__anyof=sorted(set(membership_ids)))
    rows = list(places.values_list("pk", "user_id", "cycle_id", "role"))
    asked: dict[tuple[int, str], dict[int, float]] = {}
    entries = CurriculumModule.objects.filter(
        curriculum__cycle__anyof=sorted({row[2] for row in rows}), curriculum__replaced_at=None
    )
    for cycle_id, role, module_id, hours in entries.values_list(
        "curriculum__cycle_id", "curriculum__role", "module_id", "module__hours"
    ):
        asked.setdefault((cycle_id, role), {})[module_id] = float(hours)
    if not asked:
        return {}
    modules = {key for one in asked.values() for key in one}
    done = set(done_by((row[1] for row in rows), modules))
    found = {}
    for pk, user_id, cycle_id, role in rows:
        here = asked.get((cycle_id, role), {})
        found[pk] = {"training_hours": sum(hours for key, hours in here.items() if (user_id, key) in done)}
    return found


def training_evidence(user: Any) -> list[Evidence]:
    """Modules completed, each at its latest. One query."""
    rows = Completion.objects.counting().filter(user=user).select_related("module").order_by("completed_on", "pk")
    latest: Mapping[int, Completion] = {one.module_id: one for one in rows}
    return [
        Evidence(
            key=f"training.completion:{one.uuid}",
            kind="training",
            title=one.module.title,
            on=one.completed_on,
            summary=one.module.summary,
            url=reverse("training:module_detail", args=[one.module.uuid]),
        )
        for one in latest.values()
    ]
