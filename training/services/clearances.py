"""What a coordinator records and sets aside before somebody may lead."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from peerhub.common import audit
from peerhub.common.errors import DomainError
from peerhub.common.once import spend
from programmes.models import Membership, MembershipStatus, Role
from training.models import ClearanceWaiver, RightToWork
from training.queries.clearance import lapses, members_of

LONGEST = timedelta(days=183)


class WaiverRefused(DomainError):
    """Codes: own, not_here, no_reason, past, too_long, unknown, safeguarding."""


class CheckRefused(DomainError):
    """Codes: own, in_future, runs_out_before."""


@transaction.atomic(durable=True)
def waive_blocker(
    *, actor: Any, membership_id: int, code: str, reason: str, until: date, key: UUID | None = None, now: datetime
) -> ClearanceWaiver:
    """Set one blocker of one leader aside until a day. A new one takes the place of the one there was.

    Refuses with `WaiverRefused`: `safeguarding` (training in safeguarding is never waived), `own`, `no_reason`, `past`,
    `too_long` (half a year at most), `unknown` (nothing of that kind is asked of them), `not_here`.
    """
    spend(user=actor, key=key, now=now)
    membership = Membership.objects.select_for_update(of=("self",)).select_related("cycle").get(pk=membership_id)
    _refuse_waiver(actor, membership, reason, until, now)
    asked = {one.code: one for one in lapses(members_of(Membership.objects.filter(pk=membership.pk), now))}
    if code not in asked:
        raise WaiverRefused("unknown", _("Nothing of that kind is missing."))
    if not asked[code].can_waive:
        raise WaiverRefused("safeguarding", _("Training in safeguarding is never waived. Nobody leads without it."))
    ClearanceWaiver.objects.standing().filter(membership=membership, code=code).update(ended_at=now)
    waiver = ClearanceWaiver.objects.create(
        membership=membership, code=code, reason=reason.strip(), until=until, by=actor, at=now
    )
    detail = {"code": code, "until": until.isoformat()}
    audit.record(
        actor=actor,
        action="training.blocker_waived",
        target=waiver,
        cycle_id=membership.cycle_id,
        detail=detail,
        now=now,
    )
    return waiver


@transaction.atomic(durable=True)
def end_waiver(*, actor: Any, waiver_id: int, now: datetime) -> ClearanceWaiver:
    """It is asked for again, from now on. Again changes nothing."""
    waiver = ClearanceWaiver.objects.select_for_update(of=("self",)).select_related("membership").get(pk=waiver_id)
    if waiver.ended_at is None:
        waiver.ended_at = now
        waiver.save(update_fields=["ended_at"])
        cycle_id = waiver.membership.cycle_id
        audit.record(actor=actor, action="training.waiver_ended", target=waiver, cycle_id=cycle_id, now=now)
    return waiver


@transaction.atomic(durable=True)
def record_right_to_work(
    *,
    actor: Any,
    membership: Membership,
    kind: str,
    checked_on: date,
    valid_until: date | None,
    key: UUID | None = None,
    now: datetime,
) -> RightToWork:
    """That somebody's right to work was checked: which way, when, until when it holds. No document is kept."""
    spend(user=actor, key=key, now=now)
    if membership.user_id == actor.pk:
        raise CheckRefused("own", _("Nobody checks their own papers. Ask another coordinator."))
    if checked_on > timezone.localdate(now):
        raise CheckRefused("in_future", _("That day has not come yet."))
    if valid_until and valid_until < checked_on:
        raise CheckRefused("runs_out_before", _("It cannot have run out before it was checked."))
    check = RightToWork.objects.create(
        user_id=membership.user_id,
        kind=kind,
        checked_on=checked_on,
        valid_until=valid_until,
        checked_by=actor,
        recorded_at=now,
    )
    cycle_id = membership.cycle_id
    audit.record(actor=actor, action="training.right_to_work_checked", target=check, cycle_id=cycle_id, now=now)
    return check


def _refuse_waiver(actor: Any, membership: Membership, reason: str, until: date, now: datetime) -> None:
    today = membership.cycle.today(now=now)
    if membership.user_id == actor.pk:
        raise WaiverRefused("own", _("Nobody sets aside what is asked of themselves. Ask another coordinator."))
    if membership.status != MembershipStatus.ACTIVE or membership.role != Role.LEADER:
        raise WaiverRefused("not_here", _("That person does not lead here any more."))
    if not reason.strip():
        raise WaiverRefused("no_reason", _("Say in a few words why. Everybody who runs the programme can read it."))
    if until < today:
        raise WaiverRefused("past", _("That day has passed."))
    if until - today > LONGEST:
        raise WaiverRefused("too_long", _("Half a year at most. Look at it again then."))
