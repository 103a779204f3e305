"""Calendar links: made, made anew, ended by the person they belong to."""

from datetime import datetime
from secrets import token_urlsafe
from typing import Any
from uuid import UUID

from django.db import transaction

from peerhub.common import audit, once
from programmes.models import CalendarFeed, Group
from programmes.models.calendars import digest_of

TOKEN_BYTES = 32


@transaction.atomic(durable=True)
def make_feed(
    *, actor: Any, group: Group | None, language: str, form_key: UUID | None = None, now: datetime
) -> tuple[CalendarFeed, str]:
    """A link of one's own, to everything or to one group, and its token: known now and never again.

    The earlier link to the same ends with it. `group` is one the actor may see.
    """
    once.spend(user=actor, key=form_key, now=now)
    token = token_urlsafe(TOKEN_BYTES)
    fresh = {
        "token_digest": digest_of(token),
        "language": language,
        "made_at": now,
        "read_at": None,
        "content_digest": "",
        "changed_at": None,
    }
    feed, _is_new = CalendarFeed.objects.update_or_create(user=actor, group=group, defaults=fresh)
    audit.record(actor=actor, action="programmes.calendar_link_made", target=feed, now=now)
    return feed, token


@transaction.atomic(durable=True)
def stop_feed(*, actor: Any, group: Group | None, now: datetime) -> bool:
    """End one's own link: nothing answers at its address any more. False when there was none (pressed twice)."""
    feed = CalendarFeed.objects.filter(user=actor, group=group).first()
    if feed is None:
        return False
    audit.record(actor=actor, action="programmes.calendar_link_stopped", target=feed, now=now)
    feed.delete()
    return True


@transaction.atomic(durable=True)
def note_reading(*, feed_id: int, content_digest: str, changed_at: datetime, now: datetime) -> None:
    """A calendar has read it: when, and since when it says what it says. Not on the record: nobody did anything."""
    CalendarFeed.objects.filter(pk=feed_id).update(read_at=now, content_digest=content_digest, changed_at=changed_at)
