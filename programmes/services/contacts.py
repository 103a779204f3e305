"""1:1 contacts of a pair: how they were in touch, and attempts that failed. A contact is a session of its own kind."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from peerhub.common import audit
from peerhub.common.errors import DomainError
from peerhub.common.once import spend
from peerhub.institution.models import SupportService
from programmes.models import (
    Attendance,
    AttendanceStatus,
    Channel,
    CycleState,
    Group,
    GroupMember,
    Membership,
    MembershipStatus,
    Mode,
    Role,
    Session,
    SessionKind,
    SessionLeader,
    SessionLog,
    SessionStatus,
    Shape,
)
from programmes.queries.clearing import missing_at
from programmes.services.clearing import refuse_missing

MAY_TAKE_BACK = timedelta(hours=24)
AFTER_LAPSE = timedelta(days=7)  # to write down what was before one was not cleared any more
USUAL_MINUTES = {Channel.MET: 30, Channel.CALL: 15, Channel.VIDEO: 30, Channel.MESSAGE: 5}


class ContactRefused(DomainError):
    """Codes: not_a_pair, ended, closed, not_leader, in_future, too_early, unknown_choice, too_long, not_yours,
    too_late.
    """


@dataclass(frozen=True)
class ContactEntry:
    """What happened. `channel` says how, or how it was tried when `is_attempt`."""

    channel: str
    is_attempt: bool = False
    happened_at: datetime | None = None  # None: just now
    minutes: int | None = None  # None: the usual for this channel
    is_academic: bool = False
    is_social: bool = False
    is_emotional: bool = False
    service_id: int | None = None
    shared_note: str = ""


@transaction.atomic(durable=True)
def log_contact(*, actor: Any, group: Group, entry: ContactEntry, key: UUID | None, now: datetime) -> Session:
    """Record one contact of a pair by whoever leads it. Refuses with `ContactRefused`, `NotCleared`, or `Repeated`.

    A session has its time from when it was planned; when a contact was is only what its leader says. So somebody who is
    not cleared any more writes down what was before for a week, and nothing afterwards.
    """
    spend(user=actor, key=key, now=now)
    happened_at = entry.happened_at or now
    # The pair may be ending at this moment.
    group = Group.objects.select_for_update(of=("self",)).select_related("cycle").get(pk=group.pk)
    me = _refuse(actor, group, entry, happened_at, now)
    refuse_missing(missing_at(me.pk, max(happened_at, now - AFTER_LAPSE), now))
    minutes = 0 if entry.is_attempt else _minutes(entry)
    contact = Session.objects.create(
        cycle_id=group.cycle_id,
        group=group,
        kind=SessionKind.CONTACT,
        channel=entry.channel,
        mode=Mode.IN_PERSON if entry.channel == Channel.MET else Mode.ONLINE,
        starts_at=happened_at,
        ends_at=happened_at + timedelta(minutes=max(minutes, 1)),
        status=SessionStatus.ATTEMPTED if entry.is_attempt else SessionStatus.HELD,
        is_ad_hoc=True,
        created_by=actor,
        created_at=now,
        log_version=1,
    )
    SessionLeader.objects.create(session=contact, membership=me)
    if not entry.is_attempt:
        _record_partners(contact, group, now)
    _write_log(actor, contact, entry, minutes, now)
    detail = {"channel": entry.channel, "attempt": entry.is_attempt}
    audit.record(
        actor=actor, action="programmes.contact_logged", target=contact, cycle_id=group.cycle_id, detail=detail, now=now
    )
    return contact


def _write_log(actor: Any, contact: Session, entry: ContactEntry, minutes: int, now: datetime) -> None:
    SessionLog.objects.create(
        session=contact,
        author=actor,
        minutes=minutes,
        is_academic=entry.is_academic,
        is_social=entry.is_social,
        is_emotional=entry.is_emotional,
        signposted_to_id=entry.service_id,
        shared_note=entry.shared_note,
        logged_at=now,
    )


@transaction.atomic(durable=True)
def withdraw_contact(*, actor: Any, contact_id: int, now: datetime) -> Session:
    """Take back a contact logged by mistake, within a day and by whoever logged it. The row stays, called off."""
    contact = Session.objects.select_for_update(of=("self",)).get(pk=contact_id, kind=SessionKind.CONTACT)
    if contact.created_by_id != actor.pk:
        raise ContactRefused("not_yours", _("Only the person who logged it can take it back."))
    if contact.status == SessionStatus.CANCELLED:
        return contact
    if now - contact.created_at > MAY_TAKE_BACK:
        raise ContactRefused("too_late", _("A contact can be taken back for a day. Ask the coordinator."))
    contact.status, contact.status_note = SessionStatus.CANCELLED, str(_("Logged by mistake"))
    contact.save(update_fields=["status", "status_note"])
    contact.attendances.all().delete()
    audit.record(actor=actor, action="programmes.contact_withdrawn", target=contact, cycle_id=contact.cycle_id, now=now)
    return contact


def _refuse(actor: Any, group: Group, entry: ContactEntry, happened_at: datetime, now: datetime) -> Membership:
    if group.shape != Shape.PAIR:
        raise ContactRefused("not_a_pair", _("Contacts are for pairs. Groups log their sessions."))
    if group.ended_at:
        raise ContactRefused("ended", _("This pair has ended."))
    if group.cycle.state == CycleState.CLOSED:
        raise ContactRefused("closed", _("This cycle is closed; what happened in it stays as it is."))
    me = Membership.objects.active().filter(
        user=actor, role=Role.LEADER, group_places__group=group, group_places__ended_at=None
    )
    found = me.first()
    if found is None:
        raise ContactRefused("not_leader", _("Only the person who leads this pair can log a contact."))
    if happened_at > now + timedelta(minutes=5):
        raise ContactRefused("in_future", _("That is in the future. Log it once it has happened."))
    if happened_at < group.created_at - timedelta(days=1):
        raise ContactRefused("too_early", _("That is before you were matched."))
    if entry.channel not in Channel.values:
        raise ContactRefused("unknown_choice", _("Choose how you were in touch."))
    if entry.minutes is not None and not 0 <= entry.minutes <= 1440:
        raise ContactRefused("too_long", _("Write its length in minutes, up to a day."))
    if entry.service_id and not SupportService.objects.filter(pk=entry.service_id).exists():
        raise ContactRefused("unknown_choice", _("That service is not in the directory any more."))
    return found


def _minutes(entry: ContactEntry) -> int:
    return USUAL_MINUTES[Channel(entry.channel)] if entry.minutes is None else entry.minutes


def _record_partners(contact: Session, group: Group, now: datetime) -> None:
    partners = GroupMember.objects.filter(
        group=group, ended_at=None, membership__role=Role.PARTICIPANT, membership__status=MembershipStatus.ACTIVE
    ).exclude(membership__user=contact.created_by)
    Attendance.objects.bulk_create(
        Attendance(session=contact, membership_id=pk, status=AttendanceStatus.PRESENT, recorded_at=now)
        for pk in partners.values_list("membership_id", flat=True)
    )
