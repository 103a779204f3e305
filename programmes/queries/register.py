"""The register of one session: everyone it lists, in one query."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from peerhub.accounts.models import ExternalId, User, shown_name
from peerhub.common.statements import compiled, first
from programmes.models import (
    AttendanceStatus,
    Booking,
    BookingState,
    Cycle,
    GroupMember,
    JoinPolicy,
    Membership,
    MembershipStatus,
    Role,
    Session,
    SessionKind,
    SessionLeader,
)
from programmes.models.queues import is_drop_in
from programmes.queries.expected import in_groups_between

WALK_INS_SHOWN = 8
NEWCOMER = "new:"  # before the uuid of an account that has no place in the cycle yet
CAME = (AttendanceStatus.PRESENT, AttendanceStatus.LATE)


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of a register. `status` is "" while nothing is recorded; nobody records `is_viewer`: themselves.

    `entered_at` and `entered_how` tell of a check-in; `is_same_device`: it does not count (programmes.models.CheckIn).
    """

    membership_id: int
    uuid: UUID
    user_id: int
    name: str
    status: str
    is_expected: bool
    is_walk_in: bool
    is_viewer: bool
    entered_at: datetime | None = None
    entered_how: str = ""
    is_same_device: bool = False

    @property
    def came(self) -> bool:
        return self.status in CAME

    @property
    def is_in(self) -> bool:
        """Has checked in, and it counts."""
        return self.entered_at is not None and not self.is_same_device


def session_to_log(viewer: Any, uuid: UUID) -> Session | None:
    """A session `viewer` may know exists, with what its log needs; None for everybody else."""
    return first(_visible(viewer=viewer, uuid=uuid)) if viewer.is_authenticated else None


def session_to_read(viewer: Any, uuid: UUID) -> Session | None:
    """The same with all that its log says."""
    return first(_visible("author", "technique", "signposted_to", viewer=viewer, uuid=uuid))


@compiled
def _visible(*of_log: str, viewer: Any, uuid: UUID) -> QuerySet[Session, Session]:
    related = ("cycle__programme__activity_type", "cycle__programme__owner_unit", "group", "log", "series", "drop_in")
    seen = Session.objects.visible_to(viewer).with_viewer(viewer)
    in_log = (f"log__{name}" for name in of_log)
    return seen.filter(uuid=uuid, kind=SessionKind.SESSION).select_related(*related, *in_log)


def register(session: Session, *, viewer: Any, walk_ins: Iterable[UUID] = ()) -> list[Listed]:
    """Everyone on the session's register, by name: the group's participants at that time, or those who have booked a
    seat in what is open to all; everybody with an attendance (also those who moved group since) or a check-in, and
    those named in `walk_ins` who take part in the cycle or wait for a place. Its leaders are never on it.
    """
    rows = _listed(
        session.group_id is None,
        session=session,
        cycle_id=session.cycle_id,
        group_ids=[session.group_id] if session.group_id else [],
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        walk_ins=list(walk_ins),
    )
    return [
        Listed(
            pk,
            key,
            user_id,
            shown_name(*names),
            status or "",
            expected,
            bool(walked_in) or not expected,
            user_id == viewer.pk,
            entered_at,
            entered_how or "",
            bool(same_device),
        )
        for pk, key, user_id, *names, status, expected, walked_in, entered_at, entered_how, same_device in rows
    ]


def suggested_marks(people: Iterable[Listed], session: Session) -> dict[UUID, str]:
    """What check-ins say of a session nobody has logged: here, or late after the minutes its cycle sets. Nobody is late
    at a drop-in.
    """
    late_from = session.starts_at + timedelta(minutes=session.cycle.late_after_minutes)
    is_late = not is_drop_in(session)
    return {
        one.uuid: str(AttendanceStatus.LATE if is_late and one.entered_at >= late_from else AttendanceStatus.PRESENT)
        for one in people
        if one.is_in and one.entered_at and not one.is_viewer
    }


@compiled
def _listed(
    is_open: bool,
    *,
    session: Session,
    cycle_id: int,
    group_ids: list[int],
    starts_at: datetime,
    ends_at: datetime,
    walk_ins: list[UUID],
) -> QuerySet[Membership, tuple[Any, ...]]:
    within: Any = GroupMember.objects.filter(in_groups_between(group_ids, starts_at, ends_at))
    if is_open:
        within = Booking.objects.filter(session=session, state=BookingState.BOOKED, membership__status="active")
    return (
        Membership.objects.filter(cycle_id=cycle_id, role=Role.PARTICIPANT)
        .annotate(
            recorded=FilteredRelation("attendances", condition=Q(attendances__session_id=session.pk)),
            entered=FilteredRelation("check_ins", condition=Q(check_ins__session_id=session.pk)),
            expected=Exists(within.filter(membership=OuterRef("pk"))),
            attendance_status=F("recorded__status"),
            walked_in=F("recorded__is_walk_in"),
        )
        .filter(
            Q(expected=True)
            | Q(recorded__isnull=False)
            | Q(entered__isnull=False)
            | Q(uuid__in=walk_ins, status__in=(MembershipStatus.ACTIVE, MembershipStatus.WAITING))
        )
        .exclude(user_id__in=SessionLeader.objects.filter(session=session).values("membership__user_id"))
        .order_by("user__given_name", "user__family_name", "pk")
        .values_list(
            "pk", "uuid", "user_id", "user__preferred_name", "user__given_name", "user__family_name",
            "attendance_status", "expected", "walked_in", "entered__at", "entered__how", "entered__is_same_device",
        )
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """Somebody a search for walk-ins found. `value` is what the tick posts; newcomers have no place here yet.

    `hint` names the groups of those found under the same name: ticking the wrong one would count the wrong person.
    """

    value: str
    name: str
    is_newcomer: bool
    hint: str = ""


def find_walk_ins(session: Session, text: str, *, viewer: Any, today: Any, besides: Sequence[UUID] = ()) -> list[Found]:
    """Active participants of the cycle by part of their name; where anyone may join, also any account by its exact
    e-mail address or student number. At most eight; not its leaders, nor people on the register already (`besides`).
    """
    wanted = " ".join(text.split())
    if len(wanted) < 2:
        return []
    numbered = ExternalId.objects.filter(value=wanted, user=OuterRef("user"))
    members = (
        Membership.objects.active()
        .filter(name_matches(wanted) | Q(user__email=wanted.lower()) | Exists(numbered))
        .filter(cycle_id=session.cycle_id, role=Role.PARTICIPANT)
        .exclude(uuid__in=besides)
        .exclude(user_id__in=SessionLeader.objects.filter(session=session).values("membership__user_id"))
        .exclude(user=viewer)
        .order_by("user__given_name", "user__family_name", "pk")
        .values_list("uuid", "user__preferred_name", "user__given_name", "user__family_name")[:WALK_INS_SHOWN]
    )
    found = _told_apart([Found(str(key), shown_name(*names), is_newcomer=False) for key, *names in members])
    return found or (_newcomers(session, wanted, viewer) if takes_walk_ins(session.cycle, today=today) else [])


def _told_apart(found: list[Found]) -> list[Found]:
    """The same people, with their groups beside those who share a name. One query, and only then."""
    times = Counter(one.name for one in found)
    alike = [one.value for one in found if times[one.name] > 1]
    if not alike:
        return found
    places = GroupMember.objects.filter(membership__uuid__in=alike, ended_at=None).order_by("group__name")
    groups: dict[str, list[str]] = defaultdict(list)
    for key, name in places.values_list("membership__uuid", "group__name"):
        groups[str(key)].append(name)
    return [
        replace(one, hint=", ".join(groups[one.value]) or _("In no group")) if one.value in alike else one
        for one in found
    ]


def takes_walk_ins(cycle: Cycle, *, today: Any) -> bool:
    """True when turning up is enough to join: the cycle is open to anyone now."""
    return cycle.join_policy == JoinPolicy.OPEN and cycle.takes_joiners(today=today)


def name_matches(text: str) -> Q:
    """Memberships of people whose name has every word of `text` in it: the first four."""
    matches = Q()
    for part in text.split()[:4]:
        matches &= (
            Q(user__given_name__icontains=part)
            | Q(user__preferred_name__icontains=part)
            | Q(user__family_name__icontains=part)
        )
    return matches


def _newcomers(session: Session, text: str, viewer: Any) -> list[Found]:
    """The account without a place here that this exact address or number names."""
    numbered = ExternalId.objects.filter(value=text, user=OuterRef("pk"))
    inside = Membership.objects.active().filter(cycle_id=session.cycle_id, user=OuterRef("pk"))
    people = (
        User.objects.active()
        .filter(Q(email=text.lower()) | Exists(numbered))
        .exclude(Exists(inside))
        .exclude(pk=viewer.pk)
    )
    return [Found(f"{NEWCOMER}{one.uuid}", one.display_name, is_newcomer=True) for one in people[:2]]


def waiting_among(session: Session, uuids: Sequence[UUID]) -> int:
    """How many of these accounts wait for a place in the session's cycle."""
    waiting = Membership.objects.filter(cycle_id=session.cycle_id, status=MembershipStatus.WAITING)
    return waiting.filter(user__uuid__in=list(uuids)).count()


def newcomers(session: Session, uuids: Sequence[UUID]) -> list[Found]:
    """Accounts ticked on a sheet that is shown again, as the search offered them."""
    inside = Membership.objects.active().filter(cycle_id=session.cycle_id, user=OuterRef("pk"))
    people = User.objects.active().filter(uuid__in=list(uuids)).exclude(Exists(inside))
    return [Found(f"{NEWCOMER}{one.uuid}", one.display_name, is_newcomer=True) for one in people]
