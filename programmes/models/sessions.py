"""Sessions: planned or ad hoc, in person, online or asynchronous; and 1:1 contacts, including attempts that failed."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from programmes.models.cycles import Cycle
from programmes.models.groups import Group, GroupMember
from programmes.models.memberships import STILL_HERE, Membership, MembershipStatus, Role


class SessionKind(models.TextChoices):
    SESSION = "session", _("Session")
    CONTACT = "contact", _("Contact")


class Mode(models.TextChoices):
    IN_PERSON = "in_person", _("In person")
    ONLINE = "online", _("Online")
    ASYNC = "async", _("In their own time")


class Channel(models.TextChoices):
    """How a 1:1 contact was made."""

    MET = "met", _("Met")
    CALL = "call", _("Call")
    VIDEO = "video", _("Video call")
    MESSAGE = "message", _("Message")


class SessionStatus(models.TextChoices):
    """`nobody_came` and `not_held` are outcomes like any other; a failed attempt at contact counts as an attempt."""

    PLANNED = "planned", _("Planned")
    HELD = "held", _("Held")
    NOBODY_CAME = "nobody_came", _("Nobody came")
    NOT_HELD = "not_held", _("Did not happen")
    ATTEMPTED = "attempted", _("Tried, no answer")
    CANCELLED = "cancelled", _("Cancelled")


LOGGED = (SessionStatus.HELD, SessionStatus.NOBODY_CAME, SessionStatus.NOT_HELD, SessionStatus.ATTEMPTED)


class SessionQuerySet(models.QuerySet["Session"]):
    def visible_to(self, user: Any) -> "SessionQuerySet":
        """Sessions `user` may know exist: those they lead, of a group they are in, those they were at, open to the
        whole cycle they lead or take part in (no group), and all of cycles they coordinate or supervise. Contacts: only
        the pair and those who run the cycle. Whoever left or was removed sees nothing more; partners never do.
        """
        if not user.is_authenticated:
            return self.none()
        mine = Membership.objects.active().filter(user=user, cycle=OuterRef("cycle"))
        runs = mine.filter(role__in=[Role.COORDINATOR, Role.SUPERVISOR])
        leads = SessionLeader.objects.filter(
            session=OuterRef("pk"), membership__user=user, membership__status=MembershipStatus.ACTIVE
        )
        grouped = GroupMember.objects.filter(
            group=OuterRef("group"), ended_at=None, membership__user=user, membership__status=MembershipStatus.ACTIVE
        )
        attended = Attendance.objects.filter(
            session=OuterRef("pk"), membership__user=user, membership__status__in=STILL_HERE
        )
        meets = mine.filter(role__in=[Role.LEADER, Role.PARTICIPANT])
        return self.filter(
            Exists(runs)
            | Exists(leads)
            | Exists(grouped)
            | Exists(attended)
            | (Q(group=None, kind=SessionKind.SESSION) & Exists(meets))
        )

    def with_viewer(self, user: Any) -> "SessionQuerySet":
        """Says of each session whether `user` leads it, and as which member, so that nobody need ask again."""
        leads = SessionLeader.objects.filter(
            session=OuterRef("pk"), membership__user=user, membership__status=MembershipStatus.ACTIVE
        )
        key = user.pk if hasattr(user.pk, "resolve_expression") else models.Value(user.pk, models.BigIntegerField())
        leads_as = Subquery(leads.order_by("pk").values("membership_id")[:1])
        return self.annotate(viewer_leads=Exists(leads), viewer_leads_as=leads_as, viewer_id=key)

    def led_by(self, user: Any) -> "SessionQuerySet":
        return self.filter(Exists(SessionLeader.objects.filter(session=OuterRef("pk"), membership__user=user)))

    def unlogged(self, *, now: datetime) -> "SessionQuerySet":
        """Over, still planned: a log is wanted."""
        return self.filter(status=SessionStatus.PLANNED, ends_at__lte=now)

    def upcoming(self, *, now: datetime) -> "SessionQuerySet":
        return self.filter(status=SessionStatus.PLANNED, ends_at__gt=now)


class Session(models.Model):
    """One meeting, half-open from `starts_at` to `ends_at` (UTC).

    Asynchronous ones use the span in which people take part.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="sessions")
    group = models.ForeignKey(Group, null=True, blank=True, on_delete=models.PROTECT, related_name="sessions")
    kind = models.CharField(max_length=8, choices=SessionKind, default=SessionKind.SESSION)
    title = models.CharField(_("title"), max_length=120, blank=True)
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    mode = models.CharField(_("how"), max_length=10, choices=Mode, default=Mode.IN_PERSON)
    channel = models.CharField(_("contact by"), max_length=8, choices=Channel, blank=True)
    place = models.CharField(_("place"), max_length=120, blank=True)
    link = models.URLField(_("link"), blank=True)
    capacity = models.PositiveSmallIntegerField(_("places"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=12, choices=SessionStatus, default=SessionStatus.PLANNED)
    status_note = models.CharField(_("note"), max_length=240, blank=True)
    is_ad_hoc = models.BooleanField(default=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    moved_at = models.DateTimeField(null=True, blank=True)
    sequence = models.PositiveSmallIntegerField(
        default=0, help_text=_("One more for every change people are told of; calendars tell old from new by it.")
    )
    revised_at = models.DateTimeField(null=True, blank=True, help_text=_("When people were last told of a change."))
    log_version = models.PositiveSmallIntegerField(
        default=0, help_text=_("0: not logged; 1: logged; one more for every correction.")
    )
    series = models.ForeignKey(
        "programmes.SessionSeries",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="sessions",
        db_index=False,  # session_slot_once finds them
    )
    slot_on = models.DateField(
        null=True, blank=True, help_text=_("The day of its series that it stands for, wherever it was moved since.")
    )
    stop = models.ForeignKey(
        "programmes.SeriesStop", null=True, blank=True, on_delete=models.SET_NULL, related_name="sessions"
    )
    # What was changed for this one alone stays when its series changes.
    has_own_time = models.BooleanField(default=False)
    has_own_place = models.BooleanField(default=False)
    has_own_leaders = models.BooleanField(default=False)
    has_own_words = models.BooleanField(default=False)

    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        constraints = [
            models.CheckConstraint(name="session_ends_after_start", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(name="session_status_known", condition=Q(status__in=SessionStatus.values)),
            models.CheckConstraint(name="session_mode_known", condition=Q(mode__in=Mode.values)),
            models.CheckConstraint(name="session_kind_known", condition=Q(kind__in=SessionKind.values)),
            models.CheckConstraint(name="contact_has_channel", condition=Q(kind="session") | ~Q(channel="")),
            models.CheckConstraint(
                name="only_contacts_attempted", condition=Q(kind="contact") | ~Q(status="attempted")
            ),
            models.UniqueConstraint(
                fields=["series", "slot_on"], condition=Q(series__isnull=False), name="session_slot_once"
            ),
            models.CheckConstraint(
                name="session_slot_of_series", condition=Q(series__isnull=True) | Q(slot_on__isnull=False)
            ),
        ]
        indexes = [
            models.Index(fields=["cycle", "starts_at"], name="session_by_cycle"),
            models.Index(fields=["group", "starts_at"], name="session_by_group"),
            models.Index(fields=["status", "starts_at"], name="session_due"),
        ]

    def __str__(self) -> str:
        return str(self.uuid)

    def is_over(self, *, now: datetime) -> bool:
        return self.ends_at <= now

    def can_be_logged(self, *, now: datetime) -> bool:
        """From its start (a leader logs as people arrive) until it is cancelled."""
        return self.status != SessionStatus.CANCELLED and self.starts_at <= now

    def revise(self, *, now: datetime) -> tuple[str, str]:
        """Note a change that people are told of; the fields to save with it."""
        self.sequence += 1
        self.revised_at = now
        return "sequence", "revised_at"

    def log_due_at(self, hours: int) -> datetime:
        """When its log is due: `hours` after the end (the cycle's `log_due_hours`)."""
        return self.ends_at + timedelta(hours=hours)


class SessionLeader(models.Model):
    """Who leads a session. Kept per session, so that changing a group's leader never rewrites the past."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="leaders")
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="led_sessions")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session", "membership"], name="session_leader_once")]

    def __str__(self) -> str:
        return f"{self.membership_id} leads {self.session_id}"


class AttendanceStatus(models.TextChoices):
    PRESENT = "present", _("Here")
    LATE = "late", _("Late")
    ABSENT = "absent", _("Not here")
    EXCUSED = "excused", _("Excused")


class RecordedBy(models.TextChoices):
    LEADER = "leader", _("Leader")
    COORDINATOR = "coordinator", _("Coordinator")
    IMPORT = "import", _("Import")
    # Checked in, and the leader left the tick where it was: the same words as CheckInHow.
    CODE = "code", _("Code typed")
    QR = "qr", _("Code scanned")
    KIOSK = "kiosk", _("At the desk, by number")
    CARD = "card", _("At the desk, by card")
    QUEUE = "queue", _("Taken from the queue")


class Attendance(models.Model):
    """One participant at one session. Tied to the membership, not the group: moving groups never loses a register."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="attendances")
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="attendances")
    status = models.CharField(max_length=8, choices=AttendanceStatus)
    is_walk_in = models.BooleanField(default=False)
    recorded_how = models.CharField(max_length=12, choices=RecordedBy, default=RecordedBy.LEADER)
    recorded_at = models.DateTimeField()

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendances")
        constraints = [
            models.UniqueConstraint(fields=["session", "membership"], name="attendance_once"),
            models.CheckConstraint(name="attendance_status_known", condition=Q(status__in=AttendanceStatus.values)),
        ]
        indexes = [models.Index(fields=["membership", "status"], name="attendance_by_membership")]

    def __str__(self) -> str:
        return f"{self.membership_id} {self.status} at {self.session_id}"
