"""Words to those who queued and were not seen: kindly, and with when the next drop-in is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peerhub.common import mail
from programmes.models import MembershipStatus, QueueEntry, QueueState, Session, SessionStatus
from programmes.queries.naming import session_title
from programmes.queries.queues import next_drop_ins


@dataclass(frozen=True)
class QueueFacts:
    """Tickets of a batch with their sessions, and each cycle's next drop-in."""

    entries: Mapping[int, QueueEntry]
    coming: Mapping[int, Session]


def _queue_facts(abouts: Sequence[Mapping[str, Any]]) -> QueueFacts:
    """Two queries a batch. The next drop-in is the next after the one the ticket was of."""
    related = ("membership", "session__cycle__programme__activity_type", "session__group")
    entries = QueueEntry.objects.select_related(*related).in_bulk({about["entry"] for about in abouts})
    after = max((one.ended_at for one in entries.values() if one.ended_at), default=None)
    coming = next_drop_ins({one.session.cycle_id for one in entries.values()}, now=after) if after else {}
    return QueueFacts(entries, coming)


@mail.kind(
    "programmes.queue_not_served",
    title=gettext_lazy("You queued and were not seen"),
    topic="sessions",
    load=_queue_facts,
)
def queue_not_served(letter: mail.Letter, now: datetime) -> mail.Rendered | mail.NotWanted:
    """The queue ended before it was their turn, or the drop-in was called off."""
    entry = letter.facts.entries.get(letter.about["entry"])
    if entry is None or entry.state != QueueState.NOT_SERVED:
        return mail.NotWanted(_("They are back in the queue."))
    if entry.ended_at is None or letter.about["occasion"] != int(entry.ended_at.timestamp() * 1_000_000):
        return mail.NotWanted(_("They were back in the queue, and another letter is about what came of it."))
    if entry.membership.status not in {MembershipStatus.ACTIVE, MembershipStatus.WAITING}:
        return mail.NotWanted(_("The person is not part of it any more."))
    session = entry.session
    programme, coming = session.cycle.programme, letter.facts.coming.get(session.cycle_id)
    coming = coming if coming and coming.starts_at > now else None
    context = {
        "programme_name": programme.name,
        "title": session_title(session),
        "is_called_off": session.status == SessionStatus.CANCELLED,
        "has_next": coming is not None,
        "starts_at": coming.starts_at if coming else None,
        "ends_at": coming.ends_at if coming else None,
        "place": coming.place if coming else "",
        "is_online": coming is not None and coming.mode == "online",
        "is_async": False,
        "led_by": "",
        "is_leader": False,
    }
    url = reverse("programmes:session_detail", args=[(coming or session).uuid])
    return mail.Rendered(
        "programmes/queue_not_served",
        context,
        url=url,
        why=_("You are getting this because you queued at %(programme)s.") % {"programme": programme.name},
        title=_("%(title)s: we did not get to you (%(programme)s)") % {**context, "programme": programme.name},
    )
