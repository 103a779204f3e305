"""What people may do about a message that did not go out: send it again, or give it up."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from peerhub.common import audit
from peerhub.common.errors import DomainError
from peerhub.common.mail import boxes
from peerhub.common.mail.outbox import ring_after_commit
from peerhub.common.models.outbox import MessageQuerySet, MessageState

MAY_SEND_AGAIN = (MessageState.DEAD, MessageState.MISSED, MessageState.RETRY)
MAY_GIVE_UP = (*MAY_SEND_AGAIN, MessageState.QUEUED)


class MessageRefused(DomainError):
    """Codes: nothing_chosen, too_late, no_reason."""


@transaction.atomic(durable=True)
def send_again(*, actor: Any, cycle_id: int, message_ids: Sequence[UUID] = (), box: str = "", now: datetime) -> int:
    """Put messages of a cycle back into the queue, with all their attempts: those named, or a whole box.

    Returns how many. Refuses: nothing_chosen; too_late when none of them can be sent again any more. Whether each is
    still wanted is asked once more when it leaves.
    """
    chosen = _chosen(cycle_id, message_ids, box).filter(state__in=MAY_SEND_AGAIN)
    count = requeue(chosen, now)
    if not count:
        raise MessageRefused(
            "too_late", _("There was nothing to send again: somebody was quicker, or it has gone out.")
        )
    audit.record(actor=actor, action="common.messages_sent_again", cycle_id=cycle_id, detail={"count": count}, now=now)
    ring_after_commit()
    return count


@transaction.atomic(durable=True)
def give_up(*, actor: Any, cycle_id: int, message_ids: Sequence[UUID], reason: str, now: datetime) -> int:
    """Cancel messages of a cycle, for a reason people can read. Returns how many.

    Refuses: nothing_chosen, no_reason, too_late.
    """
    reason = " ".join(reason.split())[:300]
    if not reason:
        raise MessageRefused("no_reason", _("Say in a few words why, so that others understand later."))
    chosen = _chosen(cycle_id, message_ids, "").filter(state__in=MAY_GIVE_UP)
    count = chosen.update(state=MessageState.CANCELLED, finished_at=now, reason=reason)
    if not count:
        raise MessageRefused("too_late", _("There was nothing to give up: somebody was quicker, or it has gone out."))
    audit.record(actor=actor, action="common.messages_given_up", cycle_id=cycle_id, detail={"count": count}, now=now)
    return count


def requeue(messages: MessageQuerySet, now: datetime) -> int:
    """A step of use cases: messages start anew. What they were told last stays readable until the next answer."""
    return messages.update(state=MessageState.QUEUED, attempts=0, not_before=now, finished_at=None, reason="")


def _chosen(cycle_id: int, message_ids: Sequence[UUID], box: str) -> MessageQuerySet:
    mails = boxes.mails_of_cycle(cycle_id)
    if box:
        return mails.filter(pk__in=boxes.in_box(mails, box).order_by().values("pk"))
    if not message_ids:
        raise MessageRefused("nothing_chosen", _("Choose at least one message."))
    return mails.filter(pk__in=message_ids)
