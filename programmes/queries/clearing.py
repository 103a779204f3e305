"""Whether whoever leads a session is cleared to, and what is missing where not (peerhub.common.stages, "clearance")."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from peerhub.common import stages
from peerhub.common.stages import Blocker
from programmes.models import MembershipStatus, Session


def missing_at(membership_id: int, moment: datetime, now: datetime) -> list[Blocker]:
    """What is missing now and was missing at `moment`: who lapsed since may still log what came before."""
    return at_moment(stages.clearance([membership_id], now)[membership_id], moment)


def at_moment(blockers: Sequence[Blocker], moment: datetime) -> list[Blocker]:
    return [one for one in blockers if one.since is None or one.since <= moment]


def missing_to_lead(session: Session, user: Any, now: datetime) -> list[Blocker]:
    """What is missing for `user` to lead this session; nothing where they do not lead it. One query where all is well.

    Load the session `with_viewer`.
    """
    place = leads_as(session, user)
    return missing_at(place, session.starts_at, now) if place else []


def leads_as(session: Session, user: Any) -> int | None:
    """The membership with which `user` leads this session."""
    if getattr(session, "viewer_id", None) == user.pk:
        found: int | None = session.viewer_leads_as  # type: ignore[attr-defined]
        return found
    mine = session.leaders.filter(membership__user=user, membership__status=MembershipStatus.ACTIVE)
    return mine.values_list("membership_id", flat=True).first()
