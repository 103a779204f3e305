"""A cycle: one run of a programme, a year or a term. Rolled over by copying, never by editing last year's."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, F, Min, OuterRef, Q
from django.db.models.functions import Coalesce
from django.db.models.lookups import StartsWith
from django.utils.translation import gettext_lazy as _

from peerhub.institution.models import GrantRole, RoleGrant, SupportService
from programmes.models.programmes import Programme


class CycleState(models.TextChoices):
    """Worked through in this order; blocking checks guard each move (docs/architecture.md, "The spine")."""

    DESIGN = "design", _("In design")
    PREPARING = "preparing", _("Preparing")
    RUNNING = "running", _("Running")
    EVALUATING = "evaluating", _("Evaluating")
    CLOSED = "closed", _("Closed")


class JoinPolicy(models.TextChoices):
    OPEN = "open", _("Anyone may join")
    APPROVAL = "approval", _("A coordinator approves")
    INVITATION = "invitation", _("By invitation")
    ROSTER = "roster", _("From a class list")


class AttendanceMode(models.TextChoices):
    """How people come to sessions that are open to the whole cycle. A group's sessions are its members'."""

    FREE = "free", _("Just come along")
    BOOK = "book", _("Book a seat")
    QUEUE = "queue", _("Queue at a drop-in")


# What a cycle asks of contacts, logs and attendance: its settings of when something is due or quiet.
CADENCE = (
    "first_contact_days", "contact_cadence_days", "log_due_hours",
    "absences_in_row", "tail_off_percent", "vacations_count", "late_after_minutes",
)  # fmt: skip


class CycleQuerySet(models.QuerySet["Cycle"]):
    def current(self) -> "CycleQuerySet":
        """Not closed."""
        return self.exclude(state=CycleState.CLOSED)

    def visible_to(self, user: Any) -> "CycleQuerySet":
        """Cycles of programmes `user` may know exist."""
        return self.filter(programme__in=Programme.objects.visible_to(user).values("pk"))

    def run_by(self, user: Any) -> "CycleQuerySet":
        """Cycles whose workspace `user` may open, decided per cycle:
        who coordinates or supervises it, leads or owns its unit.
        """
        if not user.is_authenticated:
            return self.none()
        grants = RoleGrant.objects.held_by(user).filter(role__in=[GrantRole.LEAD, GrantRole.PROGRAMME_OWNER])
        above = grants.filter(StartsWith(OuterRef("programme__owner_unit__path"), F("unit__path")))
        membership = self.model._meta.apps.get_model("programmes", "Membership")
        runs = membership.objects.filter(
            cycle=OuterRef("pk"), user=user, status="active", role__in=["coordinator", "supervisor"]
        )
        return self.filter(Exists(above) | Exists(runs))

    def with_open_requests(self) -> Any:
        """`open_requests`: how many people wait for an answer; `oldest_request`: since when the first of them does."""
        asking = Q(memberships__status="requested")
        since = Coalesce("memberships__waiting_since", "memberships__created_at")
        return self.annotate(
            open_requests=Count("memberships", filter=asking), oldest_request=Min(since, filter=asking)
        )

    def open_to_join(self, *, today: date) -> "CycleQuerySet":
        """Cycles a student could ask to join today."""
        return self.filter(
            joining_open=True,
            state__in=[CycleState.PREPARING, CycleState.RUNNING],
            join_policy__in=[JoinPolicy.OPEN, JoinPolicy.APPROVAL],
        ).filter(Q(join_closes_on=None) | Q(join_closes_on__gte=today))


class Cycle(models.Model):
    """One run. Dates are in `time_zone`; both dates are inside the cycle."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="cycles")
    code = models.SlugField(_("code"), max_length=20)
    state = models.CharField(_("state"), max_length=10, choices=CycleState, default=CycleState.DESIGN)
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    time_zone = models.CharField(_("time zone"), max_length=60, default="Europe/London")
    previous = models.OneToOneField("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="next")

    join_policy = models.CharField(
        _("how students join"), max_length=10, choices=JoinPolicy, default=JoinPolicy.APPROVAL
    )
    joining_open = models.BooleanField(_("open to join"), default=False)
    join_closes_on = models.DateField(_("joining closes on"), null=True, blank=True)
    capacity = models.PositiveIntegerField(_("places"), null=True, blank=True)
    waiting_list = models.BooleanField(_("keep a waiting list"), default=True)
    offer_days = models.PositiveSmallIntegerField(_("days to accept an offered place"), default=3)

    attendance_mode = models.CharField(
        _("how people come"), max_length=5, choices=AttendanceMode, default=AttendanceMode.FREE
    )

    first_contact_days = models.PositiveSmallIntegerField(_("days until first contact"), default=10)
    contact_cadence_days = models.PositiveSmallIntegerField(_("days between contacts"), default=14)
    log_due_hours = models.PositiveSmallIntegerField(_("hours until a log is due"), default=48)
    absences_in_row = models.PositiveSmallIntegerField(_("absences in a row until somebody is listed"), default=2)
    tail_off_percent = models.PositiveSmallIntegerField(_("share of the usual attendance, in percent"), default=60)
    vacations_count = models.BooleanField(_("days between terms count"), default=False)
    late_after_minutes = models.PositiveSmallIntegerField(_("minutes until a check-in is late"), default=15)

    expectations = models.TextField(_("what is expected"), blank=True)
    responsibilities = models.TextField(_("responsibilities of leaders"), blank=True)
    boundaries = models.TextField(_("boundaries"), blank=True)
    fresh_look = models.JSONField(
        default=list, blank=True, help_text=_("Parts copied from the last cycle that somebody should read again.")
    )

    created_at = models.DateTimeField()
    state_changed_at = models.DateTimeField(null=True, blank=True)

    objects = CycleQuerySet.as_manager()

    class Meta:
        verbose_name = _("cycle")
        verbose_name_plural = _("cycles")
        constraints = [
            models.UniqueConstraint(fields=["programme", "code"], name="cycle_code_once"),
            models.CheckConstraint(name="cycle_ends_after_start", condition=Q(ends_on__gt=F("starts_on"))),
            models.CheckConstraint(name="cycle_state_known", condition=Q(state__in=CycleState.values)),
            models.CheckConstraint(name="cycle_join_policy_known", condition=Q(join_policy__in=JoinPolicy.values)),
            models.CheckConstraint(
                name="cycle_attendance_mode_known", condition=Q(attendance_mode__in=AttendanceMode.values)
            ),
            models.CheckConstraint(name="cycle_capacity_positive", condition=Q(capacity=None) | Q(capacity__gt=0)),
            models.CheckConstraint(name="cycle_absences_positive", condition=Q(absences_in_row__gt=0)),
            models.CheckConstraint(name="cycle_tail_off_is_share", condition=Q(tail_off_percent__range=(1, 100))),
        ]

    def __str__(self) -> str:
        return f"{self.programme_id}/{self.code}"

    def today(self, *, now: datetime) -> date:
        """The date at `now` where the cycle runs."""
        return now.astimezone(ZoneInfo(self.time_zone)).date()

    def takes_joiners(self, *, today: date) -> bool:
        """True when a student could ask to join today (places aside)."""
        return (
            self.joining_open
            and self.state in {CycleState.PREPARING, CycleState.RUNNING}
            and self.join_policy in {JoinPolicy.OPEN, JoinPolicy.APPROVAL}
            and (self.join_closes_on is None or self.join_closes_on >= today)
        )


class BoundaryReferral(models.Model):
    """An out-of-scope task, and the service to refer to instead (PLAG best practice)."""

    cycle = models.ForeignKey(Cycle, on_delete=models.CASCADE, related_name="referrals")
    task = models.CharField(_("what leaders do not do"), max_length=200)
    service = models.ForeignKey(
        SupportService, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("refer to")
    )
    position = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return self.task


class Waiver(models.Model):
    """A blocking check a coordinator set aside, with the written reason. It stays visible on the cycle."""

    cycle = models.ForeignKey(Cycle, on_delete=models.CASCADE, related_name="waivers")
    check_code = models.CharField(max_length=80)
    reason = models.CharField(_("reason"), max_length=400)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cycle", "check_code"], name="check_waived_once"),
            models.CheckConstraint(name="waiver_has_reason", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return self.check_code
