"""A person in a cycle, and the ways to become one."""

import uuid
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from peerhub.common.seals import SEAL_LENGTH, is_seal, seal
from programmes.models.cycles import Cycle

LINK_PURPOSE = "programmes.invite_link"
INVITATION_PURPOSE = "programmes.invitation"
_TOKEN_FACTS = 24  # 16 bytes of id and 2 of version fill 24 characters exactly: there is no second spelling


class Role(models.TextChoices):
    """Programme roles. A person may hold several, also across programmes; permission is decided per cycle."""

    COORDINATOR = "coordinator", _("Coordinator")
    SUPERVISOR = "supervisor", _("Supervisor")
    PARTNER = "partner", _("Partner")
    LEADER = "leader", _("Leader")
    PARTICIPANT = "participant", _("Participant")


class MembershipStatus(models.TextChoices):
    INVITED = "invited", _("Invited")
    REQUESTED = "requested", _("Asked to join")
    WAITING = "waiting", _("On the waiting list")
    OFFERED = "offered", _("Offered a place")
    DEFERRED = "deferred", _("Asked to come back")
    ACTIVE = "active", _("Taking part")
    DECLINED = "declined", _("Declined")
    LEFT = "left", _("Left")
    REMOVED = "removed", _("Removed")


# Statuses that take up one of the cycle's places.
HOLDS_PLACE = (MembershipStatus.ACTIVE, MembershipStatus.OFFERED)


# Who may look back on a session they were at: those taking part, and walk-ins whose turn has not come yet.
STILL_HERE = (*HOLDS_PLACE, MembershipStatus.WAITING)


class MembershipQuerySet(models.QuerySet["Membership"]):
    def active(self) -> "MembershipQuerySet":
        return self.filter(status=MembershipStatus.ACTIVE)

    def holding_place(self) -> "MembershipQuerySet":
        """Participants who take up a place: those taking part and those offered one."""
        return self.filter(role=Role.PARTICIPANT, status__in=HOLDS_PLACE)

    def waiting_in_order(self) -> "MembershipQuerySet":
        return self.filter(role=Role.PARTICIPANT, status=MembershipStatus.WAITING).order_by("waiting_since", "pk")

    def visible_to(self, user: Any) -> "MembershipQuerySet":
        """Memberships whose row `user` may open: their own, and all of cycles they coordinate or supervise or own.

        Partners and institution leads see counts, never people (mission.md; domain.md, 6.7).
        """
        if not user.is_authenticated:
            return self.none()
        runs = Membership.objects.active().filter(
            user=user, cycle=OuterRef("cycle"), role__in=[Role.COORDINATOR, Role.SUPERVISOR]
        )
        return self.filter(Q(user=user) | Exists(runs))


class Membership(models.Model):
    """Person, cycle, role. History is never deleted: people leave, rows stay."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(_("role"), max_length=12, choices=Role)
    status = models.CharField(_("status"), max_length=10, choices=MembershipStatus, default=MembershipStatus.ACTIVE)
    is_point_person = models.BooleanField(_("point person"), default=False)
    source = models.CharField(
        max_length=60, blank=True, help_text=_("How they came: self, invite, link, csv, or a roster's source.")
    )
    created_at = models.DateTimeField()
    joined_at = models.DateTimeField(null=True, blank=True)
    waiting_since = models.DateTimeField(
        null=True, blank=True, help_text=_("Since when for a decision, or on the waiting list for a place.")
    )
    offer_expires_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    paused_until = models.DateField(
        _("away until"), null=True, blank=True, help_text=_("The day they are back. Until then nobody expects them.")
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_reason = models.CharField(_("reason given"), max_length=400, blank=True)
    end_reason = models.CharField(_("reason for ending (private)"), max_length=400, blank=True)
    join_note = models.CharField(_("note from the person"), max_length=400, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(fields=["cycle", "user", "role"], name="membership_once"),
            models.UniqueConstraint(fields=["cycle"], condition=Q(is_point_person=True), name="one_point_person"),
            models.CheckConstraint(
                name="point_person_coordinates",
                condition=Q(is_point_person=False) | Q(role="coordinator", status="active"),
            ),
            models.CheckConstraint(name="membership_role_known", condition=Q(role__in=Role.values)),
            models.CheckConstraint(name="membership_status_known", condition=Q(status__in=MembershipStatus.values)),
            models.CheckConstraint(
                name="waiting_has_since", condition=~Q(status="waiting") | Q(waiting_since__isnull=False)
            ),
            models.CheckConstraint(
                name="offer_has_expiry", condition=~Q(status="offered") | Q(offer_expires_at__isnull=False)
            ),
            models.CheckConstraint(
                name="membership_ends_after_join",
                condition=Q(ended_at=None) | Q(joined_at=None) | Q(ended_at__gte=F("joined_at")),
            ),
        ]
        indexes = [
            models.Index(fields=["cycle", "role", "status"], name="membership_by_cycle_role"),
            models.Index(fields=["user", "status"], name="membership_by_user"),
            models.Index(fields=["status", "waiting_since"], name="membership_by_queue"),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.user_id} in {self.cycle_id}"


class InviteLinkQuerySet(models.QuerySet["InviteLink"]):
    def by_token(self, token: str) -> "tuple[InviteLink, int] | None":
        """The link a token was made for and the version it was made at; None for anything we did not make."""
        facts, mark = token[:-SEAL_LENGTH], token[-SEAL_LENGTH:]
        if len(facts) != _TOKEN_FACTS or not is_seal(mark, LINK_PURPOSE, facts):
            return None
        packed = urlsafe_b64decode(facts)
        link = self.filter(uuid=uuid.UUID(bytes=packed[:16])).select_related("cycle__programme__activity_type").first()
        return (link, int.from_bytes(packed[16:])) if link else None


class InviteLink(models.Model):
    """A link and QR code by which anyone who has it may come in, one per role; it can be switched off and renewed.

    The link's text is sealed over `uuid` and `version`, so renewing makes every earlier print useless.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    cycle = models.ForeignKey(Cycle, on_delete=models.CASCADE, related_name="invite_links")
    role = models.CharField(max_length=12, choices=Role)
    version = models.PositiveSmallIntegerField(default=1)
    is_on = models.BooleanField(default=True)
    uses = models.PositiveIntegerField(default=0)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    changed_at = models.DateTimeField()

    objects = InviteLinkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cycle", "role"], name="invite_link_per_role"),
            models.CheckConstraint(name="invite_link_role_allowed", condition=Q(role__in=["leader", "participant"])),
        ]

    def __str__(self) -> str:
        return f"{self.role} link of {self.cycle_id}"

    @property
    def token(self) -> str:
        """What stands in the link's address: 46 characters, its id and version under a seal."""
        facts = urlsafe_b64encode(self.uuid.bytes + self.version.to_bytes(2)).decode()
        return facts + seal(LINK_PURPOSE, facts)


class InvitationBatchQuerySet(models.QuerySet["InvitationBatch"]):
    def visible_to(self, user: Any) -> "InvitationBatchQuerySet":
        """Lists of cycles `user` coordinates."""
        if not user.is_authenticated:
            return self.none()
        runs = Membership.objects.active().filter(user=user, cycle=OuterRef("cycle"), role=Role.COORDINATOR)
        return self.filter(Exists(runs))


class InvitationBatch(models.Model):
    """One list of people to invite, with what became of every row (the status report).

    `rows` holds what was read until a person has looked at it and confirmed; then it is emptied and invitations exist.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    cycle = models.ForeignKey(Cycle, on_delete=models.CASCADE, related_name="invitation_batches")
    role = models.CharField(max_length=12, choices=Role)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    rows = models.JSONField(
        default=list, blank=True, help_text=_("Rows read and not yet confirmed: number, address, name.")
    )
    rejected = models.JSONField(
        default=list, blank=True, help_text=_("Rows that could not be used: number and reason.")
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationBatchQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.uuid)


class InvitationStatus(models.TextChoices):
    SENT = "sent", _("Invited")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    REVOKED = "revoked", _("Withdrawn")


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self, *, now: datetime) -> "InvitationQuerySet":
        """Not answered, not withdrawn, not run out."""
        return self.filter(status=InvitationStatus.SENT, expires_at__gt=now)

    def visible_to(self, user: Any) -> "InvitationQuerySet":
        """Invitations of cycles `user` coordinates. An invited person comes by the link in their mail."""
        if not user.is_authenticated:
            return self.none()
        runs = Membership.objects.active().filter(user=user, cycle=OuterRef("cycle"), role=Role.COORDINATOR)
        return self.filter(Exists(runs))


class Invitation(models.Model):
    """One person asked to come in by address; they may not have an account yet."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    cycle = models.ForeignKey(Cycle, on_delete=models.CASCADE, related_name="invitations")
    role = models.CharField(max_length=12, choices=Role)
    email = models.EmailField()
    name = models.CharField(max_length=160, blank=True)
    batch = models.ForeignKey(
        InvitationBatch, null=True, blank=True, on_delete=models.SET_NULL, related_name="invitations"
    )
    membership = models.ForeignKey(Membership, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    row = models.PositiveIntegerField(null=True, blank=True, help_text=_("Its row in the batch's file."))
    status = models.CharField(max_length=10, choices=InvitationStatus, default=InvitationStatus.SENT)
    sent_count = models.PositiveSmallIntegerField(default=1)
    sent_at = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["cycle", "role", "email"], condition=Q(status="sent"), name="invitation_open_once"
            ),
            models.CheckConstraint(name="invitation_status_known", condition=Q(status__in=InvitationStatus.values)),
            models.CheckConstraint(name="invitation_role_known", condition=Q(role__in=Role.values)),
            models.CheckConstraint(name="invitation_email_lower_case", condition=Q(email=Lower("email"))),
        ]
        indexes = [
            models.Index(fields=["email", "status"], name="invitation_by_email"),
            models.Index(fields=["status", "sent_at"], name="invitation_by_age"),
        ]

    def __str__(self) -> str:
        return str(self.uuid)

    @property
    def token(self) -> str:
        """What stands in the letter's link, beside the id: only somebody who got the letter has it."""
        return seal(INVITATION_PURPOSE, self.uuid, self.email)

    def opens_with(self, token: str) -> bool:
        """True for the token of this invitation's own letter."""
        return is_seal(token, INVITATION_PURPOSE, self.uuid, self.email)

    def is_open(self, *, now: datetime) -> bool:
        """True when it can still be answered."""
        return self.status == InvitationStatus.SENT and now < self.expires_at
