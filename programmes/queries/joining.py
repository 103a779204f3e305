"""What somebody who thinks of joining is shown: what it means, who sees what, what would happen now."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from programmes.models import (
    Cycle,
    GroupMember,
    Invitation,
    JoinPolicy,
    Membership,
    MembershipStatus,
    Programme,
    Role,
    Session,
    Shape,
)
from programmes.queries.invitations import sent_to

# What a press of the button would do now. "" = nothing: `Entry.why` says why.
AT_ONCE, ASK, WAIT, NOT_NOW = "at_once", "ask", "wait", ""


@dataclass(frozen=True)
class Sight:
    """Who sees what of somebody who joins, in words. Held against the pages by test_who_sees_what.py."""

    who: str
    sees: str


@dataclass(frozen=True)
class Entry:
    """A door into a cycle for one person: what it opens to, and why not where it does not.

    `why` is "", in, asked, waiting, offered, deferred, declined, removed, other_role, invitation, roster, closed, full.
    """

    cycle: Cycle
    role: str
    opens: str
    why: str = ""
    own: Membership | None = None
    ahead: int = 0  # how many wait already
    free: int | None = None

    @property
    def programme(self) -> Programme:
        return self.cycle.programme


def cycle_to_join(programme: Programme, *, now: datetime) -> Cycle | None:
    """The cycle a visitor means: one open to join, else the one under way, else the newest that is not over."""
    cycles = Cycle.objects.current().filter(programme=programme).select_related("programme__activity_type")
    known = sorted(cycles, key=lambda cycle: (cycle.starts_on, cycle.pk), reverse=True)
    open_ones = [cycle for cycle in known if cycle.takes_joiners(today=cycle.today(now=now))]
    running = [cycle for cycle in known if cycle.state in {"preparing", "running"}]
    return next(iter([*open_ones, *running, *known]), None)


def entry_by_oneself(cycle: Cycle, user: Any, *, now: datetime) -> Entry:
    """The ordinary door: the programme's page, “Join”."""
    own, why = _standing(cycle, user, Role.PARTICIPANT)
    if not why and not cycle.takes_joiners(today=cycle.today(now=now)):
        reasons = {JoinPolicy.INVITATION: "invitation", JoinPolicy.ROSTER: "roster"}
        why = reasons.get(JoinPolicy(cycle.join_policy), "closed")
    return _entry(cycle, Role.PARTICIPANT, own, why, asks=cycle.join_policy == JoinPolicy.APPROVAL)


def entry_by_link(cycle: Cycle, user: Any, role: str) -> Entry:
    """The door a link or QR code opens: a place at once for who takes part, a request for who would lead."""
    own, why = _standing(cycle, user, role)
    return _entry(cycle, role, own, why, asks=role == Role.LEADER)


def entry_by_invitation(cycle: Cycle, user: Any, role: str) -> Entry:
    """The door of a personal invitation. It overrules earlier answers: only who is in already has nothing to accept."""
    own, why = _standing(cycle, user, role)
    return _entry(cycle, role, own, why if why == "in" else "", asks=False)


def _standing(cycle: Cycle, user: Any, role: str) -> tuple[Membership | None, str]:
    """The person's own row in this role and what stands in their way because of it."""
    if not user.is_authenticated:
        return None, ""
    rows = {row.role: row for row in Membership.objects.filter(cycle=cycle, user=user)}
    own = rows.get(role)
    words = {
        MembershipStatus.ACTIVE: "in",
        MembershipStatus.REQUESTED: "asked",
        MembershipStatus.WAITING: "waiting",
        MembershipStatus.OFFERED: "offered",
        MembershipStatus.DECLINED: "declined",
        MembershipStatus.REMOVED: "removed",
    }
    why = words.get(MembershipStatus(own.status), "") if own else ""
    others = [row for row in rows.values() if row.role != role and row.status == MembershipStatus.ACTIVE]
    if not why and role == Role.PARTICIPANT and others:
        return others[0], "other_role"
    return own, why


def _entry(cycle: Cycle, role: str, own: Membership | None, why: str, *, asks: bool) -> Entry:
    if why:
        return Entry(cycle, role, NOT_NOW, why, own)
    if role != Role.PARTICIPANT:
        return Entry(cycle, role, ASK if asks else AT_ONCE, own=own)
    numbers = Membership.objects.filter(cycle=cycle, role=Role.PARTICIPANT).aggregate(
        held=Count("pk", filter=Q(status__in=[MembershipStatus.ACTIVE, MembershipStatus.OFFERED])),
        ahead=Count("pk", filter=Q(status=MembershipStatus.WAITING)),
    )
    # Whoever waits is offered a free place first, so a free place with people waiting is not free for a newcomer.
    free = None if cycle.capacity is None else max(0, cycle.capacity - numbers["held"] - numbers["ahead"])
    full = free == 0
    if full and not cycle.waiting_list:
        return Entry(cycle, role, NOT_NOW, "full", own, free=0)
    opens = ASK if asks else (WAIT if full else AT_ONCE)
    return Entry(cycle, role, opens, own=own, ahead=numbers["ahead"], free=free)


# --- who sees what ----------------------------------------------------------------------------------------------------
def who_sees_what(cycle: Cycle, role: str) -> list[Sight]:
    """In plain words, from the cycle's real roles. Load programme and activity type with the cycle. One query."""
    team = list(
        Membership.objects.active()
        .filter(cycle=cycle, role__in=[Role.COORDINATOR, Role.SUPERVISOR])
        .select_related("user")
        .order_by("-is_point_person", "role", "pk")[:12]
    )
    coordinators = [row.user.display_name for row in team if row.role == Role.COORDINATOR]
    supervisors = [row.user.display_name for row in team if row.role == Role.SUPERVISOR]
    leads = role == Role.LEADER
    sights = _peers(cycle, leads=leads)
    sights.append(Sight(_named(_("The coordinator"), coordinators), _team_sees(leads=leads)))
    if supervisors:
        sights.append(Sight(_named(_("The supervisor"), supervisors), _team_sees(leads=leads)))
    sights.append(
        Sight(
            _("Lecturers and partner departments"),
            _("Numbers and topics only. They never see whether you came."),
        )
    )
    sights.append(Sight(_("The university"), _("Totals, without names.")))
    return sights


def shares_addresses(cycle: Cycle) -> bool:
    """In pairs the two arrange their own meetings, so they see one another's e-mail address."""
    return cycle.programme.activity_type.shape == Shape.PAIR


def members_see_each_other(cycle: Cycle) -> bool:
    """First names within a group; never in pairs, never where being a member is itself private."""
    kind = cycle.programme.activity_type
    return kind.members_see_each_other and kind.shape == Shape.GROUP


def _peers(cycle: Cycle, *, leads: bool) -> list[Sight]:
    programme = cycle.programme
    leader, participants = programme.word("leader"), programme.word("participants")
    name = _("Your name, pronouns and e-mail address") if shares_addresses(cycle) else _("Your name and pronouns")
    if leads:
        return [
            Sight(_("The %(participants)s you lead") % {"participants": participants}, _("%(what)s.") % {"what": name})
        ]
    sees = _("%(what)s, and which %(sessions)s with them you came to.")
    mine = Sight(
        _("Your %(leader)s") % {"leader": leader}, sees % {"what": name, "sessions": programme.word("sessions")}
    )
    others = (
        _("Your first name.")
        if members_see_each_other(cycle)
        else _("Nothing. They are not told that you are part of it.")
    )
    return [mine, Sight(_("Other %(participants)s") % {"participants": participants}, others)]


def _team_sees(*, leads: bool) -> str:
    if leads:
        return _("Your name, e-mail address, groups, and the logs you write. Never your private reflections.")
    return _("Your name, e-mail address, note, group, and what you came to.")


def _named(what: str, names: list[str]) -> str:
    """The coordinator, Rhian Maddox; or The coordinator, Rhian Maddox and others."""
    if not names:
        return what
    if len(names) == 1:
        return _("%(what)s, %(name)s") % {"what": what, "name": names[0]}
    return _("%(what)s, %(name)s and others") % {"what": what, "name": names[0]}


def point_person(cycle: Cycle) -> Any:
    """The user to turn to: the point person, else the first coordinator; None where nobody coordinates."""
    rows = Membership.objects.active().filter(cycle=cycle, role=Role.COORDINATOR).select_related("user")
    first = rows.order_by("-is_point_person", "pk").first()
    return first.user if first else None


# --- one's own programmes ---------------------------------------------------------------------------------------------
def own_memberships(user: Any, *, now: datetime) -> QuerySet[Membership]:
    """All of a person's memberships with programme, `groups_now`, next session and place in the queue. Two queries."""
    groups = GroupMember.objects.filter(ended_at=None, group__ended_at=None).select_related("group").order_by("pk")
    rows = Membership.objects.filter(user=user).select_related("cycle__programme__activity_type")
    return (
        rows.prefetch_related(Prefetch("group_places", groups, to_attr="groups_now"))
        .annotate(
            next_session_id=Subquery(_coming_sessions(now).values("pk")[:1]),
            before_me=Coalesce(Subquery(_before_in_queue()), 0),
        )
        .order_by("-cycle__starts_on", "cycle__programme__name", "pk")
    )


def sessions_by_id(ids: list[int]) -> dict[int, Session]:
    """The sessions named by `own_memberships`, with group and programme."""
    return Session.objects.select_related("group", "cycle__programme__activity_type").in_bulk(ids)


def open_invitations_for(user: Any, *, now: datetime) -> list[Invitation]:
    """Invitations to any of the person's proven addresses that wait for an answer."""
    rows = sent_to(user, email=user.email or "", now=now).select_related(
        "cycle__programme__activity_type", "created_by"
    )
    return list(rows.order_by("-sent_at", "-pk")[:20])


def _coming_sessions(now: datetime) -> QuerySet[Session]:
    """Sessions the outer query's membership is expected at, earliest first: led, of their group, or of all."""
    mine = Q(leaders__membership=OuterRef("pk"))
    mine |= Q(group__members__membership=OuterRef("pk"), group__members__ended_at=None)
    mine |= Q(group=None, kind="session")
    coming = Session.objects.upcoming(now=now).filter(mine, cycle=OuterRef("cycle"))
    return coming.order_by("starts_at", "pk")


def _before_in_queue() -> QuerySet[Membership, Any]:
    """How many wait before the membership of the outer query. Nobody waits before somebody who does not wait."""
    ahead = Q(waiting_since__lt=OuterRef("waiting_since")) | Q(
        waiting_since=OuterRef("waiting_since"), pk__lt=OuterRef("pk")
    )
    queue = Membership.objects.filter(cycle=OuterRef("cycle"), role=Role.PARTICIPANT, status=MembershipStatus.WAITING)
    return queue.filter(ahead).order_by().values("cycle").annotate(count=Count("pk")).values("count")
