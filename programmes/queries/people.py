"""The people of a cycle, for those who run it: tabs with counts, lists, one person's page, the picker."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, F, Max, OuterRef, Prefetch, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from peerhub.accounts.models import ExternalId, User
from peerhub.common.models import AuditEvent
from programmes.models import (
    Attendance,
    AttendanceStatus,
    Cycle,
    Group,
    GroupMember,
    Invitation,
    Membership,
    MembershipStatus,
    Role,
    SessionLeader,
    SessionStatus,
)

PAGE = 50
PICKED = 10
SHORTEST = 2
NAMES = ("user__given_name", "user__family_name", "user__preferred_name", "user__email")
STAFF = (Role.COORDINATOR, Role.SUPERVISOR, Role.PARTNER)
S = MembershipStatus
ANSWERED = (S.ACTIVE, S.WAITING, S.OFFERED, S.DECLINED, S.DEFERRED)


@dataclass(frozen=True)
class Tab:
    """One tab of the people page: which rows it holds. `label` None: the programme's own word for `roles[0]`."""

    key: str
    label: str | Promise | None
    roles: tuple[str, ...]
    statuses: tuple[str, ...]


TABS = (
    Tab("requests", _("Requests"), tuple(Role.values), (S.REQUESTED,)),
    Tab("participants", None, (Role.PARTICIPANT,), (S.ACTIVE,)),
    Tab("leaders", None, (Role.LEADER,), (S.ACTIVE,)),
    Tab("waiting", _("Waiting list"), (Role.PARTICIPANT,), (S.OFFERED, S.WAITING)),
    Tab("team", _("Team"), STAFF, (S.ACTIVE,)),
    Tab("gone", _("Left or declined"), tuple(Role.values), (S.LEFT, S.REMOVED, S.DECLINED, S.DEFERRED)),
)


def tab_of(key: str, counts: dict[str, int]) -> Tab:
    """The tab asked for; without one, the requests while there are any, else those who take part."""
    wanted = key or ("requests" if counts["requests"] else "participants")
    return next((tab for tab in TABS if tab.key == wanted), TABS[1])


def tab_counts(cycle: Cycle) -> dict[str, int]:
    """How many rows each tab holds. One query."""
    numbers = {
        (role, status): count
        for role, status, count in Membership.objects.filter(cycle=cycle)
        .order_by()
        .values_list("role", "status")
        .annotate(count=Count("pk"))
    }
    return {
        tab.key: sum(numbers.get((role, status), 0) for role in tab.roles for status in tab.statuses) for tab in TABS
    }


def people_of(cycle: Cycle, tab: Tab, *, words: str = "", group: str = "") -> QuerySet[Membership]:
    """Rows of a tab, with user and `groups_now`. `words` must each be found; `group` is a uuid or "none"."""
    rows = Membership.objects.filter(cycle=cycle, role__in=tab.roles, status__in=tab.statuses).select_related("user")
    for word in words.split()[:6]:
        rows = rows.filter(_found(word))
    if group == "none":
        rows = rows.exclude(Exists(_running_places(OuterRef("pk"))))
    elif group:
        rows = rows.filter(group_places__group__uuid=group, group_places__ended_at=None)
    return _in_order(rows, tab).prefetch_related(Prefetch("group_places", _running_places(), to_attr="groups_now"))


def groups_to_filter_by(cycle: Cycle) -> list[tuple[str, str]]:
    """(uuid, name) of the running groups, at most 200."""
    rows = Group.objects.active().filter(cycle=cycle).order_by("name", "pk").values_list("uuid", "name")[:200]
    return [(str(uuid), name) for uuid, name in rows]


def _running_places(membership: Any = None) -> QuerySet[GroupMember]:
    rows = GroupMember.objects.filter(ended_at=None, group__ended_at=None).select_related("group").order_by("pk")
    return rows if membership is None else rows.filter(membership=membership)


def _found(word: str) -> Q:
    """Any part of the name or address, or the start of a number another system knows the person by."""
    found = Q(Exists(ExternalId.objects.filter(user=OuterRef("user"), value__istartswith=word)))
    for field in NAMES:
        found |= Q(**{f"{field}__icontains": word})
    return found


def _in_order(rows: QuerySet[Membership], tab: Tab) -> QuerySet[Membership]:
    if tab.key in {"requests", "waiting"}:
        return rows.order_by(
            "status" if tab.key == "waiting" else "role", F("waiting_since").asc(nulls_first=True), "pk"
        )
    if tab.key == "gone":
        return rows.order_by(F("ended_at").desc(nulls_last=True), "-pk")
    if tab.key == "team":
        return rows.order_by("-is_point_person", "role", "user__family_name", "user__given_name", "pk")
    return rows.order_by("user__family_name", "user__given_name", "pk")


def just_answered(cycle: Cycle, *, since: datetime) -> list[Membership]:
    """Requests answered since then, which can still be put back. Newest first, at most 50."""
    rows = Membership.objects.filter(cycle=cycle, decided_at__gte=since, status__in=ANSWERED).select_related("user")
    return list(rows.order_by("-decided_at", "-pk")[:PAGE])


# --- export -----------------------------------------------------------------------------------------------------------
EXPORT_HEADER = (
    _("Given name"),
    _("Family name"),
    _("Preferred name"),
    _("Pronouns"),
    _("E-mail"),
    _("Role"),
    _("Status"),
    _("Groups"),
    _("Joined"),
    _("Ended"),
)


def export_rows(cycle: Cycle, tab: Tab) -> Iterator[list[str]]:
    """A tab's rows for a CSV file, streamed in chunks. Private reasons and notes stay here."""
    for row in people_of(cycle, tab).iterator(chunk_size=500):
        user = row.user
        groups = "; ".join(place.group.name for place in getattr(row, "groups_now"))  # noqa: B009 - a prefetch
        dates = [moment.date().isoformat() if moment else "" for moment in (row.joined_at, row.ended_at)]
        yield [
            user.given_name,
            user.family_name,
            user.preferred_name,
            user.pronouns,
            user.email or "",
            str(Role(row.role).label),
            str(S(row.status).label),
            groups,
            *dates,
        ]


# --- one person -------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class PersonPage:
    """What those who run a cycle see of one member: nothing from other programmes."""

    membership: Membership
    others: list[Membership]
    places: list[GroupMember]
    attended: dict[str, int]
    last_seen: datetime | None
    led: dict[str, int]
    history: list[AuditEvent]

    @property
    def sessions(self) -> int:
        """Sessions with a mark."""
        return sum(self.attended.values())

    @property
    def came(self) -> int:
        return self.attended.get(AttendanceStatus.PRESENT, 0) + self.attended.get(AttendanceStatus.LATE, 0)


def person_page(membership: Membership, *, actions: list[str]) -> PersonPage:
    """Eight queries at most. Load user, cycle and decided_by with it; `actions` are those with a sentence."""
    others = Membership.objects.filter(cycle__programme=membership.cycle.programme, user=membership.user)
    places = GroupMember.objects.filter(membership=membership).select_related("group").order_by("-started_at", "-pk")
    marks = Attendance.objects.filter(membership=membership).order_by().values_list("status")
    seen = Attendance.objects.filter(membership=membership, status__in=["present", "late"])
    led = SessionLeader.objects.filter(membership=membership).order_by().values_list("session__status")
    events = AuditEvent.objects.about(membership).filter(action__in=actions).select_related("actor")
    return PersonPage(
        membership,
        list(others.exclude(pk=membership.pk).select_related("cycle").order_by("-cycle__starts_on", "role", "pk")[:20]),
        list(places[:20]),
        dict(marks.annotate(count=Count("pk"))),
        seen.aggregate(last=Max("session__starts_at"))["last"],
        dict(led.annotate(count=Count("pk"))) if membership.role == Role.LEADER else {},
        list(events[:30]),
    )


def led_so_far(led: dict[str, int]) -> int:
    """Sessions that took place, with or without anybody coming."""
    return led.get(SessionStatus.HELD, 0) + led.get(SessionStatus.NOBODY_CAME, 0)


# --- the picker -------------------------------------------------------------------------------------------------------
def pick_people(words: str) -> list[User]:
    """At most ten active people by name, address or number; nobody for fewer than two characters.

    Only for those who may add people: who asks is checked where this is called.
    """
    words = " ".join(words.split())
    if len(words) < SHORTEST:
        return []
    rows = User.objects.active()
    for word in words.split()[:4]:
        known = ExternalId.objects.filter(user=OuterRef("pk"), value__istartswith=word)
        rows = rows.filter(
            Q(given_name__istartswith=word)
            | Q(family_name__istartswith=word)
            | Q(preferred_name__istartswith=word)
            | Q(email__istartswith=word)
            | Exists(known)
        )
    return list(rows.order_by("family_name", "given_name", "pk")[:PICKED])


def roles_of_picked(cycle: Cycle, people: list[User]) -> dict[int, list[str]]:
    """What the people found already are in this cycle: user key to roles."""
    found: dict[int, list[str]] = {}
    rows = Membership.objects.active().filter(cycle=cycle, user__in=people)
    for user_id, role in rows.order_by("pk").values_list("user_id", "role"):
        found.setdefault(user_id, []).append(role)
    return found


def open_invitation_count(cycle: Cycle, *, now: datetime) -> int:
    """For the line that leads to the invitations."""
    return Invitation.objects.open(now=now).filter(cycle=cycle).count()
