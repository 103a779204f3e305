"""Invitations to have an account, for people outside the institution's e-mail domains."""

import uuid
from datetime import datetime

from django.conf import settings
from django.core import signing
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from peerhub.accounts.models.users import PersonKind

INVITATION_SALT = "accounts.invitation"


class AccountInvitationQuerySet(models.QuerySet["AccountInvitation"]):
    def open(self, *, now: datetime) -> "AccountInvitationQuerySet":
        """Neither used, withdrawn nor expired."""
        return self.filter(accepted_at=None, revoked_at=None, expires_at__gt=now)


class AccountInvitation(models.Model):
    """One address that may have an account. The link in its mail is signed from `uuid` when the mail leaves."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(_("e-mail"))
    kind = models.CharField(_("kind"), max_length=10, choices=PersonKind, default=PersonKind.EXTERNAL)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("invited by")
    )
    created_at = models.DateTimeField(_("invited"))
    expires_at = models.DateTimeField(_("expires"))
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="account_invitations",
        verbose_name=_("person"),
    )  # fmt: skip

    objects = AccountInvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("account invitation")
        verbose_name_plural = _("account invitations")
        indexes = [models.Index(fields=["email"], name="account_invitation_by_email")]
        constraints = [
            models.UniqueConstraint(
                fields=["email"], condition=Q(accepted_at=None, revoked_at=None), name="account_invitation_open_once"
            ),
            models.CheckConstraint(name="account_invitation_email_lower", condition=Q(email=Lower("email"))),
            models.CheckConstraint(name="account_invitation_kind_known", condition=Q(kind__in=PersonKind.values)),
            models.CheckConstraint(name="account_invitation_expires", condition=Q(expires_at__gt=F("created_at"))),
            models.CheckConstraint(
                name="account_invitation_one_end", condition=Q(accepted_at=None) | Q(revoked_at=None)
            ),
        ]

    def __str__(self) -> str:
        return str(self.uuid)

    def is_open(self, *, now: datetime) -> bool:
        """True while its link works."""
        return self.accepted_at is None and self.revoked_at is None and now < self.expires_at

    def token(self) -> str:
        """What the link carries. Made when the mail leaves; the row decides how long it works."""
        return signing.dumps(str(self.uuid), salt=INVITATION_SALT)
