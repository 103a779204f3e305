"""Groups and pairs. Moving somebody ends one row and starts another, so registers and history stay."""

import uuid
from typing import Any

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from programmes.models.activity_types import Shape
from programmes.models.cycles import Cycle
from programmes.models.memberships import Membership, Role


class GroupQuerySet(models.QuerySet["Group"]):
    def active(self) -> "GroupQuerySet":
        return self.filter(ended_at=None)

    def visible_to(self, user: Any) -> "GroupQuerySet":
        """Groups whose people `user` may see: those they are in now, and all of cycles they coordinate or supervise."""
        if not user.is_authenticated:
            return self.none()
        runs = Membership.objects.active().filter(
            user=user, cycle=OuterRef("cycle"), role__in=[Role.COORDINATOR, Role.SUPERVISOR]
        )
        within = GroupMember.objects.filter(
            group=OuterRef("pk"), ended_at=None, membership__user=user, membership__status="active"
        )
        return self.filter(Exists(runs) | Exists(within))


class Group(models.Model):
    """Leaders and participants who meet. A pair is a group of two; unlike a group it keeps contacts, not sessions."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="groups")
    name = models.CharField(_("name"), max_length=120)
    shape = models.CharField(_("shape"), max_length=5, choices=Shape, default=Shape.GROUP)
    subject = models.CharField(_("module or topic"), max_length=120, blank=True)
    place = models.CharField(_("usual place"), max_length=120, blank=True)
    link = models.URLField(_("usual link"), blank=True)
    capacity = models.PositiveSmallIntegerField(_("places"), null=True, blank=True)
    external_ref = models.CharField(max_length=160, blank=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = GroupQuerySet.as_manager()

    class Meta:
        verbose_name = _("group")
        verbose_name_plural = _("groups")
        constraints = [
            models.CheckConstraint(name="group_shape_known", condition=Q(shape__in=Shape.values)),
            models.UniqueConstraint(
                fields=["cycle", "external_ref"], condition=~Q(external_ref=""), name="group_external_ref_once"
            ),
        ]
        indexes = [models.Index(fields=["cycle", "name"], name="group_by_cycle")]

    def __str__(self) -> str:
        return self.name


class GroupMember(models.Model):
    """A membership's time in a group: half-open, from `started_at` to `ended_at`."""

    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="members")
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="group_places")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "membership"], condition=Q(ended_at=None), name="in_group_once"),
            models.CheckConstraint(
                name="group_place_ends_after_start", condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at"))
            ),
        ]
        indexes = [models.Index(fields=["membership", "ended_at"], name="group_place_by_membership")]

    def __str__(self) -> str:
        return f"{self.membership_id} in {self.group_id}"
