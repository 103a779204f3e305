"""Booking: the rules a cycle books seats by, who has, awaits or had one, and pauses after missing too much.

Bookings follow their session: while it is called off they do nothing, and when it is put back they are there again.
"""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from programmes.models.cycles import Cycle
from programmes.models.memberships import Membership, MembershipStatus, Role
from programmes.models.sessions import Mode, Session, SessionKind, SessionLeader


class BookingRules(models.Model):
    """What a cycle asks of those who book. A cycle without a row goes by the defaults (`rules_of`)."""

    cycle = models.OneToOneField(Cycle, on_delete=models.CASCADE, related_name="booking_rules")
    lead_hours = models.PositiveSmallIntegerField(_("hours before the start until which people book"), default=2)
    weeks_ahead = models.PositiveSmallIntegerField(_("weeks ahead that people can book"), default=2)
    late_cancel_hours = models.PositiveSmallIntegerField(
        _("hours before the start until which a seat is given back"), default=24
    )
    grace_minutes = models.PositiveSmallIntegerField(_("minutes to think again after booking"), default=15)
    weekly_limit = models.PositiveSmallIntegerField(
        _("seats a week for each student"), null=True, blank=True, default=2
    )
    misses = models.PositiveSmallIntegerField(_("times missed that pause booking"), null=True, blank=True, default=3)
    misses_days = models.PositiveSmallIntegerField(_("days within which they count"), default=28)
    pause_days = models.PositiveSmallIntegerField(_("days for which booking pauses"), default=14)
    accept_hours = models.PositiveSmallIntegerField(_("hours to accept an offered seat"), default=12)
    leader_hours = models.PositiveSmallIntegerField(
        _("hours a week that somebody leads at most"), null=True, blank=True
    )

    class Meta:
        verbose_name = _("rules of booking")
        verbose_name_plural = _("rules of booking")
        constraints = [
            models.CheckConstraint(name="booking_some_weeks_ahead", condition=Q(weeks_ahead__gt=0)),
            models.CheckConstraint(name="booking_some_time_to_accept", condition=Q(accept_hours__gt=0)),
            models.CheckConstraint(
                name="booking_limit_positive", condition=Q(weekly_limit=None) | Q(weekly_limit__gt=0)
            ),
            models.CheckConstraint(name="booking_misses_positive", condition=Q(misses=None) | Q(misses__gt=0)),
            models.CheckConstraint(
                name="booking_pause_has_days", condition=Q(misses=None) | Q(misses_days__gt=0, pause_days__gt=0)
            ),
            models.CheckConstraint(
                name="leader_hours_positive", condition=Q(leader_hours=None) | Q(leader_hours__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return f"cycle {self.cycle_id}"

    def opens_at(self, session: Session) -> datetime:
        return session.starts_at - timedelta(weeks=self.weeks_ahead)

    def closes_at(self, session: Session) -> datetime:
        """From this moment nobody books, waits or is offered anything."""
        return session.starts_at - timedelta(hours=self.lead_hours)

    def offer_ends_at(self, session: Session, *, now: datetime) -> datetime:
        return min(now + timedelta(hours=self.accept_hours), self.closes_at(session))

    def is_late(self, booking: "Booking", session: Session, *, now: datetime) -> bool:
        """Whether giving this seat back now counts as missing it. Never shortly after booking, nor when the session
        was moved since.
        """
        if session.moved_at and session.moved_at > booking.made_at:
            return False
        if now < booking.made_at + timedelta(minutes=self.grace_minutes):
            return False
        return now > session.starts_at - timedelta(hours=self.late_cancel_hours)


# What the next cycle takes over.
RULES = (
    "lead_hours", "weeks_ahead", "late_cancel_hours", "grace_minutes", "weekly_limit", "misses", "misses_days",
    "pause_days", "accept_hours", "leader_hours",
)  # fmt: skip


def takes_seats(session: Session) -> bool:
    """Seats are for meeting what is open to everybody in the cycle: not groups, contacts, or people's own time."""
    return session.kind == SessionKind.SESSION and session.group_id is None and session.mode != Mode.ASYNC


class BookingState(models.TextChoices):
    BOOKED = "booked", _("Booked")
    WAITING = "waiting", _("On the waiting list")
    OFFERED = "offered", _("Offered a seat")
    CANCELLED = "cancelled", _("Given back")
    LATE = "late", _("Given back too late")
    DECLINED = "declined", _("Did not want it")
    LAPSED = "lapsed", _("Offer ran out")
    UNSERVED = "unserved", _("No seat came free")
    ENDED = "ended", _("Ended")


LIVE_BOOKINGS = (BookingState.BOOKED, BookingState.WAITING, BookingState.OFFERED)
HOLDS_SEAT = (BookingState.BOOKED, BookingState.OFFERED)


class BookingQuerySet(models.QuerySet["Booking"]):
    def live(self) -> "BookingQuerySet":
        return self.filter(state__in=LIVE_BOOKINGS)

    def holding_seat(self) -> "BookingQuerySet":
        return self.filter(state__in=HOLDS_SEAT)

    def waiting_in_order(self) -> "BookingQuerySet":
        """Whoever was written down first is next: rows are written while the session is held."""
        return self.filter(state=BookingState.WAITING).order_by("pk")

    def visible_to(self, user: Any) -> "BookingQuerySet":
        """One's own while one takes part; all of sessions one leads, and of cycles one coordinates or supervises."""
        if not user.is_authenticated:
            return self.none()
        runs = Membership.objects.active().filter(
            user=user, cycle=OuterRef("session__cycle"), role__in=[Role.COORDINATOR, Role.SUPERVISOR]
        )
        leads = SessionLeader.objects.filter(
            session=OuterRef("session"), membership__user=user, membership__status=MembershipStatus.ACTIVE
        )
        mine = Q(membership__user=user, membership__status=MembershipStatus.ACTIVE)
        return self.filter(mine | Exists(runs) | Exists(leads))


class Booking(models.Model):
    """One person and a seat at one session: had, awaited, offered or given back. A new try is a new row."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="bookings")
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="bookings")
    state = models.CharField(_("state"), max_length=9, choices=BookingState, default=BookingState.BOOKED)
    made_at = models.DateTimeField()
    waiting_since = models.DateTimeField(null=True, blank=True)
    offered_at = models.DateTimeField(null=True, blank=True)
    offer_expires_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = BookingQuerySet.as_manager()

    class Meta:
        verbose_name = _("booking")
        verbose_name_plural = _("bookings")
        constraints = [
            models.UniqueConstraint(
                fields=["session", "membership"], condition=Q(state__in=["booked", "waiting", "offered"]),
                name="booked_once",
            ),
            models.CheckConstraint(name="booking_state_known", condition=Q(state__in=BookingState.values)),
            models.CheckConstraint(
                name="booking_waits_since", condition=~Q(state="waiting") | Q(waiting_since__isnull=False)
            ),
            models.CheckConstraint(
                name="booking_offer_has_expiry", condition=~Q(state="offered") | Q(offer_expires_at__isnull=False)
            ),
            models.CheckConstraint(
                name="booking_ended_when_over",
                condition=Q(state__in=["booked", "waiting", "offered"], ended_at=None)
                | (~Q(state__in=["booked", "waiting", "offered"]) & Q(ended_at__isnull=False)),
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["membership", "state"], name="booking_by_membership"),
            models.Index(fields=["session", "state"], name="booking_by_session"),
            models.Index(
                fields=["offer_expires_at"], condition=Q(state="offered"), name="booking_offers"
            ),
            models.Index(fields=["session"], condition=Q(state="waiting"), name="booking_queue"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.state} {self.membership_id} at {self.session_id}"


class BookingPauseQuerySet(models.QuerySet["BookingPause"]):
    def running(self, *, now: datetime) -> "BookingPauseQuerySet":
        return self.filter(lifted_at=None, until__gt=now)

    def visible_to(self, user: Any) -> "BookingPauseQuerySet":
        """Those of cycles one coordinates or supervises."""
        if not user.is_authenticated:
            return self.none()
        roles = [Role.COORDINATOR, Role.SUPERVISOR]
        runs = Membership.objects.active().filter(user=user, cycle=OuterRef("membership__cycle"), role__in=roles)
        return self.filter(Exists(runs))


class BookingPause(models.Model):
    """Somebody missed so often that they book nothing new until a day. What they have booked stays theirs.

    It counts what was missed after `since`; when a corrected log leaves too little, the pause ends by itself.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="booking_pauses")
    since = models.DateTimeField()
    started_at = models.DateTimeField()
    until = models.DateTimeField()
    misses = models.PositiveSmallIntegerField()
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    lift_reason = models.CharField(_("why it was lifted"), max_length=240, blank=True)

    objects = BookingPauseQuerySet.as_manager()

    class Meta:
        verbose_name = _("pause of booking")
        verbose_name_plural = _("pauses of booking")
        constraints = [
            models.CheckConstraint(name="pause_ends_after_start", condition=Q(until__gt=F("started_at"))),
            models.CheckConstraint(
                name="pause_reason_when_lifted", condition=Q(lift_reason="") | Q(lifted_at__isnull=False)
            ),
        ]
        indexes = [models.Index(fields=["membership", "until"], name="pause_by_membership")]

    def __str__(self) -> str:
        return f"{self.membership_id} until {self.until}"
