"""A programme's public page: what it is, what this year offers, and where the reader stands. At most five queries."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404

from peerhub.common.statements import compiled, first
from peerhub.institution.models import GrantRole
from peerhub.institution.permissions import holds
from programmes.models import (
    HOLDS_PLACE,
    AttendanceMode,
    BoundaryReferral,
    Cycle,
    CycleState,
    DesignReply,
    Membership,
    MembershipStatus,
    Programme,
    Role,
    Session,
    SessionStatus,
)
from programmes.queries.bookings import has_seat
from programmes.queries.current import in_order_of_interest
from programmes.queries.offers import Offer, offer
from programmes.queries.role_words import role_word

# Fewer people than this could be recognised by somebody who was there (trust: small numbers).
FEWEST_TO_MENTION = 20
REPLIES = 6
STANDING_ORDER = (
    MembershipStatus.ACTIVE,
    MembershipStatus.OFFERED,
    MembershipStatus.INVITED,
    MembershipStatus.REQUESTED,
    MembershipStatus.WAITING,
    MembershipStatus.DEFERRED,
)


# Somebody with several roles is told of the one with most to do first.
ROLE_ORDER = (Role.COORDINATOR, Role.SUPERVISOR, Role.LEADER, Role.PARTICIPANT, Role.PARTNER)
HOME_OF = {Role.LEADER: "leader", Role.PARTICIPANT: "student", Role.SUPERVISOR: "supervisor"}


@dataclass(frozen=True)
class AlsoHere:
    """Another role the reader has in the programme: its word, and whose home it has ("" without one)."""

    word: str
    home: str


@dataclass(frozen=True)
class PastFacts:
    """What the last finished cycle came to. `people` is rounded to 5."""

    code: str
    people: int
    sessions: int


@dataclass
class ProgrammePage:
    programme: Programme
    cycle: Cycle | None
    offer: Offer
    standing: Membership | None  # the reader's own row that matters most
    point_person: Any = None
    next_session: Session | None = None
    referrals: list[BoundaryReferral] = field(default_factory=list)
    past: PastFacts | None = None
    runs: bool = False
    also: list[AlsoHere] = field(default_factory=list)
    replies: list[DesignReply] = field(default_factory=list)  # you said, we did
    books: bool = False  # the reader books their seats here

    @property
    def is_member(self) -> bool:
        return self.standing is not None and self.standing.status == MembershipStatus.ACTIVE

    @property
    def standing_code(self) -> str:
        """For the panel: "" (not in), a status, or the role of somebody who is in."""
        if self.standing is None:
            return ""
        return str(self.standing.role if self.is_member else self.standing.status)


def _counted(rows: Any, **where: Any) -> Coalesce:
    total = rows.filter(cycle=OuterRef("pk"), **where).order_by().values("cycle").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(total, output_field=IntegerField()), 0)


def _programme_or_404(user: Any, slug: str, today: date) -> tuple[Programme, list[Cycle]]:
    """The programme, when `user` may know it exists, and its cycles with what the page counts, the best first.

    One query for what the catalogue lists, which is most; then all that `user` may know of; then one without cycles.
    """
    cycles = _listed(user=user, slug=slug, today=today)
    if cycles:
        return cycles[0].programme, cycles
    visible = Programme.objects.visible_to(user)
    if cycles := list(_cycles_of(visible.filter(slug=slug), today)):
        return cycles[0].programme, cycles
    return get_object_or_404(visible.select_related("activity_type", "owner_unit"), slug=slug), []


@compiled
def _listed(*, user: Any, slug: str, today: date) -> QuerySet[Cycle, Cycle]:
    return _cycles_of(Programme.objects.listed(user).filter(slug=slug), today)


def _cycles_of(programmes: QuerySet[Programme], today: date) -> QuerySet[Cycle]:
    participants = Membership.objects.filter(role=Role.PARTICIPANT)
    return (
        in_order_of_interest(today)
        .filter(programme__in=programmes.values("pk"))
        .select_related("programme__activity_type", "programme__owner_unit")
        .annotate(
            taken=_counted(participants, status__in=HOLDS_PLACE),
            took_part=_counted(participants, joined_at__isnull=False),
            held=_counted(Session.objects.filter(status=SessionStatus.HELD)),
        )
    )


def _past(cycles: Sequence[Cycle]) -> PastFacts | None:
    closed = [cycle for cycle in cycles if cycle.state == CycleState.CLOSED]
    if not closed:
        return None
    last = max(closed, key=lambda cycle: cycle.ends_on)
    people, sessions = last.took_part, last.held  # type: ignore[attr-defined]
    if people < FEWEST_TO_MENTION or not sessions:
        return None
    return PastFacts(code=last.code, people=5 * round(people / 5), sessions=sessions)


def _people(programme: Programme, cycle: Cycle | None, user: Any) -> tuple[Any, list[Membership]]:
    """The point person of the cycle, and the reader's own rows, the one that matters most first. One query."""
    rows = _rows(user=user, programme=programme, cycle_ids=[cycle.pk] if cycle else [])
    point = next((row.user for row in rows if row.is_point_person and cycle and row.cycle_id == cycle.pk), None)
    own = [row for row in rows if user.is_authenticated and row.user_id == user.pk]
    own.sort(key=lambda row: (STANDING_ORDER.index(MembershipStatus(row.status)), ROLE_ORDER.index(Role(row.role))))
    return point, own


def _also(programme: Programme, own: Sequence[Membership]) -> list[AlsoHere]:
    """The reader's other roles, each once; nothing that is only asked for."""
    roles = dict.fromkeys(row.role for row in own if row.status == MembershipStatus.ACTIVE and row.role != own[0].role)
    return [AlsoHere(role_word(programme, role), HOME_OF.get(Role(role), "")) for role in roles]


@compiled
def _rows(*, user: Any, programme: Programme, cycle_ids: list[int]) -> QuerySet[Membership, Membership]:
    wanted = Q(cycle__in=cycle_ids, is_point_person=True)
    if user.is_authenticated:
        mine = Q(user=user, status__in=STANDING_ORDER, cycle__programme=programme)
        wanted |= mine & ~Q(cycle__state=CycleState.CLOSED)
    return Membership.objects.filter(wanted).select_related("user", "cycle")


def _runs(user: Any, cycle: Cycle | None, own: list[Membership]) -> bool:
    """Whether the reader may open the cycle's workspace, from what is loaded already."""
    if cycle is None:
        return False
    unit = cycle.programme.owner_unit
    team = any(
        row.cycle_id == cycle.pk and row.role in {Role.COORDINATOR, Role.SUPERVISOR} and row.status == "active"
        for row in own
    )
    return team or holds(user, GrantRole.LEAD, unit) or holds(user, GrantRole.PROGRAMME_OWNER, unit)


def programme_page(user: Any, slug: str, *, now: datetime, today: date) -> ProgrammePage:
    """Everything the page shows, for anybody; 404 for a programme the reader may not know of."""
    programme, cycles = _programme_or_404(user, slug, today)
    cycle = cycles[0] if cycles else None
    point, own = _people(programme, cycle, user)
    standing = own[0] if own else None
    taken = cycle.taken if cycle else 0  # type: ignore[attr-defined]
    page = ProgrammePage(programme, cycle, offer(cycle, taken=taken, today=today), standing, point, past=_past(cycles))
    page.runs, page.also = _runs(user, cycle, own), _also(programme, own)
    if cycle:
        page.referrals = _referrals(cycle=cycle)
        page.replies = _replies(programme=programme)
    if standing and page.standing_code in {Role.LEADER, Role.PARTICIPANT}:
        is_leader = page.standing_code == Role.LEADER
        page.next_session = first(_next(is_leader, user=user, cycle_id=standing.cycle_id, now=now))
        here = standing.cycle
        page.books = not is_leader and here.attendance_mode == AttendanceMode.BOOK and here.state == CycleState.RUNNING
    return page


@compiled
def _replies(*, programme: Programme) -> QuerySet[DesignReply, DesignReply]:
    """Of this cycle and those before: what was said stays answered."""
    rows = DesignReply.objects.filter(cycle__programme=programme, published_at__isnull=False)
    return rows.order_by("-published_at", "-pk")[:REPLIES]


@compiled
def _referrals(*, cycle: Cycle) -> QuerySet[BoundaryReferral, BoundaryReferral]:
    return BoundaryReferral.objects.filter(cycle=cycle).select_related("service").order_by("position", "pk")


@compiled
def _next(is_leader: bool, *, user: Any, cycle_id: int, now: datetime) -> QuerySet[Session, Session]:
    upcoming = Session.objects.visible_to(user).upcoming(now=now).filter(cycle=cycle_id)
    if not is_leader:
        upcoming = upcoming.filter(~Q(group=None, cycle__attendance_mode=AttendanceMode.BOOK) | has_seat(user))
    return upcoming.select_related("group").order_by("starts_at", "pk")[:1]
