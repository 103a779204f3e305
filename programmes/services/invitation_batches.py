"""Lists of people to invite: read, looked at, confirmed, stopped."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from peerhub.common import audit
from peerhub.common.errors import DomainError
from programmes.models import Invitation, InvitationBatch, InvitationStatus, Membership
from programmes.services import places
from programmes.services.invitations import create_invitations, refuse_closed

ROWS_LIMIT = 2000
DRAFTS_LAST = timedelta(days=1)


class BatchRefused(DomainError):
    """Codes: too_many, nobody."""


@dataclass(frozen=True)
class InviteRow:
    """One usable row of a list: its number in the file, the address in lower case, the name as written."""

    row: int
    email: str
    name: str = ""


@dataclass(frozen=True)
class BadRow:
    """One row that invites nobody: why, as a code, the words for it, and the value as typed."""

    row: int
    code: str
    message: str
    value: str = ""


@transaction.atomic(durable=True)
def prepare_batch(
    *, actor: Any, cycle_id: int, role: str, rows: Sequence[InviteRow], rejected: Sequence[BadRow], now: datetime
) -> InvitationBatch:
    """Keep a list as read, for somebody to look at. Nobody is invited yet."""
    if len(rows) > ROWS_LIMIT:
        message = _(
            "This list has %(count)s people; %(limit)s is the most for invitations. Import it as a class list instead."
        )
        raise BatchRefused("too_many", message % {"count": len(rows), "limit": ROWS_LIMIT})
    cycle = places.lock_cycle(cycle_id)
    refuse_closed(cycle)
    batch = InvitationBatch.objects.create(
        cycle=cycle,
        role=role,
        created_by=actor,
        created_at=now,
        rows=[asdict(row) for row in rows],
        rejected=[asdict(row) for row in rejected[:ROWS_LIMIT]],
    )
    detail = {"rows": len(rows), "rejected": len(rejected), "role": role}
    audit.record(
        actor=actor, action="programmes.invitations_prepared", target=batch, cycle_id=cycle.pk, detail=detail, now=now
    )
    return batch


@transaction.atomic(durable=True)
def confirm_batch(*, actor: Any, batch_id: int, now: datetime) -> InvitationBatch:
    """Invite everybody on the list who is neither in nor invited; report the others. A second time changes nothing."""
    cycle_id = InvitationBatch.objects.values_list("cycle_id", flat=True).get(pk=batch_id)
    cycle = places.lock_cycle(cycle_id)
    batch = InvitationBatch.objects.select_for_update().get(pk=batch_id)
    if batch.confirmed_at:
        return batch  # pressed twice
    refuse_closed(cycle)
    rows = [InviteRow(**row) for row in batch.rows]
    inside, invited = standing(batch, [row.email for row in rows], now=now)
    wanted = [row for row in rows if row.email not in inside and row.email not in invited]
    if not wanted:
        raise BatchRefused("nobody", _("Everybody on this list is in or invited already."))
    create_invitations(
        actor, cycle, batch.role, [(row.row, row.email, row.name) for row in wanted], batch_id=batch.pk, now=now
    )
    batch.rejected = [*batch.rejected, *_not_needed(rows, inside, invited)]
    batch.rows, batch.confirmed_at = [], now
    batch.save(update_fields=["rows", "rejected", "confirmed_at"])
    audit.record(
        actor=actor,
        action="programmes.invitations_sent",
        target=batch,
        cycle_id=cycle.pk,
        detail={"count": len(wanted), "role": batch.role},
        now=now,
    )
    return batch


@transaction.atomic(durable=True)
def stop_batch(*, actor: Any, batch_id: int, now: datetime) -> int:
    """Withdraw every open invitation of a list; letters that have not left are cancelled. Returns how many."""
    batch = InvitationBatch.objects.select_for_update().get(pk=batch_id)
    waiting = Invitation.objects.filter(batch=batch, status=InvitationStatus.SENT)
    count = waiting.update(status=InvitationStatus.REVOKED, answered_at=now)
    if count:
        audit.record(
            actor=actor,
            action="programmes.invitations_stopped",
            target=batch,
            cycle_id=batch.cycle_id,
            detail={"count": count},
            now=now,
        )
    return count


@transaction.atomic(durable=True)
def discard_batch(*, actor: Any, batch_id: int, now: datetime) -> None:
    """Throw away a list that was never confirmed."""
    batch = InvitationBatch.objects.select_for_update().filter(pk=batch_id, confirmed_at=None).first()
    if batch:
        audit.record(
            actor=actor, action="programmes.invitations_discarded", target=batch, cycle_id=batch.cycle_id, now=now
        )
        batch.delete()


def forget_drafts(now: datetime) -> int:
    """A step of the sweep: lists nobody confirmed within a day are forgotten. Returns how many."""
    deleted, _by_model = InvitationBatch.objects.filter(confirmed_at=None, created_at__lte=now - DRAFTS_LAST).delete()
    return deleted


def standing(batch: InvitationBatch, emails: Sequence[str], *, now: datetime) -> tuple[set[str], set[str]]:
    """Of these addresses: who has the role already, and who has an open invitation to it."""
    members = Membership.objects.active().filter(cycle=batch.cycle_id, role=batch.role, user__email__in=emails)
    open_ones = Invitation.objects.open(now=now).filter(cycle=batch.cycle_id, role=batch.role, email__in=emails)
    inside = {email for email in members.values_list("user__email", flat=True) if email}
    return inside, set(open_ones.values_list("email", flat=True))


def _not_needed(rows: Sequence[InviteRow], inside: set[str], invited: set[str]) -> list[dict[str, Any]]:
    known = [
        (row, "already_in" if row.email in inside else "already_invited")
        for row in rows
        if row.email in inside | invited
    ]
    return [asdict(BadRow(row.row, code, "", row.email)) for row, code in known]
