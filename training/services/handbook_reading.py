"""Reading a handbook: acknowledging a version, asking those who have not, noting briefings that were given."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from peerhub.common import audit
from peerhub.common.errors import DomainError
from peerhub.common.stages import Erasure
from programmes.models import Group, Membership
from training.models import BriefingGiven, Handbook, HandbookAcknowledgement, HandbookKind, HandbookVersion
from training.queries.handbooks import newest_of, waiting_readers
from training.services.handbook_letters import nudge_readers
from training.services.handbooks import copy_version, lock_handbook

BETWEEN_NUDGES = timedelta(days=2)


class ReadingRefused(DomainError):
    """Codes: not_for_you, old, nothing, nobody, too_soon, day, group, kind."""


@transaction.atomic(durable=True)
def acknowledge_version(*, actor: Any, version_id: int, now: datetime) -> HandbookAcknowledgement:
    """Say that one has read this version. Twice is once. Refuses with `ReadingRefused`: not_for_you, old (there is a
    newer one, which is what counts).
    """
    version = HandbookVersion.objects.select_related("handbook").get(pk=version_id)
    handbook = version.handbook
    place = Membership.objects.active().filter(user=actor, cycle=handbook.cycle_id, role__in=handbook.roles)
    if not place.exists():
        raise ReadingRefused("not_for_you", _("This is for people in another role."))
    newest = newest_of(handbook.pk)
    if newest is None or newest.pk != version.pk:
        raise ReadingRefused("old", _("There is a newer version. Read that one, please."))
    # One statement decides who was first: a double press leaves one row, and one line in the record.
    found, is_new = HandbookAcknowledgement.objects.get_or_create(version=version, user=actor, defaults={"at": now})
    if is_new:
        audit.record(
            actor=actor,
            action="training.handbook_acknowledged",
            target=handbook,
            cycle_id=handbook.cycle_id,
            detail={"kind": handbook.kind, "version": version.label},
            now=now,
        )
    return found


@transaction.atomic(durable=True)
def nudge(*, actor: Any, handbook_id: int, now: datetime) -> int:
    """Ask everybody who has not acknowledged the newest major version. Returns how many. Refuses with
    `ReadingRefused`: nothing (not published), nobody, too_soon (within two days of the last time).
    """
    handbook = lock_handbook(handbook_id)
    newest = newest_of(handbook.pk)
    if newest is None:
        raise ReadingRefused("nothing", _("Nothing is published yet."))
    if handbook.nudged_at and now - handbook.nudged_at < BETWEEN_NUDGES:
        raise ReadingRefused("too_soon", _("They were asked less than two days ago. Give them time to read."))
    readers = waiting_readers(handbook, newest)
    if not readers:
        raise ReadingRefused("nobody", _("Everybody has read it."))
    handbook.nudged_at = now
    handbook.save(update_fields=["nudged_at"])
    nudge_readers(handbook, newest, readers, now=now)
    audit.record(
        actor=actor, action="training.handbook_nudged", target=handbook, cycle_id=handbook.cycle_id,
        detail={"count": len(readers)}, now=now,
    )  # fmt: skip
    return len(readers)


@transaction.atomic(durable=True)
def note_briefing(
    *, actor: Any, handbook_id: int, group: Group | None, on: date, now: datetime, today: date
) -> BriefingGiven:
    """Tick off that a briefing was given, to a group or (None) to everybody, on a day. Twice is once. Refuses with
    `ReadingRefused`: kind (no briefing), nothing (not published), day (to come, or before the cycle), group.
    """
    handbook = lock_handbook(handbook_id)
    if handbook.kind != HandbookKind.BRIEFING:
        raise ReadingRefused("kind", _("Only briefings are ticked off for a group."))
    newest = newest_of(handbook.pk)
    if newest is None:
        raise ReadingRefused("nothing", _("Nothing is published yet."))
    if not handbook.cycle.starts_on - timedelta(days=100) <= on <= today:
        raise ReadingRefused("day", _("Choose the day it was given: today or before, and not long before the cycle."))
    if group is not None and group.cycle_id != handbook.cycle_id:
        raise ReadingRefused("group", _("Choose a group of this cycle."))
    given, is_new = BriefingGiven.objects.get_or_create(
        version=newest, group=group, on=on, defaults={"noted_by": actor, "noted_at": now}
    )
    if is_new:
        detail = {"on": on.isoformat(), "group": group.pk if group else None}
        audit.record(
            actor=actor, action="training.briefing_noted", target=handbook, cycle_id=handbook.cycle_id, detail=detail,
            now=now,
        )  # fmt: skip
    return given


@transaction.atomic(durable=True)
def take_back_briefing(*, actor: Any, given_id: int, now: datetime) -> None:
    """Untick a briefing that was noted by mistake. Twice is once."""
    given = BriefingGiven.objects.select_related("version__handbook").filter(pk=given_id).first()
    if given is None:
        return
    handbook = lock_handbook(given.version.handbook_id)
    given.delete()
    audit.record(
        actor=actor, action="training.briefing_taken_back", target=handbook, cycle_id=handbook.cycle_id, now=now
    )


# --- steps of others --------------------------------------------------------------------------------------------------
def copy_handbooks(*, old_cycle_id: int, new_cycle_id: int, now: datetime) -> int:
    """A step of rolling a cycle over: every document of the old one as a draft of the new, to be read again and
    published. Returns how many.
    """
    made = 0
    for handbook in Handbook.objects.filter(cycle=old_cycle_id).order_by("pk"):
        newest = newest_of(handbook.pk)
        if newest is None:
            continue
        copy = Handbook.objects.create(
            cycle_id=new_cycle_id, kind=handbook.kind, reader=handbook.reader, title=handbook.title, created_at=now
        )
        copy_version(newest, copy, now=now)
        made += 1
    return made


def forget_readings(*, user: Any) -> list[Erasure]:
    """A step of erasing an account: what the person read is nobody's business any more; what they published stays."""
    gone, _by_model = HandbookAcknowledgement.objects.filter(user=user).delete()
    published = HandbookVersion.objects.filter(published_by=user).update(published_by=None)
    noted = BriefingGiven.objects.filter(noted_by=user).update(noted_by=None)
    kept_until = _("As long as the programme’s records are kept, without your name")
    return [
        Erasure(_("Handbooks and agreements you acknowledged"), forgotten=gone),
        Erasure(_("Versions you published, briefings you noted"), forgotten=0, kept=published + noted,
                kept_until=kept_until),
    ]  # fmt: skip
