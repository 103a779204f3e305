"""Writing to a class of people in a cycle: held for ten minutes, then sent through the outbox."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from peerhub.accounts.models import User
from peerhub.common import audit, mail
from peerhub.common.errors import DomainError
from peerhub.common.failpoints import failpoint
from peerhub.common.mail.leases import reason_key
from peerhub.common.models import Message
from peerhub.common.models.outbox import MessageState
from peerhub.common.once import spend
from peerhub.common.stages import Erasure
from programmes.models import Announcement, AnnouncementRecipient, Audience, Cycle, CycleState, Group
from programmes.queries.announcements import KIND, key_of
from programmes.queries.audiences import Reader, readers

HOLD = timedelta(minutes=10)
A_DAY = timedelta(hours=24)
MOST_A_DAY = 20  # by one person: more is a newsletter
TAKEN_BACK = gettext_noop("Its writer took it back.")


class AnnouncementRefused(DomainError):
    """Codes: closed, nobody, too_many, no_group, too_late."""


@dataclass(frozen=True)
class Draft:
    """What to say to whom. `group` where the audience is one group."""

    audience: str
    subject: str
    text: str
    group: Group | None = None


@transaction.atomic(durable=True)
def send_announcement(*, actor: Any, cycle_id: int, draft: Draft, key: UUID | None, now: datetime) -> Announcement:
    """Write a message to a class of people; it leaves in ten minutes. Refuses: `AnnouncementRefused`, `Repeated`."""
    spend(user=actor, key=key, now=now)
    # Two messages of one person at once are counted one after the other.
    User.objects.select_for_update(of=("self",)).get(pk=actor.pk)
    cycle = Cycle.objects.select_related("programme__activity_type").get(pk=cycle_id)
    _refuse(actor, cycle, draft, now)
    found = readers(cycle, draft.audience, draft.group, now=now)
    if not found:
        raise AnnouncementRefused("nobody", _("Nobody belongs to this at the moment, so nothing was sent."))
    announcement = write_down(actor, cycle, draft, found, now=now)
    detail = {"audience": draft.audience, "count": len(found)}
    audit.record(
        actor=actor, action="programmes.announcement_written", target=announcement, cycle_id=cycle.pk, detail=detail,
        now=now,
    )  # fmt: skip
    return announcement


def _refuse(actor: Any, cycle: Cycle, draft: Draft, now: datetime) -> None:
    if cycle.state == CycleState.CLOSED:
        raise AnnouncementRefused("closed", _("This cycle is closed; nobody is written to any more."))
    if draft.audience == Audience.GROUP and (draft.group is None or draft.group.cycle_id != cycle.pk):
        raise AnnouncementRefused("no_group", _("Choose the group you write to."))
    written = Announcement.objects.filter(sender=actor, created_at__gt=now - A_DAY, cancelled_at=None).count()
    if written >= MOST_A_DAY:
        raise AnnouncementRefused(
            "too_many", _("You have written %(most)s messages in a day. Go on tomorrow.") % {"most": MOST_A_DAY}
        )


def write_down(actor: Any, cycle: Cycle, draft: Draft, found: list[Reader], *, now: datetime) -> Announcement:
    """A step: the message, whom it is for, and a row in the outbox for each of them and channel."""
    announcement = Announcement.objects.create(
        cycle=cycle,
        sender=actor,
        audience=draft.audience,
        group=draft.group if draft.audience == Audience.GROUP else None,
        subject=draft.subject,
        text=draft.text,
        created_at=now,
        sends_at=now + HOLD,
    )
    AnnouncementRecipient.objects.bulk_create(
        (AnnouncementRecipient(announcement=announcement, user_id=one.user_id) for one in found), batch_size=1000
    )
    failpoint("announcement.before_messages")
    about = {"announcement": announcement.pk, "cycle": cycle.pk}
    mail.queue_many(
        (
            mail.Entry(
                KIND, one.user_id, f"{key_of(announcement.pk)}{one.user_id}", {**about, "user": one.user_id},
                not_before=announcement.sends_at,
            )
            for one in found
        ),
        now=now,
    )  # fmt: skip
    return announcement


@transaction.atomic(durable=True)
def take_back_announcement(*, actor: Any, announcement_id: int, now: datetime) -> Announcement:
    """Cancel a message while it is held. Refuses with `AnnouncementRefused` (too_late)."""
    found = Announcement.objects.select_for_update(of=("self",)).get(pk=announcement_id)
    if found.cancelled_at is not None:
        return found  # pressed twice
    if not found.is_held(now=now):
        raise AnnouncementRefused("too_late", _("It is on its way already."))
    found.cancelled_at = now
    found.save(update_fields=["cancelled_at"])
    failpoint("announcement.before_cancel")
    Message.objects.filter(
        dedupe_key__startswith=key_of(found.pk), cycle_id=found.cycle_id, state=MessageState.QUEUED
    ).update(state=MessageState.CANCELLED, finished_at=now, reason=reason_key(TAKEN_BACK))
    audit.record(
        actor=actor, action="programmes.announcement_taken_back", target=found, cycle_id=found.cycle_id, now=now
    )
    return found


def forget_announcements(*, user: Any) -> list[Erasure]:
    """A step of erasing an account: what was written to the person is nobody's any more; what they wrote stays, as
    others' record, without their name.
    """
    gone, _by_model = AnnouncementRecipient.objects.filter(user=user).delete()
    kept = Announcement.objects.filter(sender=user).update(sender=None)
    kept_until = _("As long as the programme’s records are kept, without your name")
    return [
        Erasure(_("That messages were written to you"), forgotten=gone),
        Erasure(_("Messages you wrote to people"), forgotten=0, kept=kept, kept_until=kept_until),
    ]
