"""Who may do what in a programme cycle. State and capacity belong to models and services.

Every predicate takes a `Cycle` (or something with `.cycle`) loaded with `programme__owner_unit`. Memberships of the
person asked about are read once per request.
"""

from typing import Any

import rules
from django.db.models import Count, QuerySet, Value
from django.db.models.functions import Coalesce

from peerhub.common.mail import notifications
from peerhub.common.models import Message
from peerhub.common.statements import compiled
from peerhub.institution.models import GrantRole, OrgUnit, RoleGrant
from peerhub.institution.permissions import grants_of, holds, knows_grants, remember_grants
from programmes.models import (
    Booking,
    CoverRequest,
    Cycle,
    CycleState,
    DesignPartner,
    Group,
    Membership,
    MembershipStatus,
    Programme,
    Role,
    SeriesLeader,
    Session,
    SessionSeries,
)


def roles_in(user: Any, cycle_id: int) -> set[str]:
    """The person's active roles in one cycle, read once per request (the user object remembers them)."""
    return set(_roles(user).get(cycle_id, {}))


def current_roles(user: Any, *, mode: str = "") -> dict[str, set[int]]:
    """The person's active roles in cycles that are not closed, each with the cycles' pks; with `mode` only in cycles to
    which people come so. The same one query.
    """
    found: dict[str, set[int]] = {}
    for cycle_id, roles in _roles(user).items():
        for role, (state, how) in roles.items():
            if state != CycleState.CLOSED and mode in {"", how}:
                found.setdefault(role, set()).add(cycle_id)
    return found


def _roles(user: Any) -> dict[int, dict[str, tuple[str, str]]]:
    """Cycle pk to role to the cycle's state and its way of coming."""
    if not user.is_authenticated:
        return {}
    remembered: dict[int, dict[str, tuple[str, str]]] | None = getattr(user, "_programme_roles", None)
    if remembered is None:
        remembered = {}
        for cycle_id, role, state, mode in _read_standing(user):
            remembered.setdefault(cycle_id, {})[role] = state, mode
        user._programme_roles = remembered
    return remembered


def _read_standing(user: Any) -> list[tuple[int, str, str, str]]:
    """(cycle pk, role, the cycle's state, how people come to it) of every active place, and in the same query what else
    the frame of nearly every page asks about a person: their grants, and how many notifications they have not seen.
    """
    is_known = knows_grants(user)
    found = _standing(not is_known, user=user)
    if not is_known:
        remember_grants(user, [_grant(user, row) for row in found if row[0] == GRANT])
    notifications.remember_unread(user, next((row[1] for row in found if row[0] == UNREAD), 0))
    return [(row[2], row[3], row[4], row[6]) for row in found if row[0] == PLACE]


@compiled
def _standing(with_grants: bool, *, user: Any) -> QuerySet[Any, tuple[Any, ...]]:
    places = Membership.objects.filter(user=user, status=MembershipStatus.ACTIVE)
    unread = Message.objects.notifications_of(user).unread().order_by().values("channel")
    rows = places.values_list(
        Value(PLACE), "pk", "cycle_id", "role", "cycle__state", Value(0), "cycle__attendance_mode"
    ).union(
        unread.annotate(n=Count("pk")).values_list(
            Value(UNREAD), "n", Value(0), Value(""), Value(""), Value(0), Value("")
        ),
        all=True,
    )
    if not with_grants:
        return rows
    grants = RoleGrant.objects.held_by(user).values_list(
        Value(GRANT), "pk", "unit_id", "role", "unit__path", Coalesce("unit__parent_id", Value(0)), Value("")
    )
    return rows.union(grants, all=True)


def _grant(user: Any, row: tuple[Any, ...]) -> RoleGrant:
    """A grant with its unit, of which name and the like are read when somebody asks."""
    _what, pk, unit_id, role, path, parent_id, _mode = row
    unit = OrgUnit.from_db("default", ["id", "parent_id", "path"], [unit_id, parent_id or None, path])
    grant = RoleGrant.from_db("default", ["id", "user_id", "role", "unit_id"], [pk, user.pk, role, unit_id])
    grant.unit = unit
    return grant


PLACE, GRANT, UNREAD = "place", "grant", "unread"


def forget_roles(user: Any) -> None:
    """Drop what `roles_in` remembers; call after changing somebody's membership within a request."""
    user._programme_roles = None


def _cycle(target: Any) -> Cycle:
    return target if isinstance(target, Cycle) else target.cycle


def _has_role(*roles: str) -> Any:
    @rules.predicate(f"has_role:{'|'.join(roles)}")
    def predicate(user: Any, target: Any = None) -> bool:
        return target is not None and bool(roles_in(user, _cycle(target).pk) & set(roles))

    return predicate


is_coordinator_of = _has_role(Role.COORDINATOR)
is_supervisor_of = _has_role(Role.SUPERVISOR)
is_partner_of = _has_role(Role.PARTNER)
is_leader_in = _has_role(Role.LEADER)
is_participant_in = _has_role(Role.PARTICIPANT)
is_member_of = _has_role(*Role.values)


@rules.predicate
def leads_unit_of(user: Any, target: Any = None) -> bool:
    return target is not None and holds(user, GrantRole.LEAD, _cycle(target).programme.owner_unit)


@rules.predicate
def owns_unit_of(user: Any, target: Any = None) -> bool:
    return target is not None and holds(user, GrantRole.PROGRAMME_OWNER, _cycle(target).programme.owner_unit)


@rules.predicate
def coordinates_programme(user: Any, programme: Programme | None = None) -> bool:
    """Coordinates one of its cycles that is not closed (the newest, where all are), or owns its unit."""
    if programme is None:
        return False
    if holds(user, GrantRole.PROGRAMME_OWNER, programme.owner_unit):
        return True
    newest = programme.cycles.order_by("-starts_on", "-pk").values_list("pk", flat=True)[:1]
    cycles = list(programme.cycles.current().values_list("pk", flat=True)) or list(newest)
    return any(Role.COORDINATOR in roles_in(user, pk) for pk in cycles)


@rules.predicate
def leads_session(user: Any, session: Session | None = None) -> bool:
    """Is one of the session's own leaders, and still active as one."""
    if session is None:
        return False
    if getattr(session, "viewer_id", None) == user.pk:  # loaded with_viewer
        return bool(session.viewer_leads)  # type: ignore[attr-defined]
    return session.leaders.filter(membership__user=user, membership__status=MembershipStatus.ACTIVE).exists()


@rules.predicate
def leads_series(user: Any, series: SessionSeries | None = None) -> bool:
    """Leads what the series makes, and is still active as a leader."""
    if series is None or not is_leader_in(user, series):
        return False
    leads = SeriesLeader.objects.filter(pattern__series=series, membership__user=user)
    return leads.filter(membership__status=MembershipStatus.ACTIVE).exists()


@rules.predicate
def asked_for_cover(user: Any, request: CoverRequest | None = None) -> bool:
    return request is not None and request.asked_by.user_id == user.pk


@rules.predicate
def has_booked(user: Any, booking: Booking | None = None) -> bool:
    """It is their own booking. Load `membership` with it."""
    return booking is not None and booking.membership.user_id == user.pk


@rules.predicate
def coordinates_booking(user: Any, booking: Booking | None = None) -> bool:
    return booking is not None and is_coordinator_of(user, booking.session)


@rules.predicate
def leads_group(user: Any, group: Group | None = None) -> bool:
    """Leads this group or pair now."""
    if group is None or not is_leader_in(user, group):
        return False
    return group.members.filter(ended_at=None, membership__user=user, membership__role=Role.LEADER).exists()


@rules.predicate
def owns_any_unit(user: Any, target: Any = None) -> bool:
    return any(grant.role == GrantRole.PROGRAMME_OWNER for grant in grants_of(user))


@rules.predicate
def leads_or_owns_any_unit(user: Any, target: Any = None) -> bool:
    return any(grant.role in {GrantRole.LEAD, GrantRole.PROGRAMME_OWNER} for grant in grants_of(user))


def partnership_in(user: Any, cycle_id: int) -> DesignPartner | None:
    """The person's own place in the partnership that designs a cycle, asked or in; read once per request."""
    known = _known_partnerships(user)
    if cycle_id not in known:
        mine = DesignPartner.objects.visible_to(user).filter(cycle=cycle_id)
        known[cycle_id] = mine.order_by("pk").first()
    return known[cycle_id]


def remember_partnership(user: Any, partner: DesignPartner) -> None:
    """Keep what was read along with something else, so that `partnership_in` need not ask."""
    _known_partnerships(user)[partner.cycle_id] = partner


def _known_partnerships(user: Any) -> dict[int, DesignPartner | None]:
    known: dict[int, DesignPartner | None] | None = getattr(user, "_design_partnerships", None)
    if known is None:
        known = {}
        user._design_partnerships = known
    return known


@rules.predicate
def is_design_partner(user: Any, target: Any = None) -> bool:
    """Asked to design it or doing so, member or not."""
    return target is not None and partnership_in(user, _cycle(target).pk) is not None


@rules.predicate
def designs(user: Any, target: Any = None) -> bool:
    """Said yes to designing it."""
    own = partnership_in(user, _cycle(target).pk) if target is not None else None
    return own is not None and own.is_active


may_run = is_coordinator_of | owns_unit_of

rules.add_perm("programmes.create_programme", owns_any_unit)
rules.add_perm("programmes.change_programme", coordinates_programme)
rules.add_perm("programmes.view_workspace", is_coordinator_of | is_supervisor_of | owns_unit_of | leads_unit_of)
rules.add_perm(
    "programmes.view_counts", is_coordinator_of | is_supervisor_of | is_partner_of | owns_unit_of | leads_unit_of
)
rules.add_perm("programmes.change_cycle", may_run)
rules.add_perm("programmes.move_cycle", may_run)
rules.add_perm("programmes.waive_check", may_run)
rules.add_perm("programmes.roll_over_cycle", may_run)
rules.add_perm("programmes.view_people", is_coordinator_of | is_supervisor_of)
rules.add_perm("programmes.change_people", is_coordinator_of)
rules.add_perm("programmes.export_people", is_coordinator_of)
rules.add_perm("programmes.appoint_coordinator", may_run)
rules.add_perm("programmes.import_roster", may_run)
rules.add_perm("programmes.change_groups", is_coordinator_of)
rules.add_perm("programmes.view_endings", is_coordinator_of)
rules.add_perm("programmes.answer_rematch", is_coordinator_of)
rules.add_perm("programmes.view_sessions", is_coordinator_of | is_supervisor_of)
rules.add_perm("programmes.plan_session", is_coordinator_of | is_leader_in)
rules.add_perm("programmes.lead_session", is_leader_in)
rules.add_perm("programmes.change_session", leads_session | is_coordinator_of)
rules.add_perm("programmes.change_series", is_coordinator_of | leads_series)
rules.add_perm("programmes.fit_series", is_coordinator_of)
rules.add_perm("programmes.ask_cover", leads_session)
rules.add_perm("programmes.take_cover", is_leader_in)
rules.add_perm("programmes.withdraw_cover", asked_for_cover)
rules.add_perm("programmes.log_session", leads_session | is_coordinator_of)
rules.add_perm("programmes.book_seat", _has_role(Role.PARTICIPANT))
rules.add_perm("programmes.accept_seat", has_booked)
rules.add_perm("programmes.cancel_booking", has_booked | coordinates_booking)
rules.add_perm("programmes.view_bookings", leads_session | is_coordinator_of | is_supervisor_of)
rules.add_perm("programmes.add_booking", is_coordinator_of)
rules.add_perm("programmes.export_bookings", is_coordinator_of)
rules.add_perm("programmes.view_pauses", is_coordinator_of | is_supervisor_of)
rules.add_perm("programmes.lift_pause", is_coordinator_of)
rules.add_perm("programmes.open_kiosk", is_coordinator_of)
rules.add_perm("programmes.join_queue", is_participant_in)
rules.add_perm("programmes.view_unmet", is_coordinator_of | is_supervisor_of)
rules.add_perm("programmes.view_searches", leads_or_owns_any_unit)
rules.add_perm("programmes.run_queue", leads_session | is_coordinator_of)
rules.add_perm("programmes.view_contacts", is_coordinator_of | leads_group)
rules.add_perm("programmes.log_contact", leads_group)
rules.add_perm("programmes.view_attendance", is_coordinator_of | is_supervisor_of | is_leader_in)
rules.add_perm("programmes.record_attendance", is_coordinator_of | is_leader_in)
rules.add_perm("programmes.export_attendance", is_coordinator_of)
rules.add_perm("programmes.view_quiet", is_coordinator_of | is_supervisor_of)
rules.add_perm("programmes.export_quiet", is_coordinator_of)
rules.add_perm("programmes.view_messages", is_coordinator_of)
rules.add_perm("programmes.change_messages", is_coordinator_of)
rules.add_perm("programmes.write_announcement", is_coordinator_of)
# --- co-design: partners reach it without being members ---
rules.add_perm(
    "programmes.view_design", is_coordinator_of | is_supervisor_of | owns_unit_of | leads_unit_of | is_design_partner
)
rules.add_perm("programmes.shape_design", may_run | designs)
rules.add_perm("programmes.decide_design", may_run)
rules.add_perm("programmes.change_partners", may_run)
rules.add_perm("programmes.sign_design", designs)
rules.add_perm("programmes.log_design_hours", designs)
