"""Requests for cover as pages and to-do lists show them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from peerhub.common import dates
from peerhub.common.stages import URGENCY_NOW, URGENCY_SOON, Todo
from peerhub.common.statements import compiled
from programmes.models import CoverRequest, Membership, Role, Session, SessionLeader
from programmes.permissions import current_roles
from programmes.queries.delivery_todos import SOON
from programmes.queries.naming import place_of, session_title

RELATED = (
    "session__cycle__programme__activity_type",
    "session__cycle__programme__owner_unit",
    "session__group",
    "asked_by__user",
    "taken_by__user",
)
WORD = "session__cycle__programme"


def cover_or_none(user: Any, uuid: UUID) -> CoverRequest | None:
    """A request `user` may know exists, with what its page needs."""
    return CoverRequest.objects.visible_to(user).select_related(*RELATED).filter(uuid=uuid).first()


def covers_of(session: Session, *, now: datetime) -> list[CoverRequest]:
    """Open requests for one session, for those who run it. One query."""
    return list(_open(session=session, now=now))


@compiled
def _open(*, session: Session, now: datetime) -> QuerySet[CoverRequest, CoverRequest]:
    wanted = CoverRequest.objects.wanted(now=now).filter(session=session)
    return wanted.select_related("asked_by__user").order_by("pk")


def cover_todos(user: Any, now: datetime) -> list[Todo]:
    """Whoever leads is asked to cover, whoever coordinates sees what is uncovered. One query, for those two only."""
    roles = current_roles(user)
    leads, runs = roles.get(Role.LEADER, set()), roles.get(Role.COORDINATOR, set())
    if not leads | runs:
        return []
    found = _wanted(cycle_ids=leads | runs, user=user, now=now)
    asked = [_to_take(one) for one in found if one.session.cycle_id in leads and not one.is_mine]  # type: ignore[attr-defined]
    open_ones: dict[int, list[CoverRequest]] = {}
    for one in found:
        if one.session.cycle_id in runs:
            open_ones.setdefault(one.session.cycle_id, []).append(one)
    return [*asked, *(_uncovered(rows, now) for rows in open_ones.values())]


@compiled
def _wanted(*, cycle_ids: set[int], user: Any, now: datetime) -> QuerySet[CoverRequest, CoverRequest]:
    leads = SessionLeader.objects.filter(session=OuterRef("session"), membership__user=user)
    asked = Membership.objects.filter(pk=OuterRef("asked_by"), user=user)
    return (
        CoverRequest.objects.wanted(now=now)
        .filter(session__cycle__in=cycle_ids)
        .annotate(
            is_mine=Exists(leads) | Exists(asked),
            one=Coalesce(NullIf(f"{WORD}__session_word", Value("")), f"{WORD}__activity_type__session_word"),
            many=Coalesce(NullIf(f"{WORD}__sessions_word", Value("")), f"{WORD}__activity_type__sessions_word"),
            starts_at=F("session__starts_at"),
        )
        .select_related("session__cycle__programme__activity_type", "session__group", "asked_by__user")
        .order_by("session__starts_at", "pk")[:40]
    )


def _to_take(request: CoverRequest) -> Todo:
    session = request.session
    words = {"title": session_title(session), "who": request.asked_by.user.display_name}
    where = ", ".join(filter(None, (dates.when(session.starts_at), place_of(session))))
    return Todo(
        title=_("Can you lead %(title)s?") % words,
        url=reverse("programmes:cover_detail", args=[request.uuid]),
        due_at=session.starts_at,
        urgency=URGENCY_SOON,
        role="leader",
        detail=_("%(where)s. %(who)s cannot run it.") % {**words, "where": where},
        icon="person-raised-hand",
        cycle_id=session.cycle_id,
        code="cover_wanted",
    )


def _uncovered(rows: list[Any], now: datetime) -> Todo:
    first, n = rows[0], len(rows)
    programme = first.session.cycle.programme
    words = {"n": n, "one": first.one, "many": first.many, "programme": programme.name}
    when = dates.when(first.starts_at)
    return Todo(
        title=ngettext("%(n)s %(one)s wants cover", "%(n)s %(many)s want cover", n) % words,
        url=f"{reverse('programmes:session_list', args=[programme.slug, first.session.cycle.code])}?show=uncovered",
        due_at=first.starts_at,
        urgency=URGENCY_NOW if first.starts_at <= now + SOON else URGENCY_SOON,
        role="coordinator",
        detail=_("%(programme)s. The first of them: %(when)s.") % {**words, "when": when},
        icon="person-exclamation",
        cycle_id=first.session.cycle_id,
        code="cover_missing",
    )
