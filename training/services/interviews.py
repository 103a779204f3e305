"""Talking with those on the shortlist: times, invitations, bookings, and what came of it."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peerhub.common import audit
from peerhub.common.errors import DomainError
from training.models import Application, ApplicationState, InterviewSlot, RecruitmentRound
from training.services.application_steps import lock_application, lock_round, move, tell
from training.services.offers import fill_places

S = ApplicationState
MOST_AT_ONCE = 40


class TalkRefused(DomainError):
    """Codes: finished, past, exists, no_times, nobody, not_invited, full, booked, not_booked, not_over, too_many."""


@transaction.atomic(durable=True)
def add_slots(
    *,
    actor: Any,
    round_id: int,
    starts_at: datetime,
    minutes: int,
    count: int,
    where: str,
    capacity: int = 1,
    now: datetime,
) -> int:
    """Times one after the other, `minutes` each. One that is there already stays. Returns how many came."""
    round_ = _open_round(round_id)
    if starts_at <= now:
        raise TalkRefused("past", gettext_lazy("Choose a time that is still to come."))
    if not 1 <= count <= MOST_AT_ONCE:
        raise TalkRefused("too_many", gettext_lazy("Add between 1 and 40 at once."))
    length = timedelta(minutes=minutes)
    known = set(InterviewSlot.objects.filter(round=round_, where=where).values_list("starts_at", flat=True))
    slots = [
        InterviewSlot(round=round_, starts_at=at, ends_at=at + length, where=where, capacity=capacity)
        for at in (starts_at + length * number for number in range(count))
        if at not in known
    ]
    InterviewSlot.objects.bulk_create(slots)
    detail = {"count": len(slots)}
    audit.record(
        actor=actor, action="training.times_added", target=round_, cycle_id=round_.cycle_id, detail=detail, now=now
    )
    return len(slots)


@transaction.atomic(durable=True)
def remove_slot(*, actor: Any, slot_id: int, now: datetime) -> None:
    """Take a time away that nobody has booked."""
    round_ = _open_round(InterviewSlot.objects.values_list("round_id", flat=True).get(pk=slot_id))
    slot = InterviewSlot.objects.select_for_update().get(pk=slot_id)
    if slot.booked.exists():
        raise TalkRefused("booked", gettext_lazy("Somebody has booked this time. Talk with them first."))
    slot.delete()
    audit.record(actor=actor, action="training.time_removed", target=round_, cycle_id=round_.cycle_id, now=now)


@transaction.atomic(durable=True)
def invite_shortlisted(*, actor: Any, round_id: int, now: datetime) -> int:
    """Ask everybody on the shortlist to choose a time. There have to be enough for all."""
    round_ = _open_round(round_id)
    waiting = list(Application.objects.select_for_update(of=("self",)).filter(round=round_, state=S.SHORTLISTED))
    if not waiting:
        raise TalkRefused("nobody", gettext_lazy("Nobody on the shortlist waits for an invitation."))
    unbooked = Application.objects.filter(round=round_, state=S.INVITED, slot=None).count()
    if free_seats(round_, now=now) < len(waiting) + unbooked:
        raise TalkRefused("no_times", gettext_lazy("Add more times first: there are fewer than people to invite."))
    for application in waiting:
        application.round = round_
        move(application, S.INVITED, actor=actor, now=now)
        tell("application_invited", application, now=now)
    return len(waiting)


@transaction.atomic(durable=True)
def book_slot(*, actor: Any, application_id: int, slot_id: int, now: datetime) -> Application:
    """Take a time, or change it while both are still to come. The last seat goes to one: the slot is held first."""
    round_id = Application.objects.values_list("round_id", flat=True).get(pk=application_id)
    slot = InterviewSlot.objects.select_for_update().filter(pk=slot_id, round_id=round_id).first()
    application: Application = Application.objects.select_for_update(of=("self",)).get(pk=application_id)
    if application.state != S.INVITED:
        raise TalkRefused("not_invited", gettext_lazy("You cannot choose a time now."))
    if slot is None or slot.starts_at <= now:
        raise TalkRefused("past", gettext_lazy("This time is over. Choose another."))
    if application.slot_id == slot.pk:
        return application  # pressed twice
    if application.slot is not None and application.slot.starts_at <= now:
        raise TalkRefused("past", gettext_lazy("Your time has begun. Tell whoever is named in the advert."))
    if slot.booked.exclude(pk=application.pk).count() >= slot.capacity:
        raise TalkRefused("full", gettext_lazy("Somebody has just taken this time. Choose another."))
    application.slot = slot
    application.save(update_fields=["slot"])
    cycle_id = RecruitmentRound.objects.values_list("cycle_id", flat=True).get(pk=round_id)
    audit.record(actor=actor, action="training.talk_booked", target=application, cycle_id=cycle_id, now=now)
    tell("talk_booked", application, now=now)
    return application


@transaction.atomic(durable=True)
def record_talk(*, actor: Any, application_id: int, came: bool, note: str = "", now: datetime) -> Application:
    """It took place, with notes the applicant may read; or they did not come, which ends their application. Nobody has
    talked who has not booked a time (`not_booked`).
    """
    application = lock_application(application_id)
    if application.state == S.INVITED and application.slot is None and came:
        raise TalkRefused("not_booked", gettext_lazy("They have not chosen a time yet."))
    if application.state == S.INVITED and application.slot is not None and application.slot.starts_at > now:
        raise TalkRefused("not_over", gettext_lazy("This conversation is still to come."))
    if came:
        application.talk_note = note.strip()[:4000]
        move(application, S.INTERVIEWED, actor=actor, now=now)
    else:
        move(application, S.LAPSED, actor=actor, reason=_("No conversation took place."), now=now)
        tell("application_lapsed", application, now=now)
        fill_places(application.round, now=now)
    return application


def free_seats(round_: RecruitmentRound, *, now: datetime) -> int:
    """Seats in times to come that nobody has booked."""
    rows = InterviewSlot.objects.filter(round=round_, starts_at__gt=now).values_list("pk", "capacity")
    capacity = dict(rows)
    return sum(capacity.values()) - Application.objects.filter(slot__in=capacity).count()


def _open_round(round_id: int) -> RecruitmentRound:
    round_ = lock_round(round_id)
    if round_.shortlisted_at is None or round_.finished_at is not None:
        raise TalkRefused("finished", gettext_lazy("Times can be planned from the shortlist to the end of the round."))
    return round_
