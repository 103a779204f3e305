"""What the outbox forgets, and when."""

from datetime import datetime, timedelta

from django.conf import settings

from peerhub.common.models.outbox import AddressFlag, Message, StoredMail, WorkerBeat

BLANK_AFTER = timedelta(days=90)
DELETE_AFTER = timedelta(days=400)
CHUNK = 1000


def forget(now: datetime) -> int:
    """Finished rows lose person, ids and reason after 90 days and are deleted after 400. Returns rows changed.

    The key stays until the end, so that a planner that wakes up late repeats nothing. In chunks: no long locks.
    """
    changed = _in_chunks_blank(now)
    changed += Message.objects.filter(finished_at__lt=now - DELETE_AFTER).delete()[0]
    changed += AddressFlag.objects.filter(flagged_at__lt=now - DELETE_AFTER, reason="bad_address").delete()[0]
    changed += WorkerBeat.objects.filter(at__lt=now - timedelta(days=1)).exclude(name="planner").delete()[0]
    if not settings.PEERHUB_DEMO:
        changed += StoredMail.objects.filter(sent_at__lt=now - BLANK_AFTER).delete()[0]
    return changed


def _in_chunks_blank(now: datetime) -> int:
    old = Message.objects.filter(finished_at__lt=now - BLANK_AFTER).exclude(recipient=None, about={}, reason="")
    changed = 0
    while pks := list(old.values_list("pk", flat=True)[:CHUNK]):
        changed += Message.objects.filter(pk__in=pks).update(recipient=None, about={}, reason="")
    return changed
