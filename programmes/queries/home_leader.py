"""A leader's day: what to log, what is next, whom to greet, who has their back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from peerhub.accounts.models import shown_name
from peerhub.common.statements import compiled
from programmes.models import (
    CycleState,
    GroupMember,
    Membership,
    MembershipStatus,
    Role,
    Session,
    SessionKind,
    SessionLeader,
)
from programmes.models.check_ins import takes_check_ins
from programmes.models.queues import is_queue_on
from programmes.queries.bookings import seats_in_words
from programmes.queries.expected import expected_user_ids
from programmes.queries.naming import place_of, session_title
from programmes.queries.register import CAME

NEXT = 4
STUDENTS = 25


@dataclass(frozen=True, slots=True)
class NextSession:
    """A session to come. `expected` is how many people its group holds, None where anyone may come. `booked` says how
    many of its seats are taken, "" where nobody books.
    """

    uuid: UUID
    title: str
    programme: str
    starts_at: datetime
    ends_at: datetime
    place: str
    expected: int | None
    booked: str
    participants_word: str
    is_now: bool
    takes_code: bool  # check-in is open: the code can be shown
    has_queue: bool  # its queue is on


def next_sessions(user: Any, *, now: datetime, count: int = NEXT) -> list[NextSession]:
    """The next few sessions this person leads. Two queries."""
    rows = _led_next(count, user=user, now=now)
    expected = expected_user_ids(rows)
    return [
        NextSession(
            uuid=one.uuid,
            title=session_title(one),
            programme=one.cycle.programme.name,
            starts_at=one.starts_at,
            ends_at=one.ends_at,
            place=place_of(one),
            expected=len(expected[one.pk]) if one.group_id else None,
            booked=seats_in_words(one, len(expected[one.pk])),
            participants_word=one.cycle.programme.word("participants"),
            is_now=one.starts_at <= now,
            takes_code=takes_check_ins(one, now=now),
            has_queue=is_queue_on(one, now=now),
        )
        for one in rows
    ]


@compiled
def _led_next(count: int, *, user: Any, now: datetime) -> QuerySet[Session, Session]:
    led = SessionLeader.objects.filter(
        session=OuterRef("pk"), membership__user=user, membership__status=MembershipStatus.ACTIVE
    )
    return (
        Session.objects.upcoming(now=now)
        .filter(Exists(led), kind=SessionKind.SESSION)
        .select_related("cycle__programme__activity_type", "group")
        .order_by("starts_at", "pk")[:count]
    )


@dataclass(frozen=True, slots=True)
class Corner:
    """Somebody a leader may turn to. `programmes` says in which of theirs."""

    name: str
    email: str
    is_supervisor: bool
    programmes: str


@dataclass(frozen=True, slots=True)
class Leading:
    """One running cycle this person leads in, for the buttons that need one."""

    slug: str
    code: str
    programme: str


def leading(user: Any) -> list[Leading]:
    """The cycles in which this person leads sessions now; those of pairs alone are left out. One query."""
    return [Leading(*row) for row in _leading(user=user)]


@compiled
def _leading(*, user: Any) -> QuerySet[Membership, tuple[Any, ...]]:
    groups = GroupMember.objects.filter(membership=OuterRef("pk"), ended_at=None, group__shape="group")
    return (
        Membership.objects.active()
        .filter(user=user, role=Role.LEADER, cycle__state__in=[CycleState.PREPARING, CycleState.RUNNING])
        .filter(Exists(groups) | Q(cycle__programme__activity_type__shape="group"))
        .order_by("cycle__programme__name", "pk")
        .values_list("cycle__programme__slug", "cycle__code", "cycle__programme__name")[:12]
    )


def people_in_your_corner(user: Any) -> list[Corner]:
    """Supervisors, else point persons, of the cycles this person leads in. One query."""
    found: dict[tuple[int, bool], tuple[str, str, set[str]]] = {}
    for user_id, role, email, programme, *names in _corner(user=user):
        is_supervisor = role == Role.SUPERVISOR
        found.setdefault((user_id, is_supervisor), (shown_name(*names), email or "", set()))[2].add(programme)
    people = [
        Corner(name, email, is_supervisor, ", ".join(sorted(programmes)))
        for (_pk, is_supervisor), (name, email, programmes) in found.items()
    ]
    return sorted(people, key=lambda one: (not one.is_supervisor, one.name))[:12]


@compiled
def _corner(*, user: Any) -> QuerySet[Membership, tuple[Any, ...]]:
    leads = Membership.objects.active().filter(user=user, role=Role.LEADER, cycle=OuterRef("cycle"))
    return (
        Membership.objects.active()
        .filter(Exists(leads))
        .filter(Q(role=Role.SUPERVISOR) | Q(is_point_person=True))
        .exclude(cycle__state=CycleState.CLOSED)
        .exclude(user=user)
        .order_by("role", "pk")
        .values_list(
            "user_id", "role", "user__email", "cycle__programme__name",
            "user__preferred_name", "user__given_name", "user__family_name",
        )[:40]
    )  # fmt: skip


# --- my students ----------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Student:
    """Somebody in one of this leader's groups: a name and when they last came. Nothing else is a leader's to know."""

    name: str
    group: str
    group_uuid: UUID
    is_pair: bool
    programme: str
    last_at: datetime | None
    came: int
    missed: int


def my_students(user: Any, *, page: str) -> Page:
    """A page of the participants of this person's groups and pairs. Three queries."""
    mine = GroupMember.objects.filter(
        group=OuterRef("group"),
        ended_at=None,
        membership__user=user,
        membership__role=Role.LEADER,
        membership__status=MembershipStatus.ACTIVE,
    )
    places = (
        GroupMember.objects.filter(
            Exists(mine),
            ended_at=None,
            group__ended_at=None,
            membership__role=Role.PARTICIPANT,
            membership__status=MembershipStatus.ACTIVE,
        )
        .exclude(group__cycle__state=CycleState.CLOSED)
        .select_related("membership__user", "group__cycle__programme")
        .order_by("group__name", "group_id", "membership__user__given_name", "membership__user__family_name", "pk")
    )
    found: Page[Any] = Paginator(places, STUDENTS).get_page(page)
    rows = list(found.object_list)
    seen = _attendance_of([row.membership_id for row in rows])
    found.object_list = [_student(row, seen.get(row.membership_id, {})) for row in rows]
    return found


def _attendance_of(membership_ids: Sequence[int]) -> dict[int, Mapping[str, Any]]:
    rows = (
        Membership.objects.filter(pk__in=membership_ids)
        .values("pk")
        .annotate(
            last_at=Max("attendances__session__starts_at", filter=Q(attendances__status__in=CAME)),
            came=Count("attendances", filter=Q(attendances__status__in=CAME)),
            missed=Count("attendances", filter=Q(attendances__status="absent")),
        )
    )
    return {row["pk"]: row for row in rows}


def _student(place: GroupMember, seen: Mapping[str, Any]) -> Student:
    return Student(
        name=place.membership.user.display_name,
        group=place.group.name,
        group_uuid=place.group.uuid,
        is_pair=place.group.shape == "pair",
        programme=place.group.cycle.programme.name,
        last_at=seen.get("last_at"),
        came=seen.get("came", 0),
        missed=seen.get("missed", 0),
    )
