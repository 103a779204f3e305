"""What coordinators and supervisors see first: this week's sessions, their programmes with the ring, their leaders."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Count, DateTimeField, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from peerhub.common import stages
from peerhub.common.ring import Fill, fills
from peerhub.common.statements import compiled
from programmes.models import (
    LOGGED,
    Cycle,
    CycleState,
    Membership,
    Role,
    Session,
    SessionKind,
    SessionLeader,
    SessionStatus,
)
from programmes.permissions import current_roles
from programmes.queries.sessions import Row, session_rows

PROGRAMMES, SESSIONS, LEADERS = 10, 8, 20
WEEK = timedelta(days=7)
NOT_YET = (CycleState.DESIGN, CycleState.PREPARING)


@dataclass(frozen=True, slots=True)
class Run:
    """One cycle of a coordinator's list. `fills` feeds the ring strip, `in_words` says the same.

    `setup_url` is where the set-up goes on, "" once the cycle runs.
    """

    name: str
    code: str
    state: str
    url: str
    setup_url: str
    participants: int
    leaders: int
    unlogged: int
    fills: Sequence[Fill]
    in_words: str


def programmes_run_by(user: Any, *, page: str, now: datetime) -> Page:
    """A page of `Run`s, of the cycles this person coordinates: one query and what the stages' progress takes."""
    coordinated = current_roles(user).get(Role.COORDINATOR, set())
    found: Page[Any] = Paginator(range(len(coordinated)), PROGRAMMES).get_page(page)
    cycles = _runs(max(0, found.start_index() - 1), cycle_ids=coordinated, now=now)
    progress = stages.progress([one.pk for one in cycles])
    found.object_list = [_run(one, progress[one.pk]) for one in cycles]
    return found


@compiled
def _runs(start: int, *, cycle_ids: set[int], now: datetime) -> QuerySet[Cycle, Cycle]:
    active = Membership.objects.active().filter(cycle=OuterRef("pk")).order_by().values("cycle")
    late = Session.objects.filter(
        cycle=OuterRef("pk"), status=SessionStatus.PLANNED, kind=SessionKind.SESSION, ends_at__lte=now
    )
    return (
        Cycle.objects.filter(pk__in=cycle_ids)
        .annotate(
            participants=_number(active.filter(role=Role.PARTICIPANT)),
            leaders=_number(active.filter(role=Role.LEADER)),
            unlogged=_number(late.order_by().values("cycle")),
        )
        .select_related("programme__activity_type")
        .order_by("programme__name", "-starts_on", "pk")[start : start + PROGRAMMES]
    )


def _number(rows: QuerySet[Any]) -> Coalesce:
    return Coalesce(Subquery(rows.annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0)


def _run(cycle: Any, progress: Sequence[stages.Progress]) -> Run:
    address = [cycle.programme.slug, cycle.code]
    done = [(one.done, one.total) for one in progress]
    named = [
        _("%(stage)s %(done)s of %(total)s") % {"stage": stage.title, "done": one.done, "total": one.total}
        for stage, one in zip(stages.all_stages(), progress, strict=True)
        if one.total
    ]
    return Run(
        name=cycle.programme.name,
        code=cycle.code,
        state=cycle.state,
        url=reverse("programmes:cycle_workspace", args=address),
        setup_url=reverse("programmes:cycle_setup", args=[*address, "check"]) if cycle.state in NOT_YET else "",
        participants=cycle.participants,
        leaders=cycle.leaders,
        unlogged=cycle.unlogged,
        fills=fills(done),
        in_words=", ".join(named) or _("No checks yet"),
    )


def sessions_this_week(user: Any, *, now: datetime) -> list[Row]:
    """The next sessions of a coordinator's cycles within seven days. Three queries."""
    cycles = current_roles(user).get(Role.COORDINATOR, set())
    return session_rows(_between(cycle_ids=cycles, now=now, until=now + WEEK), now=now)


@compiled
def _between(*, cycle_ids: set[int], now: datetime, until: datetime) -> QuerySet[Session, Session]:
    return (
        Session.objects.filter(kind=SessionKind.SESSION, status=SessionStatus.PLANNED, ends_at__gt=now)
        .filter(cycle__in=cycle_ids, starts_at__lt=until)
        .select_related("cycle__programme__activity_type", "group")
        .order_by("starts_at", "pk")[:SESSIONS]
    )


@dataclass(frozen=True, slots=True)
class Led:
    """A leader as their supervisor sees them."""

    uuid: UUID
    name: str
    programme: str
    slug: str
    code: str
    last_at: datetime | None
    next_at: datetime | None
    unlogged: int
    state: str
    state_text: str


def leaders_supervised_by(user: Any, *, page: str, now: datetime) -> Page:
    """A page of the leaders in cycles this person supervises, those with sessions to log first. Two queries."""
    cycles = current_roles(user).get(Role.SUPERVISOR, set())
    count = Membership.objects.active().filter(cycle__in=cycles, role=Role.LEADER).count()
    found: Page[Any] = Paginator(range(count), LEADERS).get_page(page)
    found.object_list = [_led(row) for row in _supervised(max(0, found.start_index() - 1), cycle_ids=cycles, now=now)]
    return found


def cycles_supervised_by(user: Any) -> list[Any]:
    """(programme, slug, code) of the running cycles this person supervises. One query."""
    return list(_running(cycle_ids=current_roles(user).get(Role.SUPERVISOR, set())))


@compiled
def _running(*, cycle_ids: set[int]) -> QuerySet[Cycle, tuple[str, str, str]]:
    running = Cycle.objects.filter(pk__in=cycle_ids, state=CycleState.RUNNING).order_by("programme__name", "pk")
    return running.values_list("programme__name", "programme__slug", "code")[:LEADERS]


@compiled
def _supervised(start: int, *, cycle_ids: set[int], now: datetime) -> QuerySet[Membership, Membership]:
    led = SessionLeader.objects.filter(membership=OuterRef("pk"), session__kind=SessionKind.SESSION)
    moment = DateTimeField()
    past = led.filter(session__status__in=LOGGED).order_by("-session__starts_at").values("session__starts_at")[:1]
    ahead = led.filter(session__status=SessionStatus.PLANNED, session__starts_at__gt=now)
    late = led.filter(session__status=SessionStatus.PLANNED, session__ends_at__lte=now).order_by().values("membership")
    return (
        Membership.objects.active()
        .filter(cycle__in=cycle_ids, role=Role.LEADER)
        .annotate(
            last_at=Subquery(past, output_field=moment),
            next_at=Subquery(
                ahead.order_by("session__starts_at").values("session__starts_at")[:1], output_field=moment
            ),
            unlogged=_number(late),
        )
        .select_related("user", "cycle__programme")
        .order_by("-unlogged", "user__given_name", "user__family_name", "pk")[start : start + LEADERS]
    )


def _led(row: Any) -> Led:
    text = ngettext("%(n)s log missing", "%(n)s logs missing", row.unlogged) % {"n": row.unlogged}
    return Led(
        uuid=row.uuid,
        name=row.user.display_name,
        programme=row.cycle.programme.name,
        slug=row.cycle.programme.slug,
        code=row.cycle.code,
        last_at=row.last_at,
        next_at=row.next_at,
        unlogged=row.unlogged,
        state="turn" if row.unlogged else "",
        state_text=text if row.unlogged else "",
    )
