"""The queue of a drop-in: who waits, who is called, who is being helped, and what became of everybody.

A drop-in is a session without a group in a cycle whose people queue (`AttendanceMode.QUEUE`). Its queue is there from
shortly before its start until its end; whoever waits then may still be taken for a little while.
"""

import uuid
from datetime import datetime

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from programmes.models.check_ins import CLOSES_AFTER, OPENS_BEFORE
from programmes.models.cycles import AttendanceMode, CycleState
from programmes.models.logs import Topic
from programmes.models.memberships import Membership
from programmes.models.sessions import Mode, Session, SessionKind, SessionStatus


class QueueHow(models.TextChoices):
    PHONE = "phone", _("By telephone")
    DESK = "desk", _("At the desk")
    LEADER = "leader", _("Added by who leads")


class QueueState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    CALLED = "called", _("Called")
    HELPING = "helping", _("Being helped")
    HELPED = "helped", _("Helped")
    LEFT = "left", _("Left")
    NO_ANSWER = "no_answer", _("Did not come when called")
    NOT_SERVED = "not_served", _("Not seen before the end")


LIVE = (QueueState.WAITING, QueueState.CALLED, QueueState.HELPING)
WITH_SOMEBODY = (QueueState.CALLED, QueueState.HELPING)
UNSERVED = (QueueState.LEFT, QueueState.NO_ANSWER, QueueState.NOT_SERVED)
ABOUT_LENGTH = 120


class DropIn(models.Model):
    """The queue of one session as a whole: its last ticket and turn, and whether it takes nobody any more."""

    session = models.OneToOneField(Session, on_delete=models.CASCADE, related_name="drop_in")
    last_number = models.PositiveIntegerField(default=0)
    last_turn = models.PositiveIntegerField(default=0)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        verbose_name = _("drop-in")
        verbose_name_plural = _("drop-ins")

    def __str__(self) -> str:
        return f"queue of {self.session_id}"


class QueueEntryQuerySet(models.QuerySet["QueueEntry"]):
    def live(self) -> "QueueEntryQuerySet":
        return self.filter(state__in=LIVE)


class QueueEntry(models.Model):
    """One ticket. Those who wait are taken in the order of `turn`, which a call that nobody answers moves to the end.

    `before` is what the row said before the last step of whoever leads, for taking that step back; {} when there is
    nothing to take back. `about` is read by those who lead, and goes a month after the day.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="queue")
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="queued")
    number = models.PositiveIntegerField(_("ticket"))
    turn = models.PositiveIntegerField()
    topic = models.ForeignKey(Topic, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    about = models.CharField(_("what it is about"), max_length=ABOUT_LENGTH, blank=True)
    how = models.CharField(max_length=6, choices=QueueHow)
    state = models.CharField(max_length=10, choices=QueueState, default=QueueState.WAITING)
    misses = models.PositiveSmallIntegerField(default=0)
    joined_at = models.DateTimeField()
    called_at = models.DateTimeField(null=True, blank=True)
    called_by = models.ForeignKey(
        Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="queue_calls"
    )
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    before = models.JSONField(default=dict, blank=True, encoder=DjangoJSONEncoder)
    stepped_at = models.DateTimeField(null=True, blank=True)

    objects = QueueEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("place in a queue")
        verbose_name_plural = _("places in queues")
        constraints = [
            models.UniqueConstraint(
                fields=["session", "membership"],
                condition=Q(state__in=["waiting", "called", "helping"]),
                name="queued_once",
            ),
            models.UniqueConstraint(fields=["session", "number"], name="queue_ticket_once"),
            models.CheckConstraint(name="queue_how_known", condition=Q(how__in=QueueHow.values)),
            models.CheckConstraint(name="queue_state_known", condition=Q(state__in=QueueState.values)),
            models.CheckConstraint(
                name="queue_called_by_somebody",
                condition=~Q(state__in=["called", "helping", "helped"])
                | Q(called_by__isnull=False, called_at__isnull=False),
            ),
            models.CheckConstraint(
                name="queue_helped_has_start",
                condition=~Q(state__in=["helping", "helped"]) | Q(started_at__isnull=False),
            ),
            models.CheckConstraint(
                name="queue_ended_when_over",
                condition=Q(state__in=["waiting", "called", "helping"], ended_at=None)
                | (~Q(state__in=["waiting", "called", "helping"]) & Q(ended_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="queue_ends_after_start",
                condition=Q(ended_at=None) | Q(started_at=None) | Q(ended_at__gte=F("started_at")),
            ),
        ]
        indexes = [
            models.Index(fields=["session", "state", "turn"], name="queue_in_order"),
            models.Index(fields=["ended_at"], condition=~Q(about=""), name="queue_with_words"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.state} at {self.session_id}"


def is_drop_in(session: Session) -> bool:
    """Whether people queue for this session. Load the cycle."""
    return (
        session.cycle.attendance_mode == AttendanceMode.QUEUE
        and session.group_id is None
        and session.kind == SessionKind.SESSION
        and session.mode != Mode.ASYNC
    )


def is_queue_on(session: Session, *, now: datetime) -> bool:
    """From shortly before its start until everybody was sent home: while leaders take people. Load the cycle."""
    return (
        is_drop_in(session)
        and session.status == SessionStatus.PLANNED
        and session.cycle.state != CycleState.CLOSED
        and session.starts_at - OPENS_BEFORE <= now < session.ends_at + CLOSES_AFTER
    )


def takes_queue(session: Session, *, now: datetime) -> bool:
    """Whether one may join: until its end, unless it was closed before. Load the cycle, and `drop_in` to be quick."""
    return is_queue_on(session, now=now) and now < session.ends_at and not is_closed(session)


def is_closed(session: Session) -> bool:
    drop_in = getattr(session, "drop_in", None)
    return drop_in is not None and drop_in.closed_at is not None
