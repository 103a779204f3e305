"""Forgetting a person, as far as the programmes' own records allow."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from peerhub.common import audit
from peerhub.common.stages import Erasure, ErasureRefused
from programmes.models import (
    Attendance,
    Booking,
    BookingPause,
    CalendarFeed,
    CheckIn,
    ClosingAnswer,
    CoverRequest,
    CycleState,
    Ending,
    Membership,
    MembershipStatus,
    QueueEntry,
    QueueState,
    RematchRequest,
    Role,
    SessionLog,
)
from programmes.services import letters, places

ENDED = (MembershipStatus.DECLINED, MembershipStatus.LEFT, MembershipStatus.REMOVED)


def forget_deliveries(*, user: Any, now: datetime) -> list[Erasure]:
    """A step of erasing an account, in its transaction. Refuses a point person or last coordinator (`coordinates`):
    somebody must follow.

    Private reflections and words about the person go; places end as they do when somebody leaves. Registers, team
    notes and who led what stay without a name: they are also other people's record of what happened (UK GDPR,
    article 17(3)(d): archiving and statistics). The mark of the browser they checked in with goes, and why a pause of
    their booking was lifted.
    """
    _refuse_unattended(user)
    kept_until = _("As long as the programme’s records are kept, without your name")
    reflections = SessionLog.objects.filter(author=user).exclude(private_reflection="").update(private_reflection="")
    notes = SessionLog.objects.filter(author=user).update(author=None)
    _end_places(user, now)
    words = Membership.objects.filter(user=user).update(join_note="", end_reason="", decision_reason="")
    words += _forget_closings(user)
    links, _rows = CalendarFeed.objects.filter(user=user).delete()
    words += CoverRequest.objects.filter(asked_by__user=user).exclude(reason="").update(reason="")
    words += QueueEntry.objects.filter(membership__user=user).exclude(about="").update(about="")
    waited = QueueEntry.objects.filter(membership__user=user)
    waited.live().update(state=QueueState.LEFT, ended_at=now, before={})
    held = Membership.objects.filter(user=user).count()
    CheckIn.objects.filter(membership__user=user).exclude(device="").update(device="")
    words += BookingPause.objects.filter(membership__user=user).exclude(lift_reason="").update(lift_reason="–")
    booked = Booking.objects.filter(membership__user=user).count()
    attended = Attendance.objects.filter(membership__user=user).count()
    return [
        Erasure(_("Private reflections"), forgotten=reflections),
        Erasure(_("Logs you wrote: the note, without its author"), forgotten=0, kept=notes, kept_until=kept_until),
        Erasure(_("What was written about your place in programmes"), forgotten=words),
        Erasure(_("Calendar links"), forgotten=links),
        Erasure(_("Places in programmes and groups, ended today"), forgotten=0, kept=held, kept_until=kept_until),
        Erasure(_("Attendance"), forgotten=0, kept=attended, kept_until=kept_until),
        Erasure(_("Places in queues of drop-ins"), forgotten=0, kept=waited.count(), kept_until=kept_until),
        Erasure(_("Seats you booked or waited for"), forgotten=0, kept=booked, kept_until=kept_until),
    ]


def _forget_closings(user: Any) -> int:
    """What the person wrote when something ended, or asked for. That it ended stays."""
    mine = {"place__membership__user": user}
    notes = RematchRequest.objects.filter(**mine).exclude(note="").update(note="")
    answers = ClosingAnswer.objects.filter(**mine, answered_at__isnull=False).delete()[0]
    return notes + answers + Ending.objects.filter(given_by=user).update(reason="", given_by=None)


def _refuse_unattended(user: Any) -> None:
    """A programme that is not over keeps a point person and a coordinator."""
    running = Membership.objects.active().exclude(cycle__state=CycleState.CLOSED)
    others = running.filter(role=Role.COORDINATOR, cycle=OuterRef("cycle")).exclude(user=user)
    alone = running.filter(Q(is_point_person=True) | ~Exists(others), user=user, role=Role.COORDINATOR)
    first = alone.select_related("cycle__programme").order_by("-is_point_person", "pk").first()
    if first is None:
        return
    words = {"programme": first.cycle.programme.name}
    if first.is_point_person:
        message = _("You are the point person of %(programme)s. Name somebody else there first.")
    else:
        message = _("You are the only coordinator of %(programme)s. Name another there first.")
    raise ErasureRefused("coordinates", message % words)


def _end_places(user: Any, now: datetime) -> None:
    """Nobody expects, plans with or offers a place to somebody who is gone; whoever waits gets what they held."""
    going = Membership.objects.filter(user=user).exclude(status__in=ENDED)
    for cycle_id in sorted(set(going.values_list("cycle_id", flat=True))):
        cycle = places.lock_cycle(cycle_id)
        for membership in going.filter(cycle=cycle).order_by("pk"):
            took_part = membership.status == MembershipStatus.ACTIVE
            places.end(membership, MembershipStatus.LEFT, now=now)
            audit.record(
                actor=None,
                action="programmes.member_left",
                target=membership,
                cycle_id=cycle.pk,
                detail={"erased": True},
                now=now,
            )
            if took_part and cycle.state != CycleState.CLOSED:
                letters.to_coordinators("member_left", membership, now=now, channels=("inapp",))
        places.settle(cycle, now=now)
