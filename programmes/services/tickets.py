"""What becomes of tickets in a queue when whoever holds them leaves the programme. A step of use cases."""

from collections.abc import Iterable
from datetime import datetime

from programmes.models import QueueEntry, QueueState, Session


def give_up_tickets(membership_ids: Iterable[int], *, now: datetime) -> None:
    """A step of leaving: they wait in no queue any more, and no screen says their name. Whoever is being helped at this
    moment stays with who helps them.
    """
    waiting = [QueueState.WAITING, QueueState.CALLED]
    theirs = QueueEntry.objects.filter(membership__anyof=list(membership_ids), state__in=waiting)
    sessions = sorted(set(theirs.values_list("session_id", flat=True)))
    if sessions:
        held = Session.objects.select_for_update(no_key=True).filter(pk__in=sessions).order_by("pk")
        list(held.values_list("pk", flat=True))
        theirs.update(state=QueueState.LEFT, ended_at=now, before={})
