"""What failed mails answer to the rest of the house: a number on the coordinator's home, and a daily word."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time, timedelta

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from peerhub.common.models import Message
from peerhub.common.models.outbox import Channel, MessageState
from peerhub.common.stages import URGENCY_SOON, Reminder, Todo
from programmes.models import Cycle, Membership, Role
from programmes.queries.delivery_reminders import last_planned

DIGEST_KIND = "programmes.messages_failed"
DIGEST_AT = time(7, 0)
DIGEST_GRACE = timedelta(hours=12)
A_DAY = timedelta(days=1)


def failed_todos(failed: Mapping[int, int]) -> list[Todo]:
    """Coordinator: mails that did not arrive and wait for a decision, by cycle. No query while there are none."""
    if not failed:
        return []
    cycles = Cycle.objects.filter(pk__in=failed).select_related("programme").order_by("programme__name", "pk")
    return [_todo(cycle, failed[cycle.pk]) for cycle in cycles]


def _todo(cycle: Cycle, count: int) -> Todo:
    title = ngettext("%(count)s message did not arrive", "%(count)s messages did not arrive", count) % {"count": count}
    return Todo(
        title=title,
        url=reverse("programmes:message_list", args=[cycle.programme.slug, cycle.code]) + "?box=failed",
        due_at=None,
        urgency=URGENCY_SOON,
        role="coordinator",
        detail=_("%(programme)s. See why, and send them again.") % {"programme": cycle.programme.name},
        icon="envelope-exclamation",
        cycle_id=cycle.pk,
        code="failed_messages",
    )


def message_reminders(now: datetime) -> Iterator[Reminder]:
    """Each morning at 7 (UTC), to the coordinators of cycles where mails failed in the 24 hours before. Mornings that
    passed while no planner ran are told late, or recorded as missed.
    """
    due_at = datetime.combine(now.astimezone(UTC).date(), DIGEST_AT, UTC)
    since = last_planned(now)
    while due_at + DIGEST_GRACE >= since:
        if due_at <= now:
            yield from _of_morning(due_at)
        due_at -= A_DAY


def _of_morning(due_at: datetime) -> Iterator[Reminder]:
    failed = Message.objects.filter(channel=Channel.EMAIL, state=MessageState.DEAD, cycle_id__isnull=False)
    recent = failed.filter(finished_at__gt=due_at - A_DAY, finished_at__lte=due_at).exclude(kind=DIGEST_KIND)
    cycles = list(recent.values_list("cycle_id", flat=True).annotate(Count("pk")).order_by("cycle_id"))
    if not cycles:
        return
    readers = Membership.objects.active().filter(cycle__in=cycles, role=Role.COORDINATOR).order_by("pk")
    for cycle_id, user_id in readers.values_list("cycle_id", "user_id"):
        yield Reminder(
            key=f"messages_failed:{cycle_id}:{user_id}:{due_at:%Y-%m-%d}",
            due_at=due_at,
            grace=DIGEST_GRACE,
            recipient_id=user_id,
            kind=DIGEST_KIND,
            ids={"cycle": cycle_id},
            cycle_id=cycle_id,
        )
