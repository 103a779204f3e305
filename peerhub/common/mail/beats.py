"""Signs of life, and what health checks read from the rows."""

from datetime import datetime, timedelta

from peerhub.common.failpoints import failpoint
from peerhub.common.models.outbox import Channel, Message, WorkerBeat

PLANNER = "planner"
OLDEST_DUE_MAX = timedelta(minutes=10)
PLANNER_MAX = timedelta(minutes=5)


def beat(name: str, now: datetime) -> None:
    """`name` is alive."""
    failpoint("beats.before_beat")
    WorkerBeat.objects.update_or_create(name=name[:120], defaults={"at": now})


def planner_age(now: datetime) -> timedelta | None:
    """How long ago the planner last finished a round; None when it never did."""
    last = WorkerBeat.objects.filter(name=PLANNER).values_list("at", flat=True).first()
    return now - last if last else None


def oldest_due(now: datetime) -> timedelta:
    """How long the longest-waiting due message has been due; zero when nothing is."""
    due = Message.objects.waiting().filter(channel=Channel.EMAIL, not_before__lte=now)
    first = due.order_by("not_before").values_list("not_before", flat=True).first()
    return now - first if first else timedelta(0)
