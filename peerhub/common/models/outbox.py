"""The outbox and what surrounds it (docs/adr/0003-outbox.md): rows are the truth, Celery is only the doorbell.

A row says *that* somebody is to be told *what kind of* thing about *which ids*. It holds no address and nobody's text:
the words are written when the message leaves, after the facts were read again.
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    EMAIL = "email", _("E-mail")
    INAPP = "inapp", _("In PeerHub")


class MessageState(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    SENDING = "sending", _("Sending")
    RETRY = "retry", _("Retrying")
    SENT = "sent", _("Sent")
    CANCELLED = "cancelled", _("Cancelled")
    DEAD = "dead", _("Failed")
    MISSED = "missed", _("Missed")


class OutcomeClass(models.TextChoices):
    """What the last attempt told us (reference/trust.md §5.4)."""

    TRANSIENT = "transient", _("Try again later")
    UNKNOWN = "unknown_outcome", _("It is not known whether it arrived")
    BAD_ADDRESS = "bad_address", _("The address does not work")
    OUR_FAULT = "our_fault", _("The mail server refuses PeerHub")
    CONTENT = "content", _("The mail server refuses this message")
    BROKEN = "broken", _("PeerHub could not write this message")


WAITING_STATES = (MessageState.QUEUED, MessageState.RETRY)
FINISHED_STATES = (MessageState.SENT, MessageState.CANCELLED, MessageState.DEAD, MessageState.MISSED)


class MessageQuerySet(models.QuerySet["Message"]):
    def waiting(self) -> "MessageQuerySet":
        """Not finished and in nobody's hands. Said with IS NULL so that both databases use the partial index."""
        return self.filter(finished_at__isnull=True, lease__isnull=True)

    def of_cycle(self, cycle_id: int) -> "MessageQuerySet":
        return self.filter(cycle_id=cycle_id)

    def by_email(self) -> "MessageQuerySet":
        return self.filter(channel=Channel.EMAIL)

    def notifications_of(self, user: object) -> "MessageQuerySet":
        """What this person reads inside PeerHub."""
        return self.filter(recipient=user, channel=Channel.INAPP, state=MessageState.SENT)

    def unread(self) -> "MessageQuerySet":
        return self.filter(seen_at__isnull=True)


class Message(models.Model):
    """One message to one person on one channel."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dedupe_key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=80)
    topic = models.CharField(max_length=40, blank=True)
    about = models.JSONField(default=dict, help_text=_("Ids only, never text."))
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    cycle_id = models.BigIntegerField(null=True, blank=True)
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.EMAIL)
    state = models.CharField(max_length=10, choices=MessageState.choices, default=MessageState.QUEUED)
    priority = models.PositiveSmallIntegerField(default=5)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField()
    lease = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    message_id = models.CharField(max_length=255, blank=True)
    last_class = models.CharField(max_length=20, choices=OutcomeClass.choices, blank=True)
    last_code = models.CharField(max_length=60, blank=True)
    is_uncertain = models.BooleanField(
        default=False, help_text=_("An attempt ended without an answer; it may have arrived.")
    )
    reason = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        indexes = [
            models.Index(
                name="message_due",
                fields=["channel", "priority", "not_before"],
                condition=Q(finished_at__isnull=True, lease__isnull=True),
            ),
            models.Index(name="message_leased", fields=["lease_until"], condition=Q(lease__isnull=False)),
            models.Index(name="message_of_cycle", fields=["cycle_id", "state", "created_at"]),
            models.Index(name="message_of_person", fields=["recipient", "channel", "created_at"]),
            models.Index(name="message_finished", fields=["finished_at"]),
        ]
        constraints = [
            models.CheckConstraint(name="message_state_known", condition=Q(state__in=MessageState.values)),
            models.CheckConstraint(name="message_channel_known", condition=Q(channel__in=Channel.values)),
            models.CheckConstraint(
                name="message_lease_while_sending",
                condition=Q(state=MessageState.SENDING, lease__isnull=False, lease_until__isnull=False)
                | Q(~Q(state=MessageState.SENDING), lease__isnull=True, lease_until__isnull=True),
            ),
            models.CheckConstraint(
                name="message_finished_once_final",
                condition=Q(state__in=FINISHED_STATES, finished_at__isnull=False)
                | Q(~Q(state__in=FINISHED_STATES), finished_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class Breaker(models.TextChoices):
    CLOSED = "closed", _("Mail is going out")
    OPEN = "open", _("Mail is held back")


class ChannelHealth(models.Model):
    """Whether a channel works. Open: everything waits, one message a minute is tried."""

    channel = models.CharField(max_length=10, primary_key=True, choices=Channel.choices)
    state = models.CharField(max_length=10, choices=Breaker.choices, default=Breaker.CLOSED)
    failures_in_row = models.PositiveIntegerField(default=0)
    last_class = models.CharField(max_length=20, choices=OutcomeClass.choices, blank=True)
    last_code = models.CharField(max_length=60, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    probe_at = models.DateTimeField(null=True, blank=True)
    last_success_at = models.DateTimeField(null=True, blank=True)
    next_slot_at = models.DateTimeField(
        null=True, blank=True, help_text=_("Where PEERHUB_MAIL_PER_SECOND sets a pace.")
    )

    class Meta:
        verbose_name = _("channel health")
        verbose_name_plural = _("channel health")
        constraints = [
            models.CheckConstraint(name="channel_breaker_known", condition=Q(state__in=Breaker.values)),
            models.CheckConstraint(
                name="channel_open_has_probe",
                condition=Q(state=Breaker.CLOSED) | Q(opened_at__isnull=False, probe_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.channel


class WorkerBeat(models.Model):
    """Who is alive: one row a worker, and the planner's under the name `planner`."""

    name = models.CharField(max_length=120, primary_key=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("worker beat")
        verbose_name_plural = _("worker beats")

    def __str__(self) -> str:
        return self.name


class FlagReason(models.TextChoices):
    BAD_ADDRESS = "bad_address", _("The mail server said this address does not exist")
    UNSUBSCRIBED = "unsubscribed", _("Asked for no more mail on this topic")


class AddressFlag(models.Model):
    """An address that does not work, or an outside address that asked for silence. Kept as a keyed digest only."""

    digest = models.CharField(max_length=64)
    reason = models.CharField(max_length=20, choices=FlagReason.choices)
    topic = models.CharField(max_length=40, blank=True)
    code = models.CharField(max_length=60, blank=True)
    flagged_at = models.DateTimeField()

    class Meta:
        verbose_name = _("flagged address")
        verbose_name_plural = _("flagged addresses")
        constraints = [
            models.UniqueConstraint(name="address_flagged_once", fields=["digest", "reason", "topic"]),
            models.CheckConstraint(name="address_flag_reason_known", condition=Q(reason__in=FlagReason.values)),
        ]

    def __str__(self) -> str:
        return self.get_reason_display()


class MailPreference(models.Model):
    """What a person does not want to hear about. No row: both channels are on."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    topic = models.CharField(max_length=40)
    email = models.BooleanField(default=True)
    inapp = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("mail preference")
        verbose_name_plural = _("mail preferences")
        constraints = [models.UniqueConstraint(name="mail_preference_per_topic", fields=["user", "topic"])]

    def __str__(self) -> str:
        return self.topic


class StoredMail(models.Model):
    """A mail kept instead of sent: EMAIL_URL=database://, read at /demo/mail/. Never used with a real mail server."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    message_id = models.CharField(max_length=255, unique=True)
    sender = models.CharField(max_length=320)
    recipient = models.CharField(max_length=320)
    subject = models.CharField(max_length=500)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    headers = models.JSONField(default=dict)
    attachments = models.JSONField(default=list, blank=True, help_text=_("Name, type and text of each."))
    sent_at = models.DateTimeField()

    class Meta:
        verbose_name = _("stored mail")
        verbose_name_plural = _("stored mails")
        indexes = [
            models.Index(name="stored_mail_newest", fields=["-sent_at"]),
            models.Index(name="stored_mail_to", fields=["recipient", "-sent_at"]),
        ]

    def __str__(self) -> str:
        return self.subject
