"""A leader cannot run a session: the others are asked, and the first who takes it leads it."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from peerhub.common import audit, mail, stages
from peerhub.common.errors import DomainError
from peerhub.common.mail.outbox import BOTH
from peerhub.common.once import spend
from programmes.models import (
    CoverRequest,
    CoverState,
    CycleState,
    Membership,
    MembershipStatus,
    Role,
    Session,
    SessionKind,
    SessionLeader,
    SessionStatus,
)
from programmes.services.leader_hours import refuse_too_many_hours
from programmes.services.leader_news import tell_leaders_changed


class CoverRefused(DomainError):
    """Codes: closed, over, not_leading, not_yours, taken, withdrawn, already_leads, not_cleared."""


@transaction.atomic(durable=True)
def ask_cover(*, actor: Any, session_id: int, reason: str, key: UUID | None, now: datetime) -> CoverRequest:
    """Somebody who leads a session to come cannot run it. Everybody else who leads in the cycle and is cleared to is
    asked; the coordinators hear of it. They still lead it until somebody takes it. Again changes nothing.
    """
    spend(user=actor, key=key, now=now)
    session = _locked(session_id)
    _refuse_over(session, now)
    me = Membership.objects.active().filter(led_sessions__session=session, user=actor, role=Role.LEADER).first()
    if me is None:
        raise CoverRefused("not_leading", _("You do not lead this."))
    request, is_new = CoverRequest.objects.get_or_create(
        session=session, asked_by=me, state=CoverState.OPEN, defaults={"reason": reason.strip(), "asked_at": now}
    )
    if not is_new:
        return request
    _tell("cover_wanted", request, _who_could(session, now), now)
    _tell("cover_asked", request, _coordinators(session) - {actor.pk}, now)
    _record(actor, "cover_asked", session, now)
    return request


@transaction.atomic(durable=True)
def take_cover(*, actor: Any, request_id: int, now: datetime) -> CoverRequest:
    """The first who takes it leads this one session in place of whoever asked. Again changes nothing.

    Refuses with `CoverRefused`: `taken` (somebody was quicker), `withdrawn`, `over`, `closed`, `not_yours` (does not
    lead in this cycle), `already_leads`, `not_cleared`; with `TooManyHours`.
    """
    # The session's row is what everybody waits for: whoever comes second sees that it is taken.
    session = _locked(CoverRequest.objects.values_list("session_id", flat=True).get(pk=request_id))
    request = CoverRequest.objects.select_related("asked_by").get(pk=request_id)
    me = Membership.objects.active().filter(cycle=session.cycle_id, user=actor, role=Role.LEADER).first()
    if me is None:
        raise CoverRefused("not_yours", _("Only those who lead in this programme can take it."))
    if request.state == CoverState.TAKEN and request.taken_by_id == me.pk:
        return request
    _refuse_settled(request)
    _refuse_over(session, now)
    if session.leaders.filter(membership=me).exists():
        raise CoverRefused("already_leads", _("You lead this already."))
    if blockers := stages.clearance([me.pk], now)[me.pk]:
        raise CoverRefused("not_cleared", blockers[0].public_reason)
    refuse_too_many_hours(session.cycle, [(session.starts_at, session.ends_at, [me.user_id])])
    session.leaders.filter(membership=request.asked_by).delete()
    SessionLeader.objects.create(session=session, membership=me)
    session.has_own_leaders = True
    session.save(update_fields=["has_own_leaders", *session.revise(now=now)])
    request.state, request.taken_by, request.closed_at = CoverState.TAKEN, me, now
    request.save(update_fields=["state", "taken_by", "closed_at"])
    _tell("cover_taken", request, {request.asked_by.user_id} - {actor.pk}, now)
    _tell("cover_found", request, _coordinators(session) - {actor.pk}, now, channels=("inapp",))
    tell_leaders_changed(session, new=(), gone=(), participants=True, now=now)
    _record(actor, "cover_taken", session, now)
    return request


@transaction.atomic(durable=True)
def withdraw_cover(*, actor: Any, request_id: int, now: datetime) -> CoverRequest:
    """Whoever asked can run it after all. Again changes nothing. Refuses with `taken` once somebody has it."""
    session = _locked(CoverRequest.objects.values_list("session_id", flat=True).get(pk=request_id))
    request = CoverRequest.objects.select_related("asked_by").get(pk=request_id)
    if request.asked_by.user_id != actor.pk:
        raise CoverRefused("not_yours", _("Only whoever asked can take it back."))
    if request.state == CoverState.WITHDRAWN:
        return request
    _refuse_settled(request)
    request.state, request.closed_at = CoverState.WITHDRAWN, now
    request.save(update_fields=["state", "closed_at"])
    _record(actor, "cover_withdrawn", session, now)
    return request


def settle_covers(session_ids: Collection[int], *, now: datetime) -> None:
    """A step of naming other leaders: what was asked by somebody who does not lead it any more is settled."""
    leads = SessionLeader.objects.filter(session=OuterRef("session"), membership=OuterRef("asked_by"))
    asked = CoverRequest.objects.filter(~Exists(leads), session__anyof=list(session_ids), state=CoverState.OPEN)
    asked.update(state=CoverState.SETTLED, closed_at=now)


# --- steps ---------------------------------------------------------------------------------------
def _locked(session_id: int) -> Session:
    return (
        Session.objects.select_for_update(of=("self",))
        .select_related("cycle")
        .get(pk=session_id, kind=SessionKind.SESSION)
    )


def _refuse_over(session: Session, now: datetime) -> None:
    if session.cycle.state == CycleState.CLOSED:
        raise CoverRefused("closed", _("This cycle is closed; what happened in it stays as it is."))
    if session.status != SessionStatus.PLANNED or session.starts_at <= now:
        raise CoverRefused("over", _("It has begun, or was called off. Speak to the coordinator."))


def _refuse_settled(request: CoverRequest) -> None:
    if request.state == CoverState.WITHDRAWN:
        raise CoverRefused("withdrawn", _("Cover is not needed any more. Thank you for offering."))
    if request.state != CoverState.OPEN:
        raise CoverRefused("taken", _("Somebody else has it already."))


def _who_could(session: Session, now: datetime) -> set[int]:
    """Users who lead in the cycle, are cleared to, and do not lead this one."""
    leads = SessionLeader.objects.filter(session=session, membership=OuterRef("pk"))
    others = Membership.objects.active().filter(~Exists(leads), cycle=session.cycle_id, role=Role.LEADER)
    users = dict(others.values_list("pk", "user_id"))
    return {users[pk] for pk, blockers in stages.clearance(sorted(users), now).items() if not blockers}


def _coordinators(session: Session) -> set[int]:
    found = Membership.objects.filter(cycle=session.cycle_id, role=Role.COORDINATOR, status=MembershipStatus.ACTIVE)
    return set(found.values_list("user_id", flat=True))


def _tell(
    kind: str, request: CoverRequest, user_ids: Collection[int], now: datetime, channels: tuple[str, ...] = BOTH
) -> None:
    about = {"cover": request.pk, "session": request.session_id, "cycle": request.asked_by.cycle_id}
    entries = [
        mail.Entry(f"programmes.{kind}", pk, f"{kind}:{request.pk}:{pk}", about, channels=channels)
        for pk in sorted(user_ids)
    ]
    mail.queue_many(entries, now=now)


def _record(actor: Any, action: str, session: Session, now: datetime) -> None:
    audit.record(actor=actor, action=f"programmes.{action}", target=session, cycle_id=session.cycle_id, now=now)
