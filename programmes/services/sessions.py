"""Planning sessions: one by one, on the spot, moved, called off. Those concerned are told through the outbox."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from peerhub.common import audit, clock, mail, stages
from peerhub.common.errors import DomainError
from peerhub.common.once import spend
from programmes.models import (
    Cycle,
    CycleState,
    Group,
    Membership,
    MembershipStatus,
    Mode,
    Role,
    Session,
    SessionKind,
    SessionLeader,
    SessionStatus,
)
from programmes.queries.expected import expected_user_ids, leader_user_ids, waiting_user_ids
from programmes.services.booking_pauses import hold_late, recount_late
from programmes.services.cover import settle_covers
from programmes.services.leader_hours import refuse_too_many_hours
from programmes.services.leader_news import tell_leaders_changed
from programmes.services.seats import follow_session, locked_session, renew_offers

LONGEST = timedelta(hours=24)
AD_HOC_MINUTES = 60


class PlanRefused(DomainError):
    """Codes: closed, outside_cycle, too_long, ends_before_start, no_leader, not_cleared, wrong_group,
    not_your_group.
    """


class ChangeRefused(DomainError):
    """Codes: closed, logged, cancelled, started, no_reason, booked (people have seats: it cannot be a group's now)."""


@dataclass(frozen=True)
class Plan:
    """What a session will be. `group` and `leaders` are rows of the same cycle; instants are UTC."""

    starts_at: datetime
    ends_at: datetime
    group: Group | None
    leaders: Sequence[Membership]
    mode: str = Mode.IN_PERSON
    place: str = ""
    link: str = ""
    title: str = ""
    capacity: int | None = None


@transaction.atomic(durable=True)
def plan_session(*, actor: Any, cycle: Cycle, plan: Plan, key: UUID | None, now: datetime) -> Session:
    """Put one session in the calendar. Refuses with `PlanRefused`, `TooManyHours`, or
    `Repeated` for the same form sent twice.
    """
    spend(user=actor, key=key, now=now)
    _refuse_plan(actor, cycle, plan, now)
    _refuse_hours(cycle, plan)
    session = _create(actor, cycle, plan, is_ad_hoc=False, now=now)
    audit.record(actor=actor, action="programmes.session_planned", target=session, cycle_id=cycle.pk, now=now)
    return session


@transaction.atomic(durable=True)
def start_session_now(*, actor: Any, cycle: Cycle, group: Group | None, key: UUID | None, now: datetime) -> Session:
    """A leader is with people already: a session from now, led by them, to be logged at once."""
    spend(user=actor, key=key, now=now)
    me = Membership.objects.active().filter(cycle=cycle, user=actor, role=Role.LEADER).first()
    if me is None:
        raise PlanRefused("no_leader", _("Only someone who leads in this programme can start a session."))
    starts_at = now.replace(second=0, microsecond=0)
    plan = Plan(
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=AD_HOC_MINUTES),
        group=group,
        leaders=[me],
        place=group.place if group else "",
    )
    _refuse_plan(actor, cycle, plan, now)
    session = _create(actor, cycle, plan, is_ad_hoc=True, now=now)
    audit.record(actor=actor, action="programmes.session_started", target=session, cycle_id=cycle.pk, now=now)
    return session


@transaction.atomic(durable=True)
def change_session(*, actor: Any, session_id: int, plan: Plan, now: datetime) -> Session:
    """Move a session, or change its place, leaders or words. People are told when time, place, link or mode change,
    leaders when they lead it now or no more.

    Refuses with `PlanRefused` and `TooManyHours` as planning does, with `ChangeRefused` once it is logged or
    called off.
    """
    session = _locked(session_id)
    _refuse_change(session)
    _refuse_plan(actor, session.cycle, plan, now)
    _refuse_booked(session, plan)
    _refuse_hours(session.cycle, plan, session.pk)
    before = (session.starts_at, session.ends_at, session.place, session.link, session.mode)
    told = _people_of(session)
    own = _made_its_own(session, plan)
    for name in ("starts_at", "ends_at", "group", "mode", "place", "link", "title", "capacity"):
        setattr(session, name, getattr(plan, name))
    is_moved = before != (session.starts_at, session.ends_at, session.place, session.link, session.mode)
    fields = ["starts_at", "ends_at", "group", "mode", "place", "link", "title", "capacity"]
    if is_moved:
        session.moved_at = now
        fields += ["moved_at", *session.revise(now=now)]
    leading = leader_user_ids([session])[session.pk]
    _set_leaders(session, plan.leaders)
    new = {one.user_id for one in plan.leaders} - leading
    gone = leading - {one.user_id for one in plan.leaders}
    if (new or gone) and not is_moved:
        fields += session.revise(now=now)  # calendars name who leads
    session.save(update_fields=[*fields, *own])
    settle_covers([session.pk], now=now)
    if session.group_id is None:
        follow_session(session, now=now)
    if session.ends_at > now:
        if is_moved:
            _tell("programmes.session_moved", session, (told | _people_of(session)) - gone - {actor.pk}, now)
        tell_leaders_changed(
            session, new=new - {actor.pk}, gone=gone - {actor.pk}, participants=bool(new) and not is_moved, now=now
        )
    detail = {"moved": is_moved, "starts_at": session.starts_at.isoformat()}
    action, cycle_id = "programmes.session_changed", session.cycle_id
    audit.record(actor=actor, action=action, target=session, cycle_id=cycle_id, detail=detail, now=now)
    return session


@transaction.atomic(durable=True)
def cancel_session(*, actor: Any, session_id: int, reason: str, now: datetime) -> Session:
    """Call a session off; those expected and its leaders are told why. Again changes nothing.

    Refuses with `ChangeRefused`: `started` (log "did not happen" instead), `logged`, `closed`, `no_reason`.
    """
    session = _locked(session_id)
    if session.status == SessionStatus.CANCELLED:
        return session
    _refuse_change(session)
    if session.starts_at <= now:
        raise ChangeRefused("started", _("It has started. Log that it did not happen instead."))
    if not reason.strip():
        raise ChangeRefused("no_reason", _("Say in a few words why it is called off."))
    told = _people_of(session)
    session.status, session.status_note = SessionStatus.CANCELLED, reason.strip()
    session.save(update_fields=["status", "status_note", *session.revise(now=now)])
    if session.group_id is None:
        recount_late([session.pk], is_off=True, now=now)
    _tell("programmes.session_cancelled", session, told - {actor.pk}, now)
    audit.record(actor=actor, action="programmes.session_cancelled", target=session, cycle_id=session.cycle_id, now=now)
    return session


@transaction.atomic(durable=True)
def restore_session(*, actor: Any, session_id: int, now: datetime) -> Session:
    """Put a session back that was called off, as it was; everybody concerned is told. Again changes nothing.

    Refuses with `ChangeRefused` (`closed`, `logged`, `started`: its time has come), and with `PlanRefused` where it
    could not be planned so today: its group ended, a leader of it may not lead.
    """
    hold_late([session_id])
    session = _locked(session_id)
    if session.status == SessionStatus.PLANNED:
        return session
    if session.status != SessionStatus.CANCELLED:
        raise ChangeRefused("logged", _("This has been logged. Correct the log instead."))
    if session.starts_at <= now:
        raise ChangeRefused("started", _("Its time has passed. Plan a new one."))
    # A group ends only without planned sessions, so it is held until this one is planned again.
    group = Group.objects.select_for_update().filter(pk=session.group_id).first()
    leaders = [one.membership for one in session.leaders.select_related("membership")]
    away = [one for one in leaders if one.status != MembershipStatus.ACTIVE]
    if away:
        raise PlanRefused("no_leader", _("Who led it has left. Plan a new one."))
    again = Plan(session.starts_at, session.ends_at, group, leaders, mode=session.mode)
    _refuse_plan(actor, session.cycle, again, now)
    session.status, session.status_note, session.stop = SessionStatus.PLANNED, "", None
    session.save(update_fields=["status", "status_note", "stop", *session.revise(now=now)])
    if session.group_id is None:
        recount_late([session.pk], is_off=False, now=now)
        renew_offers([session.pk], now=now)
    _tell("programmes.session_restored", session, _people_of(session) - {actor.pk}, now)
    audit.record(actor=actor, action="programmes.session_restored", target=session, cycle_id=session.cycle_id, now=now)
    return session


def _locked(session_id: int) -> Session:
    session = locked_session(session_id)
    if session.kind != SessionKind.SESSION:
        raise Session.DoesNotExist
    return session


def _refuse_booked(session: Session, plan: Plan) -> None:
    """A session somebody booked stays open to all: a group's has its own people, and their own time has no seats."""
    if (plan.group or plan.mode == Mode.ASYNC) and session.bookings.live().exists():  # type: ignore[attr-defined]
        raise ChangeRefused(
            "booked", _("People have booked seats in this. Call it off, so that they hear of it, and plan another.")
        )


def _refuse_change(session: Session) -> None:
    if session.cycle.state == CycleState.CLOSED:
        raise ChangeRefused("closed", _("This cycle is closed; what happened in it stays as it is."))
    if session.status == SessionStatus.CANCELLED:
        raise ChangeRefused("cancelled", _("This was called off."))
    if session.status != SessionStatus.PLANNED:
        raise ChangeRefused("logged", _("This has been logged. Correct the log instead."))


def _refuse_plan(actor: Any, cycle: Cycle, plan: Plan, now: datetime) -> None:
    if cycle.state == CycleState.CLOSED:
        raise PlanRefused("closed", _("This cycle is closed. Plan in the next one."))
    if plan.ends_at <= plan.starts_at:
        raise PlanRefused("ends_before_start", _("The end must be after the start."))
    if plan.mode != Mode.ASYNC and plan.ends_at - plan.starts_at > LONGEST:
        raise PlanRefused("too_long", _("That is longer than a day. Check the date and the times."))
    days = (clock.local(plan.starts_at, cycle.time_zone).date(), clock.local(plan.ends_at, cycle.time_zone).date())
    if days[0] < cycle.starts_on or days[1] > cycle.ends_on + timedelta(days=1) or days[0] > cycle.ends_on:
        raise PlanRefused("outside_cycle", _("That is outside this cycle’s dates."))
    _refuse_people(actor, cycle, plan, now)


def _refuse_people(actor: Any, cycle: Cycle, plan: Plan, now: datetime) -> None:
    leaders = [one for one in plan.leaders if one.cycle_id == cycle.pk and one.role == Role.LEADER]
    if not leaders or len(leaders) != len(plan.leaders):
        raise PlanRefused("no_leader", _("Choose who leads it."))
    if plan.group and (plan.group.cycle_id != cycle.pk or plan.group.ended_at):
        raise PlanRefused("wrong_group", _("That group is not part of this cycle any more."))
    roles = dict(Membership.objects.active().filter(cycle=cycle, user=actor).values_list("role", "pk"))
    if Role.COORDINATOR not in roles:
        mine = roles.get(Role.LEADER, 0)
        led = plan.group is None or plan.group.members.filter(membership_id=mine, ended_at=None).exists()
        if mine not in {one.pk for one in leaders} or not led:
            raise PlanRefused("not_your_group", _("You can plan for your own groups. For others, ask the coordinator."))
    blocked = [blockers[0] for blockers in stages.clearance([one.pk for one in leaders], now).values() if blockers]
    if blocked:
        raise PlanRefused("not_cleared", blocked[0].public_reason)


def _refuse_hours(cycle: Cycle, plan: Plan, *changed: int) -> None:
    if plan.mode != Mode.ASYNC:
        users = [one.user_id for one in plan.leaders]
        refuse_too_many_hours(cycle, [(plan.starts_at, plan.ends_at, users)], changed=changed)


PARTS = {
    "has_own_time": ("starts_at", "ends_at"),
    "has_own_place": ("mode", "place", "link"),
    "has_own_words": ("title", "capacity"),
}


def _made_its_own(session: Session, plan: Plan) -> list[str]:
    """A step of changing one session of a series, before it: notes what it no longer shares with the others.

    Returns the fields to save.
    """
    if not session.series_id:
        return []
    own = [
        part for part, names in PARTS.items() if any(getattr(session, name) != getattr(plan, name) for name in names)
    ]
    if set(session.leaders.values_list("membership_id", flat=True)) != {one.pk for one in plan.leaders}:
        own.append("has_own_leaders")
    for part in own:
        setattr(session, part, True)
    return own


def _create(actor: Any, cycle: Cycle, plan: Plan, *, is_ad_hoc: bool, now: datetime) -> Session:
    session = Session.objects.create(
        cycle=cycle,
        group=plan.group,
        title=plan.title,
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
        mode=plan.mode,
        place=plan.place,
        link=plan.link,
        capacity=plan.capacity,
        is_ad_hoc=is_ad_hoc,
        created_by=actor,
        created_at=now,
    )
    SessionLeader.objects.bulk_create(SessionLeader(session=session, membership=one) for one in plan.leaders)
    return session


def _set_leaders(session: Session, leaders: Iterable[Membership]) -> None:
    wanted = {one.pk for one in leaders}
    existing = set(session.leaders.values_list("membership_id", flat=True))
    session.leaders.filter(membership_id__in=existing - wanted).delete()
    SessionLeader.objects.bulk_create(SessionLeader(session=session, membership_id=pk) for pk in wanted - existing)


def _people_of(session: Session) -> set[int]:
    """Pks of the users a change concerns: those expected, those who wait for a seat, and the leaders."""
    asked = [ask([session])[session.pk] for ask in (expected_user_ids, waiting_user_ids, leader_user_ids)]
    return set().union(*asked)


def _tell(kind: str, session: Session, user_ids: set[int], now: datetime) -> None:
    about = {"session": session.pk, "cycle": session.cycle_id, "starts": int(session.starts_at.timestamp())}
    key = f"{kind}:{session.pk}:{now.timestamp():.3f}"
    mail.queue_many((mail.Entry(kind, to=pk, key=f"{key}:{pk}", about=about) for pk in sorted(user_ids)), now=now)
