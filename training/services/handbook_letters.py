"""Which letters go out about handbooks. Steps of use cases, run inside their transaction."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from peerhub.common import mail
from training.models import Handbook, HandbookVersion
from training.queries.handbooks import readers_of


def tell_of_version(handbook: Handbook, version: HandbookVersion, *, but: Any, now: datetime) -> None:
    """To everybody it is for: there is something to read."""
    readers = (user_id for user_id in readers_of(handbook) if user_id != getattr(but, "pk", None))
    about = {"version": version.pk, "cycle": handbook.cycle_id}
    _queue("training.handbook_published", f"handbook:{version.pk}", about, readers, now)


def nudge_readers(handbook: Handbook, version: HandbookVersion, readers: Iterable[int], *, now: datetime) -> None:
    """To those who have not acknowledged it, once a day at most."""
    key = f"handbook-nudge:{version.pk}:{now.date().isoformat()}"
    _queue("training.handbook_nudge", key, {"version": version.pk, "cycle": handbook.cycle_id}, readers, now)


def _queue(kind: str, key: str, about: Mapping[str, int], readers: Iterable[int], now: datetime) -> None:
    mail.queue_many((mail.Entry(kind, one, f"{key}:{one}", {**about, "user": one}) for one in readers), now=now)
