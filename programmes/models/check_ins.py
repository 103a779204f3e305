"""Check-in: the code a session shows while it is on, and who was there by it.

A code is nobody's secret for longer than a minute: it is a seal over the session and the present half minute, so every
web process knows it without keeping anything, and no code of one moment tells another's.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from programmes.models.cycles import CycleState
from programmes.models.memberships import Membership
from programmes.models.sessions import LOGGED, Mode, Session, SessionKind, SessionStatus

OPENS_BEFORE = timedelta(minutes=15)  # people arrive early
CLOSES_AFTER = timedelta(minutes=15)  # and a queue at the door lasts longer than the session
WINDOW = 30  # seconds a code is shown
# No vowels, and nothing that reads like something else: 21 characters, 86 million codes.
ALPHABET = "34679CDFGHJKMNPQRTWXY"
CODE_LENGTH = 6
CODE_PURPOSE = "peerhub.programmes.check_in_code"  # of which a key of its own is made from SECRET_KEY


class CheckInHow(models.TextChoices):
    CODE = "code", _("Code typed")
    QR = "qr", _("Code scanned")
    KIOSK = "kiosk", _("At the desk, by number")
    CARD = "card", _("At the desk, by card")
    QUEUE = "queue", _("Taken from the queue")


class CheckIn(models.Model):
    """Somebody said they were here, and could show it. Evidence behind the register; the leader decides what it says.

    `device` is a seal over the browser and this session, so that it tells one browser from another here and nothing
    anywhere else; "" at a desk. `is_same_device`: that browser had checked somebody else in, so this does not count.
    """

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="check_ins")
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="check_ins")
    at = models.DateTimeField()
    how = models.CharField(max_length=5, choices=CheckInHow)
    device = models.CharField(max_length=22, blank=True)
    is_same_device = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("check-in")
        verbose_name_plural = _("check-ins")
        constraints = [
            models.UniqueConstraint(fields=["session", "membership"], name="checked_in_once"),
            models.UniqueConstraint(
                fields=["session", "device"],
                condition=Q(is_same_device=False) & ~Q(device=""),
                name="device_checks_in_one",
            ),
            models.CheckConstraint(name="check_in_how_known", condition=Q(how__in=CheckInHow.values)),
        ]
        indexes = [models.Index(fields=["at"], condition=~Q(device=""), name="check_in_marked")]

    def __str__(self) -> str:
        return f"{self.membership_id} at {self.session_id}"


def code_of(session_uuid: UUID, moment: datetime, *, back: int = 0) -> str:
    """The code a session shows at `moment`, or `back` half minutes before it."""
    window = int(moment.timestamp()) // WINDOW - back
    digest = salted_hmac(CODE_PURPOSE, f"{session_uuid.hex}|{window}", algorithm="sha256").digest()
    number, letters = int.from_bytes(digest[:16]), []
    for _place in range(CODE_LENGTH):
        number, letter = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[letter])
    return "".join(letters)


def seconds_left(moment: datetime) -> int:
    """How long the code of this moment is still shown."""
    return WINDOW - int(moment.timestamp()) % WINDOW


def has_check_in(session: Session) -> bool:
    """Check-in is for meeting: not for contacts, nor for what people do in their own time."""
    return session.kind == SessionKind.SESSION and session.mode != Mode.ASYNC


def takes_check_ins(session: Session, *, now: datetime) -> bool:
    """From shortly before its start until its end and a little more, until its log is saved. Load the cycle."""
    return (
        has_check_in(session)
        and session.status == SessionStatus.PLANNED
        and session.cycle.state != CycleState.CLOSED
        and is_time_for_check_in(session, now=now)
    )


def is_time_for_check_in(session: Session, *, now: datetime) -> bool:
    return session.starts_at - OPENS_BEFORE <= now < session.ends_at + CLOSES_AFTER


def is_logged(session: Session) -> bool:
    return session.status in LOGGED
