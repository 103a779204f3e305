"""Asking for cover: a leader cannot run one session, and somebody else may take it."""

import uuid
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from programmes.models.memberships import Membership, Role
from programmes.models.sessions import Session, SessionStatus


class CoverState(models.TextChoices):
    OPEN = "open", _("Wanted")
    TAKEN = "taken", _("Taken")
    WITHDRAWN = "withdrawn", _("Not needed any more")
    SETTLED = "settled", _("Settled by those who run it")


class CoverRequestQuerySet(models.QuerySet["CoverRequest"]):
    def visible_to(self, user: Any) -> "CoverRequestQuerySet":
        """Those of cycles in which `user` leads now, or which they coordinate or supervise."""
        if not user.is_authenticated:
            return self.none()
        roles = [Role.LEADER, Role.COORDINATOR, Role.SUPERVISOR]
        mine = Membership.objects.active().filter(user=user, cycle=OuterRef("session__cycle"), role__in=roles)
        return self.filter(Exists(mine))

    def wanted(self, *, now: datetime) -> "CoverRequestQuerySet":
        """Open, for a session that is still to come."""
        return self.filter(state=CoverState.OPEN, session__status=SessionStatus.PLANNED, session__starts_at__gt=now)


class CoverRequest(models.Model):
    """One leader, one session. The first who takes it has it."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="covers")
    asked_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="covers_asked")
    reason = models.CharField(_("reason"), max_length=240, blank=True)
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=CoverState, default=CoverState.OPEN)
    taken_by = models.ForeignKey(
        Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="covers_taken"
    )
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = CoverRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request for cover")
        verbose_name_plural = _("requests for cover")
        constraints = [
            models.UniqueConstraint(fields=["session", "asked_by"], condition=Q(state="open"), name="cover_asked_once"),
            models.CheckConstraint(name="cover_state_known", condition=Q(state__in=CoverState.values)),
            models.CheckConstraint(
                name="cover_taken_by_somebody", condition=~Q(state="taken") | Q(taken_by__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.session_id}"
