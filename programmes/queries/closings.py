"""Endings, closing answers and wishes for another match: as much of each as its reader may know."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from peerhub.common import dates
from peerhub.common.stages import URGENCY_LATE, URGENCY_NOW, Todo
from programmes.models import (
    ClosingAnswer,
    Cycle,
    Ending,
    Group,
    GroupMember,
    Membership,
    MembershipStatus,
    RematchRequest,
    RematchState,
    Role,
    Shape,
)

ANSWER_WITHIN = timedelta(days=3)
OFFERED = 100


# --- on a group's page ------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Closings:
    """What a group's page says of endings to one viewer. What they may not know is not here."""

    is_in: bool = False
    leads: bool = False
    own_wish: UUID | None = None
    wishes: list[RematchRequest] = field(default_factory=list)
    endings: list[Ending] = field(default_factory=list)
    answers: list[ClosingAnswer] = field(default_factory=list)


def closings_of(group: Group, viewer: Any, *, coordinates: bool) -> Closings:
    """One query for who is in the group, three more for who coordinates it."""
    own = _own_place(group, viewer)
    role, wish = own or ("", None)
    if not coordinates:
        return Closings(bool(own), role == Role.LEADER, wish)
    wishes = RematchRequest.objects.open().filter(place__group=group).select_related("place__membership__user")
    endings = Ending.objects.filter(group=group).select_related("given_by", "place__membership__user")
    answers = ClosingAnswer.objects.filter(place__group=group, answered_at__isnull=False)
    return Closings(
        bool(own),
        role == Role.LEADER,
        wish,
        list(wishes.order_by("asked_at", "pk")[:OFFERED]),
        list(endings.order_by("-at", "-pk")[:OFFERED]),
        list(answers.select_related("place__membership__user").order_by("answered_at", "pk")[:OFFERED]),
    )


def _own_place(group: Group, viewer: Any) -> tuple[str, UUID | None] | None:
    wish = RematchRequest.objects.open().filter(place=OuterRef("pk")).values("uuid")[:1]
    places = GroupMember.objects.filter(
        group=group, ended_at=None, membership__user=viewer, membership__status=MembershipStatus.ACTIVE
    )
    return places.values_list("membership__role", Subquery(wish)).order_by("pk").first()


# --- for who coordinates ----------------------------------------------------------------------------------------------
def open_wishes(cycle: Cycle) -> QuerySet[RematchRequest]:
    """Wishes that wait, of people who are still part of the cycle; the oldest first."""
    here = RematchRequest.objects.open().filter(
        place__group__cycle=cycle, place__membership__status=MembershipStatus.ACTIVE
    )
    return here.select_related("place__membership__user", "place__group").order_by("asked_at", "pk")


@dataclass(frozen=True)
class Offer:
    """A match somebody could be given: a group with room, or a person to make a new pair with."""

    value: str  # "group:<uuid>" or "with:<uuid>"
    name: str
    detail: str


def offers_for(wish: RematchRequest) -> list[Offer]:
    """Running groups with room for who asked, then people they could make a pair with. Two queries, at most 200."""
    asker, origin = wish.place.membership, wish.place.group
    found = [Offer(f"group:{one.uuid}", one.name, _detail(one)) for one in _with_room(origin, asker)]
    if origin.shape == Shape.PAIR:
        found += [
            Offer(f"with:{one.uuid}", _("A new pair with %(name)s") % {"name": one.user.display_name}, _busy(one))
            for one in _partners(origin, asker)
        ]
    return found


def _with_room(origin: Group, asker: Membership) -> list[Any]:
    running = Q(members__ended_at=None)
    leads, takes_part = (running & Q(members__membership__role=role) for role in (Role.LEADER, Role.PARTICIPANT))
    rows = Group.objects.active().filter(cycle=origin.cycle_id).exclude(pk=origin.pk)
    rows = rows.annotate(led=Count("members", filter=leads), taking_part=Count("members", filter=takes_part))
    if asker.role == Role.LEADER:
        rows = rows.filter(led=0)
    else:
        limited = Q(capacity__isnull=False, taking_part__lt=F("capacity"))
        free = Q(capacity=None) & (Q(shape=Shape.GROUP) | Q(taking_part=0))
        rows = rows.filter(limited | free, led__gt=0)
    inside = GroupMember.objects.filter(group=OuterRef("pk"), ended_at=None, membership__user=asker.user_id)
    return list(rows.exclude(Exists(inside)).order_by("taking_part", "name", "pk")[:OFFERED])


def _detail(group: Any) -> str:
    if not group.led:
        return _("nobody leads it yet")
    return ngettext("%(n)s takes part", "%(n)s take part", group.taking_part) % {"n": group.taking_part}


def _partners(origin: Group, asker: Membership) -> list[Any]:
    wanted = Role.LEADER if asker.role == Role.PARTICIPANT else Role.PARTICIPANT
    together = GroupMember.objects.filter(group=origin, membership=OuterRef("pk"))
    places = Count("group_places", filter=Q(group_places__ended_at=None, group_places__group__ended_at=None))
    rows = Membership.objects.active().filter(cycle=origin.cycle_id, role=wanted).exclude(user=asker.user_id)
    rows = rows.exclude(Exists(together)).annotate(busy=places).select_related("user")
    if wanted == Role.PARTICIPANT:
        rows = rows.filter(busy=0)
    return list(rows.order_by("busy", "user__family_name", "user__given_name", "pk")[:OFFERED])


def _busy(membership: Any) -> str:
    if not membership.busy:
        return _("in no group now")
    return ngettext("in %(n)s group now", "in %(n)s groups now", membership.busy) % {"n": membership.busy}


# --- what waits -------------------------------------------------------------------------------------------------------
def closing_todos(rows: Iterable[Mapping[str, Any]], now: datetime) -> list[Todo]:
    """Coordinator: wishes for another match, a line a cycle, from rows of `wishes_by_cycle`."""
    return [_todo(row, now) for row in rows]


def wishes_by_cycle(cycle_ids: Any) -> QuerySet[RematchRequest, Any]:
    """`cycle_id`, `of_code`, `of_slug`, `programme`, `n`, `oldest`: to be read along with others."""
    cycle = "place__group__cycle"
    wishes = RematchRequest.objects.filter(
        state=RematchState.OPEN, place__group__cycle__in=cycle_ids, place__membership__status=MembershipStatus.ACTIVE
    )
    named = wishes.order_by().values(
        cycle_id=F(f"{cycle}_id"),
        of_code=F(f"{cycle}__code"),
        of_slug=F(f"{cycle}__programme__slug"),
        programme=F(f"{cycle}__programme__name"),
    )
    return named.annotate(n=Count("pk"), oldest=Min("asked_at"))


def _todo(row: Mapping[str, Any], now: datetime) -> Todo:
    due_at = row["oldest"] + ANSWER_WITHIN
    title = ngettext("%(n)s person asks for another match", "%(n)s people ask for another match", row["n"])
    return Todo(
        title=title % row,
        url=reverse("programmes:rematch_list", args=[row["slug"], row["code"]]),
        due_at=due_at,
        urgency=URGENCY_LATE if due_at <= now else URGENCY_NOW,
        role="coordinator",
        detail=_("%(programme)s. The first asked %(ago)s.") % {**row, "ago": dates.ago(row["oldest"])},
        icon="arrow-left-right",
        cycle_id=row["cycle_id"],
        code="answer_rematches",
    )
