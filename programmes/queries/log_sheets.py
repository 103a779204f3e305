"""Which log sheets can be filled in, and which a leader's browser keeps for a place without a network."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.urls import reverse

from peerhub.common.stages import Todo
from programmes.models import CycleState, Session, SessionStatus
from programmes.queries.home_leader import NextSession

AHEAD = timedelta(hours=36)
MOST_LATE = 8


def is_soon(starts_at: datetime, *, now: datetime) -> bool:
    """Its sheet may be fetched already."""
    return starts_at <= now + AHEAD


def takes_a_log(session: Session, *, now: datetime, is_ahead: bool) -> bool:
    """From its start. Before it (`is_ahead`) the sheet is shown, but nothing can be saved."""
    begun = session.can_be_logged(now=now) or (is_ahead and session.status == SessionStatus.PLANNED)
    return begun and session.cycle.state != CycleState.CLOSED


def sheets_to_keep(logs: Iterable[Todo], upcoming: Iterable[NextSession], *, now: datetime) -> list[str]:
    """Addresses of sheets: of sessions that wait for their log, in the order given, and of those that come soon."""
    coming = (one.uuid for one in upcoming if is_soon(one.starts_at, now=now))
    waiting = [todo.url for todo in logs][:MOST_LATE]
    return [*waiting, *(reverse("programmes:session_log", args=[uuid]) for uuid in coming)]
