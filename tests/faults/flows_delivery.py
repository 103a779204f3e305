"""Delivery: series, logs, check-ins, messages to a class of people."""

from datetime import time, timedelta
from typing import Any
from uuid import UUID

from peerhub.accounts.models import User
from peerhub.institution.models import Closure
from programmes.models import Announcement, Audience, Cycle, Group, Membership, Role, Session
from programmes.models.check_ins import code_of
from programmes.queries.occurrences import Pattern, Rule, SeriesPlan
from programmes.queries.series_fit import fits_of, seen_mark
from programmes.services import announcements
from programmes.services.check_ins import check_in
from programmes.services.logs import LogEntry, log_session
from programmes.services.marks import Marked, record_marks
from programmes.services.series import plan_series
from programmes.services.series_calendar import refit_series, settle_marks
from tests import factories as make
from tests.faults import world
from tests.faults.flow import Flow

LETTER = ("outbox.after_queue", "outbox.before_ring")
WEEK = timedelta(days=7)


# --- a group with its leader ----------------------------------------------------------------------
def group() -> dict[str, Any]:
    here = world.cycle()
    made = make.GroupFactory(cycle=here)
    amara = world.member(here, role=Role.LEADER)
    members = [amara, *(world.member(here) for _number in range(3))]
    for one in members:
        make.GroupMemberFactory(group=made, membership=one, started_at=world.now() - 5 * WEEK)
    users = [world.coordinator(here.pk).pk, *(one.user_id for one in members)]
    return world.ids(here, group=made.pk, leader=amara.pk, users=users)


def session(given: dict[str, Any], *, hours: float) -> dict[str, Any]:
    made = make.SessionFactory(
        group=Group.objects.get(pk=given["group"]),
        starts_at=world.now() + timedelta(hours=hours),
        created_at=world.now(),
    )
    make.SessionLeaderFactory(session=made, membership=Membership.objects.get(pk=given["leader"]))
    return {**given, "session": made.pk}


# --- series -------------------------------------------------------------------------------------
def without_closures() -> dict[str, Any]:
    Closure.objects.all().delete()
    return group()


def plan(given: dict[str, Any]) -> None:
    here = Cycle.objects.get(pk=given["cycle"])
    first = world.now().date() + WEEK
    leader = Membership.objects.get(pk=given["leader"])
    rule = Rule((2,), (), 1, False, first, first + 6 * WEEK)
    wanted = SeriesPlan(Group.objects.get(pk=given["group"]), rule, Pattern(time(14), 60, (leader,), place="B2.14"))
    plan_series(
        actor=world.coordinator(here.pk), cycle_id=here.pk, plans=[wanted], key=UUID(given["key"]), now=world.now()
    )


def with_a_closed_day() -> dict[str, Any]:
    """A series, planned while one day was closed; now that day is open and another closed."""
    given = without_closures()
    slots = world.now().date() + WEEK + timedelta(days=(2 - (world.now().date() + WEEK).weekday()) % 7)
    was = close(slots + WEEK)
    plan(given)
    was.delete()
    close(slots + 2 * WEEK)
    return {**given, "key": world.ids(Cycle.objects.get(pk=given["cycle"]))["key"]}


def close(day: Any) -> Closure:
    return Closure.objects.create(name="Open day", starts_on=day, ends_on=day)


def refit(given: dict[str, Any]) -> None:
    now = world.now()
    refit_series(
        actor=world.coordinator(given["cycle"]),
        cycle_id=given["cycle"],
        seen=seen_mark(fits_of([given["cycle"]], now=now)),
        key=UUID(given["key"]),
        now=now,
    )


def with_a_closed_sunday() -> dict[str, Any]:
    """The calendar changed where no series of this one is: it fits, and nobody has noted so."""
    given = without_closures()
    plan(given)
    day = world.now().date() + 2 * WEEK
    close(day + timedelta(days=6 - day.weekday()))
    return given


def settle(given: dict[str, Any]) -> None:
    settle_marks(now=world.now())


# --- logs ---------------------------------------------------------------------------------------
def waiting_for_its_log() -> dict[str, Any]:
    return session(group(), hours=-2)


def log(given: dict[str, Any]) -> None:
    found = Session.objects.select_related("cycle__programme__activity_type").get(pk=given["session"])
    came = Membership.objects.filter(cycle=given["cycle"], role=Role.PARTICIPANT).order_by("pk")
    marks = {one.uuid: "present" for one in came[: 2 + found.log_version]}
    entry = LogEntry(
        outcome="held", version=given.get("version", 0), marks=marks, is_academic=True, shared_note="Osmosis"
    )
    actor = Membership.objects.select_related("user").get(pk=given["leader"]).user
    log_session(actor=actor, session=found, entry=entry, key=UUID(given["key"]), now=world.now())


def logged() -> dict[str, Any]:
    given = waiting_for_its_log()
    log(given)
    return {**given, "version": 1, "key": world.ids(Cycle.objects.get(pk=given["cycle"]))["key"]}


def two_to_record() -> dict[str, Any]:
    """A session that is logged, and one of the same group that is not."""
    given = logged()
    return {**given, "other": session(given, hours=-26)["session"]}


def record(given: dict[str, Any]) -> None:
    here = Cycle.objects.select_related("programme__owner_unit").get(pk=given["cycle"])
    who = Membership.objects.filter(cycle=here, role=Role.PARTICIPANT).order_by("pk")
    versions = {given["session"]: 1, given["other"]: 0}
    uuids = dict(Session.objects.filter(pk__in=versions).values_list("pk", "uuid"))
    changes = {uuids[pk]: Marked(version, {who[0].uuid: "late"}) for pk, version in versions.items()}
    record_marks(actor=world.coordinator(here.pk), cycle=here, changes=changes, key=UUID(given["key"]), now=world.now())


# --- check-in -----------------------------------------------------------------------------------
def on_now() -> dict[str, Any]:
    given = session(group(), hours=-0.1)
    return {**given, "ben": given["users"][-1]}


def enter(given: dict[str, Any]) -> None:
    now = world.now()
    code = code_of(Session.objects.get(pk=given["session"]).uuid, now)
    check_in(actor=User.objects.get(pk=given["ben"]), code=code, how="code", device="phone", seen_at=now, now=now)


# --- announcements ------------------------------------------------------------------------------
def write(given: dict[str, Any]) -> None:
    announcements.send_announcement(
        actor=world.coordinator(given["cycle"]),
        cycle_id=given["cycle"],
        draft=announcements.Draft(Audience.PARTICIPANTS, "Room", "We meet in B2.14."),
        key=UUID(given["key"]),
        now=world.now(),
    )


def written() -> dict[str, Any]:
    given = group()
    write(given)
    return given


def take_back(given: dict[str, Any]) -> None:
    announcement = Announcement.objects.get(cycle=given["cycle"])
    announcements.take_back_announcement(
        actor=world.coordinator(given["cycle"]), announcement_id=announcement.pk, now=world.now()
    )


LOG = ("once.after_spend", "log.after_begin", "log.after_register", "log.before_audit")
FLOWS = [
    Flow(
        "series: plan", ("once.after_spend", "series.after_patterns", "series.before_leaders"), without_closures, plan
    ),
    Flow(
        "series: follow the calendar",
        ("once.after_spend", "series.before_leaders", "series.before_moves", "series.before_mark", *LETTER),
        with_a_closed_day,
        refit,
    ),
    Flow("series: note that they fit", ("series.in_settle_marks",), with_a_closed_sunday, settle, is_for_all=True),
    Flow("log: save", LOG, waiting_for_its_log, log),
    Flow("log: correct", LOG, logged, log),
    Flow(
        "grid: record marks",
        ("once.after_spend", "marks.after_logs", "marks.after_registers", "marks.before_audit"),
        two_to_record,
        record,
    ),
    Flow("check-in", ("check_in.after_counting", "check_in.after_row"), on_now, enter),
    Flow("announcement: write", ("once.after_spend", "announcement.before_messages", *LETTER), group, write),
    Flow("announcement: take back", ("announcement.before_cancel",), written, take_back),
]
