"""Whose code is it? Sessions a code is compared with, and how many are in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.crypto import constant_time_compare

from peerhub.common.statements import compiled, first
from programmes.models import (
    CheckIn,
    Membership,
    Mode,
    Role,
    Session,
    SessionKind,
    SessionLeader,
    SessionStatus,
)
from programmes.models.check_ins import (
    ALPHABET,
    CLOSES_AFTER,
    CODE_LENGTH,
    OPENS_BEFORE,
    code_of,
    has_check_in,
    is_time_for_check_in,
)
from programmes.queries.expected import expected_user_ids

NEAR = timedelta(hours=24)
ACCEPTED = (0, 1)  # half minutes back: the present code and the one before
REMEMBERED = 20  # half minutes: ten minutes long a code is called old instead of wrong


@dataclass(frozen=True, slots=True)
class Match:
    """The session a code belongs to. `is_fresh`: the code is the present one or the one before."""

    session: Session
    is_fresh: bool


def plain_code(text: str) -> str:
    """A code as we make it: capitals, without the spaces and hyphens people put between; "" for what cannot be one."""
    code = "".join(text.split()).replace("-", "").upper()[: CODE_LENGTH + 1]
    return code if len(code) == CODE_LENGTH and set(code) <= set(ALPHABET) else ""


def sessions_near(user: Any, *, moment: datetime) -> list[Session]:
    """Sessions of cycles `user` has any place in, a day around `moment`, for `match_code`. One query."""
    return _near(user=user, after=moment - NEAR, before=moment + NEAR)


@compiled
def _near(*, user: Any, after: datetime, before: datetime) -> QuerySet[Session, Session]:
    places = Membership.objects.filter(user=user)
    mine = places.filter(cycle=OuterRef("cycle"), role=Role.PARTICIPANT)
    leads = SessionLeader.objects.filter(session=OuterRef("pk"), membership__user=user)
    return (
        Session.objects.filter(cycle__in=places.values("cycle"), starts_at__gt=after, starts_at__lt=before)
        .annotate(
            place_id=Subquery(mine.values("pk")[:1]),
            place_status=Subquery(mine.values("status")[:1]),
            is_leader=Exists(leads),
        )
        .select_related("cycle__programme__activity_type", "group")
        .order_by("starts_at", "pk")
    )


def match_code(code: str, sessions: list[Session], *, moment: datetime) -> Match | None:
    """The one of `sessions` that shows this code at `moment`, or showed it in the ten minutes before."""
    able = [one for one in sessions if has_check_in(one)]
    for back in ACCEPTED:
        for one in able:
            if constant_time_compare(code, code_of(one.uuid, moment, back=back)):
                return Match(one, is_fresh=True)
    for one in able:
        if is_time_for_check_in(one, now=moment):
            for back in range(len(ACCEPTED), REMEMBERED):
                if constant_time_compare(code, code_of(one.uuid, moment, back=back)):
                    return Match(one, is_fresh=False)
    return None


def session_elsewhere(code: str, *, moment: datetime) -> Session | None:
    """The session, of any programme, that shows this code now. Two queries at most, and only for strangers to it."""
    candidates = _on_now(after=moment - NEAR, opened=moment + OPENS_BEFORE, open_until=moment - CLOSES_AFTER)
    for pk, key in candidates:
        if any(constant_time_compare(code, code_of(key, moment, back=back)) for back in ACCEPTED):
            return Session.objects.select_related("cycle__programme__activity_type", "group").get(pk=pk)
    return None


@compiled
def _on_now(*, after: datetime, opened: datetime, open_until: datetime) -> QuerySet[Session, tuple[int, UUID]]:
    return Session.objects.filter(
        ~Q(mode=Mode.ASYNC),
        kind=SessionKind.SESSION,
        status=SessionStatus.PLANNED,
        starts_at__gt=after,
        starts_at__lte=opened,
        ends_at__gt=open_until,
    ).values_list("pk", "uuid")


@dataclass(frozen=True, slots=True)
class InNow:
    """How many are in, and how many are expected; `expected` is None where anyone may come."""

    count: int
    expected: int | None


def in_now(session: Session) -> InNow:
    """Counts for the screen in the room: never names. Two queries."""
    counted = first(_counted(session=session)) or 0
    expected = len(expected_user_ids([session])[session.pk])
    return InNow(counted, expected if expected or session.group_id else None)


@compiled
def _counted(*, session: Session) -> QuerySet[CheckIn, int]:
    rows = CheckIn.objects.filter(session=session, is_same_device=False).order_by().values("session")
    return rows.annotate(n=Count("pk")).values_list("n", flat=True)


def own_check_in(user: Any, session_uuid: UUID) -> CheckIn | None:
    """The person's own check-in that counts, with its session; None where there is none."""
    rows = CheckIn.objects.filter(session__uuid=session_uuid, membership__user=user, is_same_device=False)
    return rows.select_related("session__cycle__programme__activity_type", "session__group").first()


def is_in(user: Any) -> Any:
    """For a queryset of sessions: whether `user` has checked in to each."""
    rows = CheckIn.objects.filter(session=OuterRef("pk"), membership__user=user, is_same_device=False)
    return Exists(rows)
