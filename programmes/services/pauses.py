"""Being away for a while without leaving: nobody expects a contact or a session of somebody who is away."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from peerhub.common import audit
from peerhub.common.errors import DomainError
from programmes.models import CycleState, Membership, MembershipStatus


class PauseRefused(DomainError):
    """Codes: not_in, closed."""


@transaction.atomic(durable=True)
def pause_member(*, actor: Any, membership_id: int, until: date | None, now: datetime) -> Membership:
    """Somebody is away until a day, on which they are expected again; None: they are back today.

    The day stays written down: what was quiet before it does not count afterwards. Refuses with `PauseRefused`.
    """
    member = Membership.objects.select_for_update(of=("self",)).select_related("cycle").get(pk=membership_id)
    if member.status != MembershipStatus.ACTIVE:
        raise PauseRefused("not_in", _("This person is not taking part."))
    if member.cycle.state == CycleState.CLOSED:
        raise PauseRefused("closed", _("This cycle is closed; what happened in it stays as it is."))
    today = member.cycle.today(now=now)
    was_away = member.paused_until is not None and member.paused_until > today
    back_on = until or (today if was_away else member.paused_until)
    if back_on == member.paused_until:
        return member  # pressed twice
    member.paused_until = back_on
    member.save(update_fields=["paused_until"])
    action = "programmes.member_paused" if until else "programmes.member_resumed"
    audit.record(actor=actor, action=action, target=member, cycle_id=member.cycle_id, now=now)
    return member
