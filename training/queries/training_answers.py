"""What training answers to the rest of the house: what waits for whom, what runs out, hours, and what may be shown."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet, Value
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

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
from programmes.models import CycleState, Membership, Role
from programmes.permissions import current_roles
from programmes.queries.delivery_reminders import last_planned
from training.models import ClearanceWaiver, Completion, CurriculumModule, RightToWork
from training.queries.clearance import (
    Lapse,
    lacks_reading,
    lacks_training_or_papers,
    lapses,
    members_of,
)
from training.queries.completions import done_by
from training.queries.staff_waits import remember_waits, waiting_rows
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
    """Leaders: that something is missing, or runs out within a month; "My training" says what. Coordinators: how many
    are not cleared, or soon are not. One query: the details, with waivers, are those pages' own. It asks along
    what else of this stage may wait for them.
    """
    roles = current_roles(user)
    leads, coordinates = roles.get(Role.LEADER, set()), roles.get(Role.COORDINATOR, set())
    if not leads and not coordinates:
        return []
    today = now.date()
    rows = [
        Lacking(*row)
        for row in _lacking(user=user, led=leads, coordinated=coordinates, today=today, until=today + SOON)
    ]
    remember_waits(user, (one.code for one in rows if not one.user_id))
    own = [one for one in rows if one.user_id == user.pk and one.cycle_id in leads and one.is_own]
    theirs = [one for one in rows if one.cycle_id in coordinates]
    return [*map(_own, own[:LISTED]), *_of_coordinator(theirs)]


@dataclass(frozen=True, slots=True)
class Lacking:
    """A leader who lacks something now (`is_missing`, unless waived) or within a month; `is_own`: not only reading."""

    user_id: int
    cycle_id: int
    code: str
    slug: str
    programme: str
    is_own: bool
    is_missing: bool


@compiled
def _lacking(
    *, user: Any, led: Collection[int], coordinated: Collection[int], today: date, until: date
) -> QuerySet[Membership, tuple[Any, ...]]:
    own, all_ = lacks_training_or_papers(until), lacks_training_or_papers(until) | lacks_reading(until)
    waived = ClearanceWaiver.objects.standing().filter(membership=OuterRef("pk"), until__gte=today)
    now = (lacks_training_or_papers(today) | lacks_reading(today)) & ~Q(Exists(waived))
    rows = Membership.objects.active().filter(Q(cycle__in=led, user=user) | Q(cycle__in=coordinated), role=Role.LEADER)
    lacking = rows.filter(all_).annotate(is_own=_is(own), is_missing=_is(now)).order_by().values_list(
        "user_id", "cycle_id", "cycle__code", "cycle__programme__slug", "cycle__programme__name", "is_own", "is_missing"
    )  # fmt: skip
    nobody, nothing, no = Value(0), Value(""), Value(value=False)
    waits = (
        found.values_list(nobody, nobody, Value(what), nothing, nothing, no, no) for what, found in waiting_rows(user)
    )
    return lacking.union(*waits, all=True).order_by("cycle_id", "user_id")


def _is(condition: Q) -> ExpressionWrapper:
    return ExpressionWrapper(condition, output_field=BooleanField())


def _own(one: Lacking) -> Todo:
    missing = _("%(programme)s. Something is missing: you may not be able to lead until it is done.")
    soon = _("%(programme)s. Something runs out within a month.")
    return Todo(
        title=_("Look at what you need to lead"),
        url=reverse("training:mine"),
        due_at=None,
        urgency=URGENCY_LATE if one.is_missing else URGENCY_SOON,
        role="leader",
        detail=(missing if one.is_missing else soon) % {"programme": one.programme},
        icon="mortarboard",
        cycle_id=one.cycle_id,
        code="training_missing",
    )


def _of_coordinator(found: Sequence[Lacking]) -> list[Todo]:
    todos = []
    for cycle_id in sorted({one.cycle_id for one in found}):
        here = [one for one in found if one.cycle_id == cycle_id]
        missing = sum(one.is_missing for one in here)
        soon = len(here) - missing
        todos.append(
            Todo(
                title=_not_cleared(missing) if missing else _soon_not_cleared(soon),
                url=reverse("training:readiness", args=[here[0].slug, here[0].code]),
                due_at=None,
                urgency=URGENCY_NOW if missing else URGENCY_SOON,
                role="coordinator",
                detail=_soon_not_cleared(soon) if missing and soon else _("What is missing, and what it touches."),
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
