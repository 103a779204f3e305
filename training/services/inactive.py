"""Writing kindly to a leader of whom nothing was seen. Ending somebody's part is programmes' own use case."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from peerhub.common import audit, mail
from peerhub.common.errors import DomainError
from peerhub.common.models import Message
from programmes.models import CycleState, Membership, MembershipStatus, Role
from training.queries.inactive import LONG, WRITTEN


class WritingRefused(DomainError):
    """Codes: not_here, recently, own."""


@transaction.atomic(durable=True)
def write_to_leader(*, actor: Any, membership_id: int, now: datetime) -> None:
    """Ask how they are and whether they would like to go on, at most every four weeks."""
    rows = Membership.objects.select_related("cycle").select_for_update(of=("self",), no_key=True)
    membership = rows.get(pk=membership_id)
    if membership.user_id == actor.pk:
        raise WritingRefused("own", _("That is you."))
    is_here = membership.status == MembershipStatus.ACTIVE and membership.role == Role.LEADER
    if not is_here or membership.cycle.state == CycleState.CLOSED:
        raise WritingRefused("not_here", _("That person does not lead here any more."))
    mine = Message.objects.filter(kind=WRITTEN, cycle_id=membership.cycle_id, recipient=membership.user_id)
    if mine.filter(created_at__gt=now - LONG).exists():
        raise WritingRefused("recently", _("They were written to less than four weeks ago."))
    about = {"membership": membership.pk, "cycle": membership.cycle_id, "by": actor.pk}
    key = f"{WRITTEN}:{membership.pk}:{now.date().isoformat()}"
    mail.queue(WRITTEN, to=membership.user_id, key=key, about=about, now=now)
    audit.record(
        actor=actor, action="training.leader_written_to", target=membership, cycle_id=membership.cycle_id, now=now
    )
