"""Series: sessions that come back. The rule says on which days; a pattern says how they are, from a day on."""

import uuid
from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from programmes.models.cycles import Cycle
from programmes.models.groups import Group, GroupMember
from programmes.models.memberships import Membership, MembershipStatus, Role
from programmes.models.sessions import Mode

DAY_MINUTES = 24 * 60
LONGEST_MINUTES = 7 * DAY_MINUTES  # in their own time: a week


class SessionSeriesQuerySet(models.QuerySet["SessionSeries"]):
    def visible_to(self, user: Any) -> "SessionSeriesQuerySet":
        """Series `user` may know exist: those they lead, of a group they are in, open to the whole cycle they lead or
        take part in (no group), and all of cycles they coordinate or supervise. Whoever left sees nothing more.
        """
        if not user.is_authenticated:
            return self.none()
        mine = Membership.objects.active().filter(user=user, cycle=OuterRef("cycle"))
        grouped = GroupMember.objects.filter(
            group=OuterRef("group"), ended_at=None, membership__user=user, membership__status=MembershipStatus.ACTIVE
        )
        meets = mine.filter(role__in=[Role.LEADER, Role.PARTICIPANT])
        return self.filter(
            Exists(mine.filter(role__in=[Role.COORDINATOR, Role.SUPERVISOR]))
            | Exists(_led_by(user))
            | Exists(grouped)
            | (Q(group=None) & Exists(meets))
        )


def _led_by(user: Any) -> "models.QuerySet[SeriesLeader]":
    return SeriesLeader.objects.filter(
        pattern__series=OuterRef("pk"), membership__user=user, membership__status=MembershipStatus.ACTIVE
    )


class SessionSeries(models.Model):
    """On which days. `weekdays` are 0 (Monday) to 6, `days` are more days as ISO text; both ends are inside.

    Every second week counts teaching weeks where `teaching_only`, else all weeks, from the week of `starts_on`.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="series")
    group = models.ForeignKey(Group, null=True, blank=True, on_delete=models.PROTECT, related_name="series")
    weekdays = models.JSONField(_("days of the week"), default=list, blank=True)
    days = models.JSONField(_("more days"), default=list, blank=True)
    every = models.PositiveSmallIntegerField(_("every so many weeks"), default=1)
    teaching_only = models.BooleanField(_("in teaching weeks only"), default=True)
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    calendar_mark = models.CharField(
        max_length=40, blank=True, help_text=_("Of the institution’s calendar when its days were last made from it.")
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()

    objects = SessionSeriesQuerySet.as_manager()

    class Meta:
        verbose_name = _("series of sessions")
        verbose_name_plural = _("series of sessions")
        constraints = [
            models.CheckConstraint(name="series_ends_after_start", condition=Q(ends_on__gte=F("starts_on"))),
            models.CheckConstraint(name="series_every_known", condition=Q(every__in=[1, 2])),
        ]

    def __str__(self) -> str:
        return str(self.uuid)

    def chosen_days(self) -> tuple[date, ...]:
        return tuple(date.fromisoformat(text) for text in self.days)


class SeriesPattern(models.Model):
    """How the sessions of a series are, from `from_on` until the next pattern: earlier ones are never rewritten.

    `start` is what the clocks of the cycle's time zone show; `minutes` pass by themselves, whatever the clocks do.
    """

    series = models.ForeignKey(SessionSeries, on_delete=models.CASCADE, related_name="patterns")
    from_on = models.DateField(_("from"))
    start = models.TimeField(_("starts"))
    minutes = models.PositiveSmallIntegerField(_("minutes"))
    mode = models.CharField(_("how"), max_length=10, choices=Mode, default=Mode.IN_PERSON)
    place = models.CharField(_("place"), max_length=120, blank=True)
    link = models.URLField(_("link"), blank=True)
    title = models.CharField(_("title"), max_length=120, blank=True)
    capacity = models.PositiveSmallIntegerField(_("places"), null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["series", "from_on"], name="series_pattern_once"),
            models.CheckConstraint(name="series_mode_known", condition=Q(mode__in=Mode.values)),
            models.CheckConstraint(
                name="series_has_length",
                condition=Q(minutes__gt=0)
                & (Q(minutes__lte=DAY_MINUTES) | Q(mode="async", minutes__lte=LONGEST_MINUTES)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.series_id} from {self.from_on}"


class SeriesLeader(models.Model):
    """Who leads what a pattern makes. Whoever leaves is taken off; the sessions themselves keep their own leaders."""

    pattern = models.ForeignKey(SeriesPattern, on_delete=models.CASCADE, related_name="leaders")
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="led_series")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pattern", "membership"], name="series_leader_once")]

    def __str__(self) -> str:
        return f"{self.membership_id} leads {self.pattern_id}"


class SeriesStop(models.Model):
    """One calling-off of the rest of a series, or of days the calendar closed since: its sessions name it, so that
    exactly these can be put back.
    """

    series = models.ForeignKey(SessionSeries, on_delete=models.CASCADE, related_name="stops")
    from_on = models.DateField(_("from"))
    reason = models.CharField(_("reason"), max_length=240)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)
    is_by_calendar = models.BooleanField(default=False)

    class Meta:
        constraints = [models.CheckConstraint(name="series_stop_has_reason", condition=~Q(reason=""))]

    def __str__(self) -> str:
        return f"{self.series_id} from {self.from_on}"
