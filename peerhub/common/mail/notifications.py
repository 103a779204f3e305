"""Notifications inside PeerHub: the same rows on another channel, worded when they are read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from peerhub.common import dates
from peerhub.common.context import NavItem
from peerhub.common.failpoints import failpoint
from peerhub.common.mail.kinds import NotWanted, Rendered, kind_of
from peerhub.common.mail.leases import reason_key
from peerhub.common.mail.writing import say_now
from peerhub.common.models.outbox import Channel, Message, MessageState

MANY = 100


@dataclass(frozen=True)
class Notice:
    """One line of the notifications page. `url` is "" where nothing is left to open; then `reason` may say why."""

    id: Any
    title: str
    url: str
    at: datetime
    is_new: bool
    reason: str = ""

    @property
    def open_url(self) -> str:
        """Where the line leads: it marks itself as read on the way."""
        return reverse("notification_open", args=[self.id]) if self.url else ""

    @property
    def line(self) -> str:
        return " · ".join(filter(None, (dates.when(self.at), self.reason)))

    @property
    def icon(self) -> str:
        return "bell" if self.url else "check-circle"

    @property
    def tone(self) -> str:
        return "info" if self.is_new else ""

    @property
    def state(self) -> str:
        return "turn" if self.is_new else ""

    @property
    def state_text(self) -> str:
        return _("New") if self.is_new else ""


def unread_count(user: Any) -> int:
    """How many the person has not seen. One cheap query, unless somebody asked together with other things."""
    known: int | None = getattr(user, "known_unread", None)
    return known if known is not None else Message.objects.notifications_of(user).unread()[:MANY].count()


def remember_unread(user: Any, count: int) -> None:
    """What `unread_count` is to answer for this user object, until something is read."""
    user.known_unread = count


def notices(messages: Sequence[Message], reader: Any, now: datetime) -> list[Notice]:
    """One reader's rows as lines, worded with the facts as they are now."""
    return [_notice(message, said) for message, said in say_now(messages, now, {reader.pk: reader})]


def _notice(message: Message, said: object) -> Notice:
    kind = kind_of(message.kind)
    title = str(kind.title) if kind else _("A message from an earlier version")
    is_new, at = message.seen_at is None, message.not_before
    if isinstance(said, Rendered):
        return Notice(message.pk, str(said.title or title), said.url, at, is_new)
    reason = str(said.reason) if isinstance(said, NotWanted) else ""
    return Notice(message.pk, title, "", at, is_new, reason or _("Nothing to do any more."))


@transaction.atomic
def deliver_due(now: datetime, limit: int = 1000) -> int:
    """Show notifications whose time has come, unless the facts changed meanwhile."""
    due = Message.objects.waiting().filter(channel=Channel.INAPP, not_before__lte=now).order_by("not_before", "pk")
    rows = list(due.select_for_update(skip_locked=True)[:limit])
    for message, said in say_now(rows, now):
        is_gone = isinstance(said, NotWanted)
        message.state = MessageState.CANCELLED if is_gone else MessageState.SENT
        message.reason = reason_key(said.reason) if isinstance(said, NotWanted) else ""
        message.finished_at = now
    Message.objects.bulk_update(rows, ["state", "reason", "finished_at"], batch_size=200)
    failpoint("notifications.in_deliver")
    return len(rows)


@transaction.atomic(durable=True)
def mark_read(*, actor: Any, message_ids: Sequence[Any] | None, now: datetime) -> int:
    """The actor has seen these notifications, or all of theirs. Naturally the same when done twice."""
    mine = Message.objects.notifications_of(actor).unread()
    if message_ids is not None:
        mine = mine.filter(pk__in=message_ids)
    actor.known_unread = None
    return mine.update(seen_at=now)


def page_context(request: Any) -> dict[str, object]:
    """For settings.PEERHUB_PAGE_CONTEXT: the link to one's notifications, with how many are new."""
    if not request.user.is_authenticated:
        return {}
    count = unread_count(request.user)
    badge = f"{MANY}+" if count >= MANY else str(count or "")
    url = reverse("notification_list")
    return {"account": [NavItem(_("Notifications"), url, "bell", request.path == url, 10, badge)]}
