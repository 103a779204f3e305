"""Somebody else leads one session: who hears of it. A step of changing a session and of taking one over."""

from collections.abc import Collection
from datetime import datetime

from peerhub.common import mail
from programmes.models import Session
from programmes.queries.expected import expected_user_ids

KIND = "programmes.leaders_changed"


def tell_leaders_changed(
    session: Session, *, new: Collection[int], gone: Collection[int], participants: bool, now: datetime
) -> None:
    """Queue it for users who lead it now (`new`) or no more (`gone`), and within PeerHub for those expected."""
    expected = expected_user_ids([session])[session.pk] if participants else set()
    about = {"session": session.pk, "cycle": session.cycle_id}
    key = f"{KIND}:{session.pk}:{now.timestamp():.3f}"
    entries = [
        *(mail.Entry(KIND, pk, f"{key}:{pk}", {**about, "led": int(pk in gone)}) for pk in sorted({*new, *gone})),
        *(
            mail.Entry(KIND, pk, f"{key}:{pk}", {**about, "led": 0}, channels=("inapp",))
            for pk in sorted(expected - {*new, *gone})
        ),
    ]
    mail.queue_many(entries, now=now)
