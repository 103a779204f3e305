"""Personal invitations by e-mail, to people with and without an account: sent, reminded, answered, withdrawn."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, TextField
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext_lazy as _

from peerhub.accounts.models.users import clean_email
from peerhub.common import audit, mail, once
from peerhub.common.errors import DomainError
from peerhub.common.stages import Erasure
from programmes.models import (
    Cycle,
    CycleState,
    Invitation,
    InvitationBatch,
    InvitationStatus,
    Membership,
    MembershipStatus,
    Role,
)
from programmes.queries.invitations import addresses_of
from programmes.services import joining, letters, places

LASTS = timedelta(days=30)
REMIND_AFTER = timedelta(days=7)
KEPT = timedelta(days=180)
RESEND_AFTER = timedelta(minutes=10)
# A long list sent by mistake can be stopped: many letters leave only after this long (threat 21).
MANY = 50
HOLD = timedelta(minutes=10)


class InvitationRefused(DomainError):
    """Codes: cycle_closed, already_in, already_invited, not_open, run_out, withdrawn, answered, other_address,
    too_soon.
    """


@transaction.atomic(durable=True)
def invite_person(
    *, actor: Any, cycle_id: int, role: str, email: str, name: str = "", form_key: UUID | None = None, now: datetime
) -> Invitation:
    """Invite one address into a role. Nobody needs to have an account yet."""
    once.spend(user=actor, key=form_key, now=now)
    cycle = places.lock_cycle(cycle_id)
    refuse_closed(cycle)
    address = clean_email(email) or ""
    if Membership.objects.active().filter(cycle=cycle, role=role, user__email=address).exists():
        raise InvitationRefused("already_in", _("This person has this role already."))
    if Invitation.objects.open(now=now).filter(cycle=cycle, role=role, email=address).exists():
        raise InvitationRefused(
            "already_invited", _("This address has an open invitation. You can send it again from the list.")
        )
    [invitation] = create_invitations(actor, cycle, role, [(None, address, name)], batch_id=None, now=now)
    audit.record(
        actor=actor,
        action="programmes.person_invited",
        target=invitation,
        cycle_id=cycle.pk,
        detail={"role": role},
        now=now,
    )
    return invitation


@transaction.atomic(durable=True)
def resend_invitation(*, actor: Any, invitation_id: int, now: datetime) -> Invitation:
    """Send an invitation once more and let it last from now. Not twice within ten minutes."""
    invitation = Invitation.objects.select_for_update(of=("self",)).select_related("cycle").get(pk=invitation_id)
    refuse_closed(invitation.cycle)
    if invitation.status != InvitationStatus.SENT:
        raise InvitationRefused("not_open", _("This invitation has been answered or withdrawn."))
    if now - invitation.sent_at < RESEND_AFTER:
        raise InvitationRefused("too_soon", _("It was sent a moment ago. Try again in ten minutes."))
    invitation.sent_count += 1
    invitation.sent_at, invitation.expires_at, invitation.reminded_at = now, now + LASTS, None
    invitation.save(update_fields=["sent_count", "sent_at", "expires_at", "reminded_at"])
    queue_letters([invitation], now=now)
    audit.record(
        actor=actor, action="programmes.invitation_resent", target=invitation, cycle_id=invitation.cycle_id, now=now
    )
    return invitation


@transaction.atomic(durable=True)
def withdraw_invitation(*, actor: Any, invitation_id: int, now: datetime) -> Invitation:
    """Make an invitation useless. Letters that have not left are cancelled."""
    invitation = Invitation.objects.select_for_update().get(pk=invitation_id)
    if invitation.status == InvitationStatus.REVOKED:
        return invitation  # pressed twice
    if invitation.status != InvitationStatus.SENT:
        raise InvitationRefused("not_open", _("This invitation has been answered."))
    _answer(invitation, InvitationStatus.REVOKED, now=now)
    audit.record(
        actor=actor, action="programmes.invitation_withdrawn", target=invitation, cycle_id=invitation.cycle_id, now=now
    )
    return invitation


@transaction.atomic(durable=True)
def accept_invitation(
    *, actor: Any, invitation_id: int, note: str = "", form_key: UUID | None = None, now: datetime
) -> Membership:
    """Come in by a personal invitation. Only the account that owns the invited address may.

    Participants get a place, or wait when it is full; every other role is theirs at once. Refuses with
    `InvitationRefused`, `joining.JoiningRefused` or `NoPlace`.
    """
    once.spend(user=actor, key=form_key, now=now)
    cycle_id = Invitation.objects.values_list("cycle_id", flat=True).get(pk=invitation_id)
    cycle = places.lock_cycle(cycle_id)
    invitation = Invitation.objects.select_for_update().get(pk=invitation_id)
    refuse_unanswerable(invitation, cycle, now=now)
    if invitation.email not in addresses_of(actor):
        raise InvitationRefused("other_address", _("This invitation was sent to another address than yours."))
    places.settle(cycle, now=now)
    membership = places.own_row(cycle, actor, invitation.role, now=now)
    if membership.status != MembershipStatus.ACTIVE:
        _come_in(cycle, membership, note=note, now=now)
        action = joining.entry_action(membership)
        detail = {"invitation": invitation.pk}
        audit.record(actor=actor, action=action, target=membership, cycle_id=cycle.pk, detail=detail, now=now)
    invitation.membership = membership
    _answer(invitation, InvitationStatus.ACCEPTED, now=now)
    return membership


@transaction.atomic(durable=True)
def decline_invitation(*, actor: Any, invitation_id: int, now: datetime) -> Invitation:
    """Say no, signed in or not: holding the link is enough to refuse. `actor` may be None."""
    invitation = Invitation.objects.select_for_update(of=("self",)).select_related("cycle").get(pk=invitation_id)
    if invitation.status == InvitationStatus.DECLINED:
        return invitation  # pressed twice
    refuse_unanswerable(invitation, invitation.cycle, now=now)
    _answer(invitation, InvitationStatus.DECLINED, now=now)
    audit.record(
        actor=actor, action="programmes.invitation_declined", target=invitation, cycle_id=invitation.cycle_id, now=now
    )
    return invitation


def forget_invitations(*, user: Any) -> list[Erasure]:
    """A step of erasing an account: invitations to its addresses go, answered or not."""
    addresses = addresses_of(user)
    asked = Q(email__in=addresses) | Q(membership__user=user)
    gone, _by_model = Invitation.objects.filter(asked).delete()
    gone += _forget_in_lists(addresses)
    return [Erasure(_("Invitations to programmes"), forgotten=gone)]


def _forget_in_lists(addresses: Collection[str]) -> int:
    """Rows of uploaded lists with one of these addresses; returns how many lists held any."""
    named = Q(pk__in=[])
    for address in addresses:
        named |= Q(said__icontains=address)
    said = Concat(Cast("rows", TextField()), Cast("rejected", TextField()))
    lists = list(InvitationBatch.objects.select_for_update().alias(said=said).filter(named))
    for one in lists:
        one.rows = [row for row in one.rows if row.get("email", "").lower() not in addresses]
        one.rejected = [row for row in one.rejected if row.get("value", "").lower() not in addresses]
        one.save(update_fields=["rows", "rejected"])
    return len(lists)


def forget_old_invitations(now: datetime) -> int:
    """A step of the sweep: half a year after it ran out, an address that did not come in is nobody's business."""
    old = Invitation.objects.filter(expires_at__lte=now - KEPT).exclude(status=InvitationStatus.ACCEPTED)
    gone, _by_model = old.delete()
    InvitationBatch.objects.filter(created_at__lte=now - KEPT).exclude(rejected=[]).update(rejected=[])
    return gone


def remind_invited(now: datetime, *, limit: int = 500) -> int:
    """One friendly reminder a week after an unanswered invitation; returns how many were queued."""
    due = Invitation.objects.open(now=now).filter(reminded_at=None, sent_at__lte=now - REMIND_AFTER)
    due = due.filter(cycle__state__in=[CycleState.DESIGN, *places.TAKING_PART])
    return _remind(list(due.order_by("sent_at", "pk").values_list("pk", flat=True)[:limit]), now=now)


@transaction.atomic(durable=True)
def _remind(invitation_ids: list[int], *, now: datetime) -> int:
    rows = list(Invitation.objects.filter(pk__in=invitation_ids, reminded_at=None))
    Invitation.objects.filter(pk__in=[row.pk for row in rows]).update(reminded_at=now)
    entries = [
        mail.Entry(
            "programmes.invitation_reminder", None, f"invitation.reminder:{row.pk}:{row.sent_count}", _about(row)
        )
        for row in rows
    ]
    mail.queue_many(entries, now=now)
    return len(rows)


def create_invitations(
    actor: Any,
    cycle: Cycle,
    role: str,
    people: Iterable[tuple[int | None, str, str]],
    *,
    batch_id: int | None,
    now: datetime,
) -> list[Invitation]:
    """A step: rows and letters for (row number, address, name). Open ones that ran out are closed first."""
    wanted = list(people)
    stale = Invitation.objects.filter(
        cycle=cycle, role=role, email__in=[email for _row, email, _name in wanted], status=InvitationStatus.SENT
    )
    stale.filter(expires_at__lte=now).update(status=InvitationStatus.REVOKED, answered_at=now)
    rows = [
        Invitation(
            cycle=cycle, role=role, email=email, name=name[:160], row=row, batch_id=batch_id,
            created_by=actor, created_at=now, sent_at=now, expires_at=now + LASTS,
        )
        for row, email, name in wanted
    ]  # fmt: skip
    made = Invitation.objects.bulk_create(rows, batch_size=500)
    queue_letters(made, now=now)
    return made


def queue_letters(invitations: list[Invitation], *, now: datetime) -> None:
    """A step: one letter each. Many at once wait ten minutes, in which the list can be stopped."""
    leaves_at = now + HOLD if len(invitations) > MANY else None
    entries = [
        mail.Entry("programmes.invitation", None, letter_key(row.pk, row.sent_count), _about(row), not_before=leaves_at)
        for row in invitations
    ]
    mail.queue_many(entries, now=now)


def letter_key(invitation_id: int, sent_count: int) -> str:
    """How an invitation's letter is found in the outbox."""
    return f"invitation:{invitation_id}:{sent_count}"


def refuse_unanswerable(invitation: Invitation, cycle: Cycle, *, now: datetime) -> None:
    """Say why an invitation cannot be answered now. Also for its page."""
    if invitation.status == InvitationStatus.REVOKED:
        raise InvitationRefused("withdrawn", _("This invitation has been withdrawn."))
    if invitation.status != InvitationStatus.SENT:
        raise InvitationRefused("answered", _("This invitation has been answered already."))
    if invitation.expires_at <= now:
        raise InvitationRefused("run_out", _("This invitation has run out. Ask for a new one."))
    refuse_closed(cycle)


def refuse_closed(cycle: Cycle) -> None:
    """A step: nobody is invited into a cycle that is over."""
    if cycle.state not in {CycleState.DESIGN, *places.TAKING_PART}:
        raise InvitationRefused("cycle_closed", _("This cycle is over. Invite people into the next one."))


def _come_in(cycle: Cycle, membership: Membership, *, note: str, now: datetime) -> None:
    held_place = membership.status == MembershipStatus.OFFERED
    places.start_over(membership, source="invite", note=note)
    if membership.role == Role.PARTICIPANT and not held_place:
        joining.take_place(cycle, membership, now=now)
    else:
        places.activate(membership, now=now)
        letters.to_person("joined", membership, now=now)


def _answer(invitation: Invitation, status: InvitationStatus, *, now: datetime) -> None:
    invitation.status, invitation.answered_at = status, now
    invitation.save(update_fields=["status", "answered_at", "membership"])


def _about(invitation: Invitation) -> dict[str, int]:
    return {"invitation": invitation.pk, "cycle": invitation.cycle_id, "sent": invitation.sent_count}
