"""Nobody meets students who is not cleared to: the refusal that all use cases of delivery share."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from peerhub.common import stages
from peerhub.common.errors import DomainError
from peerhub.common.stages import Blocker
from programmes.models import Session
from programmes.queries.clearing import at_moment, leads_as, missing_to_lead


class NotCleared(DomainError):
    """Codes: not_cleared."""


def refuse_uncleared_leader(actor: Any, session: Session, *, now: datetime) -> None:
    """A step: whoever leads this session is cleared to, or was when it began. Who does not lead it passes."""
    refuse_missing(missing_to_lead(session, actor, now))


def refuse_uncleared_leaders(actor: Any, sessions: Sequence[Session], *, now: datetime) -> None:
    """The same for several sessions, asked once."""
    led = {one.pk: place for one in sessions if (place := leads_as(one, actor))}
    found = stages.clearance(sorted(set(led.values())), now) if led else {}
    for one in sessions:
        if one.pk in led:
            refuse_missing(at_moment(found[led[one.pk]], one.starts_at))


def refuse_missing(blockers: Sequence[Blocker]) -> None:
    if blockers:
        reasons = " ".join(str(one.public_reason) for one in blockers)
        raise NotCleared(
            "not_cleared", _("You are not cleared to lead at the moment. %(reasons)s") % {"reasons": reasons}
        )
