"""A student's page: what is next, their programmes with one status each, what else there is, who can help."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from peerhub.common import dates
from peerhub.common.statements import compiled
from peerhub.institution.models import SupportService, UnitKind
from programmes.models import (
    AttendanceMode,
    Context,
    Cycle,
    CycleState,
    GroupMember,
    JoinPolicy,
    Level,
    Membership,
    MembershipStatus,
    Role,
    Session,
    SessionStatus,
    Visibility,
)
from programmes.models.check_ins import takes_check_ins
from programmes.models.queues import is_drop_in, is_queue_on
from programmes.queries.check_ins import is_in
from programmes.queries.naming import place_of, session_title
from programmes.queries.queues import own_ticket
from programmes.queries.register import CAME
from programmes.queries.sessions import leader_names, taking_part

FOR_EVERYONE = (UnitKind.INSTITUTION, UnitKind.SERVICE, UnitKind.STUDENTS_UNION)
NEXT, PLACES, SUGGESTED, SERVICES = 4, 12, 3, 3
ON_AT_ONCE = 12  # sessions looked at for the next one: a student of several programmes may have a few on at once
RING = {Context.EMBEDDED: (1,), Context.CO_CURRICULAR: (2,), Context.EXTRA_CURRICULAR: (3,)}
# How a place looks: kind of tag, icon.
LOOK = {
    MembershipStatus.ACTIVE: ("done", "check-circle-fill"),
    MembershipStatus.INVITED: ("turn", "envelope"),
    MembershipStatus.OFFERED: ("turn", "exclamation-circle"),
    MembershipStatus.REQUESTED: ("progress", "hourglass-split"),
    MembershipStatus.WAITING: ("progress", "hourglass-split"),
    MembershipStatus.DEFERRED: ("todo", "calendar-event"),
}


@dataclass(frozen=True, slots=True)
class NextSession:
    uuid: UUID
    title: str
    programme: str
    leaders: str
    starts_at: datetime
    ends_at: datetime
    place: str
    is_now: bool
    takes_code: bool  # check-in is open
    is_in: bool  # and they are in already
    is_drop_in: bool  # people queue for it
    queues: bool  # and may do so now
    ticket: int | None  # and they do


def next_sessions_for(user: Any, *, now: datetime) -> list[NextSession]:
    """The next few sessions somebody takes part in, the one to act in first. Two queries.

    That is one whose code they have not typed yet, or a queue they stand in: a drop-in that is open all afternoon, or a
    session they are in already, must not hide it. All others by time.
    """
    rows = sorted(_next_for(user=user, now=now), key=lambda one: not _asks_something(one, now=now))[:NEXT]
    leaders = leader_names(rows)
    return [
        NextSession(
            uuid=one.uuid,
            title=session_title(one),
            programme=one.cycle.programme.name,
            leaders=", ".join(leaders.get(one.pk, [])),
            starts_at=one.starts_at,
            ends_at=one.ends_at,
            place=place_of(one),
            is_now=one.starts_at <= now,
            takes_code=takes_check_ins(one, now=now),
            is_in=one.is_in,  # type: ignore[attr-defined]
            is_drop_in=is_drop_in(one),
            queues=is_queue_on(one, now=now),
            ticket=one.ticket,  # type: ignore[attr-defined]
        )
        for one in rows
    ]


def _asks_something(session: Any, *, now: datetime) -> bool:
    if is_drop_in(session):
        return session.ticket is not None
    return takes_check_ins(session, now=now) and not session.is_in


@compiled
def _next_for(*, user: Any, now: datetime) -> QuerySet[Session, Session]:
    return (
        taking_part(user)
        .filter(status=SessionStatus.PLANNED, ends_at__gt=now)
        .annotate(is_in=is_in(user), ticket=own_ticket(user))
        .select_related("cycle__programme__activity_type", "group")
        .order_by("starts_at", "pk")[:ON_AT_ONCE]
    )


@dataclass(frozen=True, slots=True)
class Place:
    """One programme of theirs with one status."""

    name: str
    url: str
    detail: str
    ring: tuple[int, ...]
    kind: str
    text: str
    icon: str
    book_url: str = ""  # where seats are booked


def my_programmes(user: Any) -> list[Place]:
    """Everything they take part in, wait for or were offered, in cycles that are not closed. Two queries."""
    rows = _places_of(user=user)
    with_whom = _leaders_of(rows)
    return [_place(row, with_whom.get(row.pk, [])) for row in rows]


@compiled
def _places_of(*, user: Any) -> QuerySet[Membership, Membership]:
    came = Q(attendances__status__in=CAME)
    return (
        Membership.objects.filter(user=user, role=Role.PARTICIPANT, status__in=list(LOOK))
        .exclude(cycle__state=CycleState.CLOSED)
        .annotate(
            came=Count("attendances", filter=came),
            listed=Count("attendances", filter=Q(attendances__session__kind="session")),
        )
        .select_related("cycle__programme__activity_type")
        .order_by("cycle__programme__name", "pk")[:PLACES]
    )


def _leaders_of(memberships: Sequence[Membership]) -> dict[int, list[str]]:
    """Membership pk to the names of those who lead its groups. One query."""
    ids = [row.pk for row in memberships if row.status == MembershipStatus.ACTIVE]
    found: dict[int, list[str]] = {}
    for pk, preferred, given in _leaders(membership_ids=ids):
        found.setdefault(pk, []).append(preferred or given)
    return found


@compiled
def _leaders(*, membership_ids: Sequence[int]) -> QuerySet[GroupMember, tuple[int, str, str]]:
    """One row for each of the memberships and each leader of a group it is in now."""
    return (
        GroupMember.objects.filter(
            membership__role=Role.LEADER,
            membership__status=MembershipStatus.ACTIVE,
            ended_at=None,
            group__members__membership__in=membership_ids,
            group__members__ended_at=None,
        )
        .order_by("pk")
        .values_list("group__members__membership", "membership__user__preferred_name", "membership__user__given_name")
    )


def _place(row: Any, leaders: list[str]) -> Place:
    programme, (kind, icon) = row.cycle.programme, LOOK[MembershipStatus(row.status)]
    is_in = row.status == MembershipStatus.ACTIVE
    return Place(
        name=programme.name,
        url=reverse("programmes:programme_detail", args=[programme.slug]),
        detail=_detail(row, leaders),
        ring=RING[Context(programme.context)],
        kind=kind,
        text=_("Joined") if is_in else row.get_status_display(),
        icon=icon,
        book_url=_book_url(row.cycle) if is_in else "",
    )


def _book_url(cycle: Cycle) -> str:
    if cycle.attendance_mode != AttendanceMode.BOOK or cycle.state != CycleState.RUNNING:
        return ""
    return reverse("programmes:booking_list", args=[cycle.programme.slug, cycle.code])


def _detail(row: Any, leaders: list[str]) -> str:
    """A sentence or two about their place."""
    programme = row.cycle.programme
    if row.status == MembershipStatus.OFFERED and row.offer_expires_at:
        return _("A place is free for you until %(day)s.") % {"day": dates.when(row.offer_expires_at)}
    if row.status != MembershipStatus.ACTIVE:
        return programme.summary
    parts = []
    if leaders:
        words = {
            "leader": programme.word("leader" if len(leaders) == 1 else "leaders"),
            "names": ", ".join(leaders[:3]),
        }
        parts.append(ngettext("Your %(leader)s is %(names)s.", "Your %(leader)s are %(names)s.", len(leaders)) % words)
    elif programme.when_text:
        parts.append(f"{programme.when_text}.")
    if row.listed:
        parts.append(_("You have been to %(came)s of %(listed)s.") % {"came": row.came, "listed": row.listed})
    return " ".join(parts) or programme.summary


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A programme they might like, and why it is named."""

    name: str
    url: str
    reason: str


def suggestions(user: Any, *, today: date) -> list[Suggestion]:
    """Programmes open to join that they have no place in: first those of their own units, then those for everyone.

    One query. Made from where they already take part; nothing else about a person is used.
    """
    return [
        Suggestion(
            name=row.programme.name,
            url=reverse("programmes:programme_detail", args=[row.programme.slug]),
            reason=_reason(row),
        )
        for row in _open_to(user=user, today=today)
    ]


@compiled
def _open_to(*, user: Any, today: date) -> QuerySet[Cycle, Cycle]:
    theirs = Membership.objects.filter(user=user, cycle__programme=OuterRef("programme"))
    units = Membership.objects.active().filter(user=user, role__in=[Role.PARTICIPANT, Role.LEADER])
    near = Q(programme__owner_unit__in=units.values("cycle__programme__owner_unit"))
    return (
        Cycle.objects.open_to_join(today=today)
        .filter(join_policy__in=[JoinPolicy.OPEN, JoinPolicy.APPROVAL])
        .filter(programme__visibility__in=[Visibility.PUBLIC, Visibility.INSTITUTION], programme__archived_at=None)
        .filter(near | Q(programme__level=Level.INSTITUTION) | Q(programme__owner_unit__kind__in=FOR_EVERYONE))
        .exclude(Exists(theirs))
        .annotate(is_near=Exists(units.filter(cycle__programme__owner_unit=OuterRef("programme__owner_unit"))))
        .select_related("programme__owner_unit")
        .order_by("-is_near", "programme__name", "pk")[:SUGGESTED]
    )


def _reason(row: Any) -> str:
    programme = row.programme
    near = _("Also in %(unit)s.") % {"unit": programme.owner_unit.name}
    why = near if row.is_near else _("Open to everyone.")
    when = f" {programme.when_text.rstrip('.')}." if programme.when_text else ""
    return f"{why}{when}"


def help_beyond_peers() -> list[SupportService]:
    """Services named where peers are not enough: the first that are not for emergencies. One query."""
    return _services()


@compiled
def _services() -> QuerySet[SupportService, SupportService]:
    return SupportService.objects.active().filter(is_urgent=False).order_by("position", "name", "pk")[:SERVICES]
