"""Requests for cover as pages and to-do lists show them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from peerhub.common import dates
from peerhub.common.stages import URGENCY_SOON, Todo
from peerhub.common.statements import compiled
from programmes.models import CoverRequest, Membership, Role, Session, SessionLeader
from programmes.permissions import current_roles
from programmes.queries.naming import place_of, session_title

RELATED = (
    "session__cycle__programme__activity_type",
    "session__cycle__programme__owner_unit",
    "session__group",
    "asked_by__user",
    "taken_by__user",
)
LISTED = 20


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
    """Whoever leads is asked to cover what they do not lead. One query, for them only; what is uncovered, the
    coordinators see with the sessions in need (delivery_todos).
    """
    leads = current_roles(user).get(Role.LEADER, set())
    return [_to_take(one) for one in _wanted(cycle_ids=leads, user=user, now=now)] if leads else []


@compiled
def _wanted(*, cycle_ids: set[int], user: Any, now: datetime) -> QuerySet[CoverRequest, CoverRequest]:
    leads = SessionLeader.objects.filter(session=OuterRef("session"), membership__user=user)
    asked = Membership.objects.filter(pk=OuterRef("asked_by"), user=user)
    return (
        CoverRequest.objects.wanted(now=now)
        .filter(~Exists(leads), ~Exists(asked), session__cycle__in=cycle_ids)
        .select_related("session__cycle__programme__activity_type", "session__group", "asked_by__user")
        .order_by("session__starts_at", "pk")[:LISTED]
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
