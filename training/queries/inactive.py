"""Leaders of whom nothing was seen for a term: listed for whoever coordinates, who decides. Nobody is removed by it.

PLAG's rule: each programme looks after its own leaders on the shared training site, and takes out the inactive ones.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, Max, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from peerhub.accounts.models import shown_name
from peerhub.common import clock, dates
from peerhub.common.models import Message
from peerhub.common.stages import Reminder
from peerhub.institution.models import Term, TermKind
from programmes.models import Cycle, CycleState, GroupMember, Membership, Role, SessionStatus
from programmes.queries.delivery_reminders import last_planned
from training.queries.clearance import lacks_training, lapses, members_of
from training.queries.completions import MODULE_CODE

LONG = timedelta(days=28)  # so long into a term, or with training lapsed, before anybody is listed
DAY = timedelta(days=1)
TOLD_AFTER, TOLD_AT, TOLD_GRACE = timedelta(weeks=6), time(8), timedelta(days=4)
WRITTEN = "training.inactive_hello"
SEEN = (SessionStatus.HELD, SessionStatus.NOBODY_CAME, SessionStatus.ATTEMPTED)


@dataclass(frozen=True, slots=True)
class Idle:
    """Somebody of whom little was seen: why in words, when they last led, when they were written to."""

    membership_id: int
    uuid: UUID
    user_id: int
    name: str
    reasons: Sequence[str]
    last_led: datetime | None
    joined_on: date
    written_at: datetime | None = None


# --- which term -------------------------------------------------------------------------------------------------------
def teaching_terms(today: date) -> list[date]:
    """First days of the teaching terms that have begun, the latest first. One query."""
    begun = Term.objects.filter(kind=TermKind.TEACHING, starts_on__lte=today).order_by("-starts_on")
    return list(begun.values_list("starts_on", flat=True)[:8])


def counted_since(cycle: Cycle, terms: Iterable[date], today: date) -> date | None:
    """From when on something should have been seen: the first day of the term, once it is four weeks old, else of the
    one before; not before the cycle began. None where that is not four weeks ago.
    """
    starts = (max(day, cycle.starts_on) for day in [*terms, cycle.starts_on])
    return next((day for day in starts if today - day >= LONG), None)


# --- who --------------------------------------------------------------------------------------------------------------
def idle_leaders(cycle: Cycle, since: date, *, now: datetime) -> list[Idle]:
    """By name: who has led since four weeks at least, is not away, and led nothing, logged nothing, or whose training
    lapsed four weeks ago. Six queries for any number.
    """
    today = cycle.today(now=now)
    begins, _ends = clock.day_bounds(since, cycle.time_zone)
    people = _leaders(cycle, begins, now=now, today=today)
    lapsed = _long_lapsed([row["pk"] for row in people], today, now=now)
    written = _written(cycle, begins)
    found = []
    for row in people:
        reasons = [*_unseen(row), *lapsed.get(row["pk"], [])]
        if reasons:
            name = shown_name(row["user__preferred_name"], row["user__given_name"], row["user__family_name"])
            joined = (row["joined_at"] or row["created_at"]).date()
            about = (row["pk"], row["uuid"], row["user"], name, reasons, row["last_led"], joined)
            found.append(Idle(*about, written.get(row["user"])))
    return found


def _leaders(cycle: Cycle, begins: datetime, *, now: datetime, today: date) -> list[dict[str, Any]]:
    session = "led_sessions__session"
    over = Q(**{f"{session}__starts_at__gte": begins, f"{session}__ends_at__lte": now})
    long_ago = now - LONG
    rows = Membership.objects.active().filter(
        Q(joined_at__lte=long_ago) | Q(joined_at=None, created_at__lte=long_ago),
        Q(paused_until=None) | Q(paused_until__lte=today),
        cycle=cycle,
        role=Role.LEADER,
    )
    names = ("user__preferred_name", "user__given_name", "user__family_name")
    return list(
        rows.values("pk", "uuid", "user", "joined_at", "created_at", *names)
        .annotate(
            has_group=Exists(GroupMember.objects.filter(membership=OuterRef("pk"), ended_at=None)),
            last_led=Max(f"{session}__starts_at", filter=Q(**{f"{session}__status__in": SEEN})),
            led=Count("led_sessions", filter=over & Q(**{f"{session}__status__in": SEEN})),
            unlogged=Count("led_sessions", filter=over & Q(**{f"{session}__status": SessionStatus.PLANNED})),
        )
        .order_by("user__family_name", "user__given_name", "pk")
    )


def _unseen(row: Mapping[str, Any]) -> list[str]:
    if row["led"]:
        return []
    if not row["unlogged"]:
        return [_("Led nothing") if row["has_group"] else _("Led nothing, and has no group")]
    words = {"n": row["unlogged"]}
    return [ngettext("Logged nothing: %(n)s has no log", "Logged nothing: %(n)s have no log", words["n"]) % words]


def _long_lapsed(membership_ids: Sequence[int], today: date, *, now: datetime) -> dict[int, list[str]]:
    """Membership pk to the modules that have been missing for four weeks. Those who have them are not looked at."""
    rows = Membership.objects.filter(pk__anyof=sorted(membership_ids))
    suspects = list(rows.filter(lacks_training(today - LONG)).values_list("pk", flat=True))
    found: dict[int, list[str]] = {}
    for one in lapses(members_of(Membership.objects.filter(pk__anyof=suspects), now)) if suspects else ():
        if one.code.startswith(MODULE_CODE) and one.on <= today - LONG:
            words = {"module": one.title, "day": dates.day_month(one.on)}
            found.setdefault(one.member.pk, []).append(_("“%(module)s” missing since %(day)s") % words)
    return found


def _written(cycle: Cycle, begins: datetime) -> dict[int, datetime]:
    """User pk to when they were last written to in this term."""
    rows = Message.objects.filter(kind=WRITTEN, cycle_id=cycle.pk, created_at__gte=begins)
    return dict(rows.order_by("created_at").values_list("recipient_id", "created_at"))


# --- once a term ------------------------------------------------------------------------------------------------------
def inactive_reminders(now: datetime) -> Iterator[Reminder]:
    """To those who coordinate, on the Monday six weeks into a term or a cycle that began in it; whether there is
    anybody is asked when it leaves. Three queries on most minutes of a term.
    """
    since, terms = last_planned(now), teaching_terms(now.date())
    due: dict[int, tuple[date, datetime]] = {}
    for pk, starts_on, zone in Cycle.objects.filter(state=CycleState.RUNNING).values_list(
        "pk", "starts_on", "time_zone"
    ):
        begun = max([starts_on, *terms[:1]])
        monday = begun + TOLD_AFTER + timedelta(days=-begun.weekday() % 7)
        if since.date() - DAY <= monday <= now.date() + DAY:
            moment = clock.instant(monday, TOLD_AT, zone)
            if since < moment <= now:
                due[pk] = begun, moment
    yield from _to_coordinators(due) if due else ()


def _to_coordinators(due: Mapping[int, tuple[date, datetime]]) -> Iterator[Reminder]:
    rows = Membership.objects.active().filter(cycle__in=list(due), role=Role.COORDINATOR)
    for cycle_id, user_id in rows.order_by("pk").values_list("cycle_id", "user_id"):
        begun, moment = due[cycle_id]
        yield Reminder(
            key=f"training.inactive:{cycle_id}:{begun.isoformat()}:{user_id}",
            due_at=moment,
            grace=TOLD_GRACE,
            recipient_id=user_id,
            kind="training.inactive_listed",
            ids={"cycle": cycle_id},
            cycle_id=cycle_id,
        )
