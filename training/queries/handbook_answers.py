"""What handbooks answer the rest of the house: what is to be read, what is held on a person. Who is
not cleared is in clearance.py.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import DateField, DateTimeField, Exists, Max, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peerhub.common import clock
from peerhub.common.stages import URGENCY_LATE, URGENCY_SOON, Holding, Todo
from peerhub.common.statements import compiled
from programmes.models import GroupMember, Membership, MembershipStatus, Role
from programmes.permissions import current_roles
from programmes.queries.home_roles import waits_at
from training.models import BriefingGiven, HandbookAcknowledgement, HandbookVersion, Reader
from training.models.handbooks import ROLES_OF
from training.queries.staff_waits import READS, staff_waits

HOME_OF = {Reader.LEADER: "leader", Reader.PARTICIPANT: "student"}  # staff: wherever they find what waits
ROLE_OF = {Reader.LEADER: Role.LEADER, Reader.PARTICIPANT: Role.PARTICIPANT}  # the others are staff
READER_OF = {role: reader for reader, role in ROLE_OF.items()}


# --- what waits for a person ----------------------------------------------------------------------
def handbook_todos(user: Any, now: datetime) -> list[Todo]:
    """Documents whose newest major version this person has not acknowledged. One query, none without a role."""
    cycles = _reads_in(user)
    if not cycles:
        return []
    found: dict[int, Todo] = {}
    for row in _to_read(user=user, cycle_ids=sorted(set().union(*cycles.values()))):
        reader = row["handbook__reader"]
        if row["major"] > row["read"] and row["cycle"] in cycles.get(reader, ()):
            home = HOME_OF.get(Reader(reader)) or waits_at(user)
            found[row["handbook_id"]] = _todo(row, home, now)  # the newest comes last
    return list(found.values())


def _reads_in(user: Any) -> dict[str, set[int]]:
    """For whom a document is to the cycles in which this person is one of them."""
    roles = current_roles(user)
    found = {reader: set().union(*(roles.get(role, set()) for role in of)) for reader, of in ROLES_OF.items()}
    if found[Reader.STAFF] and READS not in staff_waits(user):
        found[Reader.STAFF] = set()
    return {reader: cycles for reader, cycles in found.items() if cycles}


@compiled
def _to_read(*, user: Any, cycle_ids: list[int]) -> QuerySet[Any, Any]:
    """Every major version of the documents of these cycles, with the newest one `read` of each by the person. Briefings
    that were given to them are done.
    """
    mine = HandbookAcknowledgement.objects.filter(user=user, version__handbook=OuterRef("handbook"))
    rows = HandbookVersion.objects.filter(minor=0, published_at__isnull=False, handbook__cycle__in=cycle_ids)
    given = BriefingGiven.objects.filter(version__handbook=OuterRef("handbook")).filter(
        Q(group=None) | Q(group__members__membership__user=user, group__members__ended_at=None)
    )
    rows = rows.exclude(Exists(given))
    return (
        rows.annotate(read=Coalesce(Subquery(mine.order_by("-version__major").values("version__major")[:1]), 0))
        .order_by("handbook", "major")
        .values(
            "handbook_id", "handbook__reader", "handbook__kind", "handbook__title", "handbook__uuid", "major", "due_on",
            "read", "handbook__cycle__programme__name", "handbook__cycle__time_zone", cycle=Max("handbook__cycle_id"),
        )
    )  # fmt: skip


def _todo(row: dict[str, Any], home: str, now: datetime) -> Todo:
    due, zone = row["due_on"], row["handbook__cycle__time_zone"]
    is_new = row["read"] == 0
    is_late = bool(due and not is_new and clock.local(now, zone).date() > due)
    words = {"title": row["handbook__title"], "programme": row["handbook__cycle__programme__name"]}
    if is_new:
        detail = _("%(programme)s. Read it and say that you have.") % words
    else:
        detail = _("%(programme)s. There is a new version; what is different is marked.") % words
    return Todo(
        title=_("Read “%(title)s”") % words,
        url=reverse("training:handbook_read", args=[row["handbook__uuid"]]),
        due_at=_end_of(due, zone) if due and not is_new else None,
        urgency=URGENCY_LATE if is_late else URGENCY_SOON,
        role=home,
        detail=detail,
        icon="book",
        cycle_id=row["cycle"],
        code="handbook_to_read",
    )


def _end_of(day: date, zone: str) -> datetime:
    return datetime.combine(day + timedelta(days=1), time.min, ZoneInfo(zone)).astimezone(UTC) - timedelta(minutes=1)


# --- what is held on a person ---------------------------------------------------------------------
def handbook_holdings(user: Any) -> list[Holding]:
    """Which versions the person acknowledged, and briefings that were given to groups they are in or to everybody of
    their role. One query.
    """
    read: list[dict[str, Any]] = []
    given: list[dict[str, Any]] = []
    for programme, code, title, major, minor, at, on in _held(user):
        row = {"programme": programme, "cycle": code, "title": title}
        if on is None:
            read.append(row | {"version": f"{major}.{minor}", "at": at.isoformat(timespec="seconds")})
        else:
            given.append(row | {"on": on.isoformat()})
    return [
        Holding(
            gettext_lazy("Handbooks and agreements you acknowledged"),
            gettext_lazy("So that nobody is asked to meet students before they have read what is expected of them."),
            gettext_lazy("As long as the programme’s records are kept, or until your account is erased."),
            sorted(read, key=lambda row: str(row["at"])),
        ),
        Holding(
            gettext_lazy("Briefings you were given"),
            gettext_lazy("So that everybody knows what a programme is for before it begins."),
            gettext_lazy("As long as the programme’s records are kept."),
            sorted(given, key=lambda row: str(row["on"])),
        ),
    ]


def _held(user: Any) -> Iterable[tuple[Any, ...]]:
    names = [f"version__handbook__{name}" for name in ("cycle__programme__name", "cycle__code", "title")]
    numbers = ("version__major", "version__minor")
    mine = Q()
    for role in Role.values:
        cycles = Membership.objects.filter(user=user, role=role, status=MembershipStatus.ACTIVE).values("cycle")
        reader = READER_OF.get(Role(role), Reader.STAFF)
        mine |= Q(version__handbook__reader=reader, version__handbook__cycle__in=cycles)
    groups = GroupMember.objects.filter(membership__user=user, ended_at=None).values("group")
    briefed = BriefingGiven.objects.filter(Q(group=None) | Q(group__in=groups), mine).order_by()
    read = HandbookAcknowledgement.objects.filter(user=user).order_by()
    return read.values_list(*names, *numbers, "at", Cast(Value(None), DateField())).union(
        briefed.values_list(*names, *numbers, Cast(Value(None), DateTimeField()), "on"), all=True
    )
